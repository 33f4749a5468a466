"""The record's run block against the server's history, read a second time by other means."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle

from newsdesk.contracts.names import PUBLISH, WORKFLOW_TYPE, Step
from newsdesk.contracts.options import AnalysisOptions, LinkingOptions, ProcessingOptions
from newsdesk.contracts.record import RunBlock, RunStatus, StepRecord, StepStatus
from newsdesk.contracts.steps import ProcessArticleInput, ProcessArticleResult
from newsdesk.errors import ArticleUnusableError, StoreUnavailableError
from newsdesk.temporal.reading import TemporalRunReader
from tests.helpers.eventually import eventually
from tests.helpers.histories import Told, told_by_history
from tests.helpers.scripted import Script, scripted_worker

Handle = WorkflowHandle[object, ProcessArticleResult]


async def start(
    client: Client, queue: str, linking: bool = True, give_up_after_seconds: int = 3600
) -> Handle:
    options = ProcessingOptions(
        linking=LinkingOptions(enabled=linking),
        analysis=AnalysisOptions(give_up_after_seconds=give_up_after_seconds),
    )
    return await client.start_workflow(
        WORKFLOW_TYPE,
        ProcessArticleInput(run_number=41, article_id=5, revision=2, options=options),
        id=f"benzinga-5-r2-{uuid4()}",
        task_queue=queue,
        result_type=ProcessArticleResult,
    )


async def block_of(client: Client, handle: Handle) -> RunBlock:
    block = await TemporalRunReader(client, "http://ui.example/").read(41, handle.id)
    assert block is not None
    return block


def step_of(block: RunBlock, name: Step) -> StepRecord:
    (step,) = [step for step in block.steps if step.name is name]
    return step


def agrees(step: StepRecord, told: Told) -> None:
    """Fails where a step's times or attempts are not what the history says."""
    assert step.started_at == told.scheduled
    assert step.completed_at == told.closed
    assert step.attempts == told.attempts
    if told.closed is not None:
        spent = told.closed - told.scheduled
        assert step.duration_ms == round(spent / timedelta(milliseconds=1))


async def compare(client: Client, handle: Handle) -> RunBlock:
    """Holds every step of the block against the history; returns the block."""
    block = await block_of(client, handle)
    told = await told_by_history(client, handle.id)
    assert [step.name for step in block.steps] == list(Step)
    for step in block.steps:
        if step.name in told:
            agrees(step, told[step.name])
        else:
            assert step.started_at is None
    return block


async def test_a_plain_run(temporal_client: Client) -> None:
    worker, queue = scripted_worker(temporal_client, Script())
    async with worker:
        handle = await start(temporal_client, queue)
        await handle.result()
        block = await compare(temporal_client, handle)
    assert block.status is RunStatus.COMPLETED
    assert [step.status for step in block.steps] == [StepStatus.COMPLETED] * 5
    assert [step.attempts for step in block.steps] == [1] * 5
    outputs = [step.output for step in block.steps]
    assert outputs == ["html", "text", "analysis", "links", "sentiment"]
    assert (block.published, block.outcome, block.number) == (True, "published", 41)
    assert block.executions == (block.run_id,)
    assert block.temporal_url == (
        f"http://ui.example/namespaces/default/workflows/{handle.id}/{block.run_id}/timeline"
    )


async def test_cost_and_tokens_come_from_the_steps_results(temporal_client: Client) -> None:
    worker, queue = scripted_worker(temporal_client, Script())
    async with worker:
        handle = await start(temporal_client, queue)
        await handle.result()
        block = await block_of(temporal_client, handle)
    sentiment = step_of(block, Step.ANALYZE_SENTIMENT)
    assert sentiment.model == "some/model"
    assert sentiment.tokens is not None
    assert (sentiment.tokens.input, sentiment.tokens.cached_input) == (900, 400)
    assert (block.cost_usd, block.tokens.output) == (0.25, 60)


async def test_a_step_that_failed_twice_shows_three_attempts(temporal_client: Client) -> None:
    script = Script(
        failures={Step.ANALYZE_SENTIMENT: [StoreUnavailableError(), StoreUnavailableError()]}
    )
    worker, queue = scripted_worker(temporal_client, script)
    async with worker:
        handle = await start(temporal_client, queue)
        await handle.result()
        block = await compare(temporal_client, handle)
    assert step_of(block, Step.ANALYZE_SENTIMENT).attempts == 3
    assert step_of(block, Step.ANALYZE_SENTIMENT).status is StepStatus.COMPLETED


async def test_a_step_under_way_shows_its_attempt_and_last_error(temporal_client: Client) -> None:
    script = Script(failures={Step.ANALYZE_ARTICLE: [StoreUnavailableError("no database")]})
    script.holds[Step.ANALYZE_ARTICLE] = asyncio.Event()
    script.holds[Step.ANALYZE_ARTICLE].set()
    worker, queue = scripted_worker(temporal_client, script)
    async with worker:
        handle = await start(temporal_client, queue)
        await eventually(lambda: not script.failures[Step.ANALYZE_ARTICLE])
        script.holds[Step.ANALYZE_ARTICLE].clear()
        await eventually(lambda: script.calls[Step.ANALYZE_ARTICLE] == 2)
        block = await block_of(temporal_client, handle)
        script.holds[Step.ANALYZE_ARTICLE].set()
        await handle.result()
    step = step_of(block, Step.ANALYZE_ARTICLE)
    assert (block.status, step.status, step.attempts) == (RunStatus.RUNNING, StepStatus.RUNNING, 2)
    assert step.error is not None
    assert (step.error.type, step.error.message) == ("StoreUnavailableError", "no database")
    assert step_of(block, Step.ANALYZE_SENTIMENT).status is StepStatus.PENDING


async def test_trouble_with_publishing_is_told_while_it_lasts(temporal_client: Client) -> None:
    script = Script(failures={PUBLISH: [StoreUnavailableError("no database")]})
    script.holds[PUBLISH] = asyncio.Event()
    script.holds[PUBLISH].set()
    worker, queue = scripted_worker(temporal_client, script)
    async with worker:
        handle = await start(temporal_client, queue)
        await eventually(lambda: not script.failures[PUBLISH])
        script.holds[PUBLISH].clear()
        await eventually(lambda: script.calls[PUBLISH] == 2)
        held_up = await block_of(temporal_client, handle)
        script.holds[PUBLISH].set()
        await handle.result()
        block = await block_of(temporal_client, handle)
    assert held_up.status is RunStatus.RUNNING
    assert held_up.error is not None
    assert (held_up.error.type, held_up.error.message) == ("StoreUnavailableError", "no database")
    assert (block.status, block.error) == (RunStatus.COMPLETED, None)


async def test_a_step_out_of_time_is_called_alike_everywhere(
    temporal_client: Client,
) -> None:
    script = Script(holds={Step.ANALYZE_ARTICLE: asyncio.Event()})
    worker, queue = scripted_worker(temporal_client, script)
    async with worker:
        handle = await start(temporal_client, queue, give_up_after_seconds=1)
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        script.holds[Step.ANALYZE_ARTICLE].set()
        block = await compare(temporal_client, handle)
        attributes = (await handle.describe()).typed_search_attributes
    step = step_of(block, Step.ANALYZE_ARTICLE)
    assert step.status is StepStatus.FAILED
    assert block.error is not None
    assert step.error is not None
    found = {pair.key.name: pair.value for pair in attributes}
    assert found["FailedStep"] == "analyze_article"
    assert block.error.type == step.error.type == found["ErrorType"]
    assert step.error.type in {"Timeout:SCHEDULE_TO_CLOSE", "Timeout:START_TO_CLOSE"}
    assert block.error.message.startswith("analyze_article failed: ")


async def test_a_failed_run_names_the_step_and_the_cause(temporal_client: Client) -> None:
    script = Script(failures={Step.ANALYZE_ARTICLE: [ArticleUnusableError("nothing to read")]})
    worker, queue = scripted_worker(temporal_client, script)
    async with worker:
        handle = await start(temporal_client, queue)
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        block = await compare(temporal_client, handle)
    assert block.status is RunStatus.FAILED
    assert block.error is not None
    assert block.error.message == "analyze_article failed: nothing to read"
    step = step_of(block, Step.ANALYZE_ARTICLE)
    assert step.status is StepStatus.FAILED
    assert step.error is not None
    assert step.error.type == "ArticleUnusableError"


async def test_a_skip_is_told_even_when_the_run_fails_later(temporal_client: Client) -> None:
    script = Script(failures={Step.ANALYZE_SENTIMENT: [ArticleUnusableError("no")]})
    worker, queue = scripted_worker(temporal_client, script)
    async with worker:
        handle = await start(temporal_client, queue, linking=False)
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        block = await compare(temporal_client, handle)
    step = step_of(block, Step.LINK_ARTICLE_TO_STORIES)
    assert (step.status, step.reason_code) == (StepStatus.SKIPPED, "linking_off")
    assert step.reason == "Linking was switched off when this run was enqueued."
    assert step.attempts == 0


async def test_a_terminated_run(temporal_client: Client) -> None:
    script = Script(holds={Step.ANALYZE_ARTICLE: asyncio.Event()})
    worker, queue = scripted_worker(temporal_client, script)
    async with worker:
        handle = await start(temporal_client, queue)
        await eventually(lambda: script.calls[Step.ANALYZE_ARTICLE])
        await handle.terminate(reason="by hand")
        block = await block_of(temporal_client, handle)
        told = await told_by_history(temporal_client, handle.id)
        script.holds[Step.ANALYZE_ARTICLE].set()
    assert block.status is RunStatus.TERMINATED
    assert block.error is not None
    assert "by hand" in block.error.message
    for name in (Step.CLEAN_RAW_ARTICLE, Step.CLEAN_MARKDOWN_ARTICLE):
        agrees(step_of(block, name), told[name])
    # No event tells of the open step's attempts; the run's description does.
    step = step_of(block, Step.ANALYZE_ARTICLE)
    assert told[Step.ANALYZE_ARTICLE].kind == "open"
    assert (step.status, step.attempts) == (StepStatus.FAILED, 1)
    assert step.started_at == told[Step.ANALYZE_ARTICLE].scheduled
    assert step.completed_at == block.completed_at
    assert step_of(block, Step.ANALYZE_SENTIMENT).status is StepStatus.PENDING


async def test_a_reset_run_keeps_the_times_of_the_kept_steps(temporal_client: Client) -> None:
    script = Script(failures={Step.ANALYZE_SENTIMENT: [ArticleUnusableError("no")]})
    worker, queue = scripted_worker(temporal_client, script)
    async with worker:
        handle = await start(temporal_client, queue)
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        failed = await compare(temporal_client, handle)
        await _reset_to_sentiment(temporal_client, handle)
        again = temporal_client.get_workflow_handle(handle.id)
        await again.result()
        block = await compare(temporal_client, handle)
    assert (failed.status, block.status) == (RunStatus.FAILED, RunStatus.COMPLETED)
    assert block.executions == (failed.run_id, block.run_id)
    assert block.started_at == failed.started_at
    for name in (Step.CLEAN_RAW_ARTICLE, Step.CLEAN_MARKDOWN_ARTICLE, Step.ANALYZE_ARTICLE):
        assert step_of(block, name) == step_of(failed, name)
    assert script.calls[Step.ANALYZE_ARTICLE] == 1
    assert step_of(block, Step.ANALYZE_SENTIMENT).status is StepStatus.COMPLETED


async def _reset_to_sentiment(client: Client, handle: Handle) -> None:
    """Resets to before the workflow task that scheduled the two parallel steps."""
    events = (await handle.fetch_history()).events
    (task,) = {
        event.activity_task_scheduled_event_attributes.workflow_task_completed_event_id
        for event in events
        if event.HasField("activity_task_scheduled_event_attributes")
        and event.activity_task_scheduled_event_attributes.activity_type.name
        == Step.ANALYZE_SENTIMENT
    }
    await client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(
                workflow_id=handle.id, run_id=handle.first_execution_run_id or ""
            ),
            reason="test",
            workflow_task_finish_event_id=task,
            request_id=str(uuid4()),
        ),
        retry=False,
    )


async def test_an_unknown_run_has_no_block(temporal_client: Client) -> None:
    reader = TemporalRunReader(temporal_client, None)
    assert await reader.read(1, f"benzinga-0-r0-{uuid4()}") is None
