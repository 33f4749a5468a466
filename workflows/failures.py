"""How a run fails: with the step, the cause in words, and every cause where there are several."""

from collections.abc import Sequence

from temporalio.exceptions import ActivityError, ApplicationError, FailureError, TimeoutError

from newsdesk.contracts.steps import StepFailure

MAX_MESSAGE_CHARS = 1000


def step_failure(step: str, error: ActivityError) -> StepFailure:
    """Returns a step's failure, unwrapped from Temporal's "Activity task failed"."""
    cause = error.cause
    if isinstance(cause, ApplicationError):
        kind, message = cause.type or "ApplicationError", cause.message
    elif isinstance(cause, TimeoutError):
        last = cause.cause
        kind = f"Timeout:{cause.type.name}" if cause.type is not None else "Timeout"
        message = cause.message
        if isinstance(last, FailureError):
            message = f"{message}; the last attempt's error: {last.message}"
    elif isinstance(cause, FailureError):
        kind, message = type(cause).__name__, cause.message
    else:
        kind, message = "ActivityError", error.message
    return StepFailure(step=step, type=kind, message=message[:MAX_MESSAGE_CHARS])


def run_failure(failures: Sequence[StepFailure]) -> ApplicationError:
    """Returns the error that fails the workflow; raise it `from` the first step's error.

    The Temporal Web UI shows the message alone, so it names every failed step and its cause.
    """
    message = "; ".join(f"{failure.step} failed: {failure.message}" for failure in failures)
    return ApplicationError(
        message,
        *failures,
        type=failures[0].type,
        non_retryable=True,
    )
