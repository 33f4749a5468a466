"""`newsdesk dev` from outside: one running stack that these tests share."""

import os
import socket
import stat
from collections.abc import AsyncGenerator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import psutil
import pytest
import pytest_asyncio
from temporalio.client import Client

from tests.helpers.dev_stack import DevStack, free_port_base, leftovers
from tests.helpers.eventually import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(server_state: Path) -> AsyncGenerator[DevStack, None]:
    folder = server_state / "shared"
    folder.mkdir()
    stack = DevStack(folder)
    try:
        await stack.ready()
        yield stack
    finally:
        stack.destroy()


async def test_the_addresses_are_in_a_private_file(shared: DevStack) -> None:
    env = shared.env()
    assert set(env) == {
        "TEMPORAL_ADDRESS",
        "TEMPORAL_NAMESPACE",
        "TEMPORAL_CONFIG_FILE",
        "TEMPORAL_TLS",
        "NEWSDESK_TEMPORAL_UI_URL",
        "NEWSDESK_DATABASE_URL",
    }
    assert env["TEMPORAL_ADDRESS"] == f"127.0.0.1:{shared.port_base}"
    assert env["NEWSDESK_TEMPORAL_UI_URL"] == f"http://127.0.0.1:{shared.port_base + 1}"
    assert stat.S_IMODE((shared.state / "env").stat().st_mode) == 0o600


async def test_the_addresses_lead_to_migrated_servers(shared: DevStack) -> None:
    env = shared.env()
    connection = await asyncpg.connect(env["NEWSDESK_DATABASE_URL"])
    try:
        assert await connection.fetchval("SELECT count(*) FROM runs") == 0
    finally:
        await connection.close()
    await Client.connect(env["TEMPORAL_ADDRESS"])
    page = urlsplit(env["NEWSDESK_TEMPORAL_UI_URL"])
    assert page.port is not None
    socket.create_connection(("127.0.0.1", page.port), timeout=10).close()


async def test_a_second_start_says_what_is_running(shared: DevStack) -> None:
    second = DevStack(shared.state.parent, state=shared.state)
    assert await second.ends() == 1
    assert f"already running on {shared.state}" in second.output
    for name, value in shared.env().items():
        assert f"{name}={value}" in second.output
    assert shared.env(), "the first one's addresses are still there"


async def is_named(other: DevStack, port: int, name: str, holder: str) -> None:
    assert await other.ends() == 1
    assert f"port {port}, for {name}, is taken by {holder}" in other.output
    assert "--port-base" in other.output
    assert not leftovers(other.state)


async def test_a_taken_port_is_named(shared: DevStack) -> None:
    state = shared.state.parent / "other"
    other = DevStack(shared.state.parent, state=state, port_base=shared.port_base)
    await is_named(other, shared.port_base, "Temporal", "temporal (process ")


async def test_a_taken_port_of_the_web_ui_is_named(shared: DevStack) -> None:
    base = free_port_base()
    holder = f"{psutil.Process().name()} (process {os.getpid()})"
    with socket.create_server(("127.0.0.1", base + 1)):
        state = shared.state.parent / "other"
        other = DevStack(shared.state.parent, state=state, port_base=base)
        await is_named(other, base + 1, "the Temporal Web UI", holder)


@pytest.mark.parametrize("program", ["temporal", "postgres", "worker"])
async def test_a_server_that_dies_is_revived(shared: DevStack, program: str) -> None:
    killed = shared.children()[program]
    before = shared.output.count("is back")
    killed.kill()
    await shared.says("is back", before + 1)
    assert "ended by signal SIGKILL; starting it again" in shared.output

    def check() -> bool:
        return shared.children()[program].pid != killed.pid

    assert await eventually(check)
    env = shared.env()
    await Client.connect(env["TEMPORAL_ADDRESS"])
    connection = await asyncpg.connect(env["NEWSDESK_DATABASE_URL"])
    await connection.close()


async def test_one_interrupt_stops_everything(shared: DevStack) -> None:
    family = shared.family()
    assert len(family) >= 3
    assert await shared.interrupt() == 0
    assert not [process for process in family if process.is_running()]
    assert not leftovers(shared.state)
    assert not (shared.state / "env").exists()
    assert psutil.pid_exists(shared.process.pid) is False
