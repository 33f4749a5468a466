"""Enqueueing on a real Postgres: what is stored, once, in any order and at any moment of a kill."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from newsdesk.contracts.articles import (
    Article,
    BodyKind,
    Enqueued,
    EnqueueOutcome,
    Incoming,
    Stock,
)
from newsdesk.contracts.options import LinkingOptions, ProcessingOptions
from newsdesk.errors import ArticleNotFoundError, StoreUnavailableError
from newsdesk.store.articles import PostgresArticles
from newsdesk.store.pool import StorePool
from newsdesk.store.runs import PostgresRuns
from tests.store.kills import kill_the_waiting_one
from tests.store.samples import OPTIONS, at, make_article, make_removal

WHOLE = Article(
    article_id=2**62,
    source="alpaca",
    source_revision=7,
    title="Zürich's «Quarry» rises 5%",
    teaser="A teaser — with a dash",
    author="A. Writer",
    url="https://news.example/1",
    image_url="https://news.example/1.png",
    published_at=at(0.5),
    updated_at=at(1.25),
    fetched_at=at(2),
    channels=("News", "Markets"),
    tags=("outlook",),
    stocks=(
        Stock(ticker="QRY", exchange="NYSE", name="Quarry", isin="US0000000000", primary=True),
        Stock(ticker="PIT"),
        Stock(ticker="QRY", exchange="TSX"),
    ),
    body="<p>\U0001f600 body\r\n</p>",
    body_kind=BodyKind.PAGE,
)


async def enqueue_all(store: PostgresArticles, *items: Incoming) -> list[Enqueued]:
    return [await store.enqueue(item, OPTIONS) for item in items]


async def count(pool: StorePool, table: str) -> int:
    async with pool.connection("count") as connection:
        return await connection.fetchval(f"SELECT count(*) FROM {table}")


async def test_a_revision_reads_back_as_it_came(pool: StorePool) -> None:
    store = PostgresArticles(pool)
    defaults = Article(article_id=1, published_at=at(0), updated_at=at(0), fetched_at=at(0))
    for field in Article.model_fields:
        assert getattr(WHOLE, field) != getattr(defaults, field), f"{field} would not be proved"
    await store.enqueue(WHOLE, OPTIONS)
    stored = await store.load_revision(WHOLE.article_id, 1)
    assert stored.article == WHOLE
    assert (stored.revision, stored.state) == (1, "active")


async def test_a_new_article_gets_a_pending_run_with_all_that_starting_takes(
    pool: StorePool,
) -> None:
    options = ProcessingOptions(linking=LinkingOptions(max_companies=3))
    enqueued = await PostgresArticles(pool).enqueue(WHOLE, options)
    run = enqueued.pending
    assert enqueued.outcome is EnqueueOutcome.STARTED
    assert run is not None
    assert (enqueued.revision, enqueued.run_number) == (1, run.run_number)
    assert run.workflow_id == f"benzinga-{WHOLE.article_id}-r1"
    assert (run.source, run.title, run.channels) == ("alpaca", WHOLE.title, WHOLE.channels)
    assert run.tickers == ("QRY", "PIT")
    assert run.published_at == WHOLE.published_at
    assert run.options == options
    assert await PostgresRuns(pool).pending(timedelta(0), 10) == [run]


async def test_repeating_and_touching_start_what_stayed_pending(pool: StorePool) -> None:
    store, runs = PostgresArticles(pool), PostgresRuns(pool)
    first, again, touched = await enqueue_all(
        store, make_article(), make_article(), make_article(updated=5)
    )
    assert first.pending is not None
    assert (again.outcome, again.pending) == (EnqueueOutcome.UNCHANGED, first.pending)
    assert (touched.outcome, touched.pending) == (EnqueueOutcome.TOUCHED, first.pending)
    assert first.run_number is not None
    await runs.mark_started(first.run_number, "a")
    after = await store.enqueue(make_article(updated=5), OPTIONS)
    assert (after.outcome, after.run_number, after.pending) == (
        EnqueueOutcome.UNCHANGED,
        first.run_number,
        None,
    )


async def test_a_touch_moves_the_facts_and_not_the_words(pool: StorePool) -> None:
    store = PostgresArticles(pool)
    original = make_article(author="A. Writer", image_url="https://news.example/1.png")
    touch = make_article(updated=5, author="", image_url="https://news.example/2.png")
    await enqueue_all(store, original, touch)
    stored = (await store.load_revision(1, 1)).article
    assert stored == original.model_copy(
        update={
            "updated_at": at(5),
            "fetched_at": at(6),
            "image_url": "https://news.example/2.png",
        }
    )
    late = await store.enqueue(make_article(updated=3, body="<p>older edit</p>"), OPTIONS)
    assert late.outcome is EnqueueOutcome.OLDER


async def test_an_edit_makes_a_revision_and_the_older_one_comes_too_late(pool: StorePool) -> None:
    store = PostgresArticles(pool)
    old, new = make_article(), make_article(updated=5, body="<p>edited</p>")
    edited, late = (await enqueue_all(store, old, new, old))[1:]
    assert (edited.outcome, edited.revision) == (EnqueueOutcome.STARTED, 2)
    assert edited.pending is not None
    assert edited.pending.workflow_id == "benzinga-1-r2"
    assert (late.outcome, late.revision, late.run_number) == (EnqueueOutcome.OLDER, 1, 1)
    assert late.pending is None
    assert await count(pool, "revisions") == 2


async def test_received_the_wrong_way_round_only_the_newer_one_runs(pool: StorePool) -> None:
    old, new = make_article(), make_article(updated=5, body="<p>edited</p>")
    first, late = await enqueue_all(PostgresArticles(pool), new, old)
    assert (first.outcome, late.outcome) == (EnqueueOutcome.STARTED, EnqueueOutcome.OLDER)
    assert (late.revision, late.run_number) == (None, None)
    assert await count(pool, "runs") == 1


async def test_a_way_in_without_numbers_leaves_the_choice_to_the_clock(pool: StorePool) -> None:
    store = PostgresArticles(pool)
    outcomes = await enqueue_all(
        store,
        make_article(source_revision=3),
        make_article(updated=20, body="<p>fifth</p>"),  # polled: no number
        make_article(updated=10, body="<p>fourth</p>", source_revision=4),
        make_article(updated=20, body="<p>fifth</p>", source_revision=5),
        make_article(updated=20, body="<p>fourth</p>", source_revision=4),
    )
    assert [answer.outcome.value for answer in outcomes] == [
        "started",
        "started",
        "older",
        "touched",
        "older",
    ]


async def test_a_clock_that_went_back_does_not_let_an_older_one_in(pool: StorePool) -> None:
    answers = await enqueue_all(
        PostgresArticles(pool),
        make_article(updated=10, source_revision=3),
        make_article(updated=8, body="<p>fourth</p>", source_revision=4),
        make_article(updated=9, body="<p>polled</p>"),
    )
    assert [answer.outcome.value for answer in answers] == ["started", "started", "older"]


async def test_removal_before_creation_leaves_a_tombstone(pool: StorePool) -> None:
    store = PostgresArticles(pool)
    removed, late, back = await enqueue_all(
        store, make_removal(removed=5), make_article(updated=5), make_article(updated=6)
    )
    assert removed.outcome is EnqueueOutcome.REMOVED
    assert removed.reason
    assert late.outcome is EnqueueOutcome.OLDER
    assert (back.outcome, back.revision) == (EnqueueOutcome.STARTED, 1)


async def test_an_update_after_a_removal_brings_the_article_back(pool: StorePool) -> None:
    store = PostgresArticles(pool)
    answers = await enqueue_all(
        store,
        make_article(),
        make_removal(removed=5),
        make_removal(removed=5),
        make_article(),
        make_article(updated=6),
        make_removal(removed=5),
    )
    assert [answer.outcome.value for answer in answers] == [
        "started",
        "removed",
        "unchanged",
        "older",
        "started",
        "older",
    ]
    assert answers[4].revision == 2
    assert (await store.load_revision(1, 1)).state == "removed"
    assert (await store.load_revision(1, 2)).state == "active"


@pytest.mark.parametrize(("first", "second"), [(5, 20), (20, 5)])
async def test_of_two_removals_the_later_one_keeps_updates_out(
    pool: StorePool, first: float, second: float
) -> None:
    answers = await enqueue_all(
        PostgresArticles(pool),
        make_article(),
        make_removal(removed=first),
        make_removal(removed=second),
        make_article(updated=10, body="<p>edited</p>"),
    )
    assert [answer.outcome.value for answer in answers[2:]] == ["unchanged", "older"]


async def test_twenty_at_once_make_one_run(pool: StorePool) -> None:
    store = PostgresArticles(pool)
    answers = await asyncio.gather(*(store.enqueue(make_article(), OPTIONS) for _ in range(20)))
    assert Counter(answer.outcome.value for answer in answers) == {"started": 1, "unchanged": 19}
    assert {answer.run_number for answer in answers} == {1}
    assert await count(pool, "runs") == 1


async def test_edits_at_once_end_with_the_newest_one(pool: StorePool) -> None:
    store = PostgresArticles(pool)
    edits = [make_article(updated=n, body=f"<p>{n}</p>") for n in range(12)]
    answers = await asyncio.gather(*(store.enqueue(edit, OPTIONS) for edit in edits))
    started = [answer.revision for answer in answers if answer.outcome is EnqueueOutcome.STARTED]
    assert sorted(revision or 0 for revision in started) == list(range(1, len(started) + 1))
    latest = await store.load_revision(1, len(started))
    assert latest.article.body == "<p>11</p>"


async def test_killed_in_the_middle_it_leaves_nothing_and_goes_again(pool: StorePool) -> None:
    store = PostgresArticles(pool)
    async with pool.transaction("block") as blocker:
        # The enqueueing has claimed the article's row when it comes to wait for this lock.
        await blocker.execute("LOCK TABLE runs IN ACCESS EXCLUSIVE MODE")
        enqueueing = asyncio.create_task(store.enqueue(make_article(), OPTIONS))
        await kill_the_waiting_one(pool)
        with pytest.raises(StoreUnavailableError):
            await enqueueing
    for table in ("articles", "revisions", "runs"):
        assert await count(pool, table) == 0
    assert (await store.enqueue(make_article(), OPTIONS)).outcome is EnqueueOutcome.STARTED


async def test_a_revision_that_is_not_there_is_named(pool: StorePool) -> None:
    with pytest.raises(ArticleNotFoundError, match="article 1 has no revision 3"):
        await PostgresArticles(pool).load_revision(1, 3)


async def test_a_body_of_five_megabytes_is_taken(pool: StorePool) -> None:
    store = PostgresArticles(pool)
    body = "<p>words of all sorts</p>" * 210_000
    assert len(body) > 5_000_000
    await store.enqueue(make_article(body=body), OPTIONS)
    assert (await store.load_revision(1, 1)).article.body == body
