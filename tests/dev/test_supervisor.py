import asyncio
from collections import deque

import pytest

from newsdesk.dev.supervisor import LONGEST_PAUSE_SECONDS, Supervisor, next_pause
from newsdesk.errors import EmbeddedServerError
from tests.helpers.eventually import eventually


class FakeServer:
    """Runs until it is told to die; counts what was asked of it."""

    def __init__(self, name: str, log: list[str], fail_starts: int = 0) -> None:
        self.name = name
        self.starts = 0
        self._log = log
        self._fail_starts = fail_starts
        self._ended = asyncio.Event()
        self.grace: float | None = None

    async def start(self) -> None:
        self.starts += 1
        if self.starts <= self._fail_starts:
            raise EmbeddedServerError(f"{self.name} does not start")
        self._ended.clear()

    async def wait(self) -> int:
        await self._ended.wait()
        return 3

    async def stop(self, grace: float) -> None:
        self.grace = grace
        self._log.append(self.name)

    def die(self) -> None:
        self._ended.set()


class StubbornServer(FakeServer):
    """Ends only without grace."""

    async def stop(self, grace: float) -> None:
        if grace:
            await asyncio.Event().wait()
        await super().stop(grace)


async def test_a_dead_server_is_started_again_with_one_line() -> None:
    said: list[str] = []
    server = FakeServer("Temporal", [])
    supervisor = Supervisor(said.append)
    await supervisor.start(server)
    server.die()
    await eventually(lambda: server.starts == 2)
    await eventually(lambda: len(said) == 2)
    assert said == ["Temporal ended with exit code 3; starting it again now", "Temporal is back"]
    await supervisor.stop(asyncio.Event())


async def test_a_server_that_does_not_start_fails_the_start() -> None:
    log: list[str] = []
    supervisor = Supervisor(log.append)
    with pytest.raises(EmbeddedServerError, match="Postgres does not start"):
        await supervisor.start(FakeServer("Temporal", log), FakeServer("Postgres", log, 1))
    await supervisor.stop(asyncio.Event())
    assert sorted(log) == ["Postgres", "Temporal"], "both are ended, nothing else was said"


async def test_those_started_last_are_ended_first() -> None:
    log: list[str] = []
    supervisor = Supervisor(log.append)
    await supervisor.start(FakeServer("Temporal", log))
    await supervisor.start(FakeServer("worker", log))
    await supervisor.stop(asyncio.Event())
    assert log == ["worker", "Temporal"]


async def test_a_second_request_ends_at_once_what_is_slow() -> None:
    log: list[str] = []
    supervisor = Supervisor(log.append)
    server = StubbornServer("worker", log)
    await supervisor.start(server)
    hasten = asyncio.Event()
    stopping = asyncio.create_task(supervisor.stop(hasten))
    done, _ = await asyncio.wait({stopping}, timeout=0.2)
    assert not done
    hasten.set()
    await asyncio.wait_for(stopping, 5)
    assert server.grace == 0


def test_revivals_come_ever_slower_and_at_once_again_after_a_calm_time() -> None:
    revivals: deque[float] = deque()
    assert [next_pause(revivals, now) for now in (0.0, 1.0, 3.0, 6.0)] == [0.0, 1.0, 2.0, 4.0]
    assert next_pause(deque([50.0] * 20), 55.0) == LONGEST_PAUSE_SECONDS
    assert next_pause(revivals, 100.0) == 0.0
