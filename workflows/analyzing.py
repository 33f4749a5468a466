"""Running an analyzing step until it is answered: waiting where told to, falling back where failed.

A model that failed for good is followed by the next, as an activity of its own that the Web UI
shows.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.workflow import ActivityConfig

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from newsdesk.contracts.models import ModelTrouble
    from newsdesk.contracts.names import ANALYSIS_QUEUE_SUFFIX, Step
    from newsdesk.contracts.options import AnalysisOptions
    from newsdesk.contracts.steps import (
        AnalyzeArticleInput,
        AnalyzeArticleResult,
        AnalyzeSentimentInput,
        AnalyzeSentimentResult,
    )
    from workflows.doing import Course, SelfT, StepsFailed, try_step

RequestT = TypeVar("RequestT", AnalyzeArticleInput, AnalyzeSentimentInput)
AnswerT = TypeVar("AnswerT", AnalyzeArticleResult, AnalyzeSentimentResult)

_TOO_SHORT = timedelta(minutes=1)
"""With less time left than this an attempt might not come to its end."""
_LAST_CHANCE = timedelta(minutes=20)
"""Time for one attempt, and for a worker to take it."""


async def answered(
    course: Course,
    options: AnalysisOptions,
    step: Step,
    activity: Callable[[SelfT, RequestT], Awaitable[AnswerT]],
    request: RequestT,
    summary: str,
) -> AnswerT:
    """Runs an analyzing step until an analyzer has answered it.

    Raises StepsFailed with every model's failure, the first model's first.
    """
    failed: list[tuple[str, ActivityError]] = []
    told = summary
    left = whole = timedelta(seconds=options.give_up_after_seconds)
    while True:
        began, asked_after = workflow.now(), course.waiting.resumes
        try:
            config = _config(step, request, left, whole)
            result = await try_step(course, step, activity, request, told, config)
        except StepsFailed as failure:
            failed += failure.failed
            trouble = _trouble(failure.failed[0][1])
            if trouble is None or (trouble.fallback or 0) <= request.position:
                raise StepsFailed(*failed) from failure
            request = _changed(request, position=trouble.fallback, turn=None)
            told = f"{summary}; fallback {trouble.fallback}: {trouble.fallback_model}"
            left = whole
            continue
        pause = result.pause
        if pause is None:
            if result.usage.cost_usd is not None:
                # An unknown price is left out of the sum, as it is in the record; it is no 0.
                course.costs.append(result.usage.cost_usd)
            return result
        # After a turn the step goes on; what an operator or a new day resumes begins anew.
        left = left - (workflow.now() - began) if pause.code == "rate_limit" else whole
        await course.waiting.until(step, pause, asked_after)
        request = _changed(request, turn=pause.turn)


def _config(step: Step, request: RequestT, left: timedelta, whole: timedelta) -> ActivityConfig:
    position = request.position
    config = ActivityConfig(
        activity_id=str(step) if position == 0 else f"{step}-fallback-{position}",
        schedule_to_close_timeout=left,
        task_queue=workflow.info().task_queue + ANALYSIS_QUEUE_SUFFIX,
    )
    if left < min(whole / 4, _TOO_SHORT):
        # One attempt more, and time for it: it fails of its own cause, not for want of time.
        config["schedule_to_close_timeout"] = _LAST_CHANCE
        config["retry_policy"] = RetryPolicy(maximum_attempts=1)
    return config


def _changed(request: RequestT, **changes: object) -> RequestT:
    return request.model_copy(update=changes)


def _trouble(error: ActivityError) -> ModelTrouble | None:
    """Returns what a model's failure told; of a time-out, what its last attempt's did."""
    cause: BaseException | None = error.cause
    while cause is not None and not isinstance(cause, ApplicationError):
        cause = cause.__cause__
    if cause is None or not cause.details:
        return None
    try:
        return ModelTrouble.model_validate(cause.details[0])
    except ValidationError:
        return None
