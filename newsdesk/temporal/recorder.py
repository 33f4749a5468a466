"""The recorder and the sweeper: what a worker does beside its steps so that nothing is lost.

The recorder snapshots a run's block into Postgres soon after the run closes, however it closed.
The sweeper starts runs that were stored but never acknowledged, because whoever enqueued them
died in between or Temporal was away. Both are idempotent: any number of workers may do both.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from temporalio.client import Client
from temporalio.service import RPCError

from newsdesk.contracts.names import WORKFLOW_TYPE
from newsdesk.contracts.record import RunStatus
from newsdesk.errors import NewsdeskError, TemporalUnavailableError
from newsdesk.ports import RunReader, RunStarter, RunStore
from newsdesk.temporal.starting import start_pending

logger = logging.getLogger(__name__)

RECORD_EVERY = timedelta(seconds=1)
SWEEP_EVERY = timedelta(seconds=5)
GRACE = timedelta(seconds=10)
"""How long an enqueuer may take between storing and starting before the sweeper steps in."""

LOOK_BACK = timedelta(days=1)
"""At its start a recorder looks this far back for ends that it missed while no worker was up."""

OVERLAP = timedelta(minutes=1)
"""Each look repeats this much of the last: visibility lags, and clocks differ."""

BATCH = 200


class Recorder:
    """Snapshots closed runs."""

    def __init__(
        self, client: Client, runs: RunStore, reader: RunReader, clock: Callable[[], datetime]
    ) -> None:
        """Takes the server, where runs are kept, who reads their blocks, and the time in UTC."""
        self._client = client
        self._runs = runs
        self._reader = reader
        self._clock = clock
        self._since = clock() - LOOK_BACK
        self._seen: dict[str, datetime] = {}

    async def record_closed(self) -> int:
        """Records what has closed since the last call; returns how many runs."""
        since, looked_at = self._since, self._clock()
        query = (
            f"WorkflowType = '{WORKFLOW_TYPE}' AND ExecutionStatus != 'Running'"
            f" AND CloseTime >= '{since.strftime('%Y-%m-%dT%H:%M:%S.%fZ')}'"
        )
        recorded = 0
        try:
            async for execution in self._client.list_workflows(query):
                if execution.run_id in self._seen:
                    continue
                recorded += await self._record(execution.id, execution.run_id)
                self._seen[execution.run_id] = looked_at
        except RPCError as error:
            raise TemporalUnavailableError(
                f"closed runs cannot be listed: {error.message}"
            ) from error
        self._since = looked_at - OVERLAP
        self._seen = {run: at for run, at in self._seen.items() if at >= self._since - OVERLAP}
        return recorded

    async def _record(self, workflow_id: str, run_id: str) -> bool:
        number = await self._runs.find(workflow_id)
        if number is None:
            logger.warning("%s runs on Temporal, but no run of it is stored", workflow_id)
            return False
        known = (await self._runs.blocks([number])).get(number)
        if known is not None and run_id in known.executions:
            return False
        return await self._snapshot(number, workflow_id)

    async def _snapshot(self, number: int, workflow_id: str) -> bool:
        block = await self._reader.read(number, workflow_id)
        if block is None or block.status is RunStatus.RUNNING:
            return False
        await self._runs.record(block)
        return True

    async def catch_up(self) -> int:
        """Looks at every run whose end is not recorded, once; returns how many were recorded.

        A run that Temporal does not know (its state was lost, or retention passed) becomes
        pending again unless it was published.
        """
        recorded, after = 0, 0
        while batch := await self._runs.open_runs(after, BATCH):
            for run in batch:
                block = await self._reader.read(run.run_number, run.workflow_id)
                if block is None:
                    logger.warning("Temporal does not know %s; starting it anew", run.workflow_id)
                    await self._runs.reopen(run.run_number)
                elif block.status is not RunStatus.RUNNING:
                    await self._runs.record(block)
                    recorded += 1
            after = batch[-1].run_number
        return recorded


async def sweep(runs: RunStore, starter: RunStarter, grace: timedelta = GRACE) -> int:
    """Starts runs that stayed pending for longer than `grace`; returns how many."""
    started = 0
    for run in await runs.pending(grace, BATCH):
        await start_pending(runs, starter, run)
        started += 1
        logger.info("started #%d (%s), which had stayed pending", run.run_number, run.workflow_id)
    return started


async def repeatedly(name: str, every: timedelta, job: Callable[[], Awaitable[object]]) -> None:
    """Does a background job for as long as the worker lives; a failure waits for the next turn.

    An outage is logged once when it begins and once when it ends.
    """
    failing = False
    while True:
        try:
            await job()
        except NewsdeskError as error:
            if not failing:
                logger.warning("%s: %s; trying on", name, error)
            failing = True
        except Exception:
            # A bug here must not end the worker, whose steps do not depend on it.
            logger.exception("%s failed; trying on", name)
            failing = True
        else:
            if failing:
                logger.info("%s works again", name)
            failing = False
        await asyncio.sleep(every.total_seconds())
