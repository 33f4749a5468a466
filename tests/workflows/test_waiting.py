"""Steps that have to wait for a budget or a turn, and models that stand in for one another."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError

from newsdesk.contracts.advice import advice
from newsdesk.contracts.models import Pause
from newsdesk.contracts.names import RESUME_SIGNAL, WORKFLOW_TYPE, Step
from newsdesk.contracts.options import AnalysisOptions, ProcessingOptions
from newsdesk.contracts.record import RunBlock, RunStatus, StepRecord, StepStatus
from newsdesk.contracts.steps import ProcessArticleInput, ProcessArticleResult
from newsdesk.temporal.reading import TemporalRunReader
from newsdesk.temporal.search_attributes import WAITING_FOR
from tests.helpers.eventually import eventually
from tests.helpers.scripted import Script, scripted_worker
from tests.replay.record import budget_pause, gone

Handle = WorkflowHandle[object, ProcessArticleResult]
ARTICLE, SENTIMENT = Step.ANALYZE_ARTICLE, Step.ANALYZE_SENTIMENT
LONG = 3600.0
BOUND = 500


async def start(client: Client, queue: str, bound: int = BOUND) -> Handle:
    options = ProcessingOptions(analysis=AnalysisOptions(give_up_after_seconds=bound))
    return await client.start_workflow(
        WORKFLOW_TYPE,
        ProcessArticleInput(run_number=41, article_id=5, revision=2, options=options),
        id=f"benzinga-5-r2-{uuid4()}",
        task_queue=queue,
        result_type=ProcessArticleResult,
    )


async def finished(client: Client, script: Script) -> tuple[RunBlock, Handle]:
    worker, queue = scripted_worker(client, script)
    async with worker:
        handle = await start(client, queue)
        await handle.result()
        return await block_of(client, handle), handle


async def block_of(client: Client, handle: Handle) -> RunBlock:
    block = await TemporalRunReader(client, None).read(41, handle.id)
    assert block is not None
    return block


def step_of(block: RunBlock, name: str) -> StepRecord:
    return next(step for step in block.steps if step.name == name)


async def waiting_for(handle: Handle) -> str | None:
    return (await handle.describe()).typed_search_attributes.get(WAITING_FOR)


async def waits(client: Client, handle: Handle, name: Step) -> StepRecord | None:
    step = step_of(await block_of(client, handle), name)
    return step if step.reason_code is not None else None


@pytest.mark.parametrize("name", [ARTICLE, SENTIMENT])
async def test_a_paused_step_comes_back_by_itself(temporal_client: Client, name: Step) -> None:
    script = Script(pauses={name: [budget_pause(2.5), budget_pause(3.0)]})
    block, handle = await finished(temporal_client, script)
    step = step_of(block, name)
    assert (step.status, step.attempts, step.reason_code) == (StepStatus.COMPLETED, 3, None)
    assert script.calls[name] == 3
    events = (await handle.fetch_history()).events
    timers = [e for e in events if e.event_type == EventType.EVENT_TYPE_TIMER_STARTED]
    assert all(b"The daily budget is spent." in e.user_metadata.summary.data for e in timers)
    assert len(timers) == 2


def turn_pause(seconds: float) -> Pause:
    turn = datetime.now(UTC) + timedelta(seconds=seconds)
    return Pause(code="rate_limit", reason="10 a minute.", until=turn, turn=turn)


async def bounds(handle: Handle) -> list[tuple[timedelta, int]]:
    """Returns the bound, and the most attempts, of each time that the step was scheduled."""
    scheduled = [
        event.activity_task_scheduled_event_attributes
        for event in (await handle.fetch_history()).events
        if event.HasField("activity_task_scheduled_event_attributes")
        and event.activity_task_scheduled_event_attributes.activity_type.name == ARTICLE
    ]
    return [
        (told.schedule_to_close_timeout.ToTimedelta(), told.retry_policy.maximum_attempts)
        for told in scheduled
    ]


async def test_waiting_for_a_turn_takes_none_of_a_steps_bound(temporal_client: Client) -> None:
    script = Script(pauses={ARTICLE: [turn_pause(2.5)]})
    first, second = await bounds((await finished(temporal_client, script))[1])
    assert first == (timedelta(seconds=BOUND), 0)
    assert timedelta(seconds=BOUND - 2) < second[0] < timedelta(seconds=BOUND)
    assert second[1] == 0


async def test_after_a_wait_for_a_budget_the_bound_begins_anew(temporal_client: Client) -> None:
    script = Script(pauses={ARTICLE: [budget_pause(0.1)]})
    first, second = await bounds((await finished(temporal_client, script))[1])
    assert first == second == (timedelta(seconds=BOUND), 0)


async def test_a_step_whose_time_is_nearly_up_gets_time_for_one_attempt(
    temporal_client: Client,
) -> None:
    # So that it fails of its own cause: with a second left no model could answer.
    script = Script(pauses={ARTICLE: [turn_pause(0.1)]}, holds={ARTICLE: asyncio.Event()})
    worker, queue = scripted_worker(temporal_client, script)
    async with worker:
        handle = await start(temporal_client, queue, bound=2)
        await eventually(lambda: script.calls[ARTICLE])
        await asyncio.sleep(1.6)
        script.holds[ARTICLE].set()
        await eventually(lambda: script.calls[ARTICLE] == 2)
        await handle.result()
        bound, most = (await bounds(handle))[1]
    assert most == 1
    assert bound >= timedelta(minutes=10)


async def test_a_resume_signal_ends_a_long_wait(temporal_client: Client) -> None:
    script = Script(pauses={ARTICLE: [budget_pause(LONG)]})
    worker, queue = scripted_worker(temporal_client, script)
    async with worker:
        handle = await start(temporal_client, queue)
        step = await eventually(lambda: waits(temporal_client, handle, ARTICLE))
        assert step is not None
        assert (step.status, step.reason) == (StepStatus.RUNNING, "The daily budget is spent.")
        assert await eventually(lambda: waiting_for(handle)) == "daily_budget"
        await handle.signal(RESUME_SIGNAL)
        await asyncio.wait_for(handle.result(), 10)
        description = await handle.describe()
    assert description.typed_search_attributes.get(WAITING_FOR) is None


async def test_a_step_comes_back_with_its_turn_and_asks_once_with_it(
    temporal_client: Client,
) -> None:
    pause = turn_pause(1)
    script = Script(pauses={ARTICLE: [pause]})
    _, handle = await finished(temporal_client, script)
    assert [request.turn for request in script.all_requests[2:4]] == [None, pause.turn]
    # A turn comes soon: no operator needs to find it.
    updates = [
        event.upsert_workflow_search_attributes_event_attributes.search_attributes
        for event in (await handle.fetch_history()).events
        if event.HasField("upsert_workflow_search_attributes_event_attributes")
    ]
    assert not [update for update in updates if "WaitingFor" in update.indexed_fields]


async def test_a_run_that_is_terminated_while_it_waits_says_so(temporal_client: Client) -> None:
    script = Script(pauses={SENTIMENT: [budget_pause(LONG)]})
    worker, queue = scripted_worker(temporal_client, script)
    async with worker:
        handle = await start(temporal_client, queue)
        await eventually(lambda: waits(temporal_client, handle, SENTIMENT))
        await handle.terminate("enough")
        block = await block_of(temporal_client, handle)
    step = step_of(block, SENTIMENT)
    assert block.status is RunStatus.TERMINATED
    assert step.status is StepStatus.FAILED
    assert step.error is not None
    assert step.error.type == "Terminated"


async def test_a_run_can_be_canceled_while_it_waits(temporal_client: Client) -> None:
    script = Script(pauses={ARTICLE: [budget_pause(LONG)]})
    worker, queue = scripted_worker(temporal_client, script)
    async with worker:
        handle = await start(temporal_client, queue)
        await eventually(lambda: waits(temporal_client, handle, ARTICLE))
        await handle.cancel()
        with pytest.raises(WorkflowFailureError):
            await asyncio.wait_for(handle.result(), 10)
        assert (await handle.describe()).status is WorkflowExecutionStatus.CANCELED


async def test_the_next_model_is_asked_under_an_id_of_its_own(temporal_client: Client) -> None:
    script = Script(failures={ARTICLE: [gone("first", "second"), gone("second", "third", 2)]})
    block, handle = await finished(temporal_client, script)
    ids = [
        event.activity_task_scheduled_event_attributes.activity_id
        for event in (await handle.fetch_history()).events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    assert ids[2:5] == [ARTICLE, f"{ARTICLE}-fallback-1", f"{ARTICLE}-fallback-2"]
    assert [request.position for request in script.all_requests[2:5]] == [0, 1, 2]
    step = step_of(block, ARTICLE)
    assert (step.status, step.attempts, step.reason_code) == (StepStatus.COMPLETED, 3, "fallback")
    assert step.reason == "Another model was asked, for: first is not known to the provider"


async def test_a_run_fails_with_every_models_cause(temporal_client: Client) -> None:
    script = Script(failures={SENTIMENT: [gone("first", "second"), gone("second")]})
    worker, queue = scripted_worker(temporal_client, script)
    async with worker:
        handle = await start(temporal_client, queue)
        with pytest.raises(WorkflowFailureError) as failed:
            await handle.result()
    cause = failed.value.cause
    assert isinstance(cause, ApplicationError)
    assert cause.message == (
        "analyze_sentiment failed: first is not known to the provider;"
        " analyze_sentiment failed: second is not known to the provider"
        f" → {advice('ModelNotFoundError', 5)}"
    )


async def test_a_fallback_that_was_asked_already_is_not_asked_again(
    temporal_client: Client,
) -> None:
    # The list of models was changed meanwhile: what the failure tells must not lead in a circle.
    script = Script(failures={ARTICLE: [gone("first", "second"), gone("second", "second")]})
    worker, queue = scripted_worker(temporal_client, script)
    async with worker:
        handle = await start(temporal_client, queue)
        with pytest.raises(WorkflowFailureError):
            await handle.result()
    assert script.calls[ARTICLE] == 2
