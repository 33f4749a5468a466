"""What a replay of several runs would do: one job a run, and the plan in words."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.client import Client

from newsdesk.contracts.record import RunStatus
from newsdesk.errors import NotReplayableError
from newsdesk.store.operations import KnownRun
from newsdesk.temporal.replays import (
    HistoryGoneError,
    ReplayPlan,
    current_run,
    plan_replay,
    retention,
)

AT_ONCE = 8
"""Runs whose histories are read, or that are replayed, side by side."""

MAX_NAMED = 5
MAX_REASON_CHARS = 300
"""So much of an operator's reason is kept: it is read in tables."""


@dataclass(frozen=True)
class RunToReplay:
    """A run that was named, or that a filter found. For the other fields see KnownRun."""

    workflow_id: str
    run_number: int
    article_id: int
    revision: int
    started: bool = True
    status: RunStatus | None = None
    closed_at: datetime | None = None
    overtaken: bool = False
    successor: int | None = None


def to_replay(known: KnownRun) -> RunToReplay:
    """Returns a stored run as one that is to be replayed."""
    return RunToReplay(
        workflow_id=known.workflow_id,
        run_number=known.number,
        article_id=known.article_id,
        revision=known.revision,
        started=known.started,
        status=known.status,
        closed_at=known.completed_at,
        overtaken=known.overtaken,
        successor=known.successor,
    )


@dataclass(frozen=True)
class Job:
    """What is to become of one run: a reset, a new run, or nothing.

    `plan`: the reset. `restart`: it is started afresh, as a run of its own. `gone`: because
    Temporal keeps no history of it. `refusal`: why nothing is done.
    """

    run: RunToReplay
    plan: ReplayPlan | None = None
    restart: bool = False
    gone: bool = False
    refusal: str | None = None


async def plan_jobs(
    client: Client, runs: Sequence[RunToReplay], from_step: str | None, *, restart: bool
) -> list[Job]:
    """Returns a job for each run, each run once. Changes nothing.

    Raises TemporalUnavailableError.
    """
    each = list({run.workflow_id: run for run in runs}.values())
    kept_for = await retention(client)
    gate = asyncio.Semaphore(AT_ONCE)

    async def plan(run: RunToReplay) -> Job:
        async with gate:
            return await _plan(client, run, from_step, kept_for, restart=restart)

    return list(await asyncio.gather(*map(plan, each)))


async def _plan(
    client: Client,
    run: RunToReplay,
    from_step: str | None,
    kept_for: timedelta,
    *,
    restart: bool,
) -> Job:
    try:
        if not restart:
            return Job(run, await plan_replay(client, run.workflow_id, from_step))
        if (await current_run(client, run.workflow_id)).status is RunStatus.RUNNING:
            return Job(run, refusal="it is under way")
    except HistoryGoneError:
        refusal = unknown_because(run, kept_for, restart=restart)
        return Job(run, restart=refusal is None, gone=True, refusal=refusal)
    except NotReplayableError as error:
        return Job(run, refusal=str(error))
    return Job(run, restart=True)


def unknown_because(run: RunToReplay, kept_for: timedelta, *, restart: bool) -> str | None:
    """Returns why a run that Temporal does not know is not begun afresh; None where it may be."""
    if run.successor is not None:
        return f"it was enqueued again, as #{run.successor}"
    if not run.started:
        return "it has not been started yet; a worker starts it"
    if run.status is None:
        return "Temporal does not know it, and its end is not recorded; a worker starts it anew"
    if restart:
        return None
    if run.status is RunStatus.COMPLETED:
        return "it completed; to do it again all the same: --restart"
    if not is_past(run.closed_at, kept_for):
        return (
            f"Temporal does not know it, though it keeps runs for {words(kept_for)}: is this the"
            " server, and TEMPORAL_NAMESPACE the namespace, that it ran in? Where that lost its"
            " state: --restart"
        )
    return None


def is_past(closed_at: datetime | None, kept_for: timedelta) -> bool:
    """Returns whether Temporal may have forgotten a run that closed then."""
    return closed_at is not None and closed_at + kept_for <= datetime.now(UTC)


def words(length: timedelta) -> str:
    """Returns a length of time in its largest unit."""
    hours = round(length.total_seconds() / 3600)
    return f"{hours // 24} days" if hours >= 48 else f"{hours} hours"


def plan_lines(jobs: Sequence[Job]) -> list[str]:
    """Returns the plan: a line or two for all runs of which the same becomes."""
    groups: dict[tuple[str, ...], list[Job]] = {}
    for job in jobs:
        groups.setdefault(_words(job), []).append(job)
    lines = [f"plan for {counted(len(jobs))}:"]
    for words, group in sorted(groups.items(), key=lambda item: -len(item[1])):
        first, *others = words
        lines += [f"{len(group):>6}  {first}", *(f"        {other}" for other in others)]
        lines.append(f"        {_named(group)}")
    return lines


def _words(job: Job) -> tuple[str, ...]:
    overtaken = ("readers will see nothing of it: a newer one is published",)
    more = overtaken if job.run.overtaken and job.refusal is None else ()
    if job.refusal is not None:
        return (f"left as it is: {job.refusal}",)
    if job.plan is None:
        why = "Temporal keeps no history of it any more: " if job.gone else ""
        return (f"{why}enqueued again as a new run, with today's options; all steps again", *more)
    point = job.plan.point
    repeated = (
        f"done again too, for what is above is not taken back alone: {', '.join(point.repeated)}",
    )
    return (
        f"again: {', '.join(point.again)}",
        *(repeated if point.repeated else ()),
        f"kept: {', '.join(point.kept) or 'nothing'}",
        *more,
    )


def ended(status: RunStatus) -> str:
    """Returns how a run ended, as a verb."""
    passive = (RunStatus.CANCELED, RunStatus.TERMINATED)
    return f"was {status}" if status in passive else status.value.replace("_", " ")


def counted(count: int) -> str:
    """Returns so many runs, in words."""
    return f"{count} run{'' if count == 1 else 's'}"


def _named(group: Sequence[Job]) -> str:
    named = ", ".join(job.run.workflow_id for job in group[:MAX_NAMED])
    return named + (f" and {len(group) - MAX_NAMED} more" if len(group) > MAX_NAMED else "")
