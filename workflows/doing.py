"""Running one activity under its step's name and bounds, and two of them side by side."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception
from temporalio.workflow import ActivityConfig

with workflow.unsafe.imports_passed_through():
    from newsdesk.contracts.base import Contract
    from newsdesk.contracts.steps import StepResult
    from workflows.failures import step_failure
    from workflows.options import OPTIONS
    from workflows.progress import Progress
    from workflows.waiting import Waiting

SelfT = TypeVar("SelfT")
InputT = TypeVar("InputT", bound=Contract)
ResultT = TypeVar("ResultT", bound=StepResult)
FirstT = TypeVar("FirstT")
SecondT = TypeVar("SecondT")


class StepsFailed(Exception):
    """One or two activities failed for good; carries their names beside Temporal's errors."""

    def __init__(self, *failed: tuple[str, ActivityError]) -> None:
        super().__init__(*(step for step, _ in failed))
        self.failed = failed


@dataclass
class Course:
    """How far a run has come: what its steps share.

    `costs`: US dollars of the steps that are done; a step of unknown price adds none.
    """

    progress: Progress = field(default_factory=Progress)
    waiting: Waiting = field(init=False)
    costs: list[float] = field(default_factory=list[float])

    def __post_init__(self) -> None:
        """Lets waits be shown where steps are."""
        self.waiting = Waiting(self.progress)


async def do_step(
    course: Course,
    step: str,
    activity: Callable[[SelfT, InputT], Awaitable[ResultT]],
    request: InputT,
    summary: str,
) -> ResultT:
    """Runs a step until it is done: where it answers that it has to wait, it is run again then.

    Raises StepsFailed.
    """
    while True:
        asked_after = course.waiting.resumes
        result = await try_step(course, step, activity, request, summary)
        if result.pause is None:
            return result
        await course.waiting.until(step, result.pause, asked_after)


async def try_step(
    course: Course,
    step: str,
    activity: Callable[[SelfT, InputT], Awaitable[ResultT]],
    request: InputT,
    summary: str,
    changes: ActivityConfig | None = None,
) -> ResultT:
    """Runs one activity under its step's name and bounds, but for the changes.

    Raises StepsFailed.
    """
    own = ActivityConfig(activity_id=str(step), summary=summary)
    config: ActivityConfig = {**OPTIONS[step], **own, **(changes or {})}
    course.progress.show(step, "running", summary)
    try:
        result = await workflow.execute_activity_method(activity, request, **config)
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise
        course.progress.show(step, "**failed**", step_failure(step, error).message)
        raise StepsFailed((step, error)) from error
    course.progress.show(step, "completed", summary)
    return result


async def do_both(
    first: Coroutine[Any, Any, FirstT], second: Coroutine[Any, Any, SecondT]
) -> tuple[FirstT, SecondT]:
    """Awaits both to their end, then raises what failed: every step's failure, or a bug."""
    ended = await asyncio.gather(first, second, return_exceptions=True)
    errors = [end for end in ended if isinstance(end, BaseException)]
    failures = [pair for error in errors if isinstance(error, StepsFailed) for pair in error.failed]
    if failures:
        raise StepsFailed(*failures)
    for error in errors:
        raise error
    return cast("tuple[FirstT, SecondT]", tuple(ended))
