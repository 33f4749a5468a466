"""Numbered migrations: `sql/migrations/NNNN_{pre|post}_words.sql`.

`pre` ones suit the code that runs before a deployment as well as the code after it; `post` ones
are for afterwards. Each is applied once, in a transaction of its own, under a lock of the whole
database, and is recorded with its checksum.
"""

import hashlib
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import TYPE_CHECKING

import asyncpg

from newsdesk.errors import StoreRejectedError
from newsdesk.store.failures import connecting, store_errors

if TYPE_CHECKING:
    from asyncpg import Connection

MIGRATIONS_LOCK = 7_203_110_001
"""Key of the advisory lock under which migrations are applied."""

_NAME = re.compile(r"(\d{4})_(pre|post)_[a-z0-9_]+")
_CREATE_LEDGER = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    name       text PRIMARY KEY,
    checksum   text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)"""
_LEDGER_EXISTS = "SELECT to_regclass('schema_migrations') IS NOT NULL"
_READ_LEDGER = "SELECT name, checksum, applied_at FROM schema_migrations"
_NOTE = "INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)"


@dataclass(frozen=True)
class Migration:
    """One numbered file."""

    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the file."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


@dataclass(frozen=True)
class MigrationStatus:
    """A migration, and when it was applied; None: not yet."""

    name: str
    applied_at: datetime | None


def load_migrations() -> list[Migration]:
    """Returns the migrations that come with this version, in their order."""
    folder = resources.files("newsdesk.store.sql").joinpath("migrations")
    files = [file for file in folder.iterdir() if file.name.endswith(".sql")]
    return in_order(
        [Migration(file.name.removesuffix(".sql"), file.read_text("utf-8")) for file in files]
    )


def in_order(migrations: Sequence[Migration]) -> list[Migration]:
    """Returns migrations by number. Raises ValueError for a wrong name or a number taken twice."""
    ordered = sorted(migrations, key=lambda migration: migration.name)
    numbers: dict[str, str] = {}
    for migration in ordered:
        match = _NAME.fullmatch(migration.name)
        if match is None:
            raise ValueError(f"migration {migration.name}: name it NNNN_pre|post_words.sql")
        if match[1] in numbers:
            raise ValueError(f"migrations {numbers[match[1]]}, {migration.name}: one number")
        numbers[match[1]] = migration.name
    return ordered


async def migrate(url: str, migrations: Sequence[Migration] | None = None) -> list[str]:
    """Applies what is not applied yet and returns the names of what it applied.

    Called by several processes at once, one does the work and the others wait for it.

    Raises:
        StoreRejectedError: an applied file was changed, or a new one is numbered below it.
        StoreUnavailableError: the database cannot be reached.
        ConfigurationError: the URL is malformed.
    """
    wanted = load_migrations() if migrations is None else list(migrations)
    async with _connect(url, "migrate") as connection:
        await connection.execute("SELECT pg_advisory_lock($1)", MIGRATIONS_LOCK)
        await connection.execute(_CREATE_LEDGER)
        todo = _not_applied(wanted, await _checksums(connection))
        for migration in todo:
            await _apply(connection, migration)
        return [migration.name for migration in todo]


async def status(url: str, migrations: Sequence[Migration] | None = None) -> list[MigrationStatus]:
    """Returns every migration of this version with the time it was applied; changes nothing."""
    wanted = load_migrations() if migrations is None else list(migrations)
    async with _connect(url, "read the state of migrations") as connection:
        applied: dict[str, datetime] = {}
        if await connection.fetchval(_LEDGER_EXISTS):
            rows = await connection.fetch(_READ_LEDGER)
            applied = {row["name"]: row["applied_at"] for row in rows}
    return [MigrationStatus(one.name, applied.get(one.name)) for one in wanted]


@asynccontextmanager
async def _connect(url: str, doing: str) -> "AsyncGenerator[Connection, None]":
    with connecting(doing):
        connection = await asyncpg.connect(
            url, server_settings={"application_name": "newsdesk-migrate", "timezone": "UTC"}
        )
    with store_errors(doing):
        try:
            yield connection
        finally:
            # Closing ends the session, and with it the lock, even after a failure half-way.
            await connection.close(timeout=5)


async def _checksums(connection: "Connection") -> dict[str, str]:
    return {row["name"]: row["checksum"] for row in await connection.fetch(_READ_LEDGER)}


def _not_applied(wanted: Sequence[Migration], applied: dict[str, str]) -> list[Migration]:
    """Returns what is to be applied; refuses a changed file and one that comes too late."""
    newest = max(applied, default="")
    todo: list[Migration] = []
    for migration in wanted:
        checksum = applied.get(migration.name)
        if checksum is None:
            todo.append(migration)
        elif checksum != migration.checksum:
            raise StoreRejectedError(
                f"migration {migration.name} was changed after it was applied;"
                " restore the file and add a new migration instead"
            )
    for migration in todo:
        if migration.name < newest:
            raise StoreRejectedError(
                f"migration {migration.name} is numbered below {newest}, which is applied already;"
                " give it the next number"
            )
    return todo


async def _apply(connection: "Connection", migration: Migration) -> None:
    async with connection.transaction():
        await connection.execute(migration.sql)
        await connection.execute(_NOTE, migration.name, migration.checksum)
