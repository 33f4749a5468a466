"""`newsdesk failures skip-link` and `cancel`: what an operator decides about one run."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle

from newsdesk.contracts.articles import PendingRun
from newsdesk.contracts.models import Pause
from newsdesk.contracts.names import SKIP_LINKING_SIGNAL, WORKFLOW_TYPE
from newsdesk.contracts.record import RunStatus, StepStatus
from newsdesk.contracts.steps import ProcessArticleInput
from newsdesk.errors import ArticleUnusableError, NotReplayableError, StoreUnavailableError
from newsdesk.ops.failures import deciding
from newsdesk.temporal.replays import plan_replay, replay
from tests.helpers.eventually import eventually
from tests.helpers.pipeline import article
from tests.helpers.scripted import Script, scripted_worker
from tests.ops.failing import (
    ARTICLE,
    LINK,
    ONCE,
    SENTIMENT,
    House,
    failing_house,
    own_pipeline,
    step,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNUSABLE = ArticleUnusableError("it cannot be linked")
WHY = "its links are of no use"
WITHOUT_LINK = {name: count for name, count in ONCE.items() if name != LINK}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(
    postgres_url: str, template_database: str, temporal_address: str
) -> AsyncGenerator[House, None]:
    async with own_pipeline(postgres_url, template_database, temporal_address) as pipeline:
        async with failing_house(pipeline) as house:
            yield house


async def is_skipped(house: House, run: PendingRun, reason: str = WHY) -> None:
    """Waits for the run's end: published without links, by the operator's order, once each."""
    block = await house.ended_block(run.workflow_id)
    assert (block.status, block.published) == (RunStatus.COMPLETED, True)
    link = step(block, LINK)
    assert (link.status, link.reason_code, link.reason) == (StepStatus.SKIPPED, "operator", reason)
    assert house.watch.done_of(run.workflow_id) == WITHOUT_LINK
    await house.recorded(run, RunStatus.COMPLETED)
    assert (await house.store.records.load(run.article_id)).stories == ()
    assert await house.store.pauses.list() == ()


async def memberships(house: House, run: PendingRun) -> set[str]:
    """Returns in which states the run's memberships are."""
    connection = await asyncpg.connect(house.pipeline.database_url)
    try:
        rows = await connection.fetch(
            "SELECT state FROM memberships WHERE run_number = $1", run.run_number
        )
    finally:
        await connection.close()
    return {row["state"] for row in rows}


async def test_a_run_whose_link_step_failed_goes_on_without_it(house: House) -> None:
    # It fails once it has joined a story, so that there is something to be withdrawn.
    house.watch.late[1, LINK] = UNUSABLE
    house.watch.hold(1, LINK)
    run = await house.enqueue(article(1))
    await house.settled(run, SENTIMENT)
    house.watch.let_go(1, LINK)
    assert await house.ended(run.workflow_id) is RunStatus.FAILED
    assert await memberships(house, run) == {"hidden"}
    skipped = await house.failures("skip-link", "1", "--reason", WHY)
    assert skipped.code == 0, skipped.err
    assert skipped.out == f"{run.workflow_id}  #{run.run_number}  replayed without {LINK}\n"
    await is_skipped(house, run)
    assert house.watch.begun[run.workflow_id, LINK] == 1
    assert await memberships(house, run) == {"withdrawn"}


async def test_a_run_that_failed_before_linking_goes_on_without_it(house: House) -> None:
    run = await house.fails(article(2), ARTICLE, error=UNUSABLE)
    assert (await house.failures("skip-link", f"#{run.run_number}")).code == 0
    await is_skipped(house, run, deciding.DEFAULT_REASON)
    assert house.watch.begun[run.workflow_id, LINK] == 0


async def test_a_run_whose_link_step_hangs_is_told_and_goes_on(house: House) -> None:
    house.watch.hold(3, LINK)
    run = await house.enqueue(article(3))
    await house.reached(run, LINK)
    skipped = await house.failures("skip-link", run.workflow_id, "--reason", WHY)
    assert skipped.code == 0, skipped.err
    assert skipped.has(f"{run.workflow_id} told to skip {LINK}, if it has not done it yet")
    await is_skipped(house, run)
    assert await house.executions(run.workflow_id) == 1


async def test_a_run_whose_link_step_is_tried_again_and_again_is_told(house: House) -> None:
    house.watch.failures[4, LINK] = StoreUnavailableError("no database just now")
    run = await house.enqueue(article(4))
    await house.reached(run, LINK)
    assert (await house.failures("skip-link", "4", "--reason", WHY)).code == 0
    await is_skipped(house, run)


async def test_a_run_that_has_linked_is_left_as_it_is(house: House) -> None:
    run = await house.fails(article(5), SENTIMENT, error=UNUSABLE, after=LINK)
    refused = await house.failures("skip-link", "5")
    assert (refused.code, refused.out) == (1, "")
    assert refused.has(
        f"{run.workflow_id} has linked its article; replay what failed: newsdesk failures replay 5"
    )
    assert await house.executions(run.workflow_id) == 1
    assert await house.store.pauses.list() == ()
    assert (await house.failures("replay", "5", "--wait")).code == 0
    refused = await house.failures("skip-link", "5")
    assert (refused.code, refused.out, len(refused.err.splitlines())) == (1, "", 1)


@pytest.mark.parametrize("interrupted", ["once held", "once reset", "once told"])
async def test_called_again_an_interrupted_command_finishes(house: House, interrupted: str) -> None:
    number = {"once held": 6, "once reset": 7, "once told": 8}[interrupted]
    run = await house.fails(article(number), LINK, error=UNUSABLE, after=SENTIMENT)
    await house.store.pauses.pause(LINK, "it is about to be skipped", run.run_number)
    if interrupted != "once held":
        plan = await plan_replay(house.client, run.workflow_id, None)
        await replay(house.client, plan, "newsdesk failures skip-link")
    if interrupted == "once told":
        handle = house.client.get_workflow_handle(run.workflow_id)
        await handle.signal(SKIP_LINKING_SIGNAL, WHY)
        await house.ended(run.workflow_id)
    again = await house.failures("skip-link", str(number), "--reason", WHY)
    assert again.code == (1 if interrupted == "once told" else 0), again.err
    await is_skipped(house, run)
    assert house.watch.begun[run.workflow_id, LINK] == 1


@pytest.mark.parametrize("order", ["skip-link", "cancel"])
async def test_an_order_is_kept_where_the_step_answers_meanwhile_that_it_has_to_wait(
    house: House, order: str
) -> None:
    until = datetime.now(UTC) + timedelta(hours=1)
    pause = Pause(code="step_paused", reason="The step is held.", until=until)
    script = Script(holds={LINK: asyncio.Event()}, pauses={LINK: [pause]})
    worker, queue = scripted_worker(house.client, script)
    async with worker:
        handle = await house.client.start_workflow(
            WORKFLOW_TYPE,
            ProcessArticleInput(run_number=1, article_id=1, revision=1),
            id=f"order-{uuid4()}",
            task_queue=queue,
        )
        await eventually(lambda: script.calls[LINK])
        if order == "cancel":
            await handle.cancel()
        else:
            await handle.signal(SKIP_LINKING_SIGNAL, WHY)
        await eventually(lambda: cancel_requested(handle))
        script.holds[LINK].set()
        await eventually(lambda: has_ended(handle), timeout=5)
        status = (await handle.describe()).status
    canceled = WorkflowExecutionStatus.CANCELED
    assert status is (canceled if order == "cancel" else WorkflowExecutionStatus.COMPLETED)
    assert script.calls[LINK] == 1


async def has_ended(handle: WorkflowHandle[Any, Any]) -> bool:
    return (await handle.describe()).close_time is not None


async def cancel_requested(handle: WorkflowHandle[Any, Any]) -> bool:
    pending = (await handle.describe()).raw_description.pending_activities
    return any("CANCEL_REQUESTED" in PendingActivityState.Name(each.state) for each in pending)


async def test_a_run_that_another_operator_replayed_meanwhile_is_not_held(house: House) -> None:
    run = await house.fails(article(9), LINK, error=UNUSABLE, after=SENTIMENT)

    async def too_late(*_: object) -> str:
        raise NotReplayableError("it has gone on since: its new execution is running")

    with patch.object(deciding, "replay", too_late):
        refused = await house.failures("skip-link", "9")
    assert refused.code == 1
    assert refused.has("it has gone on since")
    left = await house.store.pauses.list()
    await house.store.pauses.resume(LINK, run.run_number)
    assert left == ()


async def test_a_run_under_way_is_canceled_and_one_that_ended_is_not(house: House) -> None:
    house.watch.hold(10, SENTIMENT)
    run = await house.enqueue(article(10))
    await house.reached(run, SENTIMENT)
    canceled = await house.failures("cancel", "10")
    assert canceled.code == 0, canceled.err
    assert canceled.has(f"{run.workflow_id} #{run.run_number} asked to cancel; take it back by")
    assert await house.ended(run.workflow_id) is RunStatus.CANCELED
    house.watch.let_go(10, SENTIMENT, lost=True)
    again = await house.failures("cancel", "10")
    assert (again.code, again.out) == (1, "")
    assert again.has(f"{run.workflow_id} is not under way any more: it was canceled")


async def test_a_run_that_is_not_stored_is_told_so(house: House) -> None:
    for command in ("skip-link", "cancel", "show", "replay"):
        for target in ("999", "#999", "benzinga-999-r1"):
            refused = await house.failures(command, target)
            assert (refused.code, refused.out) == (1, "")
            assert refused.err == f"newsdesk failures: no run of {target} is stored\n"
    for target in ("0", "x", "benzinga-1", "-1"):
        refused = await house.failures("show", target)
        assert (refused.code, refused.out) == (2, "")
