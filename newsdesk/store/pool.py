"""Connections to Postgres: one pool a process, whose failures are newsdesk's own exceptions."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Self

import asyncpg

from newsdesk.store.failures import connecting, store_errors

if TYPE_CHECKING:
    from asyncpg import Pool
    from asyncpg.pool import PoolConnectionProxy

_CONNECT_SECONDS = 10.0
_ACQUIRE_SECONDS = 30.0
_CLOSE_SECONDS = 5.0
# Backstops, not tuning: a statement here takes milliseconds, the largest body well under seconds.
_COMMAND_SECONDS = 60.0
_SERVER_SETTINGS = {
    "timezone": "UTC",
    "statement_timeout": "55s",  # below the client's, so that the server says what it gave up
    "lock_timeout": "30s",
    # A client that died half-way must not hold an article's lock, or the linking lock.
    "idle_in_transaction_session_timeout": "60s",
    "jit": "off",  # compiling costs more than these small queries
}


class StorePool:
    """A pool of connections. Columns of type json and jsonb come and go as JSON text.

    Text, because pydantic reads and writes JSON faster than a detour over Python objects.
    """

    def __init__(self, pool: "Pool") -> None:
        """Takes the driver's pool; see create_pool."""
        self._pool = pool

    @asynccontextmanager
    async def connection(self, doing: str) -> "AsyncGenerator[PoolConnectionProxy, None]":
        """Lends a connection; `doing` names the work in the messages of errors.

        Raises StoreUnavailableError, StoreConflictError, StoreNotMigratedError,
        StoreRejectedError, or, for a malformed URL, ConfigurationError.
        """
        with connecting(doing):
            connection = await self._pool.acquire(timeout=_ACQUIRE_SECONDS)
        with store_errors(doing):
            try:
                yield connection
            finally:
                await self._pool.release(connection)

    @asynccontextmanager
    async def transaction(self, doing: str) -> "AsyncGenerator[PoolConnectionProxy, None]":
        """Lends a connection within a transaction (READ COMMITTED); see connection."""
        async with self.connection(doing) as connection, connection.transaction():
            yield connection

    @asynccontextmanager
    async def snapshot(self, doing: str) -> "AsyncGenerator[PoolConnectionProxy, None]":
        """Lends a connection whose reads all see the database of one moment; see connection."""
        async with self.connection(doing) as connection:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                yield connection

    async def close(self) -> None:
        """Closes all connections; those that do not end in time are cut off."""
        try:
            await asyncio.wait_for(self._pool.close(), _CLOSE_SECONDS)
        except (TimeoutError, OSError, asyncpg.InterfaceError, asyncpg.PostgresError):
            self._pool.terminate()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


async def create_pool(
    url: str, *, max_size: int = 10, application_name: str = "newsdesk"
) -> StorePool:
    """Returns a pool that connects when first used: a database that is down stops no start.

    Args:
        url: `postgresql://user:password@host:port/name`, or with `?host=/folder` for a socket.
        max_size: The most connections at once.
        application_name: How the connections are called in pg_stat_activity.
    """
    with connecting("connect"):
        pool = await asyncpg.create_pool(
            url,
            min_size=0,
            max_size=max_size,
            timeout=_CONNECT_SECONDS,
            command_timeout=_COMMAND_SECONDS,
            server_settings={"application_name": application_name, **_SERVER_SETTINGS},
            reset=_leave_as_is,
        )
    return StorePool(pool)


async def _leave_as_is(_: "PoolConnectionProxy") -> None:
    """Resets nothing: half of all round trips, for nothing here outlives its transaction.

    No SET, no LISTEN, no session's lock. The driver itself rolls back what was left open.
    """
