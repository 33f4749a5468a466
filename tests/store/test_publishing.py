"""Publishing on a real Postgres: all at once, the newest wins, repeated it changes nothing."""

import asyncio
from typing import Any

import pytest

from newsdesk.contracts.analysis import Evidence, not_assessed, scored
from newsdesk.contracts.record import RunStatus
from newsdesk.contracts.steps import PublishInput, PublishOutcome, PublishResult
from newsdesk.errors import (
    ArticleNotFoundError,
    OutputMissingError,
    StoreRejectedError,
    StoreUnavailableError,
)
from newsdesk.store.publishing import judge_publication
from tests.store.kills import kill_the_waiting_one
from tests.store.lives import Lives, join_first, make_block, make_signature, start_story
from tests.store.samples import (
    OPTIONS,
    make_analysis,
    make_article,
    make_removal,
    make_sentiments,
)

PUBLISHED = PublishResult(outcome=PublishOutcome.PUBLISHED)
EDITED = make_article(updated=5, title="Quarry lifts it again", body="<p>edited</p>")


def superseded(by: int | None) -> PublishResult:
    return PublishResult(outcome=PublishOutcome.SUPERSEDED, superseded_by=by)


async def rows(lives: Lives, table: str) -> list[dict[str, Any]]:
    async with lives.pool.connection("look") as connection:
        return [dict(row) for row in await connection.fetch(f"SELECT * FROM {table} ORDER BY 1, 2")]


async def everything(lives: Lives) -> list[list[dict[str, Any]]]:
    tables = ("articles", "runs", "stories", "memberships", "article_companies")
    return [await rows(lives, table) for table in tables]


@pytest.mark.parametrize(
    ("removed", "shown", "expected"),
    [
        (0, (None, None), PUBLISHED),
        (0, (2, 5), PUBLISHED),  # itself
        (0, (2, 4), PUBLISHED),  # an earlier run of the same revision
        (0, (2, 6), superseded(2)),  # a fresh start of it
        (0, (1, 6), PUBLISHED),
        (0, (3, 4), superseded(3)),
        (1, (None, None), PUBLISHED),
        (2, (None, None), superseded(None)),
        (2, (3, 9), superseded(None)),
    ],
)
def test_who_wins(
    removed: int, shown: tuple[int | None, int | None], expected: PublishResult
) -> None:
    request = PublishInput(
        run_number=5,
        article_id=1,
        revision=2,
        html_hash="h",
        text_hash="t",
        analysis_hash="a",
        sentiment_hash="s",
    )
    publication = {
        "removed_revision": removed,
        "published_revision": shown[0],
        "published_number": shown[1],
    }
    assert judge_publication(request, publication) == expected


async def test_publishing_shows_all_at_once(lives: Lives) -> None:
    run = await lives.enqueue(make_article())
    links = await lives.stories.link(run, "Quarry's outlook", make_signature(), start_story)
    analysis = make_analysis("QRY", "PIT")
    sentiments = make_sentiments(scored(0.5, "lifts", Evidence()), not_assessed("a peer"))
    request = await lives.request(run, analysis=analysis, sentiments=sentiments, links=links)
    assert (await lives.records.load(1)).analysis is None
    assert await lives.publisher.publish(request) == PUBLISHED
    record = await lives.records.load(1)
    assert record.run.published
    assert record.run.outcome == "published"
    assert record.stories[0].title == "Quarry's outlook"
    assert record.stories[0].article_count == 1
    assert await lives.membership_states() == {run: "visible"}
    companies = await rows(lives, "article_companies")
    assert [(row["ticker"], row["state"], row["score"], row["label"]) for row in companies] == [
        ("QRY", "scored", 0.5, "Bullish"),
        ("PIT", "not_assessed", None, None),
    ]


async def test_publishing_twice_is_publishing_once(lives: Lives) -> None:
    run = await lives.enqueue(make_article())
    assert await lives.publish(run) == PUBLISHED
    before = await everything(lives)
    assert await lives.publish(run) == PUBLISHED
    assert await everything(lives) == before


async def test_the_newer_revision_takes_the_older_one_s_place(lives: Lives) -> None:
    first = await lives.enqueue(make_article())
    await lives.publish(first)
    second = await lives.enqueue(EDITED)
    assert (await lives.records.load(1)).run.number == first
    assert await lives.publish(second, revision=2) == PUBLISHED
    assert (await lives.records.load(1)).run.number == second
    assert await lives.membership_states() == {first: "withdrawn", second: "visible"}
    old = await lives.records.load(1, first)
    assert (old.run.published, old.run.superseded_by) == (False, 2)


async def test_the_older_revision_comes_too_late(lives: Lives) -> None:
    first, second = await lives.enqueue(make_article()), await lives.enqueue(EDITED)
    assert await lives.publish(second, revision=2) == PUBLISHED
    assert await lives.publish(first) == superseded(2)
    record = await lives.records.load(1)
    assert (record.run.number, record.article.revision) == (second, 2)
    assert await lives.membership_states() == {first: "withdrawn", second: "visible"}
    late = await lives.records.load(1, first)
    assert (late.run.outcome, late.run.superseded_by) == ("superseded", 2)


@pytest.mark.parametrize("first_revision", [1, 2])
async def test_published_at_once_the_newest_wins(lives: Lives, first_revision: int) -> None:
    runs = {1: await lives.enqueue(make_article()), 2: await lives.enqueue(EDITED)}
    requests: dict[int, PublishInput] = {}
    for revision, run in runs.items():
        links = await lives.stories.link(run, "S", make_signature(), start_story)
        requests[revision] = await lives.request(run, revision=revision, links=links)
    order = [requests[first_revision], requests[3 - first_revision]]
    results = await asyncio.gather(*(lives.publisher.publish(one) for one in order * 5))
    assert all(result in (PUBLISHED, superseded(2)) for result in results)
    assert (await lives.records.load(1)).run.number == runs[2]
    assert await lives.membership_states() == {runs[1]: "withdrawn", runs[2]: "visible"}


async def test_an_older_one_published_first_leaves_the_newer_one_s_links_waiting(
    lives: Lives,
) -> None:
    first, second = await lives.enqueue(make_article()), await lives.enqueue(EDITED)
    await lives.stories.link(second, "S", make_signature(), start_story)
    await lives.publish(first)
    assert await lives.membership_states() == {first: "visible", second: "hidden"}


async def test_a_fresh_start_of_a_revision_wins_over_the_run_before(lives: Lives) -> None:
    first = await lives.enqueue(make_article())
    afresh = await lives.runs.start_afresh(1, 1, OPTIONS)
    assert afresh.workflow_id == "benzinga-1-r1-2"
    assert await lives.publish(afresh.run_number) == PUBLISHED
    assert await lives.publish(first) == superseded(1)


async def test_a_removed_article_is_not_published(lives: Lives) -> None:
    run = await lives.enqueue(make_article())
    await lives.articles.enqueue(make_removal(removed=5), OPTIONS)
    assert await lives.publish(run) == superseded(None)
    assert await lives.membership_states() == {run: "withdrawn"}


async def test_a_removal_takes_the_article_out_of_its_story(lives: Lives) -> None:
    first, second = [await lives.enqueue(make_article(n)) for n in (1, 2)]
    await lives.publish(first)
    links = await lives.stories.link(second, "B", make_signature(), join_first)
    await lives.publisher.publish(await lives.request(second, 2, links=links))
    assert (await lives.records.load(2)).stories[0].article_count == 2
    await lives.articles.enqueue(make_removal(removed=5), OPTIONS)
    assert (await lives.records.load(2)).stories[0].article_count == 1
    assert [row["article_id"] for row in await rows(lives, "article_companies")] == [2]


async def test_back_after_a_removal_the_run_before_it_stays_out(lives: Lives) -> None:
    before = await lives.enqueue(make_article())
    await lives.articles.enqueue(make_removal(removed=5), OPTIONS)
    back = await lives.enqueue(make_article(updated=6))
    assert await lives.publish(before) == superseded(None)
    assert await lives.publish(back, revision=2) == PUBLISHED
    assert (await lives.records.load(1)).article.state == "active"


async def test_a_founder_s_corrected_headline_corrects_the_story(lives: Lives) -> None:
    first = await lives.enqueue(make_article())
    links = await lives.stories.link(first, "Typo", make_signature(), start_story)
    await lives.publisher.publish(await lives.request(first, links=links))
    second = await lives.enqueue(EDITED)
    links = await lives.stories.link(second, "Corrected", make_signature(), start_story)
    assert (await lives.records.load(1)).stories[0].title == "Typo"
    await lives.publisher.publish(await lives.request(second, revision=2, links=links))
    assert (await lives.records.load(1)).stories[0].title == "Corrected"


async def test_an_article_that_joins_a_story_does_not_rename_it(lives: Lives) -> None:
    for article_id, title in ((1, "Founder"), (2, "Joined")):
        run = await lives.enqueue(make_article(article_id))
        links = await lives.stories.link(run, title, make_signature(), join_first)
        await lives.publisher.publish(await lives.request(run, article_id, links=links))
    assert (await lives.records.load(2)).stories[0].title == "Founder"


async def test_a_run_without_links_shows_no_story(lives: Lives) -> None:
    run = await lives.enqueue(make_article())
    await lives.stories.link(run, "S", make_signature(), start_story)
    assert await lives.publish(run, linked=False) == PUBLISHED
    assert (await lives.records.load(1)).stories == ()
    assert await lives.membership_states() == {run: "withdrawn"}


async def test_published_anew_a_recorded_run_is_open_until_it_is_recorded_again(
    lives: Lives,
) -> None:
    run = await lives.enqueue(make_article())
    await lives.publish(run)
    await lives.runs.record(make_block(run, closed=10))
    await lives.publish(run)
    assert await lives.runs.blocks([run]) == {}
    assert (await lives.records.load(1)).run.status is RunStatus.RUNNING
    assert [one.run_number for one in await lives.runs.open_runs(0, 10)] == [run]
    await lives.runs.record(make_block(run, closed=20, executions=("e1", "e2")))
    assert (await lives.records.load(1)).run.executions == ("e1", "e2")


@pytest.mark.parametrize(
    "name", ["html_hash", "text_hash", "analysis_hash", "sentiment_hash", "links_hash"]
)
async def test_a_version_that_is_not_stored_is_named(lives: Lives, name: str) -> None:
    run = await lives.enqueue(make_article())
    request = await lives.request(run)
    with pytest.raises(OutputMissingError, match="f00"):
        await lives.publisher.publish(request.model_copy(update={name: "f00"}))
    assert not (await lives.records.load(1)).run.published


async def test_sentiments_of_another_analysis_are_refused(lives: Lives) -> None:
    run = await lives.enqueue(make_article())
    request = await lives.request(
        run, analysis=make_analysis("QRY", "PIT"), sentiments=make_sentiments()
    )
    with pytest.raises(StoreRejectedError, match="1 sentiments for 2 companies"):
        await lives.publisher.publish(request)
    assert not (await lives.records.load(1)).run.published


async def test_a_run_of_another_revision_is_refused(lives: Lives) -> None:
    run = await lives.enqueue(make_article())
    request = await lives.request(run, revision=2)
    with pytest.raises(ArticleNotFoundError, match=f"revision 2 has no run {run}"):
        await lives.publisher.publish(request)


async def test_killed_in_the_middle_nothing_of_it_shows(lives: Lives) -> None:
    run = await lives.enqueue(make_article())
    links = await lives.stories.link(run, "S", make_signature(), start_story)
    request = await lives.request(run, links=links)
    before = await everything(lives)
    async with lives.pool.transaction("block") as blocker:
        # The last table that publish writes: all else is done when it comes to wait here.
        await blocker.execute("LOCK TABLE article_companies IN ACCESS EXCLUSIVE MODE")
        publishing = asyncio.create_task(lives.publisher.publish(request))
        await kill_the_waiting_one(lives.pool)
        with pytest.raises(StoreUnavailableError):
            await publishing
    assert await everything(lives) == before
    assert await lives.publisher.publish(request) == PUBLISHED


async def test_a_story_is_called_as_its_first_article_is(lives: Lives) -> None:
    for article_id, minutes, title in ((1, 30, "Later, processed first"), (2, 0, "First told")):
        run = await lives.enqueue(make_article(article_id, title=title))
        links = await lives.stories.link(run, title, make_signature(minutes), join_first)
        await lives.publisher.publish(await lives.request(run, article_id, links=links))
    assert (await lives.records.load(1)).stories[0].title == "First told"
    assert (await lives.records.load(2)).stories[0].title == "First told"
