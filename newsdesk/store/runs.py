"""Runs: the RunStore over Postgres, and what commands and operators ask about runs."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from newsdesk.contracts.articles import PendingRun
from newsdesk.contracts.options import ProcessingOptions
from newsdesk.contracts.record import OpenRun, RunBlock, RunStatus, StepRecord
from newsdesk.errors import ArticleNotFoundError
from newsdesk.store.articles import insert_run
from newsdesk.store.pool import StorePool
from newsdesk.store.queries import load_queries
from newsdesk.store.rows import Row, pending_run_from
from newsdesk.store.summaries import RunCounts, RunSummary, count_runs, load_summaries

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

_SQL = load_queries("runs")
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class PostgresRuns:
    """Runs: pending, then started, then closed with the block that tells how."""

    def __init__(self, pool: StorePool) -> None:
        """Takes the pool it works on."""
        self._pool = pool

    async def mark_started(self, run_number: int, run_id: str | None) -> None:
        """Notes that Temporal has acknowledged the run, or a new execution of a closed one.

        A closed run is open again where `run_id` is not that of its recorded execution: a replay
        was begun, and its end is to be recorded. Raises ArticleNotFoundError.
        """
        async with self._pool.connection(f"mark run {run_number} as started") as connection:
            number = await connection.fetchval(_SQL["mark_started"], run_number, run_id)
        if number is None:
            raise _no_run(run_number)

    async def pending(self, older_than: timedelta, limit: int) -> Sequence[PendingRun]:
        """Returns runs never acknowledged, enqueued longer ago than `older_than`, oldest first."""
        async with self._pool.connection("list pending runs") as connection:
            rows = await connection.fetch(_SQL["list_pending_runs"], older_than, limit)
        return [pending_run_from(row) for row in rows]

    async def open_runs(self, after_number: int, limit: int) -> Sequence[OpenRun]:
        """Returns runs whose end is not recorded, by number, above `after_number`."""
        async with self._pool.connection("list open runs") as connection:
            rows = await connection.fetch(_SQL["list_open_runs"], after_number, limit)
        return [OpenRun(run_number=row["number"], workflow_id=row["workflow_id"]) for row in rows]

    async def find(self, workflow_id: str) -> int | None:
        """Returns the number of the run with this workflow id."""
        async with self._pool.connection(f"find run {workflow_id}") as connection:
            number: int | None = await connection.fetchval(_SQL["find_run"], workflow_id)
        return number

    async def record(self, block: RunBlock) -> None:
        """Stores a closed run's block and steps; of two snapshots the newer one stays.

        Newer is the one that closed later; executions of a run close one after another.

        Raises:
            ValueError: the block is of a run that is still under way.
            ArticleNotFoundError: there is no such run.
        """
        if block.status in (RunStatus.PENDING, RunStatus.RUNNING):
            raise ValueError(f"run {block.number} is {block.status}; only closed runs are recorded")
        async with self._pool.transaction(f"record run {block.number}") as connection:
            stored = await connection.fetchrow(_SQL["lock_run"], block.number)
            if stored is None:
                raise _no_run(block.number)
            if _is_newer(block, stored):
                await _write(connection, block)

    async def reopen(self, run_number: int) -> None:
        """Makes a run pending again that Temporal does not know and whose end is not recorded."""
        async with self._pool.connection(f"reopen run {run_number}") as connection:
            await connection.execute(_SQL["reopen_run"], run_number)

    async def start_afresh(
        self, article_id: int, revision: int, options: ProcessingOptions
    ) -> PendingRun:
        """Stores a further run of a revision, under a workflow id with a suffix and a new number.

        Raises ArticleNotFoundError.
        """
        doing = f"start revision {revision} of article {article_id} afresh"
        async with self._pool.transaction(doing) as connection:
            if await connection.fetchval(_SQL["lock_revision"], article_id, revision) is None:
                raise ArticleNotFoundError(f"article {article_id} has no revision {revision}")
            runs = await connection.fetchval(_SQL["count_runs_of_revision"], article_id, revision)
            return await insert_run(connection, article_id, revision, options, restart=runs + 1)

    async def blocks(self, run_numbers: Sequence[int]) -> dict[int, RunBlock]:
        """Returns the recorded blocks of closed runs among these."""
        async with self._pool.connection("load run blocks") as connection:
            rows = await connection.fetch(_SQL["list_blocks"], list(run_numbers))
        return {row["number"]: RunBlock.model_validate_json(row["block"]) for row in rows}

    async def counts(self) -> RunCounts:
        """Returns how many runs there are of each kind."""
        async with self._pool.connection("count runs") as connection:
            return await count_runs(connection)

    async def summaries(self, run_numbers: Sequence[int]) -> list[RunSummary]:
        """Returns a line about each of these runs that is stored, by run number."""
        async with self._pool.connection("summarize runs") as connection:
            return await load_summaries(connection, run_numbers)


def _no_run(run_number: int) -> ArticleNotFoundError:
    return ArticleNotFoundError(f"run {run_number} is not stored")


def _is_newer(block: RunBlock, stored: Row) -> bool:
    if not stored["has_block"]:
        return True
    ours = (stored["completed_at"] or _LONG_AGO, stored["executions"])
    theirs = (block.completed_at or _LONG_AGO, len(block.executions))
    # An equal one closes a run again that was opened without a new execution: by a publish that
    # outlived the termination of its run.
    return theirs >= ours


async def _write(connection: "PoolConnectionProxy", block: RunBlock) -> None:
    await connection.execute(
        _SQL["record_run"],
        block.number,
        block.run_id,
        block.started_at,
        block.status.value,
        block.completed_at,
        len(block.executions),
        block.model_dump_json(),
    )
    await connection.executemany(
        _SQL["record_step"], [_step_values(block.number, step) for step in block.steps]
    )


def _step_values(run_number: int, step: StepRecord) -> tuple[object, ...]:
    error, tokens = step.error, step.tokens
    return (
        run_number,
        step.name.value,
        step.status.value,
        step.attempts,
        step.started_at,
        step.completed_at,
        step.duration_ms,
        step.reason_code,
        step.reason,
        error and error.type,
        # Postgres' text holds every character but this one; the block keeps it.
        error and error.message.replace("\x00", "\N{REPLACEMENT CHARACTER}"),
        step.model,
        tokens and tokens.input,
        tokens and tokens.cached_input,
        tokens and tokens.output,
        step.cost_usd,
    )
