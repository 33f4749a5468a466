"""Waiting until no run is under way."""

import asyncio
from datetime import datetime

import asyncpg

_POLL_SECONDS = 0.5
_OPEN = "SELECT count(*) FROM runs WHERE state IN ('pending', 'started')"
_FAILED = """
SELECT workflow_id FROM runs
WHERE state = 'closed' AND status <> 'completed' AND recorded_at >= $1 ORDER BY number"""


async def database_time(url: str) -> datetime:
    """Returns the database's clock: `recorded_at` is told by it."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval("SELECT now()")
    finally:
        await connection.close()


async def failed_once_idle(url: str, since: datetime) -> list[str]:
    """Waits until no run is pending or open; returns the workflow ids that failed since then.

    A database that goes away for a while is waited for.
    """
    while True:
        try:
            failed = await _failed_unless_busy(url, since)
        except (OSError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError):
            failed = None
        if failed is not None:
            return failed
        await asyncio.sleep(_POLL_SECONDS)


async def _failed_unless_busy(url: str, since: datetime) -> list[str] | None:
    connection = await asyncpg.connect(url)
    try:
        if await connection.fetchval(_OPEN):
            return None
        return [row["workflow_id"] for row in await connection.fetch(_FAILED, since)]
    finally:
        await connection.close()
