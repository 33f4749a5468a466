"""Replaying runs: Temporal's reset, planned from a run's history and done once."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from temporalio.api.common.v1 import WorkflowExecution as Execution
from temporalio.api.enums.v1 import ResetReapplyExcludeType
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    ResetWorkflowExecutionRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from newsdesk.contracts.record import RunStatus
from newsdesk.errors import NotReplayableError, TemporalUnavailableError
from newsdesk.temporal.listing import ListedRun, listed_run
from newsdesk.temporal.reset_points import ResetPoint, find_reset_point

RPC_TIMEOUT = timedelta(seconds=30)


class HistoryGoneError(NotReplayableError):
    """Temporal does not know the run: retention has passed, its state was lost, or it is another.

    Another server, or another of its namespaces, which only looks the same.
    """


@dataclass(frozen=True)
class ReplayPlan:
    """One run, as it stands, and the point that it is to go on from."""

    run: ListedRun
    point: ResetPoint


async def current_run(client: Client, workflow_id: str) -> ListedRun:
    """Returns the current execution of a run.

    Raises HistoryGoneError, TemporalUnavailableError.
    """
    try:
        return listed_run(await client.get_workflow_handle(workflow_id).describe())
    except RPCError as error:
        raise _error(workflow_id, error) from error


async def retention(client: Client) -> timedelta:
    """Returns for how long the namespace keeps closed runs. Raises TemporalUnavailableError."""
    try:
        told = await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=client.namespace), timeout=RPC_TIMEOUT
        )
    except RPCError as error:
        raise TemporalUnavailableError(
            f"namespace {client.namespace} cannot be read: {error.message}"
        ) from error
    return told.config.workflow_execution_retention_ttl.ToTimedelta()


async def plan_replay(client: Client, workflow_id: str, from_step: str | None) -> ReplayPlan:
    """Returns what a replay would do; changes nothing.

    Raises:
        NotReplayableError: the run is under way, or has no such step to go on from.
        HistoryGoneError: Temporal does not know it any more.
        TemporalUnavailableError: the server cannot be asked.
    """
    run = await current_run(client, workflow_id)
    if run.status is RunStatus.RUNNING:
        raise NotReplayableError("it is under way")
    if run.status is RunStatus.COMPLETED and from_step is None:
        raise NotReplayableError("it completed; name a step by --from to do it again from there")
    handle = client.get_workflow_handle(workflow_id, run_id=run.run_id)
    try:
        history = await handle.fetch_history()
    except RPCError as error:
        raise _error(workflow_id, error) from error
    return ReplayPlan(run, find_reset_point(history.events, from_step))


async def replay(client: Client, plan: ReplayPlan, reason: str) -> str:
    """Resets a run as planned; returns the id of its new execution.

    Signals that come after the point are given again, but for an order to skip linking where the
    plan is to link.

    Raises:
        NotReplayableError: it has gone on since it was planned.
        TemporalUnavailableError: the server did not do it.
    """
    run = plan.run
    current = await current_run(client, run.workflow_id)
    if current.run_id != run.run_id:
        raise NotReplayableError(f"it has gone on since: its new execution is {current.status}")
    try:
        answer = await client.workflow_service.reset_workflow_execution(
            _request(client, plan, reason),
            # The server does not recognize a repeated request: each would begin an execution of
            # its own, and terminate the one before.
            retry=False,
            timeout=RPC_TIMEOUT,
        )
    except RPCError as error:
        begun = await _begun_after_all(client, run)
        if begun is None:
            raise _error(run.workflow_id, error) from error
        return begun
    return answer.run_id


async def _begun_after_all(client: Client, run: ListedRun) -> str | None:
    """Returns the new execution of a run whose reset was done though its answer was lost."""
    try:
        current = await current_run(client, run.workflow_id)
    except (NotReplayableError, TemporalUnavailableError):
        return None
    return None if current.run_id == run.run_id else current.run_id


def _request(client: Client, plan: ReplayPlan, reason: str) -> ResetWorkflowExecutionRequest:
    return ResetWorkflowExecutionRequest(
        namespace=client.namespace,
        workflow_execution=Execution(workflow_id=plan.run.workflow_id, run_id=plan.run.run_id),
        reason=reason,
        workflow_task_finish_event_id=plan.point.event_id,
        request_id=str(uuid.uuid4()),
        identity=client.identity,
        reset_reapply_exclude_types=_SIGNALS if plan.point.drops_signals else (),
    )


_SIGNALS = (ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL,)


def _error(workflow_id: str, error: RPCError) -> NotReplayableError | TemporalUnavailableError:
    # A namespace that is not found is a wrong setting, or a server without its data.
    if error.status is RPCStatusCode.NOT_FOUND and "amespace" not in error.message:
        return HistoryGoneError()
    return TemporalUnavailableError(f"{workflow_id}: {error.message}")
