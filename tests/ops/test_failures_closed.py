"""Runs that were closed from outside: by time, by termination, by an operator; and replayed."""

from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest
import pytest_asyncio

from newsdesk.contracts.articles import PendingRun
from newsdesk.contracts.names import TASK_QUEUE, WORKFLOW_TYPE
from newsdesk.contracts.record import RunStatus
from newsdesk.contracts.steps import ProcessArticleInput
from newsdesk.errors import ArticleUnusableError
from newsdesk.store.opening import open_store
from newsdesk.temporal.search_attributes import start_attributes
from tests.helpers.pipeline import article
from tests.ops.failing import (
    BEFORE_BOTH,
    LINK,
    ONCE,
    SENTIMENT,
    House,
    enqueue,
    failing_house,
    own_pipeline,
    times,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNTAKEN = 1
TIMEOUT = timedelta(seconds=2)
CLOSED = {
    RunStatus.TIMED_OUT: (2, "TimedOut", "its execution timeout passed; to go on:"),
    RunStatus.TERMINATED: (3, "Terminated", "somebody terminated it; to go on:"),
    RunStatus.CANCELED: (4, "Canceled", "an operator canceled it; to take that back:"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(
    postgres_url: str, template_database: str, temporal_address: str
) -> AsyncGenerator[House, None]:
    """A pipeline in which a run was terminated before any worker was there."""
    async with own_pipeline(postgres_url, template_database, temporal_address) as pipeline:
        async with open_store(pipeline.database_url) as store:
            run = await enqueue(store, pipeline.client, article(UNTAKEN))
        handle = pipeline.client.get_workflow_handle(run.workflow_id)
        await handle.terminate(reason="too early")
        async with failing_house(pipeline) as house:
            # The first run waits for tables that are read once; none may time out for that.
            assert await house.ended((await house.enqueue(article(9))).workflow_id)
            yield house


async def start_with_timeout(house: House, article_id: int) -> PendingRun:
    """Starts a run as somebody does by hand, who sets a timeout."""
    run = await house.enqueue(article(article_id), start=False)
    handle = await house.client.start_workflow(
        WORKFLOW_TYPE,
        ProcessArticleInput(run_number=run.run_number, article_id=article_id, revision=1),
        id=run.workflow_id,
        task_queue=TASK_QUEUE,
        search_attributes=start_attributes(run),
        execution_timeout=TIMEOUT,
    )
    await house.store.runs.mark_started(run.run_number, handle.first_execution_run_id)
    return run


async def close(house: House, run: PendingRun, how: RunStatus) -> None:
    if how is RunStatus.TERMINATED:
        await house.client.get_workflow_handle(run.workflow_id).terminate(reason="enough")
    if how is RunStatus.CANCELED:
        assert (await house.failures("cancel", str(run.article_id))).code == 0


@pytest.mark.parametrize("how", CLOSED)
async def test_it_goes_on_with_the_step_that_was_under_way(house: House, how: RunStatus) -> None:
    number, error, to_do = CLOSED[how]
    house.watch.hold(number, SENTIMENT)
    by_hand = how is RunStatus.TIMED_OUT
    run = await (start_with_timeout(house, number) if by_hand else house.enqueue(article(number)))
    await house.reached(run, SENTIMENT)
    await house.settled(run, LINK)
    await close(house, run, how)
    assert await house.ended(run.workflow_id) is how
    closed = await house.recorded(run, how)
    house.watch.let_go(number, SENTIMENT, lost=True)

    told = await house.failures("list", "--status", how.value)
    assert told.has(f" {error} ", f"articles {number}", f" to do {to_do}")
    shown = await house.failures("show", str(number))
    assert shown.has(f"{how.value} at ", f"{error}: ", f"to do: {to_do} newsdesk failures replay")
    replayed = await house.failures("replay", str(number), "--wait")
    assert replayed.code == 0, replayed.err
    assert replayed.has(f"again: {SENTIMENT}")
    block = await house.recorded(run, RunStatus.COMPLETED)
    assert (block.published, len(block.executions), len(block.replays)) == (True, 2, 1)
    assert times(block, BEFORE_BOTH) == times(closed, BEFORE_BOTH)
    assert house.watch.done_of(run.workflow_id) == ONCE
    assert house.watch.begun[run.workflow_id, SENTIMENT] == 2
    assert (
        run.workflow_id not in (await house.failures("list", "--status", how.value, "--json")).out
    )


async def test_a_run_that_no_worker_took_goes_on_from_its_beginning(house: House) -> None:
    run_id = f"benzinga-{UNTAKEN}-r1"
    replayed = await house.failures(
        "replay", "--all-matching", "status=terminated", "--yes", "--wait"
    )
    assert replayed.code == 0, replayed.err
    assert replayed.has("kept: nothing")
    assert await house.ended(run_id) is RunStatus.COMPLETED
    assert house.watch.done_of(run_id) == ONCE


async def test_the_list_has_what_was_canceled_only_when_asked(house: House) -> None:
    house.watch.hold(5, SENTIMENT)
    run = await house.enqueue(article(5))
    await house.reached(run, SENTIMENT)
    await close(house, run, RunStatus.CANCELED)
    house.watch.let_go(5, SENTIMENT, lost=True)
    (line,) = await house.listed("--status", "canceled", count=1)
    assert (line["workflow_id"], line["step"], line["error_type"]) == (run.workflow_id, None, None)
    assert run.workflow_id not in (await house.failures("list", "--json")).out
    refused = await house.failures("list", "--status", "completed")
    assert (refused.code, refused.has("no way to fail: 'completed'; there are failed,")) == (
        2,
        True,
    )
    assert (await house.failures("replay", "5", "--wait")).code == 0


async def test_the_plan_names_every_step_that_is_done_again(house: House) -> None:
    house.watch.failures[6, LINK] = ArticleUnusableError("it cannot be linked")
    house.watch.hold(6, SENTIMENT)
    run = await house.enqueue(article(6))
    await house.reached(run, SENTIMENT)
    await house.settled(run, LINK)
    await close(house, run, RunStatus.TERMINATED)
    del house.watch.failures[6, LINK]
    house.watch.let_go(6, SENTIMENT, lost=True)
    replayed = await house.failures("replay", "6", "--wait")
    assert replayed.code == 0, replayed.err
    assert house.watch.done_of(run.workflow_id) == ONCE
    assert replayed.has(f"again: {LINK}, {SENTIMENT}")
