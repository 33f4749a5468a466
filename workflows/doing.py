"""Running one activity under its step's name and bounds, and two of them side by side."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar, cast

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception
from temporalio.workflow import ActivityConfig

with workflow.unsafe.imports_passed_through():
    from newsdesk.contracts.base import Contract
    from workflows.options import OPTIONS

SelfT = TypeVar("SelfT")
InputT = TypeVar("InputT", bound=Contract)
ResultT = TypeVar("ResultT", bound=Contract)
FirstT = TypeVar("FirstT")
SecondT = TypeVar("SecondT")


class StepsFailed(Exception):
    """One or two activities failed for good; carries their names beside Temporal's errors."""

    def __init__(self, *failed: tuple[str, ActivityError]) -> None:
        super().__init__(*(step for step, _ in failed))
        self.failed = failed


async def do_step(
    step: str,
    activity: Callable[[SelfT, InputT], Awaitable[ResultT]],
    request: InputT,
    summary: str,
    changes: ActivityConfig | None = None,
) -> ResultT:
    """Runs one activity under its step's name and bounds, but for the changes."""
    own = ActivityConfig(activity_id=str(step), summary=summary)
    config: ActivityConfig = {**OPTIONS[step], **own, **(changes or {})}
    try:
        return await workflow.execute_activity_method(activity, request, **config)
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise
        raise StepsFailed((step, error)) from error


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
