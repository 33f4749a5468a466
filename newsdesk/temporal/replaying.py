"""The history check: saved histories replayed on the workflow code at hand.

A run that is under way goes on, after a deployment, by replaying its history on the new code. Where
that gives other commands than the history has, the run gets stuck. So it is tried before.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import pairwise

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.worker import Replayer

from newsdesk.errors import NewsdeskError
from newsdesk.temporal.differences import clipped, difference
from newsdesk.temporal.sandbox import workflow_runner

TEACHING = (
    "do not deploy this code while runs that began on the old one are under way: they would get"
    " stuck. Keep the old order of commands for them with workflow.patched('what-changed'), see"
    " README, 'Changing the workflow safely'"
)
"""What to do about histories that do not replay; the command and the tests say the same."""

_AFTER_TASK_STARTED = {
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
}


class WorkflowCodeError(NewsdeskError):
    """The workflow code at hand cannot be loaded into the sandbox."""


class Standing(StrEnum):
    """How a history stands to the workflow code at hand."""

    REPLAYS = "replays"
    DIFFERS = "differs"
    OTHER_TYPE = "other_type"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Replayed:
    """What became of a history; `reason` says in one line why it does not replay."""

    standing: Standing
    reason: str | None = None


Replay = Callable[[WorkflowHistory], Awaitable[Replayed]]


@asynccontextmanager
async def open_replayer(workflows: Mapping[str, type]) -> AsyncGenerator[Replay, None]:
    """Yields what replays one history after the other.

    Args:
        workflows: the workflow classes at hand, by the names of their types.

    Raises:
        WorkflowCodeError: a class cannot be loaded into the sandbox.
    """
    given = asyncio.Queue[WorkflowHistory](maxsize=1)

    async def histories() -> AsyncGenerator[WorkflowHistory, None]:
        while True:
            yield await given.get()

    async with AsyncExitStack() as stack:
        stack.enter_context(_silenced())
        try:
            results = await stack.enter_async_context(
                _new_replayer(workflows).workflow_replay_iterator(histories())
            )
        except RuntimeError as error:
            told = clipped(f"{error}: {error.__cause__}")
            raise WorkflowCodeError(f"the workflow code cannot be loaded: {told}") from error

        async def replay(history: WorkflowHistory) -> Replayed:
            unfit = _unfit(history.events, workflows)
            if unfit is not None:
                return unfit
            await given.put(history)
            failure = (await anext(results)).replay_failure
            if failure is None:
                return Replayed(Standing.REPLAYS)
            return Replayed(Standing.DIFFERS, difference(failure, history.events))

        yield replay


def _new_replayer(workflows: Mapping[str, type]) -> Replayer:
    return Replayer(
        workflows=list(workflows.values()),
        data_converter=pydantic_data_converter,
        workflow_runner=workflow_runner(),
        runtime=_quiet_runtime(),
    )


@cache
def _quiet_runtime() -> Runtime:
    """A runtime that logs nothing: what differs is told in a line of ours."""
    return Runtime(telemetry=TelemetryConfig(logging=None))


@contextmanager
def _silenced() -> Generator[None, None, None]:
    """Keeps the library from logging the stack trace of workflow code that raises."""
    logger = logging.getLogger("temporalio.worker")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)


def _unfit(events: Sequence[HistoryEvent], workflows: Mapping[str, type]) -> Replayed | None:
    """Returns how a history stands that is not to be given to the library, or None.

    The library ends its thread at a history that no server writes, and then waits for ever.
    """
    trouble = _malformed(events)
    if trouble is not None:
        return Replayed(Standing.UNREADABLE, trouble)
    kind = events[0].workflow_execution_started_event_attributes.workflow_type.name
    if kind not in workflows:
        known = ", ".join(workflows)
        told = clipped(f"a history of workflow type {kind!r}; this code has {known} only")
        return Replayed(Standing.OTHER_TYPE, told)
    if all(event.event_type != EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED for event in events):
        return Replayed(Standing.REPLAYS)  # no worker was asked yet: nothing can differ
    return None


def _malformed(events: Sequence[HistoryEvent]) -> str | None:
    """Returns what keeps events from being a whole history, or the beginning of one."""
    if not events:
        return "a history without events"
    began = events[0].workflow_execution_started_event_attributes
    if not began.original_execution_run_id:
        return "its first event does not start an execution"
    for number, event in enumerate(events, start=1):
        if event.event_id != number:
            return f"event {number} is missing, or out of its order"
    for event, after in pairwise(events):
        started = event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED
        if started and after.event_type not in _AFTER_TASK_STARTED:
            return f"event {after.event_id} does not follow from the one before"
    return None
