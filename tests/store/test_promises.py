"""Everything at once, in any order, more than once: nothing lost, the newest wins.

Seeds are fixed; a failing one is in the test's name.
"""

import asyncio
import random
from collections import Counter

import pytest

from newsdesk.contracts.articles import Article, Enqueued, EnqueueOutcome, Incoming, Removal
from newsdesk.contracts.steps import PublishOutcome
from newsdesk.errors import ArticleNotFoundError
from tests.store.lives import Lives, join_first, make_signature
from tests.store.samples import OPTIONS, make_article, make_removal

ARTICLES = range(1, 6)
SEEDS = range(6)


def deliveries(rng: random.Random) -> tuple[list[Incoming], dict[int, Incoming]]:
    """Returns what is received, shuffled and in part twice, and the newest of each article."""
    received: list[Incoming] = []
    newest: dict[int, Incoming] = {}
    for article_id in ARTICLES:
        removed = rng.choice([None, *range(6)])
        history: list[Incoming] = [
            make_removal(article_id, minute)
            if minute == removed
            else make_article(article_id, minute, body=f"<p>{minute}</p>")
            for minute in range(6)
        ]
        newest[article_id] = history[-1]
        received += history + rng.sample(history, 3)
    rng.shuffle(received)
    return received, newest


async def go(lives: Lives, incoming: Incoming) -> tuple[Enqueued, PublishOutcome | None]:
    """Does what starter and worker do with one received item."""
    enqueued = await lives.articles.enqueue(incoming, OPTIONS)
    if enqueued.pending is None:
        return enqueued, None
    run = enqueued.pending
    await lives.runs.mark_started(run.run_number, "e1")
    links = await lives.stories.link(run.run_number, run.title, make_signature(), join_first)
    request = await lives.request(run.run_number, run.article_id, run.revision, links=links)
    return enqueued, (await lives.publisher.publish(request)).outcome


async def assert_withheld(lives: Lives, article_id: int) -> None:
    try:
        record = await lives.records.load(article_id)
    except ArticleNotFoundError:
        return  # the removal came first: there is nothing but its tombstone
    assert (record.article.state, record.article.text, record.stories) == ("removed", "", ())
    assert not record.run.published


def test_the_seeds_have_articles_that_end_as_removed() -> None:
    ends = [newest for seed in SEEDS for newest in deliveries(random.Random(seed))[1].values()]
    assert len([end for end in ends if isinstance(end, Removal)]) > 3


@pytest.mark.parametrize("seed", SEEDS)
async def test_whatever_the_order_the_newest_is_shown(lives: Lives, seed: int) -> None:
    received, newest = deliveries(random.Random(seed))
    results = await asyncio.gather(*(go(lives, incoming) for incoming in received))

    outcomes = Counter(enqueued.outcome for enqueued, _ in results)
    assert outcomes.total() == len(received)
    async with lives.pool.connection("look") as connection:
        runs = await connection.fetchval("SELECT count(*) FROM runs")
        visible = await connection.fetch(
            "SELECT article_id, run_number FROM memberships WHERE state <> 'withdrawn'"
        )
    assert runs == outcomes[EnqueueOutcome.STARTED]

    shown: dict[int, int] = {}
    for article_id, expected in newest.items():
        if isinstance(expected, Article):
            record = await lives.records.load(article_id)
            assert (record.article.state, record.run.published) == ("active", True)
            assert record.article.updated_at == expected.updated_at
            shown[article_id] = record.run.number
        else:
            await assert_withheld(lives, article_id)
    # Of the removed and of the replaced nothing is left in a story.
    assert dict(visible) == shown
    assert len(visible) == len(shown)
