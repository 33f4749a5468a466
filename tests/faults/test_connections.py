"""Connections go back to the pool without a reset: nothing of their last use may be left."""

import asyncio

import pytest

from newsdesk.store.pool import create_pool

LOCK = 42


async def test_work_cut_short_leaves_no_lock_and_no_transaction(database_url: str) -> None:
    reached = asyncio.Event()
    async with await create_pool(database_url, max_size=1) as pool:

        async def work() -> None:
            async with pool.transaction("work") as connection:
                await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
                await connection.execute("INSERT INTO articles (article_id, source) VALUES (1, '')")
                reached.set()
                await connection.execute("SELECT pg_sleep(60)")

        task = asyncio.create_task(work())
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with pool.connection("look") as connection:
            assert not connection.is_in_transaction()
            locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = $1"
            assert await connection.fetchval(locks, LOCK) == 0
            assert await connection.fetchval("SELECT count(*) FROM articles") == 0


async def test_a_refused_statement_leaves_no_transaction(database_url: str) -> None:
    async with await create_pool(database_url, max_size=1) as pool:
        with pytest.raises(Exception, match="division"):
            async with pool.transaction("divide") as connection:
                await connection.execute("SELECT 1 / 0")
        async with pool.connection("look") as connection:
            assert await connection.fetchval("SELECT 1") == 1
