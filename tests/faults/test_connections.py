"""Connections: nothing of their last use may be left, and no kind of work may take them all.

They go back to the pool without a reset.
"""

import asyncio

import pytest

from newsdesk.contracts.options import ProcessingOptions
from newsdesk.contracts.stories import StorySignature
from newsdesk.store.opening import open_store
from newsdesk.store.pool import create_pool
from newsdesk.store.stories import LINKING_LOCK
from newsdesk.stories import Matcher
from tests.helpers.pipeline import AT, article

LOCK = 42
MORE_THAN_CONNECTIONS = 15
SOON_SECONDS = 5.0


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


async def test_linkings_that_wait_leave_connections_to_others(database_url: str) -> None:
    decide, signature = Matcher().decide, StorySignature(terms={"port": 1.0}, published_at=AT)
    async with open_store(database_url) as store, await create_pool(database_url) as other:
        numbers: list[int] = []
        for article_id in range(1, MORE_THAN_CONNECTIONS + 1):
            enqueued = await store.articles.enqueue(article(article_id), ProcessingOptions())
            numbers.append(enqueued.run_number or 0)
        async with other.transaction("link elsewhere") as elsewhere:
            await elsewhere.execute("SELECT pg_advisory_xact_lock($1)", LINKING_LOCK)
            linkings = [
                asyncio.create_task(store.stories.link(number, "", signature, decide))
                for number in numbers
            ]
            counts = await asyncio.wait_for(store.runs.counts(), SOON_SECONDS)
            await asyncio.wait_for(store.runs.counts(), SOON_SECONDS)
            assert counts.pending == MORE_THAN_CONNECTIONS
            assert not any(linking.done() for linking in linkings)
        links = await asyncio.gather(*linkings)
    assert {link.memberships[0].story_id for link in links} == {links[0].memberships[0].story_id}
