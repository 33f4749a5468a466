"""Starts servers, revives those that die, and ends them all."""

import asyncio
import signal
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

from newsdesk.dev.processes import Server
from newsdesk.errors import EmbeddedServerError

GRACE_SECONDS = 20.0
"""What a server gets to end in by itself; a worker's steps under way need up to ten."""

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
CALM_SECONDS = 60.0
"""A server that lived this long is revived at once again."""


class Supervisor:
    """Keeps servers running from `start` until `stop`; says on `report` what it does."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self._report = report
        self._groups: list[Sequence[Server]] = []
        self._keepers: list[asyncio.Task[None]] = []

    @property
    def busy(self) -> bool:
        """Whether anything was started."""
        return bool(self._groups)

    async def start(self, *servers: Server) -> None:
        """Starts servers side by side and keeps them running from then on.

        Raises EmbeddedServerError where one does not start; `stop` ends the others.
        """
        self._groups.append(servers)
        outcomes = await asyncio.gather(
            *(server.start() for server in servers), return_exceptions=True
        )
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        self._keepers.extend(asyncio.create_task(self._keep(server)) for server in servers)

    async def stop(self, hasten: asyncio.Event) -> None:
        """Ends all servers, those started last first; at once when `hasten` is set."""
        await self._dismiss_keepers()
        gently = asyncio.create_task(self._stop_groups(GRACE_SECONDS))
        hastened = asyncio.create_task(hasten.wait())
        await asyncio.wait({gently, hastened}, return_when=asyncio.FIRST_COMPLETED)
        if hastened.done():
            gently.cancel()
            await asyncio.gather(gently, return_exceptions=True)
            await self._stop_groups(grace=0)
        hastened.cancel()
        await asyncio.gather(gently, hastened, return_exceptions=True)

    async def _stop_groups(self, grace: float) -> None:
        for servers in reversed(self._groups):
            await asyncio.gather(*(server.stop(grace) for server in servers))

    async def _dismiss_keepers(self) -> None:
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        self._keepers.clear()

    async def _keep(self, server: Server) -> None:
        revivals: deque[float] = deque()
        while True:
            code = await server.wait()
            pause = next_pause(revivals, time.monotonic())
            when = f"in {pause:.0f} s" if pause else "now"
            self._report(f"{server.name} ended {_describe(code)}; starting it again {when}")
            await asyncio.sleep(pause)
            try:
                await server.start()
            except EmbeddedServerError as error:
                await server.stop(GRACE_SECONDS)
                self._report(str(error))
            else:
                self._report(f"{server.name} is back")


def next_pause(revivals: deque[float], now: float) -> float:
    """Returns how long to wait before the next revival: nothing at first, then ever longer."""
    while revivals and now - revivals[0] > CALM_SECONDS:
        revivals.popleft()
    recent = len(revivals)
    revivals.append(now)
    if recent == 0:
        return 0.0
    return float(min(FIRST_PAUSE_SECONDS * 2.0 ** (recent - 1), LONGEST_PAUSE_SECONDS))


def _describe(code: int) -> str:
    if code >= 0:
        return f"with exit code {code}"
    with suppress(ValueError):
        return f"by signal {signal.Signals(-code).name}"
    return f"by signal {-code}"
