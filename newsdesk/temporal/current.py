"""Runs as they stand: visibility lists executions, and that of a replayed run stays Failed there.

Only a description tells which execution is a run's current one. It tells what that is doing, too.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from temporalio.api.enums.v1 import PendingActivityState, PendingWorkflowTaskState
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.service import RPCError, RPCStatusCode

from newsdesk.contracts.names import SKIPS_MEMO_KEY, TITLE_MEMO_KEY
from newsdesk.contracts.record import StepError
from newsdesk.errors import TemporalUnavailableError
from newsdesk.temporal.history import moment, step_error
from newsdesk.temporal.listing import ListedRun, listed_run

AnswerT = TypeVar("AnswerT")

AT_ONCE = 16
"""Runs that are described side by side."""

RPC_TIMEOUT = timedelta(seconds=10)


@dataclass(frozen=True)
class PendingStep:
    """An activity that is under way; of a run that was closed from outside: that was.

    `started`: a worker has it. `paused`: an operator keeps the server from handing it out.
    `error`: its last attempt's. `next_try_at`: when it is tried again; None while it is tried.
    """

    name: str
    attempt: int
    started: bool
    paused: bool
    error: StepError | None
    next_try_at: datetime | None


@dataclass(frozen=True)
class CurrentRun:
    """A run as its current execution stands, and what only a description tells.

    `title`: the article's; None in runs that an older version started. `skips`: the codes of
    skipped steps. `pending`: what is under way, the most troubled first. `task_attempt`: of the
    workflow task that is to take the run on, 0 where none is due; `unclaimed`: no worker has it.
    """

    run: ListedRun
    title: str | None = None
    skips: Mapping[str, str] = field(default_factory=dict[str, str])
    pending: tuple[PendingStep, ...] = ()
    task_attempt: int = 0
    unclaimed: bool = False


async def current_runs(
    client: Client, listed: AsyncIterable[ListedRun] | Iterable[ListedRun]
) -> AsyncGenerator[ListedRun, None]:
    """Yields each run once, as its current execution stands, in the order first listed.

    A run that Temporal no longer knows is left out. Raises TemporalUnavailableError.
    """
    async for current in described_runs(client, listed):
        yield current.run


async def described_runs(
    client: Client, listed: AsyncIterable[ListedRun] | Iterable[ListedRun]
) -> AsyncGenerator[CurrentRun, None]:
    """Yields what current_runs does, with what each run is doing. Raises the same."""
    async for workflow_ids in _groups(listed):
        for current in await side_by_side(_describe(client, one) for one in workflow_ids):
            if current is not None:
                yield current


async def _groups(
    listed: AsyncIterable[ListedRun] | Iterable[ListedRun],
) -> AsyncGenerator[list[str], None]:
    """Yields the workflow ids, each once, as many together as are described side by side."""
    seen = set[str]()
    group: list[str] = []
    async for run in _in_turn(listed):
        if run.workflow_id in seen:
            continue
        seen.add(run.workflow_id)
        group.append(run.workflow_id)
        if len(group) == AT_ONCE:
            yield group
            group = []
    if group:
        yield group


async def _in_turn(
    listed: AsyncIterable[ListedRun] | Iterable[ListedRun],
) -> AsyncGenerator[ListedRun, None]:
    if isinstance(listed, AsyncIterable):
        async for run in listed:
            yield run
    else:
        for run in listed:
            yield run


async def side_by_side(work: Iterable[Awaitable[AnswerT]]) -> list[AnswerT]:
    """Awaits all; returns their answers in order. Raises the first error once all have ended."""
    found: list[AnswerT] = []
    for answer in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(answer, BaseException):
            raise answer
        found.append(answer)
    return found


async def _describe(client: Client, workflow_id: str) -> CurrentRun | None:
    handle = client.get_workflow_handle(workflow_id)
    try:
        return await _current(await handle.describe(rpc_timeout=RPC_TIMEOUT))
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise TemporalUnavailableError(f"{workflow_id} cannot be read: {error.message}") from error


async def _current(description: WorkflowExecutionDescription) -> CurrentRun:
    raw = description.raw_description
    skips = await description.memo_value(SKIPS_MEMO_KEY, {}, type_hint=dict[str, dict[str, str]])
    task = raw.pending_workflow_task
    return CurrentRun(
        run=listed_run(description),
        title=await description.memo_value(TITLE_MEMO_KEY, None, type_hint=str),
        skips={step: skip["code"] for step, skip in skips.items()},
        pending=most_troubled_first(_pending_step(info) for info in raw.pending_activities),
        task_attempt=task.attempt if raw.HasField("pending_workflow_task") else 0,
        unclaimed=task.state == PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_SCHEDULED,
    )


def most_troubled_first(steps: Iterable[PendingStep]) -> tuple[PendingStep, ...]:
    """Returns steps in the order in which an operator wants to hear of them."""
    return tuple(sorted(steps, key=lambda step: (step.error is None, -step.attempt, step.name)))


def _pending_step(info: PendingActivityInfo) -> PendingStep:
    started = info.state != PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
    # A first attempt has that time too, which is when it was scheduled.
    later = not started and info.attempt > 1 and info.HasField("next_attempt_schedule_time")
    return PendingStep(
        name=info.activity_type.name,
        attempt=info.attempt,
        started=started,
        paused=info.paused,
        error=step_error(info.last_failure) if info.HasField("last_failure") else None,
        next_try_at=moment(info.next_attempt_schedule_time) if later else None,
    )
