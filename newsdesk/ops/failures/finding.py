"""Finding failed runs: Temporal's visibility says which, the database which of them matter."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime

from temporalio.client import Client

from newsdesk.contracts.record import RunStatus
from newsdesk.errors import TemporalUnavailableError
from newsdesk.ops.failures.filters import FailureFilter
from newsdesk.ops.failures.planning import is_past
from newsdesk.ops.services import Services
from newsdesk.store.operations import RecordedFailure
from newsdesk.temporal.current import current_runs
from newsdesk.temporal.listing import ListedRun, list_runs
from newsdesk.temporal.replays import HistoryGoneError, current_run, retention


@dataclass(frozen=True)
class FailedRun:
    """A run that failed, and has not gone on since.

    `run_id`: None where Temporal does not keep its history any more. `step`: None where no step
    failed: it was closed from outside. `message`: known only of those whose history is gone.
    """

    workflow_id: str
    run_id: str | None
    run_number: int | None
    article_id: int | None
    revision: int | None
    status: RunStatus
    step: str | None
    error_type: str | None
    tickers: tuple[str, ...]
    closed_at: datetime | None
    message: str | None = None

    @property
    def cause(self) -> str:
        """The type of error, or how the run was closed."""
        return self.error_type or self.status.value.title().replace("_", "")


@dataclass(frozen=True)
class Failures:
    """What was found.

    `overtaken`: runs left out, of which readers would see nothing: a newer one is published or
    was begun, or the article was removed.
    """

    runs: tuple[FailedRun, ...]
    overtaken: tuple[FailedRun, ...]


def require_client(services: Services) -> Client:
    """Returns the client. Raises TemporalUnavailableError where no server answers."""
    if services.client is None:
        raise services.unreachable or TemporalUnavailableError()
    return services.client


async def find_failures(services: Services, wanted: FailureFilter) -> Failures:
    """Returns the failed runs that a filter means, the latest first.

    Raises TemporalUnavailableError, StoreUnavailableError, or UsageError for an odd value.
    """
    client = require_client(services)
    found = [_listed(run) async for run in _current(client, wanted)]
    found += await _gone(client, services, wanted, {run.workflow_id for run in found})
    ids = [run.workflow_id for run in found]
    overtaken = await services.store.operations.overtaken(ids)
    return Failures(
        runs=tuple(run for run in found if run.workflow_id not in overtaken),
        overtaken=tuple(run for run in found if run.workflow_id in overtaken),
    )


async def _current(client: Client, wanted: FailureFilter) -> AsyncGenerator[ListedRun, None]:
    async for run in current_runs(client, list_runs(client, wanted.query())):
        # It may have been replayed since, and have failed in another way.
        if wanted.takes(run.status, run.failed_step, run.error_type, run.closed_at):
            yield run


async def _gone(
    client: Client, services: Services, wanted: FailureFilter, listed: set[str]
) -> list[FailedRun]:
    """Returns recorded failures of which Temporal keeps no history any more."""
    recorded = await services.store.operations.recorded_failures(
        wanted.statuses, wanted.since, wanted.step, wanted.error, wanted.ticker
    )
    kept_for = await retention(client)
    # What is not that old, and yet unknown, is no failure of this namespace.
    old = [run for run in recorded if is_past(run.completed_at, kept_for)]
    doubtful = [run for run in old if run.workflow_id not in listed]
    return [_recorded(run) for run in doubtful if await _is_gone(client, run.workflow_id)]


async def _is_gone(client: Client, workflow_id: str) -> bool:
    try:
        await current_run(client, workflow_id)
    except HistoryGoneError:
        return True
    return False  # it goes on, or was recorded differently: the list is right


def _listed(run: ListedRun) -> FailedRun:
    return FailedRun(
        workflow_id=run.workflow_id,
        run_id=run.run_id,
        run_number=run.run_number,
        article_id=run.article_id,
        revision=run.revision,
        status=run.status,
        step=run.failed_step,
        error_type=run.error_type,
        tickers=run.tickers,
        closed_at=run.closed_at,
    )


def _recorded(run: RecordedFailure) -> FailedRun:
    return FailedRun(
        workflow_id=run.workflow_id,
        run_id=None,
        run_number=run.number,
        article_id=run.article_id,
        revision=run.revision,
        status=run.status,
        step=run.step,
        error_type=run.error_type if run.status is RunStatus.FAILED else None,
        tickers=run.tickers,
        closed_at=run.completed_at,
        message=run.error_message,
    )


def grouped(runs: Sequence[FailedRun]) -> list[list[FailedRun]]:
    """Returns the runs in groups of one step and cause, the largest group first."""
    groups: dict[tuple[str | None, str, bool], list[FailedRun]] = {}
    for run in runs:
        groups.setdefault((run.step, run.cause, run.run_id is None), []).append(run)
    return sorted(groups.values(), key=lambda group: -len(group))
