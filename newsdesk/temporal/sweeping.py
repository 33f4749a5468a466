"""The sweeper: starts runs that were stored but never acknowledged.

Whoever enqueued them died in between, or Temporal was away. It is idempotent: any number of
workers may sweep, beside enqueuers too.
"""

import asyncio
import logging
from datetime import timedelta

from newsdesk.contracts.articles import PendingRun
from newsdesk.errors import NewsdeskError
from newsdesk.ports import RunStarter, RunStore
from newsdesk.temporal.starting import start_pending

logger = logging.getLogger(__name__)

SWEEP_EVERY = timedelta(seconds=5)
GRACE = timedelta(seconds=10)
"""How long an enqueuer may take between storing and starting before the sweeper steps in."""

BATCH = 200
AT_ONCE = 8


async def sweep(runs: RunStore, starter: RunStarter, grace: timedelta = GRACE) -> int:
    """Starts all runs that stayed pending for longer than `grace`; returns how many.

    Raises:
        NewsdeskError: what kept a run from being started. One that Temporal refuses does not
            keep the others back; an outage ends the sweep.
    """
    started, refused = 0, dict[int, NewsdeskError]()
    # The refused stay pending, oldest first: asking for as many more sees past them.
    while batch := [
        run
        for run in await runs.pending(grace, BATCH + len(refused))
        if run.run_number not in refused
    ]:
        for at in range(0, len(batch), AT_ONCE):
            group = batch[at : at + AT_ONCE]
            errors = await asyncio.gather(*(_start(runs, starter, run) for run in group))
            for run, error in zip(group, errors, strict=True):
                if error is None:
                    started += 1
                elif error.retryable:
                    raise error
                else:
                    refused[run.run_number] = error
    for error in refused.values():
        raise error
    return started


async def _start(runs: RunStore, starter: RunStarter, run: PendingRun) -> NewsdeskError | None:
    try:
        await start_pending(runs, starter, run)
    except NewsdeskError as error:
        return error
    logger.info("started #%d (%s), which had stayed pending", run.run_number, run.workflow_id)
    return None
