"""A failed run that was replayed from outside: `show` tells of the new execution."""

from typing import Any
from uuid import uuid4

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client

from tests.helpers.eventually import eventually
from tests.ops import articles
from tests.ops.conftest import Call, House

WORKFLOW_ID = f"benzinga-{articles.BROKEN}-r1"


async def reset_to(client: Client, step: str) -> None:
    """Resets the run to before the workflow task that scheduled this step."""
    handle = client.get_workflow_handle(WORKFLOW_ID)
    run_id = (await handle.describe()).run_id
    scheduled = [
        event.activity_task_scheduled_event_attributes
        for event in (await handle.fetch_history()).events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    (task,) = {
        attributes.workflow_task_completed_event_id
        for attributes in scheduled
        if attributes.activity_type.name == step
    }
    await client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=WORKFLOW_ID, run_id=run_id),
            reason="test",
            workflow_task_finish_event_id=task,
            request_id=str(uuid4()),
        ),
        retry=False,
    )


async def test_a_replay_goes_on_under_the_same_number(house: House, filled: Call) -> None:
    (line,) = filled.of(articles.BROKEN)
    assert line["run"]["error"]["type"] == "ArticleUnusableError"
    # Read while it is the latest execution, however often this test ran against the house.
    failed = (await house.record(articles.BROKEN))["run"]
    assert (failed["status"], failed["published"]) == ("failed", False)
    assert [step["status"] for step in failed["steps"]][:3] == ["completed", "completed", "failed"]
    assert failed["steps"][2]["error"] == {
        "type": "ArticleUnusableError",
        "message": "not to be read, ever",
    }

    (house.folder / "mended").touch()
    await reset_to(await house.client(), "analyze_article")

    async def replayed() -> dict[str, Any] | None:
        run = (await house.record(articles.BROKEN))["run"]
        return run if run["status"] == "completed" and run["published"] else None

    run = await eventually(replayed, timeout=30)
    assert run is not None
    assert (run["number"], run["workflow_id"]) == (failed["number"], WORKFLOW_ID)
    assert run["executions"] == [failed["run_id"], run["run_id"]]
    assert run["steps"][:2] == failed["steps"][:2]
    assert {step["status"] for step in run["steps"]} == {"completed"}
    assert run["error"] is None
