"""Finding runs that wait, and telling them by signal to look again."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from newsdesk.contracts.names import RESUME_SIGNAL, WAITING_RUNS
from newsdesk.ops.waiting import progress_bar
from newsdesk.temporal.listing import ListedRun, list_runs

AT_ONCE = 16
"""Runs that are signalled side by side."""

LOOK_AGAIN_SECONDS = 1.0
"""The server's lists lag behind its runs: what began to wait just now is listed a moment later."""


@dataclass(frozen=True)
class Told:
    """What came of a signal, in words, and whether that is a failure."""

    words: str
    failed: bool = False


async def waiting_runs(client: Client, articles: Sequence[int] = ()) -> list[ListedRun]:
    """Returns the runs that wait for a budget or for a paused step, all or those of some articles.

    Raises TemporalUnavailableError.
    """
    query = WAITING_RUNS
    if articles:
        query += f" AND ArticleId IN ({', '.join(str(number) for number in articles)})"
    return [one async for one in list_runs(client, query)]


async def wake_all(client: Client) -> list[tuple[ListedRun, Told]]:
    """Signals every run that waits, and once more whoever is listed a moment later.

    Also those that were told already: a signal that comes before a run's wait has begun ends none.
    Raises TemporalUnavailableError.
    """
    told: dict[str, tuple[ListedRun, Told]] = {}
    for seconds in (0.0, LOOK_AGAIN_SECONDS):
        await asyncio.sleep(seconds)
        waiting = await waiting_runs(client)
        answers = await signal_all(client, waiting)
        for one, what in zip(waiting, answers, strict=True):
            # One that went on at the first signal may have ended when the second came.
            if one.run_id not in told or told[one.run_id][1].failed:
                told[one.run_id] = (one, what)
    return list(told.values())


async def signal_all(client: Client, waiting: Sequence[ListedRun]) -> list[Told]:
    """Has runs look again at once whether they may go on; shows progress on a terminal."""
    told: list[Told] = []
    with progress_bar(Console(stderr=True), "resumed", len(waiting)) as step:
        for at in range(0, len(waiting), AT_ONCE):
            group = waiting[at : at + AT_ONCE]
            told += await asyncio.gather(*(_signal(client, one) for one in group))
            for _ in group:
                step()
    return told


async def _signal(client: Client, one: ListedRun) -> Told:
    try:
        handle = client.get_workflow_handle(one.workflow_id, run_id=one.run_id)
        await handle.signal(RESUME_SIGNAL)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return Told("has ended meanwhile")
        return Told(f"not resumed: {error.message}", failed=True)
    return Told("resumed")
