"""The recorder: snapshots a run's block into Postgres soon after the run closed, however it did.

Two looks make it whole. The quick one asks Temporal what has closed lately; the thorough one asks
Postgres whose end is not recorded, and so finds what the quick one missed, and what Temporal has
lost. Both are idempotent: any number of workers may do both.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from temporalio.client import Client, WorkflowExecution
from temporalio.service import RPCError

from newsdesk.contracts.names import WORKFLOW_TYPE
from newsdesk.contracts.record import OpenRun, RunBlock, RunStatus
from newsdesk.errors import NewsdeskError, TemporalUnavailableError
from newsdesk.ports import RunReader, RunStore
from newsdesk.temporal.search_attributes import RUN_NUMBER

logger = logging.getLogger(__name__)
ItemT = TypeVar("ItemT")

RECORD_EVERY = timedelta(seconds=1)
CATCH_UP_EVERY = timedelta(minutes=1)

LOOK_BACK = timedelta(days=1)
"""At its start a recorder looks this far back for replays that closed while no worker was up."""

OVERLAP = timedelta(seconds=15)
"""Each look repeats this much of the last: runs do not appear in the order in which they closed.
What takes longer to appear is left to catch_up."""

BATCH = 200
AT_ONCE = 8
"""How many runs are read side by side: each waits on Temporal most of the time."""


class Recorder:
    """Snapshots closed runs."""

    def __init__(
        self, client: Client, runs: RunStore, reader: RunReader, clock: Callable[[], datetime]
    ) -> None:
        """Takes the server, where runs are kept, who reads their blocks, and the time in UTC."""
        self._client = client
        self._runs = runs
        self._reader = reader
        self._since = clock() - LOOK_BACK
        self._seen: dict[str, datetime] = {}

    async def record_closed(self) -> int:
        """Records what has closed since the last call; returns how many runs.

        Raises TemporalUnavailableError or the store's retryable errors; what was not recorded
        then is looked at again.
        """
        # Only the server's own times move the mark: a worker's clock may be wrong.
        recorded, newest, batch = 0, self._since, list[WorkflowExecution]()
        try:
            async for execution in self._client.list_workflows(self._closed_query()):
                newest = max(newest, _closed_at(execution))
                if execution.run_id not in self._seen:
                    batch.append(execution)
                if len(batch) == BATCH:
                    recorded += await self._record_batch(batch)
                    batch.clear()
        except RPCError as error:
            raise _unlisted(error) from error
        recorded += await self._record_batch(batch)
        self._since = max(self._since, newest - OVERLAP)
        self._seen = {run: at for run, at in self._seen.items() if at >= self._since}
        return recorded

    def _closed_query(self) -> str:
        since = self._since.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return (
            f"WorkflowType = '{WORKFLOW_TYPE}' AND ExecutionStatus != 'Running'"
            f" AND CloseTime >= '{since}'"
        )

    async def _record_batch(self, batch: Sequence[WorkflowExecution]) -> int:
        told = {execution.run_id: _told_number(execution) for execution in batch}
        blocks = await self._runs.blocks([n for n in told.values() if n is not None])

        async def record(execution: WorkflowExecution) -> bool:
            block = blocks.get(told[execution.run_id] or 0)
            known = block is not None and _tells_of(block, execution)
            done = not known and await _guarded(execution.id, self._record(execution))
            self._seen[execution.run_id] = _closed_at(execution)
            return done

        return await _count(batch, record)

    async def _record(self, execution: WorkflowExecution) -> bool:
        number = await self._runs.find(execution.id)
        if number is None:
            logger.warning("%s runs on Temporal, but no run of it is stored", execution.id)
            return False
        block = await self._reader.read(number, execution.id)
        return block is not None and await self._store(block)

    async def _store(self, block: RunBlock) -> bool:
        if block.status is RunStatus.RUNNING:  # a replay is under way
            return False
        await self._runs.record(block)
        return True

    async def catch_up(self) -> int:
        """Looks at every run whose end is not recorded; returns how many were recorded.

        A run that Temporal does not know (its state was lost, or retention passed) becomes
        pending again.
        """
        # One list instead of a look at each: there may be thousands under way.
        running = await self._running()
        recorded, after = 0, 0
        while batch := await self._runs.open_runs(after, BATCH):
            doubtful = [run for run in batch if run.workflow_id not in running]
            recorded += await _count(doubtful, self._look_at)
            after = batch[-1].run_number
        return recorded

    async def _running(self) -> set[str]:
        query = f"WorkflowType = '{WORKFLOW_TYPE}' AND ExecutionStatus = 'Running'"
        try:
            return {execution.id async for execution in self._client.list_workflows(query)}
        except RPCError as error:
            raise _unlisted(error) from error

    async def _look_at(self, run: OpenRun) -> bool:
        return await _guarded(run.workflow_id, self._record_or_reopen(run))

    async def _record_or_reopen(self, run: OpenRun) -> bool:
        block = await self._reader.read(run.run_number, run.workflow_id)
        if block is None:
            logger.warning("Temporal does not know %s; starting it anew", run.workflow_id)
            await self._runs.reopen(run.run_number)
            return False
        return await self._store(block)


async def _guarded(workflow_id: str, work: Awaitable[bool]) -> bool:
    """Awaits the work on one run, whose own trouble must not keep others from being recorded."""
    try:
        return await work
    except NewsdeskError as error:
        if error.retryable:
            raise
        logger.error("%s cannot be recorded: %s", workflow_id, error)  # noqa: TRY400 - no bug
    except Exception:
        logger.exception("%s cannot be recorded", workflow_id)
    return False


async def _count(items: Sequence[ItemT], work: Callable[[ItemT], Awaitable[bool]]) -> int:
    """Works on items, AT_ONCE side by side; returns how many answered True. Raises the first error.

    The others of its group are awaited before.
    """
    done = 0
    for start in range(0, len(items), AT_ONCE):
        group = items[start : start + AT_ONCE]
        for answer in await asyncio.gather(*map(work, group), return_exceptions=True):
            if isinstance(answer, BaseException):
                raise answer
            done += answer
    return done


def _tells_of(block: RunBlock, execution: WorkflowExecution) -> bool:
    # The id too: a number may be that of another database, which is gone.
    return block.workflow_id == execution.id and execution.run_id in block.executions


def _told_number(execution: WorkflowExecution) -> int | None:
    return execution.typed_search_attributes.get(RUN_NUMBER)


def _closed_at(execution: WorkflowExecution) -> datetime:
    # Only closed ones are asked for; the start stands in should a server leave the end out.
    return execution.close_time or execution.start_time


def _unlisted(error: RPCError) -> TemporalUnavailableError:
    return TemporalUnavailableError(f"runs cannot be listed: {error.message}")
