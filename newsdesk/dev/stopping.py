"""Ctrl-C and its kin: the first asks everything to stop, the second hastens it."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequests:
    """What this process was asked by signals; make it inside a running event loop."""

    def __init__(self) -> None:
        self.first = asyncio.Event()
        self.again = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._note)

    def _note(self) -> None:
        (self.again if self.first.is_set() else self.first).set()

    async def unless_stopped(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs `work` to its end, or cancels it at the first request."""
        task = asyncio.create_task(work)
        asked = asyncio.create_task(self.first.wait())
        try:
            await asyncio.wait({task, asked}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                task.result()
        finally:
            task.cancel()
            asked.cancel()
            await asyncio.gather(task, asked, return_exceptions=True)
