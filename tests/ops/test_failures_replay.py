"""`newsdesk failures replay`: an outage of the model, and what a replay does again and what not."""

import uuid
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest

from benchmarks.replay_outage import done_twice, named_as_repeated
from newsdesk.contracts.articles import Article, Stock
from newsdesk.contracts.record import RunStatus, StepStatus
from newsdesk.errors import ArticleUnusableError
from tests.helpers.eventually import eventually
from tests.helpers.model_house import model_settings
from tests.helpers.model_server import ModelServer, faults
from tests.helpers.pipeline import article
from tests.ops.failing import (
    ARTICLE,
    BEFORE_BOTH,
    LINK,
    MARKDOWN,
    ONCE,
    RAW,
    SENTIMENT,
    House,
    failing_house,
    own_pipeline,
    step,
    times,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNUSABLE = ArticleUnusableError("it cannot be scored")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncGenerator[ModelServer, None]:
    async with ModelServer() as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(
    postgres_url: str, template_database: str, temporal_address: str, server: ModelServer
) -> AsyncGenerator[House, None]:
    """A pipeline that asks the test model; it has asked it once."""
    async with own_pipeline(postgres_url, template_database, temporal_address) as pipeline:
        async with failing_house(pipeline, model_settings(pipeline, server)) as house:
            run = await house.enqueue(titled(1))
            assert await house.ended(run.workflow_id) is RunStatus.COMPLETED
            yield house


def titled(article_id: int, **changes: object) -> Article:
    """Returns an article that no model has been asked about."""
    title = f"Tidewater Terminals Lifts Dividend No. {article_id}"
    return article(article_id, **{"title": title, **changes})


async def test_an_outage_is_listed_by_its_cause_and_one_command_replays_all(
    house: House, server: ModelServer
) -> None:
    asked = server.calls[ARTICLE]
    server.always(SENTIMENT, faults.status(503))
    tagged = {"stocks": (Stock(ticker="OUTG", exchange="NYSE"),)}
    runs = [
        await house.enqueue(titled(n, **tagged), give_up_after_seconds=3) for n in range(10, 17)
    ]
    ids = [run.workflow_id for run in runs]
    assert {await house.ended(run) for run in ids} == {RunStatus.FAILED}

    lines = await house.listed("--ticker", "OUTG", count=7)
    assert {line["workflow_id"] for line in lines} == set(ids)
    assert {(line["step"], line["error_type"]) for line in lines} == {
        (SENTIMENT, "ModelUnavailableError")
    }
    assert {(line["overtaken"], line["history"], line["status"]) for line in lines} == {
        (False, True, "failed")
    }
    told = await house.failures("list", "--ticker", "OUTG")
    assert told.has(
        "7 analyze_sentiment ModelUnavailableError",
        "cause openai/test-model is not available (HTTP 503): Something went wrong.",
        " and 2 more",
        "to do when the model answers again: newsdesk failures replay --all-matching step=",
        "7 runs; one in full: newsdesk failures show ID",
    )
    shown = await house.failures("show", "12")
    assert shown.has(
        "benzinga-12-r1, run #",
        "paid: analyze_article by openai/test-model: 1 call, ",
        "a replay does again: analyze_sentiment and keeps: clean_raw_article,"
        " clean_markdown_article, analyze_article, link_article_to_stories",
    )

    server.always(SENTIMENT, None)
    flags = ("--all-matching", "step=analyze_sentiment,ticker=OUTG", "--yes", "--wait", "--json")
    replayed = await house.failures("replay", *flags, "--reason", "the model is back")
    assert replayed.code == 0, replayed.err
    assert replayed.has(
        "plan for 7 runs:", "again: analyze_sentiment kept: clean_raw_article", "7 completed"
    )
    assert {line["outcome"] for line in replayed.lines} == {"replayed"}
    assert sorted(line["workflow_id"] for line in replayed.lines) == sorted(ids)
    for workflow_id in ids:
        block = await house.block(workflow_id)
        assert (block.status, block.published, len(block.executions)) == (
            *(RunStatus.COMPLETED, True),
            2,
        )
        assert block.replays[0].reason == "newsdesk failures replay: the model is back"
        assert house.watch.done_of(workflow_id) == ONCE
    assert server.calls[ARTICLE] == asked + 7
    assert await house.listed("--ticker", "OUTG", count=0) == []
    again = await house.failures("replay", *flags)
    assert (again.code, again.out) == (0, "")
    assert again.has("nothing to replay")


async def test_the_web_uis_own_reset_completes_and_the_record_shows_it(house: House) -> None:
    run = await house.fails(titled(20), SENTIMENT, error=UNUSABLE, after=LINK)
    failed = await house.recorded(run, RunStatus.FAILED)
    history = await house.client.get_workflow_handle(run.workflow_id).fetch_history()
    (scheduled,) = [
        event.activity_task_scheduled_event_attributes
        for event in history.events
        if event.activity_task_scheduled_event_attributes.activity_type.name == SENTIMENT
    ]
    await house.client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=house.client.namespace,
            workflow_execution=WorkflowExecution(
                workflow_id=run.workflow_id, run_id=failed.run_id or ""
            ),
            reason="by hand",
            workflow_task_finish_event_id=scheduled.workflow_task_completed_event_id,
            request_id=str(uuid.uuid4()),
        )
    )
    assert await house.ended(run.workflow_id) is RunStatus.COMPLETED
    block = await house.recorded(run, RunStatus.COMPLETED)
    record = await house.store.records.load(20)
    assert record.run.model_copy(update={"temporal_url": None}) == block
    assert (block.published, len(block.executions)) == (True, 2)
    assert [replay.reason for replay in block.replays] == ["by hand"]
    assert times(block, BEFORE_BOTH) == times(failed, BEFORE_BOTH)
    assert times(block, [LINK]) != times(failed, [LINK])
    # It goes back to the task that begins both, so it links again; `replay` does not.
    assert house.watch.done_of(run.workflow_id) == {**ONCE, LINK: 2}


async def test_a_newer_revision_stays_what_readers_see(house: House) -> None:
    run = await house.fails(titled(30), SENTIMENT, error=UNUSABLE)
    newer = titled(30, title="Tidewater Terminals Corrects Its Dividend No. 30")
    second = await house.enqueue(newer)
    assert await house.ended(second.workflow_id) is RunStatus.COMPLETED
    await house.recorded(second, RunStatus.COMPLETED)
    seen = (await house.store.records.load(30)).model_dump_json()

    ticker = ("--error", "ArticleUnusableError")
    (line,) = await house.listed(*ticker, count=1)
    assert (line["workflow_id"], line["overtaken"]) == (run.workflow_id, True)
    told = await house.failures("list", *ticker)
    assert told.has("no such run has failed", "1 more is left out: readers would see nothing of")
    left = await house.failures(
        "replay", "--all-matching", "error=ArticleUnusableError", "--yes", "--wait"
    )
    assert left.code == 0
    assert left.has("left out: 1 of which readers would see nothing", "nothing to replay")
    assert await house.executions(run.workflow_id) == 1

    named = await house.failures("replay", run.workflow_id, "--wait")
    assert named.code == 0, named.err
    assert named.has("readers will see nothing of it")
    block = await house.recorded(run, RunStatus.COMPLETED)
    assert (block.outcome, block.published, block.superseded_by) == ("superseded", False, 2)
    assert (await house.store.records.load(30)).model_dump_json() == seen


async def test_both_parallel_steps_failed_and_one_replay_does_both(house: House) -> None:
    run = await house.fails(titled(40), LINK, SENTIMENT, error=UNUSABLE)
    replayed = await house.failures("replay", "40", "--wait")
    assert replayed.code == 0, replayed.err
    assert replayed.has(f"again: {LINK}, {SENTIMENT}", f"kept: {', '.join(BEFORE_BOTH)}")
    assert (await house.block(run.workflow_id)).published
    assert house.watch.done_of(run.workflow_id) == ONCE


@pytest.mark.parametrize(("number", "flags"), [(50, ("--from", ARTICLE)), (51, ("--from", RAW))])
async def test_from_a_step_of_a_completed_run_stored_answers_are_used(
    house: House, server: ModelServer, number: int, flags: tuple[str, str]
) -> None:
    run = await house.enqueue(titled(number))
    assert await house.ended(run.workflow_id) is RunStatus.COMPLETED
    refused = await house.failures("replay", str(number))
    assert refused.code == 1
    assert refused.has("it completed; name a step by --from")
    asked = dict(server.calls)
    replayed = await house.failures("replay", str(number), *flags, "--wait")
    assert replayed.code == 0, replayed.err
    assert server.calls == asked
    kept = () if RAW in flags else (RAW, MARKDOWN)
    again = {name: 1 if name in kept else 2 for name in ONCE}
    assert house.watch.done_of(run.workflow_id) == again
    block = await house.block(run.workflow_id)
    assert (block.published, step(block, ARTICLE).answer_reused) == (True, False)


async def test_fresh_pays_each_step_once_more_each_time(house: House, server: ModelServer) -> None:
    run = await house.enqueue(titled(60))
    assert await house.ended(run.workflow_id) is RunStatus.COMPLETED
    for _ in range(2):
        asked = dict(server.calls)
        replayed = await house.failures("replay", "60", "--from", ARTICLE, "--fresh", "--wait")
        assert replayed.code == 0, replayed.err
        assert {name: server.calls[name] - asked[name] for name in (ARTICLE, SENTIMENT)} == {
            ARTICLE: 1,
            SENTIMENT: 1,
        }
    shown = await house.failures("show", "60")
    assert shown.has("paid: analyze_sentiment by openai/test-model: 3 calls")


async def test_restart_is_a_new_run_with_todays_options(house: House, server: ModelServer) -> None:
    run = await house.enqueue(titled(70))
    assert await house.ended(run.workflow_id) is RunStatus.COMPLETED
    asked = dict(server.calls)
    restarted = await house.failures(
        "replay", "70", "--restart", "--wait", "--json", NEWSDESK_LINKING="off"
    )
    assert restarted.code == 0, restarted.err
    (line,) = restarted.lines
    assert line["workflow_id"] == f"{run.workflow_id}-2"
    assert (line["outcome"], line["run_number"] > run.run_number) == ("restarted", True)
    block = await house.block(line["workflow_id"])
    assert (block.number, block.published) == (line["run_number"], True)
    linked = step(block, LINK)
    assert (linked.status, linked.reason_code) == (StepStatus.SKIPPED, "linking_off")
    assert server.calls == asked
    assert step(block, ARTICLE).answer_reused


async def test_a_sibling_that_ended_after_the_failure_is_done_again_as_the_plan_says(
    house: House,
) -> None:
    house.watch.failures[80, SENTIMENT] = UNUSABLE
    house.watch.hold(80, LINK)
    run = await house.enqueue(titled(80))
    await house.settled(run, SENTIMENT)
    house.watch.let_go(80, LINK)
    assert await house.ended(run.workflow_id) is RunStatus.FAILED
    del house.watch.failures[80, SENTIMENT]
    replayed = await house.failures("replay", "80", "--wait")
    assert replayed.code == 0, replayed.err
    assert replayed.has(
        f"again: {SENTIMENT} done again too, for what is above is not taken back alone: {LINK}"
        f" kept: {', '.join(BEFORE_BOTH)}"
    )
    assert house.watch.done_of(run.workflow_id) == {**ONCE, LINK: 2}
    assert named_as_repeated(replayed.err) == {LINK: 1}
    # The histories tell the same; what the benchmark reads there is right.
    await eventually(lambda: is_read(house, run.workflow_id, {LINK: 1}))


async def is_read(house: House, workflow_id: str, twice: dict[str, int]) -> bool:
    repeated, executions = await done_twice(house.client, [workflow_id])
    return (repeated, executions) == (twice, {2: 1})


async def test_a_run_that_fails_again_is_listed_again_and_can_be_replayed_again(
    house: House,
) -> None:
    run = await house.fails(titled(90), SENTIMENT, error=UNUSABLE, after=LINK)
    house.watch.failures[90, SENTIMENT] = ArticleUnusableError("it cannot be scored either")
    still = await house.failures("replay", "90", "--wait", "--reason", "once")
    assert still.code == 1
    assert still.has(f"{run.workflow_id} it failed again", "of 1 that were begun: 1 failed")
    await house.recorded(run, RunStatus.FAILED)
    shown = await house.failures("show", "90")
    assert shown.has(
        "ArticleUnusableError: ", "it cannot be scored either", "failures replay: once"
    )
    del house.watch.failures[90, SENTIMENT]
    replayed = await house.failures("replay", "90", "--wait", "--reason", "twice")
    assert replayed.code == 0, replayed.err
    block = await house.recorded(run, RunStatus.COMPLETED)
    assert (block.published, len(block.executions)) == (True, 3)
    assert [replay.reason.rpartition(" ")[2] for replay in block.replays] == ["once", "twice"]
    assert house.watch.done_of(run.workflow_id) == ONCE


async def test_from_one_of_two_steps_the_other_that_failed_is_done_again_as_well(
    house: House,
) -> None:
    house.watch.failures[100, LINK] = UNUSABLE
    house.watch.hold(100, SENTIMENT)
    run = await house.enqueue(titled(100))
    await house.settled(run, LINK)
    house.watch.let_go(100, SENTIMENT)
    assert await house.ended(run.workflow_id) is RunStatus.FAILED
    del house.watch.failures[100, LINK]
    replayed = await house.failures("replay", "100", "--from", SENTIMENT, "--wait")
    assert await house.ended(run.workflow_id) is RunStatus.COMPLETED, replayed.err


async def test_an_order_to_skip_is_not_lost_by_a_replay(house: House) -> None:
    house.watch.failures[110, SENTIMENT] = UNUSABLE
    house.watch.hold(110, LINK)
    run = await house.enqueue(titled(110))
    await house.settled(run, SENTIMENT)
    skipped = await house.failures("skip-link", "110", "--reason", "it hangs")
    assert skipped.code == 0, skipped.err
    assert await house.ended(run.workflow_id) is RunStatus.FAILED
    del house.watch.failures[110, SENTIMENT]
    assert (await house.failures("replay", "110")).code == 0
    await house.settled(run, SENTIMENT)
    linked = step(await house.block(run.workflow_id), LINK)
    house.watch.let_go(110, LINK)
    assert await house.ended(run.workflow_id) is RunStatus.COMPLETED
    assert (linked.status, linked.reason) == (StepStatus.SKIPPED, "it hangs")
    assert house.watch.begun[run.workflow_id, LINK] == 1
