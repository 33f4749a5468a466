"""Runs as the Temporal server's visibility lists them: found by search attributes, newest first."""

import re
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus
from temporalio.service import RPCError

from newsdesk.contracts.names import WORKFLOW_TYPE
from newsdesk.contracts.record import RunStatus
from newsdesk.errors import TemporalUnavailableError, UsageError
from newsdesk.temporal import search_attributes as sa

_WORD = re.compile(r"[\w.:$^&/-]{1,255}")
"""What a value in a query may be made of: tickers, names of steps and of errors."""

STATUSES: dict[WorkflowExecutionStatus | None, RunStatus] = {
    WorkflowExecutionStatus.RUNNING: RunStatus.RUNNING,
    WorkflowExecutionStatus.COMPLETED: RunStatus.COMPLETED,
    WorkflowExecutionStatus.FAILED: RunStatus.FAILED,
    WorkflowExecutionStatus.CANCELED: RunStatus.CANCELED,
    WorkflowExecutionStatus.TERMINATED: RunStatus.TERMINATED,
    WorkflowExecutionStatus.TIMED_OUT: RunStatus.TIMED_OUT,
}
"""Temporal's words for how an execution stands, in ours. What else there is still goes on."""

QUERY_WORDS: dict[RunStatus, str] = {
    RunStatus.RUNNING: "Running",
    RunStatus.COMPLETED: "Completed",
    RunStatus.FAILED: "Failed",
    RunStatus.CANCELED: "Canceled",
    RunStatus.TERMINATED: "Terminated",
    RunStatus.TIMED_OUT: "TimedOut",
}
"""Our words in the query language of visibility."""


@dataclass(frozen=True)
class ListedRun:
    """One execution of a run, with what it can be found by."""

    workflow_id: str
    run_id: str
    status: RunStatus
    article_id: int | None
    revision: int | None
    run_number: int | None
    tickers: tuple[str, ...]
    failed_step: str | None
    error_type: str | None
    waiting_for: str | None
    skipped: tuple[str, ...]
    outcome: str | None
    cost_usd: float | None
    started_at: datetime
    closed_at: datetime | None


def listed_run(execution: WorkflowExecution) -> ListedRun:
    """Returns what visibility, or a description, tells of an execution."""
    attributes = execution.typed_search_attributes
    return ListedRun(
        workflow_id=execution.id,
        run_id=execution.run_id,
        status=STATUSES.get(execution.status, RunStatus.RUNNING),
        article_id=attributes.get(sa.ARTICLE_ID),
        revision=attributes.get(sa.REVISION),
        run_number=attributes.get(sa.RUN_NUMBER),
        tickers=tuple(attributes.get(sa.TICKERS) or ()),
        failed_step=attributes.get(sa.FAILED_STEP),
        error_type=attributes.get(sa.ERROR_TYPE),
        waiting_for=attributes.get(sa.WAITING_FOR),
        skipped=tuple(attributes.get(sa.SKIPPED_STEPS) or ()),
        outcome=attributes.get(sa.OUTCOME),
        cost_usd=attributes.get(sa.COST_USD),
        started_at=execution.start_time,
        closed_at=execution.close_time,
    )


async def list_runs(
    client: Client, query: str, limit: int | None = None
) -> AsyncGenerator[ListedRun, None]:
    """Yields the executions that a query finds, newest first.

    Raises TemporalUnavailableError, also where the server refuses the query.
    """
    try:
        async for execution in client.list_workflows(query, limit=limit):
            yield listed_run(execution)
    except RPCError as error:
        raise TemporalUnavailableError(f"runs cannot be listed: {error.message}") from error


def runs_query(
    *,
    statuses: Iterable[RunStatus] = (),
    ticker: str | None = None,
    step: str | None = None,
    error: str | None = None,
    closed_since: datetime | None = None,
) -> str:
    """Returns the query for runs with all of these; `statuses`: one of them.

    Raises UsageError for a value that cannot be one of its kind.
    """
    parts = [f"WorkflowType = '{WORKFLOW_TYPE}'"]
    words = [f"'{QUERY_WORDS[status]}'" for status in statuses]
    if words:
        parts.append(f"ExecutionStatus IN ({', '.join(words)})")
    for name, value in (("Tickers", ticker), ("FailedStep", step), ("ErrorType", error)):
        if value is not None:
            parts.append(f"{name} = '{_word(name, value)}'")
    if closed_since is not None:
        parts.append(f"CloseTime >= '{closed_since.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}'")
    return " AND ".join(parts)


def _word(name: str, value: str) -> str:
    if not _WORD.fullmatch(value):
        raise UsageError(f"{value!r} cannot be a value of {name}")
    return value
