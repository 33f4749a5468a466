"""What operators ask the database about runs, and the lock that lets one of them replay."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from newsdesk.contracts.record import RunStatus
from newsdesk.store.pool import StorePool
from newsdesk.store.queries import load_queries
from newsdesk.store.rows import Row

_SQL = load_queries("runs")
_REPLAY_LOCK = 0x6E657773_5265706C
"""A number of our own among the database's advisory locks."""


@dataclass(frozen=True)
class KnownRun:
    """A stored run.

    `started`: Temporal has acknowledged it. `status`: as recorded when it closed; None before.
    `overtaken`: readers see a newer run, or the article was removed, so that they would see nothing
    of this one. `successor`: the number of the run that its revision was started afresh as.
    """

    number: int
    workflow_id: str
    article_id: int
    revision: int
    restart: int
    title: str
    started: bool
    status: RunStatus | None
    enqueued_at: datetime
    completed_at: datetime | None
    overtaken: bool
    successor: int | None


@dataclass(frozen=True)
class RecordedFailure:
    """A run that closed without completing, as recorded then. `step`: None where none failed."""

    number: int
    workflow_id: str
    article_id: int
    revision: int
    status: RunStatus
    completed_at: datetime
    tickers: tuple[str, ...]
    step: str | None
    error_type: str | None
    error_message: str | None


@dataclass(frozen=True)
class PaidCalls:
    """What one model took for one step of a run. `cost_usd`: None where no price is known."""

    step: str
    model: str
    calls: int
    unusable: int
    cost_usd: float | None
    unpriced: int


class PostgresOperations:
    """Looks runs up for operators."""

    def __init__(self, pool: StorePool) -> None:
        """Takes the pool it works on."""
        self._pool = pool

    async def known(
        self,
        *,
        article_id: int | None = None,
        number: int | None = None,
        workflow_id: str | None = None,
    ) -> list[KnownRun]:
        """Returns the runs of an article, or that of a number or of a workflow id; newest first."""
        async with self._pool.connection("look runs up") as connection:
            rows = await connection.fetch(_SQL["list_known_runs"], article_id, number, workflow_id)
        return [_known_run(row) for row in rows]

    async def overtaken(self, workflow_ids: Sequence[str]) -> set[str]:
        """Returns those of these runs of which readers will see nothing, whatever comes of them."""
        async with self._pool.connection("look for newer runs") as connection:
            rows = await connection.fetch(_SQL["list_overtaken"], list(workflow_ids))
        return {row["workflow_id"] for row in rows}

    async def recorded_failures(
        self,
        statuses: Sequence[RunStatus],
        since: datetime | None = None,
        step: str | None = None,
        error_type: str | None = None,
        ticker: str | None = None,
    ) -> list[RecordedFailure]:
        """Returns what closed in one of these ways, the newest first; None: whatever it is."""
        words = [status.value for status in statuses]
        async with self._pool.connection("look for failed runs") as connection:
            rows = await connection.fetch(
                _SQL["list_failed_runs"], words, since, step, error_type, ticker
            )
        return [_recorded_failure(row) for row in rows]

    async def paid(self, run_number: int) -> list[PaidCalls]:
        """Returns what models took for a run, by step and model, in order."""
        async with self._pool.connection(f"sum what run {run_number} took") as connection:
            rows = await connection.fetch(_SQL["sum_run_calls"], run_number)
        return [PaidCalls(**dict(row)) for row in rows]

    @asynccontextmanager
    async def replaying(self) -> AsyncGenerator[bool, None]:
        """Holds the lock of replays; yields whether it was free.

        It goes with its connection: a command that was killed does not hold it.
        """
        async with self._pool.connection("replay runs") as connection:
            free: bool = await connection.fetchval(_SQL["try_lock"], _REPLAY_LOCK)
            try:
                yield free
            finally:
                if free:
                    await connection.fetchval(_SQL["unlock"], _REPLAY_LOCK)


def _known_run(row: Row) -> KnownRun:
    return KnownRun(
        number=row["number"],
        workflow_id=row["workflow_id"],
        article_id=row["article_id"],
        revision=row["revision"],
        restart=row["restart"],
        title=row["title"],
        started=row["state"] != "pending",
        status=RunStatus(row["status"]) if row["state"] == "closed" else None,
        enqueued_at=row["enqueued_at"],
        completed_at=row["completed_at"],
        overtaken=row["overtaken"],
        successor=row["successor"],
    )


def _recorded_failure(row: Row) -> RecordedFailure:
    return RecordedFailure(
        number=row["number"],
        workflow_id=row["workflow_id"],
        article_id=row["article_id"],
        revision=row["revision"],
        status=RunStatus(row["status"]),
        completed_at=row["completed_at"],
        tickers=tuple(row["tickers"]),
        step=row["step"],
        error_type=row["error_type"],
        error_message=row["error_message"],
    )
