"""How a run fails: with the step, the cause in words, and every cause where there are several."""

from collections.abc import Sequence

from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    FailureError,
    TimeoutError,
    TimeoutType,
)

from newsdesk.contracts.advice import TO_DO, advice
from newsdesk.contracts.names import GIVEN_UP
from newsdesk.contracts.steps import StepFailure

MAX_MESSAGE_CHARS = 1000


def step_failure(step: str, error: ActivityError) -> StepFailure:
    """Returns a step's failure, unwrapped from Temporal's "Activity task failed"."""
    cause = error.cause
    if isinstance(cause, ApplicationError):
        kind, message = cause.type or "ApplicationError", cause.message
    elif isinstance(cause, TimeoutError):
        kind, message = _timed_out(cause)
    elif isinstance(cause, FailureError):
        kind, message = type(cause).__name__, cause.message
    else:
        kind, message = "ActivityError", error.message
    return StepFailure(step=step, type=kind, message=message[:MAX_MESSAGE_CHARS])


def _timed_out(error: TimeoutError) -> tuple[str, str]:
    """Returns type and message of a time-out.

    Where the step was tried until its time was up, what it was tried for is the cause.
    """
    last = error.cause
    if error.type is TimeoutType.SCHEDULE_TO_CLOSE and isinstance(last, ApplicationError):
        return last.type or "ApplicationError", f"{last.message}{GIVEN_UP}"
    kind = f"Timeout:{error.type.name}" if error.type is not None else "Timeout"
    if isinstance(last, FailureError):
        return kind, f"{error.message}; the last attempt's error: {last.message}"
    return kind, error.message


def run_failure(failures: Sequence[StepFailure], article_id: int) -> ApplicationError:
    """Returns the error that fails the workflow; raise it `from` the first step's error.

    The Temporal Web UI shows the message alone, so it names every failed step and its cause, and
    what to do.
    """
    causes = "; ".join(f"{failure.step} failed: {failure.message}" for failure in failures)
    return ApplicationError(
        f"{causes} {TO_DO} {advice(failures[0].type, article_id)}",
        *failures,
        type=failures[0].type,
        non_retryable=True,
    )
