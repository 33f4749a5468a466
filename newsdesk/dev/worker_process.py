"""The worker as a child of `newsdesk dev`."""

import asyncio
import sys
import time
from collections.abc import Mapping, Sequence

from newsdesk.dev.processes import Child, Launch, log_tail
from newsdesk.dev.state import StateFolder
from newsdesk.errors import EmbeddedServerError

READY_SECONDS = 90.0
_POLL_SECONDS = 0.05


class WorkerProcess:
    """`python -m worker` on a state folder, ready once it polls."""

    name = "worker"

    def __init__(
        self,
        state: StateFolder,
        environ: Mapping[str, str],
        command: Sequence[str] | None = None,
    ) -> None:
        # -P: a worker.py in the folder where somebody happens to be is not ours.
        self._program = command or (sys.executable, "-P", "-m", "worker")
        self._state = state
        self._environ = environ
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        """The worker's process id while it runs."""
        return self._child.pid if self._child is not None and self._child.running else None

    async def start(self) -> None:
        """Starts the worker and returns once it polls. Raises EmbeddedServerError."""
        ready = self._state.worker_ready
        ready.unlink(missing_ok=True)
        flags = ("--state", str(self._state.path), "--ready-file", str(ready))
        self._child = await Child.start(
            Launch(self.name, (*self._program, *flags), self._state.worker_log, self._environ)
        )
        deadline = time.monotonic() + READY_SECONDS
        while not ready.exists():
            self._check(self._child, deadline)
            await asyncio.sleep(_POLL_SECONDS)

    async def wait(self) -> int:
        """Returns the worker's exit code once it has ended."""
        if self._child is None:
            raise EmbeddedServerError("the worker was never started")
        return await self._child.wait()

    async def stop(self, grace: float) -> None:
        """Ends the worker; it may finish the steps it is at."""
        if self._child is not None and self._child.running:
            await self._child.stop(grace)
        self._state.worker_ready.unlink(missing_ok=True)

    def _check(self, child: Child, deadline: float) -> None:
        log = self._state.worker_log
        if not child.running:
            raise EmbeddedServerError(
                f"the worker ended while starting; {log} says:\n{log_tail(log)}"
            )
        if time.monotonic() > deadline:
            raise EmbeddedServerError(
                f"the worker did not get ready within {READY_SECONDS:.0f} s; see {log}"
            )
