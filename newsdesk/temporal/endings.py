"""Why runs ended that did not complete: their last event tells, without the whole history."""

from collections.abc import Sequence

from temporalio.client import Client, WorkflowHistoryEventFilterType
from temporalio.service import RPCError, RPCStatusCode

from newsdesk.contracts.record import StepError
from newsdesk.errors import TemporalUnavailableError
from newsdesk.temporal.current import AT_ONCE, RPC_TIMEOUT, side_by_side
from newsdesk.temporal.history import read_history
from newsdesk.temporal.listing import ListedRun


async def closing_errors(client: Client, runs: Sequence[ListedRun]) -> dict[str, StepError]:
    """Returns why closed executions did not complete, by Temporal run id.

    What completed, and what Temporal no longer knows, is not among them.
    Raises TemporalUnavailableError.
    """
    found: dict[str, StepError] = {}
    for at in range(0, len(runs), AT_ONCE):
        group = runs[at : at + AT_ONCE]
        errors = await side_by_side(
            closing_error(client, run.workflow_id, run.run_id) for run in group
        )
        for run, error in zip(group, errors, strict=True):
            if error is not None:
                found[run.run_id] = error
    return found


async def closing_error(client: Client, workflow_id: str, run_id: str) -> StepError | None:
    """Returns why one execution did not complete; None also where Temporal no longer knows it.

    Raises TemporalUnavailableError.
    """
    handle = client.get_workflow_handle(workflow_id, run_id=run_id)
    events = handle.fetch_history_events(
        event_filter_type=WorkflowHistoryEventFilterType.CLOSE_EVENT, rpc_timeout=RPC_TIMEOUT
    )
    try:
        return read_history([event async for event in events]).error
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise TemporalUnavailableError(f"{workflow_id} cannot be read: {error.message}") from error
