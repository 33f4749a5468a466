"""Child processes that a terminal's Ctrl-C does not reach and that are always ended."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from newsdesk.errors import EmbeddedServerError

KILL_WAIT_SECONDS = 10.0
LOG_BYTES = 10_000_000
_OWN_PREFIXES = ("NEWSDESK_", "BENZINGA_", "TEMPORAL_")


@dataclass(frozen=True)
class Launch:
    """How to start a child: its output goes to `log`, `user` None means the present one."""

    name: str
    command: Sequence[str]
    log: Path
    environ: Mapping[str, str]
    user: str | None = None
    pass_fds: Sequence[int] = field(default=())


class Server(Protocol):
    """Something that runs as a child process and can be started again after it died."""

    name: str

    async def start(self) -> None:
        """Starts it and returns when it is ready. Raises EmbeddedServerError."""
        ...

    async def wait(self) -> int:
        """Returns its exit code once it has ended."""
        ...

    async def stop(self, grace: float) -> None:
        """Ends it: asks first, kills after `grace` seconds. Does nothing when it has ended."""
        ...


class Child:
    """One running child process in a session of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, launch: Launch) -> "Child":
        """Starts the process. Raises EmbeddedServerError where it cannot be executed."""
        try:
            _roll(launch.log)
            with launch.log.open("ab") as log:
                process = await asyncio.create_subprocess_exec(
                    *launch.command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=dict(launch.environ),
                    user=launch.user,
                    pass_fds=launch.pass_fds,
                    start_new_session=True,
                )
        except OSError as error:
            raise EmbeddedServerError(f"{launch.name} cannot be started: {error}") from None
        return cls(process)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.returncode is None

    async def wait(self) -> int:
        """Returns the exit code once it has ended; negative: the signal that ended it."""
        return await self._process.wait()

    async def ask(self, number: signal.Signals, seconds: float) -> bool:
        """Sends a signal and returns whether the process ended within that time."""
        with suppress(ProcessLookupError):
            self._process.send_signal(number)
        try:
            await asyncio.wait_for(self._process.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def stop(self, grace: float) -> None:
        """Asks it to end, and kills it after `grace` seconds."""
        if not await self.ask(signal.SIGTERM, grace):
            await self.kill()

    async def kill(self) -> None:
        """Ends it at once."""
        await self.ask(signal.SIGKILL, KILL_WAIT_SECONDS)


def _roll(log: Path) -> None:
    """Keeps a log from growing over the starts for ever: one older file beside it."""
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_name(f"{log.name}.old"))


def server_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Returns what a server may see of our environment: no settings of ours, and no keys."""
    return {name: text for name, text in environ.items() if not name.startswith(_OWN_PREFIXES)}


def log_tail(path: Path, lines: int = 5) -> str:
    """Returns the last lines of a log file, to be shown with a failure."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "(no log)"
    return "\n".join(text.splitlines()[-lines:]) or "(the log is empty)"


@asynccontextmanager
async def running(server: Server, grace: float = KILL_WAIT_SECONDS) -> AsyncGenerator[None, None]:
    """Starts a server and ends it on leaving, also where the start is cut short."""
    try:
        await server.start()
        yield
    finally:
        await server.stop(grace)
