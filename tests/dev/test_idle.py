"""Waiting until no run is under way, on rows as the store makes them."""

import asyncio

import asyncpg

from newsdesk.dev.idle import database_time, failed_once_idle

_INSERT = """
WITH article AS (
    INSERT INTO articles (article_id, source) VALUES ($1, 'benzinga')
), revision AS (
    INSERT INTO revisions (
        article_id, revision, substance_hash, source, title, teaser, author, url, image_url,
        published_at, updated_at, fetched_at, channels, tags, stocks, tickers, body, body_kind
    ) VALUES ($1, 1, 'h', 'benzinga', 't', '', '', '', '', now(), now(), now(),
              '{}', '{}', '[]', '{}', '', 'none')
)
INSERT INTO runs (article_id, revision, workflow_id, options) VALUES ($1, 1, $2, '{}')"""
_CLOSE = """
UPDATE runs SET state = 'closed', status = $2, block = '{}', recorded_at = clock_timestamp()
WHERE workflow_id = $1"""


async def test_it_waits_for_open_runs_and_names_those_that_failed_since(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        for number, name in enumerate(("old-failure", "good", "bad"), start=1):
            await connection.execute(_INSERT, number, name)
        await connection.execute(_CLOSE, "old-failure", "failed")
        since = await database_time(database_url)
        waiting = asyncio.create_task(failed_once_idle(database_url, since))
        await connection.execute(_CLOSE, "good", "completed")
        done, _ = await asyncio.wait({waiting}, timeout=1)
        assert not done, "one run is still pending"
        await connection.execute(_CLOSE, "bad", "timed_out")
        assert await asyncio.wait_for(waiting, 10) == ["bad"]
    finally:
        await connection.close()
