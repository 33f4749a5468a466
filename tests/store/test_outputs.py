"""Outputs under the hash of their content."""

import asyncio

import pytest

from newsdesk.contracts.base import content_hash
from newsdesk.contracts.cleaning import ArticleHtml, ArticleText, ContentKind
from newsdesk.errors import OutputMissingError, StoreRejectedError
from newsdesk.store.outputs import PostgresOutputs
from newsdesk.store.pool import StorePool
from tests.store.samples import HTML, TEXT


async def test_what_is_saved_is_loaded(pool: StorePool) -> None:
    outputs = PostgresOutputs(pool)
    digest = await outputs.save(1, TEXT)
    assert digest == content_hash(TEXT)
    assert await outputs.load(digest, ArticleText) == TEXT


async def test_saved_by_many_at_once_it_is_there_once(pool: StorePool) -> None:
    outputs = PostgresOutputs(pool)
    digests = await asyncio.gather(*(outputs.save(n, HTML) for n in range(1, 11)))
    assert set(digests) == {content_hash(HTML)}
    async with pool.connection("count") as connection:
        assert await connection.fetchval("SELECT count(*) FROM outputs") == 1


async def test_large_and_odd_texts_come_back_as_they_were(pool: StorePool) -> None:
    outputs = PostgresOutputs(pool)
    odd = 'nul \x00, backslash \\u0000, quote ", emoji \U0001f600, \u2028'
    output = ArticleHtml(html="<p>words</p>" * 350_000 + odd, content=ContentKind.FULL)
    assert len(output.html) > 4_000_000
    assert await outputs.load(await outputs.save(1, output), ArticleHtml) == output


async def test_nothing_there_or_of_another_kind_is_missing(pool: StorePool) -> None:
    outputs = PostgresOutputs(pool)
    digest = await outputs.save(1, HTML)
    with pytest.raises(OutputMissingError, match="ArticleText"):
        await outputs.load(digest, ArticleText)
    with pytest.raises(OutputMissingError, match="00ff"):
        await outputs.load("00ff", ArticleHtml)


async def test_what_does_not_read_is_refused(pool: StorePool) -> None:
    async with pool.connection("spoil") as connection:
        await connection.execute(
            "INSERT INTO outputs (hash, kind, article_id, payload)"
            " VALUES ('aa', 'ArticleHtml', 1, '{\"html\": 5}')"
        )
    with pytest.raises(StoreRejectedError, match="aa does not read as ArticleHtml"):
        await PostgresOutputs(pool).load("aa", ArticleHtml)
