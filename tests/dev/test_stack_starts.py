"""`newsdesk dev` under special circumstances, each with a state of its own."""

import os
import signal
import sys
import tempfile
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path

import asyncpg
import pytest

from tests.helpers.dev_stack import STANDIN_COMMAND, DevStack, leftovers


class Stacks:
    """Starts stacks in a folder, and ends what a test left running."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._started: list[DevStack] = []

    def start(
        self,
        state: Path | None = None,
        port_base: int | None = None,
        flags: Sequence[str] = (),
        environ: Mapping[str, str] | None = None,
        command: Sequence[str] = STANDIN_COMMAND,
    ) -> DevStack:
        stack = DevStack(
            self.folder,
            state=state,
            port_base=port_base,
            flags=flags,
            environ=environ,
            command=command,
        )
        self._started.append(stack)
        return stack

    def destroy(self) -> None:
        for stack in self._started:
            stack.destroy()


@pytest.fixture
def stacks(server_state: Path) -> Generator[Stacks, None, None]:
    folder = Path(tempfile.mkdtemp(dir=server_state))
    folder.chmod(0o755)
    made = Stacks(folder)
    yield made
    made.destroy()


async def test_after_a_kill_the_next_start_clears_up_and_keeps_the_data(stacks: Stacks) -> None:
    first = stacks.start()
    await first.ready()
    connection = await asyncpg.connect(first.env()["NEWSDESK_DATABASE_URL"])
    await connection.execute("CREATE TABLE kept ()")
    await connection.close()
    children = first.children()
    first.process.kill()
    first.process.wait()

    second = stacks.start(state=first.state, port_base=first.port_base)
    await second.ready()
    for name, program in (("worker", "worker"), ("Temporal", "temporal"), ("Postgres", "postgres")):
        assert f"{name} (process {children[program].pid}) was left behind" in second.output
        assert second.children()[program].pid != children[program].pid
    connection = await asyncpg.connect(second.env()["NEWSDESK_DATABASE_URL"])
    assert await connection.fetchval("SELECT to_regclass('kept') IS NOT NULL")
    await connection.close()
    assert await second.interrupt() == 0
    assert not leftovers(first.state)


async def test_real_servers_are_used_where_the_environment_names_them(
    stacks: Stacks, temporal_address: str, bare_database_url: str
) -> None:
    stack = stacks.start(
        environ={
            "TEMPORAL_ADDRESS": temporal_address,
            "TEMPORAL_API_KEY": "secret",
            "NEWSDESK_DATABASE_URL": bare_database_url,
        }
    )
    await stack.ready()
    assert set(stack.children()) == {"worker"}
    assert "secret" not in stack.output
    assert stack.env() == {
        "TEMPORAL_ADDRESS": temporal_address,
        "NEWSDESK_DATABASE_URL": bare_database_url,
    }
    connection = await asyncpg.connect(bare_database_url)
    assert await connection.fetchval("SELECT to_regclass('runs') IS NOT NULL")
    await connection.close()
    stack.process.send_signal(signal.SIGTERM)
    assert await stack.ends() == 0


async def test_the_real_command_with_the_real_worker(
    stacks: Stacks, temporal_address: str, bare_database_url: str
) -> None:
    stack = stacks.start(
        environ={"TEMPORAL_ADDRESS": temporal_address, "NEWSDESK_DATABASE_URL": bare_database_url},
        command=(sys.executable, "-m", "newsdesk.cli", "dev"),
    )
    await stack.ready()
    stack.children()["worker"].kill()
    await stack.says("worker ended by signal SIGKILL; starting it again now")
    await stack.says("worker is back")
    log = (stack.state / "worker.log").read_text(encoding="utf-8")
    assert log.count("polling newsdesk-articles") == 2
    assert await stack.interrupt() == 0
    assert not leftovers(stack.state)


async def test_an_interrupt_while_starting_leaves_nothing(stacks: Stacks) -> None:
    stack = stacks.start()
    await stack.says("Starting Postgres and Temporal")
    assert await stack.interrupt() == 130
    assert not leftovers(stack.state)
    assert not (stack.state / "env").exists()


async def test_a_second_interrupt_hastens(
    stacks: Stacks, temporal_address: str, bare_database_url: str
) -> None:
    stack = stacks.start(
        environ={
            "TEMPORAL_ADDRESS": temporal_address,
            "NEWSDESK_DATABASE_URL": bare_database_url,
            "STANDIN_STUBBORN": "yes",
        }
    )
    await stack.ready()
    os.killpg(stack.process.pid, signal.SIGINT)
    await stack.says("Stopping")
    worker = stack.children()["worker"]
    assert await stack.interrupt() == 0
    assert not worker.is_running()


async def test_idle_from_the_start_ends_at_once(
    stacks: Stacks, temporal_address: str, bare_database_url: str
) -> None:
    stack = stacks.start(
        flags=["--exit-when-idle"],
        environ={"TEMPORAL_ADDRESS": temporal_address, "NEWSDESK_DATABASE_URL": bare_database_url},
    )
    assert await stack.ends() == 0
    assert "newsdesk is ready" in stack.output


@pytest.mark.parametrize(
    ("environ", "flags", "words"),
    [
        ({"NEWSDESK_LINKING": "perhaps"}, [], "NEWSDESK_LINKING must be on or off"),
        ({}, ["--port-base", "80"], "'80' is no whole number from 1024 to 65532"),
    ],
)
async def test_a_wrong_call_starts_nothing(
    stacks: Stacks, environ: dict[str, str], flags: list[str], words: str
) -> None:
    stack = stacks.start(environ=environ, flags=flags)
    assert await stack.ends() == 2
    assert words in stack.output
    assert not stack.state.exists()
