"""The embedded servers by themselves."""

import os
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from newsdesk.dev.orphans import end_orphans, find_orphans
from newsdesk.dev.ports import free_ports, is_free
from newsdesk.dev.postgres import PostgresServer, embedded_postgres
from newsdesk.dev.postgres_files import running_on, socket_directory
from newsdesk.dev.processes import LOG_BYTES, Child, Launch, running, server_environment
from newsdesk.dev.state import StateFolder
from newsdesk.dev.temporal import embedded_temporal
from newsdesk.errors import EmbeddedServerError
from tests.helpers.eventually import eventually


async def test_a_second_temporal_on_one_file_is_refused(server_state: Path) -> None:
    state = server_state / "one-file"
    first, second = free_ports(2)
    async with embedded_temporal(state, first, durable=False):
        with pytest.raises(EmbeddedServerError, match="another Temporal server is running on"):
            async with embedded_temporal(state, second, durable=False):
                pass
        assert is_free(second)
        assert not is_free(first)


@pytest.fixture(scope="module")
def awkward_state(server_state: Path) -> Path:
    """A path too long for a socket, below a folder that only its owner may enter."""
    private = server_state / "private"
    private.mkdir(mode=0o700)
    return private / ("long" * 30)


async def test_postgres_starts_after_crashes_of_every_kind(awkward_state: Path) -> None:
    data = awkward_state / "postgres"
    # An initialisation that was cut short.
    unfinished = awkward_state / "postgres.new"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n", encoding="utf-8")
    async with embedded_postgres(awkward_state, durable=False) as url:
        await _execute(url, "CREATE TABLE kept ()")
    # A crash, after which another process has got the dead server's id.
    (data / "postmaster.pid").write_text(
        f"{os.getpid()}\n{data}\n1\n5432\n\n\n1 1\nready\n", encoding="utf-8"
    )
    assert running_on(data) is None
    server = PostgresServer(awkward_state, durable=False)
    async with running(server):
        assert running_on(data) == server.pid
        await _execute(server.url, "DROP TABLE kept")
        with pytest.raises(EmbeddedServerError, match="another Postgres"):
            async with embedded_postgres(awkward_state, durable=False):
                pass
        await _execute(server.url, "SELECT 1")


async def test_a_socket_that_does_not_fit_beside_the_data(awkward_state: Path) -> None:
    async with embedded_postgres(awkward_state, durable=False) as url:
        sockets = Path(parse_qs(urlsplit(url).query)["host"][0])
        assert not sockets.is_relative_to(awkward_state)
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        await _execute(url, "SELECT 1")
    assert not sockets.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only for root does Postgres run as somebody else")
async def test_for_root_no_folder_becomes_readable_that_was_not(awkward_state: Path) -> None:
    awkward_state.parent.chmod(0o700)
    async with embedded_postgres(awkward_state, durable=False) as url:
        await _execute(url, "SELECT 1")
    assert stat.S_IMODE(awkward_state.parent.stat().st_mode) == 0o711


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.mark.parametrize("name", ["x" * 90, "a,b", 'a"b'])
def test_a_path_that_no_socket_can_have_gets_another_folder(name: str) -> None:
    data = Path("/somewhere") / name
    elsewhere = socket_directory(data)
    assert elsewhere != data
    assert len(str(elsewhere)) < 80
    assert elsewhere == socket_directory(data), "found again by the next start"
    assert elsewhere != socket_directory(data / "other")
    assert socket_directory(Path("/somewhere/short")) == Path("/somewhere/short")


async def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    launch = Launch("Temporal", [str(tmp_path / "none")], tmp_path / "log", {})
    with pytest.raises(EmbeddedServerError, match="Temporal cannot be started"):
        await Child.start(launch)


async def test_a_child_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    code = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True)"
    command = [sys.executable, "-c", f"{code}; signal.pause()"]
    child = await Child.start(Launch("stubborn", command, tmp_path / "log", {}))
    await eventually(lambda: "up" in (tmp_path / "log").read_text(encoding="utf-8"))
    await child.stop(0.1)
    assert await child.wait() == -9


async def test_a_log_that_has_grown_is_put_aside(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"x" * (LOG_BYTES + 1))
    child = await Child.start(Launch("echo", [sys.executable, "-c", "print('new')"], log, {}))
    assert await child.wait() == 0
    assert log.read_text(encoding="utf-8") == "new\n"
    assert (tmp_path / "log.old").stat().st_size == LOG_BYTES + 1


def test_servers_do_not_see_our_settings() -> None:
    seen = server_environment({"PATH": "/bin", "NEWSDESK_X": "1", "BENZINGA_API_KEY": "k"})
    assert seen == {"PATH": "/bin"}


def test_orphans_are_known_by_what_they_work_on(tmp_path: Path) -> None:
    state = StateFolder(tmp_path)
    wait = "import sys; sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", wait, "--ready-file", str(state.worker_ready)],
        stdin=subprocess.PIPE,
    ) as ours:
        with subprocess.Popen(
            [sys.executable, "-c", wait, "--state", str(state.path)], stdin=subprocess.PIPE
        ) as by_hand:
            orphans = find_orphans(state)
            assert [(one.name, one.process.pid) for one in orphans] == [("worker", ours.pid)]
            end_orphans(orphans)
            assert ours.wait() is not None
            assert by_hand.poll() is None
            by_hand.kill()
    assert find_orphans(state) == []
