"""Reading a run from the Temporal server, live or after it closed."""

from collections.abc import Iterable

from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from newsdesk.contracts.record import RunBlock
from newsdesk.errors import TemporalUnavailableError
from newsdesk.temporal.blocks import run_block
from newsdesk.temporal.history import read_history
from newsdesk.temporal.links import run_url


class TemporalRunReader:
    """Reads runs. The port is newsdesk.ports.RunReader."""

    def __init__(self, client: Client, ui_url: str | None) -> None:
        """Takes a connected client, and the address of the Temporal Web UI for links."""
        self._client = client
        self._ui_url = ui_url

    async def read(self, run_number: int, workflow_id: str) -> RunBlock | None:
        """Returns the block of the run's current execution; None where Temporal knows none."""
        handle = self._client.get_workflow_handle(workflow_id)
        try:
            description = await handle.describe()
            run_id = description.run_id
            execution = self._client.get_workflow_handle(workflow_id, run_id=run_id)
            history = await execution.fetch_history()
            executions = await self._executions(workflow_id, run_id, history)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise TemporalUnavailableError(
                f"{workflow_id} cannot be read: {error.message}"
            ) from error
        return await run_block(
            read_history(history.events, _pending(description)),
            number=run_number,
            workflow_id=workflow_id,
            run_id=run_id,
            executions=executions,
            temporal_url=run_url(self._ui_url, self._client.namespace, workflow_id, run_id),
            converter=self._client.data_converter,
        )

    async def _executions(
        self, workflow_id: str, current: str, history: WorkflowHistory
    ) -> tuple[str, ...]:
        """Returns all execution ids, oldest first; visibility may not have the newest yet."""
        first = history.events[0].workflow_execution_started_event_attributes
        # A reset copies the first event, which goes on naming the execution that it began. So
        # most runs, never reset, are spared a question.
        if first.original_execution_run_id == current:
            return (current,)
        found = [
            (execution.start_time, execution.run_id)
            async for execution in self._client.list_workflows(f"WorkflowId = '{workflow_id}'")
        ]
        ids = [run_id for _, run_id in sorted(found)]
        return tuple(ids if current in ids else [*ids, current])


def _pending(description: WorkflowExecutionDescription) -> Iterable[PendingActivityInfo]:
    return description.raw_description.pending_activities
