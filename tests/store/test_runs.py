"""Runs on a real Postgres: pending, started, closed; the newest snapshot stays."""

import asyncio
from datetime import timedelta

import pytest

from newsdesk.contracts.analysis import Evidence, Label, SentimentState, not_assessed, scored
from newsdesk.contracts.names import Step
from newsdesk.contracts.record import (
    OpenRun,
    RunStatus,
    StepError,
    StepRecord,
    StepStatus,
    Tokens,
)
from newsdesk.contracts.steps import PublishOutcome, Skip
from newsdesk.errors import ArticleNotFoundError
from newsdesk.store.summaries import RunCounts
from tests.store.lives import Lives, make_block, make_signature, start_story
from tests.store.samples import OPTIONS, make_analysis, make_article, make_removal, make_sentiments

NO_TIME = timedelta(0)


async def test_runs_stay_pending_until_acknowledged(lives: Lives) -> None:
    runs = [await lives.enqueue(make_article(n)) for n in (1, 2, 3)]
    await lives.runs.mark_started(runs[0], "e1")
    pending = await lives.runs.pending(NO_TIME, 10)
    assert [run.run_number for run in pending] == runs[1:]
    assert [run.run_number for run in await lives.runs.pending(NO_TIME, 1)] == [runs[1]]
    assert await lives.runs.pending(timedelta(minutes=1), 10) == []
    assert await lives.runs.open_runs(0, 10) == [
        OpenRun(run_number=runs[0], workflow_id="benzinga-1-r1")
    ]


async def test_open_runs_are_paged_by_number(lives: Lives) -> None:
    runs = [await lives.enqueue(make_article(n)) for n in (1, 2, 3)]
    for run in runs:
        await lives.runs.mark_started(run, None)
    first = await lives.runs.open_runs(0, 2)
    assert [run.run_number for run in first] == runs[:2]
    rest = await lives.runs.open_runs(first[-1].run_number, 2)
    assert [run.run_number for run in rest] == runs[2:]


async def test_a_run_is_found_by_its_workflow_id(lives: Lives) -> None:
    run = await lives.enqueue(make_article())
    assert await lives.runs.find("benzinga-1-r1") == run
    assert await lives.runs.find("benzinga-1-r2") is None


async def test_a_run_temporal_does_not_know_is_pending_again(lives: Lives) -> None:
    lost, shown, done = [await lives.enqueue(make_article(n)) for n in (1, 2, 3)]
    for run in (lost, shown, done):
        await lives.runs.mark_started(run, "e1")
    await lives.publish(shown, 2)
    await lives.runs.record(make_block(done))
    for run in (lost, shown, done):
        await lives.runs.reopen(run)
    assert [run.run_number for run in await lives.runs.pending(NO_TIME, 10)] == [lost, shown]


async def test_recording_keeps_block_and_steps(lives: Lives) -> None:
    run = await lives.enqueue(make_article())
    failed = StepRecord(
        name=Step.ANALYZE_SENTIMENT,
        status=StepStatus.FAILED,
        attempts=None,
        error=StepError(type="ModelRejected", message="bad\x00byte"),
        model="m",
        tokens=Tokens(input=5, cached_input=2, output=3),
        cost_usd=0.25,
    )
    skipped = StepRecord(
        name=Step.LINK_ARTICLE_TO_STORIES,
        status=StepStatus.SKIPPED,
        reason_code="headline_only",
        reason="There is no body.",
    )
    block = make_block(run, status=RunStatus.FAILED, steps=(failed, skipped))
    await lives.runs.record(block)
    assert await lives.runs.blocks([run, 99]) == {run: block}
    assert await lives.runs.open_runs(0, 10) == []
    async with lives.pool.connection("look") as connection:
        rows = await connection.fetch("SELECT * FROM steps ORDER BY name")
    assert [(row["name"], row["status"], row["attempts"]) for row in rows] == [
        ("analyze_sentiment", "failed", None),
        ("link_article_to_stories", "skipped", 0),
    ]
    assert rows[0]["error_message"] == "bad\N{REPLACEMENT CHARACTER}byte"
    assert (rows[0]["input_tokens"], rows[0]["cached_input_tokens"]) == (5, 2)
    assert (rows[0]["output_tokens"], rows[0]["cost_usd"]) == (3, 0.25)
    assert rows[1]["reason_code"] == "headline_only"


@pytest.mark.parametrize("newer_first", [False, True])
async def test_the_newest_snapshot_stays(lives: Lives, newer_first: bool) -> None:
    run = await lives.enqueue(make_article())
    old, new = make_block(run, closed=10), make_block(run, closed=20, executions=("e1", "e2"))
    for block in (new, old) if newer_first else (old, new):
        await lives.runs.record(block)
    assert await lives.runs.blocks([run]) == {run: new}
    async with lives.pool.connection("look") as connection:
        assert await connection.fetchval("SELECT attempts FROM steps") == 2


async def test_snapshots_at_once_end_with_the_newest(lives: Lives) -> None:
    run = await lives.enqueue(make_article())
    blocks = [
        make_block(run, closed=n, executions=[f"e{i}" for i in range(n)]) for n in range(2, 9)
    ]
    await asyncio.gather(*(lives.runs.record(block) for block in blocks * 2))
    assert await lives.runs.blocks([run]) == {run: blocks[-1]}


async def test_a_replay_s_execution_opens_a_closed_run_and_a_late_word_of_the_first_does_not(
    lives: Lives,
) -> None:
    run = await lives.enqueue(make_article())
    await lives.runs.record(make_block(run, executions=("e1",)))
    for known in ("e1", None):
        await lives.runs.mark_started(run, known)
        assert await lives.runs.open_runs(0, 10) == []
    await lives.runs.mark_started(run, "e2")
    assert [one.run_number for one in await lives.runs.open_runs(0, 10)] == [run]
    assert await lives.runs.blocks([run]) == {}


async def test_a_run_under_way_is_not_recorded(lives: Lives) -> None:
    run = await lives.enqueue(make_article())
    with pytest.raises(ValueError, match="only closed runs"):
        await lives.runs.record(make_block(run, status=RunStatus.RUNNING))


async def test_a_run_that_is_not_there_is_named(lives: Lives) -> None:
    with pytest.raises(ArticleNotFoundError, match="run 7 is not stored"):
        await lives.runs.mark_started(7, None)
    with pytest.raises(ArticleNotFoundError, match="run 7 is not stored"):
        await lives.runs.record(make_block(7))
    with pytest.raises(ArticleNotFoundError, match="no revision 1"):
        await lives.runs.start_afresh(1, 1, OPTIONS)


async def test_fresh_starts_at_once_are_counted_one_by_one(lives: Lives) -> None:
    await lives.enqueue(make_article())
    runs = await asyncio.gather(*(lives.runs.start_afresh(1, 1, OPTIONS) for _ in range(5)))
    assert sorted(run.workflow_id for run in runs) == [f"benzinga-1-r1-{n}" for n in range(2, 7)]
    again = await lives.articles.enqueue(make_article(), OPTIONS)
    assert again.run_number == max(run.run_number for run in runs)


async def test_counts_add_up_to_all_runs(lives: Lives) -> None:
    statuses = {n: RunStatus(s) for n, s in enumerate(("failed", "canceled", "timed_out"), start=3)}
    runs = {n: await lives.enqueue(make_article(n)) for n in range(1, 8)}
    await lives.runs.mark_started(runs[2], "e1")
    for article_id, status in statuses.items():
        await lives.runs.record(make_block(runs[article_id], status=status))
    await lives.publish(runs[6], 6)
    await lives.articles.enqueue(make_removal(7, removed=5), OPTIONS)
    await lives.publish(runs[7], 7)
    for article_id in (6, 7):
        await lives.runs.record(make_block(runs[article_id]))
    counts = await lives.runs.counts()
    assert counts == RunCounts(
        pending=1, running=1, failed=1, canceled=1, timed_out=1, completed=1, superseded=1
    )
    assert (counts.open, counts.unsuccessful) == (2, 3)


async def test_summaries_have_what_a_table_shows(lives: Lives) -> None:
    run = await lives.enqueue(make_article(1))
    waiting = await lives.enqueue(make_article(2, title="Pit digs"))
    links = await lives.stories.link(run, "Quarry's outlook", make_signature(), start_story)
    sentiments = make_sentiments(scored(-0.5, "cuts", Evidence()), not_assessed("a peer"))
    analysis = make_analysis("QRY", "PIT")
    request = await lives.request(run, analysis=analysis, sentiments=sentiments, links=links)
    await lives.publisher.publish(request)
    skipped = StepRecord(
        name=Step.LINK_ARTICLE_TO_STORIES,
        status=StepStatus.SKIPPED,
        reason_code="roundup",
        reason="Too many.",
    )
    await lives.runs.record(make_block(run, closed=2, steps=(skipped,)))
    first, second = await lives.runs.summaries([waiting, run, 99])
    assert (first.run_number, first.title) == (run, "Quarry lifts its outlook")
    assert (first.status, first.outcome) == (RunStatus.COMPLETED, PublishOutcome.PUBLISHED)
    assert [(c.ticker, c.state, c.score, c.label) for c in first.companies] == [
        ("QRY", SentimentState.SCORED, -0.5, Label.BEARISH),
        ("PIT", SentimentState.NOT_ASSESSED, None, None),
    ]
    assert first.stories == ("Quarry's outlook",)
    assert first.skips == {"link_article_to_stories": Skip(code="roundup", reason="Too many.")}
    assert first.duration_seconds == 120
    assert (second.status, second.outcome, second.error) == (RunStatus.PENDING, None, None)


async def test_a_failed_run_s_summary_tells_why(lives: Lives) -> None:
    run = await lives.enqueue(make_article())
    error = StepError(type="ArticleUnusableError", message="nothing in it\x00")
    await lives.runs.record(make_block(run, status=RunStatus.FAILED, error=error))
    [summary] = await lives.runs.summaries([run])
    assert (summary.status, summary.error) == (RunStatus.FAILED, error)
