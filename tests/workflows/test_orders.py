"""What operators order while a run is under way: steps that wait, and linking that is skipped."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle

from newsdesk.contracts.models import Pause
from newsdesk.contracts.names import (
    ACTIVITIES,
    PUBLISH,
    RESUME_SIGNAL,
    SKIP_LINKING_SIGNAL,
    WORKFLOW_TYPE,
    Step,
)
from newsdesk.contracts.record import RunBlock, RunStatus, StepRecord, StepStatus
from newsdesk.contracts.steps import ProcessArticleInput, ProcessArticleResult
from newsdesk.errors import ArticleUnusableError, StoreUnavailableError
from newsdesk.temporal.reading import TemporalRunReader
from newsdesk.temporal.search_attributes import WAITING_FOR
from tests.helpers.eventually import eventually
from tests.helpers.scripted import Script, scripted_worker

Handle = WorkflowHandle[object, ProcessArticleResult]
LINK, SENTIMENT = Step.LINK_ARTICLE_TO_STORIES, Step.ANALYZE_SENTIMENT
REASON = "Linking hangs; see the log of today."


async def start(client: Client, queue: str) -> Handle:
    return await client.start_workflow(
        WORKFLOW_TYPE,
        ProcessArticleInput(run_number=41, article_id=5, revision=2),
        id=f"benzinga-5-r2-{uuid4()}",
        task_queue=queue,
        result_type=ProcessArticleResult,
    )


def paused() -> Pause:
    until = datetime.now(UTC) + timedelta(hours=1)
    return Pause(code="step_paused", reason="The step is paused.", until=until)


async def block_of(client: Client, handle: Handle) -> RunBlock:
    block = await TemporalRunReader(client, None).read(41, handle.id)
    assert block is not None
    return block


async def step_of(client: Client, handle: Handle, name: str) -> StepRecord:
    block = await block_of(client, handle)
    return next(step for step in block.steps if step.name == name)


async def waiting_for(handle: Handle) -> str | None:
    return (await handle.describe()).typed_search_attributes.get(WAITING_FOR)


async def details(handle: Handle) -> str:
    """Returns what the Web UI shows as the current details: a query that it makes."""
    told = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return told.current_details.replace("\N{NO-BREAK SPACE}", "")


@pytest.mark.parametrize("name", ACTIVITIES)
async def test_every_step_can_be_paused_and_goes_on_when_resumed(
    temporal_client: Client, name: str
) -> None:
    script = Script(pauses={name: [paused()]})
    worker, queue = scripted_worker(temporal_client, script)
    async with worker:
        handle = await start(temporal_client, queue)
        assert await eventually(lambda: waiting_for(handle)) == "step_paused"
        assert script.calls[name] == 1
        block = await block_of(temporal_client, handle)
        assert block.outcome is None
        if name == PUBLISH:
            assert block.error is not None
            assert block.error.message == "The step is paused."
        else:
            step = await step_of(temporal_client, handle, name)
            assert (step.status, step.reason_code) == (StepStatus.RUNNING, "step_paused")
        await handle.signal(RESUME_SIGNAL)
        result = await asyncio.wait_for(handle.result(), 10)
        assert result.skips == {}
        assert await waiting_for(handle) is None
        block = await block_of(temporal_client, handle)
    assert block.status is RunStatus.COMPLETED
    assert script.calls == {activity: 2 if activity == name else 1 for activity in ACTIVITIES}


async def test_a_resume_that_comes_while_the_step_is_asked_is_not_lost(
    temporal_client: Client,
) -> None:
    hold = asyncio.Event()
    script = Script(pauses={Step.CLEAN_RAW_ARTICLE: [paused()]})
    script.holds[Step.CLEAN_RAW_ARTICLE] = hold
    worker, queue = scripted_worker(temporal_client, script)
    async with worker:
        handle = await start(temporal_client, queue)
        await eventually(lambda: script.calls[Step.CLEAN_RAW_ARTICLE])
        await handle.signal(RESUME_SIGNAL)
        await asyncio.sleep(0.2)  # the workflow has the signal before the answer
        hold.set()
        await asyncio.wait_for(handle.result(), 10)
    assert script.calls[Step.CLEAN_RAW_ARTICLE] == 2


async def test_two_steps_may_wait_side_by_side(temporal_client: Client) -> None:
    script = Script(pauses={LINK: [paused()], SENTIMENT: [paused()]})
    worker, queue = scripted_worker(temporal_client, script)
    async with worker:
        handle = await start(temporal_client, queue)
        await eventually(lambda: script.calls[LINK] and script.calls[SENTIMENT])
        await eventually(lambda: waiting_for(handle))
        await handle.signal(SKIP_LINKING_SIGNAL, REASON)
        # One of them goes on; the other still waits, and is still to be found.
        step = await eventually(lambda: skipped(temporal_client, handle))
        assert step is not None
        assert await waiting_for(handle) == "step_paused"
        await handle.signal(RESUME_SIGNAL)
        result = await asyncio.wait_for(handle.result(), 10)
        assert await waiting_for(handle) is None
    assert result.skips[LINK].reason == REASON
    assert script.calls[LINK] == 1


async def skipped(client: Client, handle: Handle) -> StepRecord | None:
    step = await step_of(client, handle, LINK)
    return step if step.status is StepStatus.SKIPPED else None


async def finished_after_order(
    client: Client, script: Script, when: str, order: bool = True
) -> tuple[ProcessArticleResult, RunBlock]:
    """Starts a run, orders the skip once the step `when` was called, and waits for the end."""
    worker, queue = scripted_worker(client, script)
    async with worker:
        handle = await start(client, queue)
        await eventually(lambda: script.calls[when])
        if order:
            await handle.signal(SKIP_LINKING_SIGNAL, REASON)
        for step, hold in script.holds.items():
            if step != LINK:
                hold.set()
        result = await asyncio.wait_for(handle.result(), 20)
        return result, await block_of(client, handle)


async def is_skipped(result: ProcessArticleResult, block: RunBlock, script: Script) -> None:
    step = next(step for step in block.steps if step.name == LINK)
    assert (step.status, step.reason_code, step.reason) == (StepStatus.SKIPPED, "operator", REASON)
    assert result.skips[LINK].code == "operator"
    assert script.requests[PUBLISH].links_hash is None


async def test_an_order_that_comes_early_keeps_linking_from_being_tried(
    temporal_client: Client,
) -> None:
    script = Script(holds={Step.ANALYZE_ARTICLE: asyncio.Event()})
    result, block = await finished_after_order(temporal_client, script, Step.ANALYZE_ARTICLE)
    await is_skipped(result, block, script)
    assert script.calls[LINK] == 0


async def test_an_order_ends_an_attempt_that_hangs(temporal_client: Client) -> None:
    script = Script(holds={LINK: asyncio.Event()})
    result, block = await finished_after_order(temporal_client, script, LINK)
    await is_skipped(result, block, script)
    assert LINK not in script.ended


async def test_an_order_ends_the_retries(temporal_client: Client) -> None:
    script = Script(failures={LINK: [StoreUnavailableError() for _ in range(50)]})
    result, block = await finished_after_order(temporal_client, script, LINK)
    await is_skipped(result, block, script)
    assert script.calls[LINK] < 5


async def test_an_order_that_comes_late_changes_nothing(temporal_client: Client) -> None:
    script = Script(holds={PUBLISH: asyncio.Event()})
    result, block = await finished_after_order(temporal_client, script, PUBLISH)
    assert result.skips == {}
    assert script.requests[PUBLISH].links_hash == "links"
    assert next(step for step in block.steps if step.name == LINK).status is StepStatus.COMPLETED


async def test_a_run_that_is_canceled_while_linking_ends_as_canceled(
    temporal_client: Client,
) -> None:
    script = Script(holds={LINK: asyncio.Event()})
    worker, queue = scripted_worker(temporal_client, script)
    async with worker:
        handle = await start(temporal_client, queue)
        await eventually(lambda: script.calls[LINK])
        await handle.cancel()
        with pytest.raises(WorkflowFailureError):
            await asyncio.wait_for(handle.result(), 20)
        block = await block_of(temporal_client, handle)
    assert block.status is RunStatus.CANCELED
    assert script.calls[PUBLISH] == 0


async def test_the_web_ui_is_shown_the_steps_as_a_table(temporal_client: Client) -> None:
    script = Script(
        holds={SENTIMENT: asyncio.Event()}, failures={PUBLISH: [ArticleUnusableError("a|b $x$")]}
    )
    worker, queue = scripted_worker(temporal_client, script)
    async with worker:
        handle = await start(temporal_client, queue)
        await eventually(lambda: script.calls[SENTIMENT] and LINK in script.ended)
        table = await eventually(lambda: details_with(handle, f"| {LINK} | completed |"))
        assert f"| {SENTIMENT} | running |" in table
        assert f"| {PUBLISH} | pending |" in table
        script.holds[SENTIMENT].set()
        with pytest.raises(WorkflowFailureError):
            await asyncio.wait_for(handle.result(), 10)
        closed = await details(handle)
    assert f"| {PUBLISH} | **failed** |" in closed
    assert r"a\|b \$x\$" in closed


async def details_with(handle: Handle, words: str) -> str:
    found = await details(handle)
    return found if words in found else ""
