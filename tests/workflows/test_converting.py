"""What a history keeps of failures: no trace of ours, the whole trace of a bug."""

from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.failure.v1 import Failure
from temporalio.client import Client, WorkflowFailureError
from temporalio.converter import PayloadConverter

from newsdesk.contracts.names import WORKFLOW_TYPE, Step
from newsdesk.contracts.steps import ProcessArticleInput
from newsdesk.errors import ArticleUnusableError
from newsdesk.temporal.connect import connect
from newsdesk.temporal.converting import PlainFailureConverter
from tests.helpers.scripted import Script, scripted_worker


async def failures_of(client: Client, script: Script) -> list[Failure]:
    """Returns the failures in the history of a run, causes included."""
    worker, queue = scripted_worker(client, script)
    async with worker:
        handle = await client.start_workflow(
            WORKFLOW_TYPE,
            ProcessArticleInput(run_number=1, article_id=5, revision=1),
            id=f"benzinga-5-r1-{uuid4()}",
            task_queue=queue,
        )
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        events = (await handle.fetch_history()).events
    found = [
        event.activity_task_failed_event_attributes.failure
        for event in events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED
    ]
    failure = events[-1].workflow_execution_failed_event_attributes.failure
    while True:
        found.append(failure)
        if not failure.HasField("cause"):
            return found
        failure = failure.cause


async def test_a_run_fails_without_any_trace_of_ours(temporal_address: str) -> None:
    client = await connect({"TEMPORAL_ADDRESS": temporal_address}, "test")
    script = Script(failures={Step.ANALYZE_SENTIMENT: [ArticleUnusableError("no score")]})
    failures = await failures_of(client, script)
    assert len(failures) > 2
    assert {failure.stack_trace for failure in failures} == {""}
    assert "no score" in failures[0].message


def test_a_bug_keeps_its_trace() -> None:
    failure = Failure()
    try:
        raise KeyError("missing")
    except KeyError as error:
        PlainFailureConverter().to_failure(error, PayloadConverter.default, failure)
    assert "test_converting.py" in failure.stack_trace
