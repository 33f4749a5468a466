"""Running an analyzing step until it is answered: waiting where told to, falling back where failed.

An activity that may not ask its model yet answers "paused until"; the wait is a durable timer of
the workflow, so it takes no worker, no attempt and none of the step's bound. A model that failed
for good is followed by the next, as an activity of its own that the Web UI shows.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.common import SearchAttributeKey
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.workflow import ActivityConfig

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from newsdesk.contracts.models import ModelTrouble, Pause
    from newsdesk.contracts.names import ANALYSIS_QUEUE_SUFFIX, Step
    from newsdesk.contracts.options import AnalysisOptions
    from newsdesk.contracts.steps import (
        AnalyzeArticleInput,
        AnalyzeArticleResult,
        AnalyzeSentimentInput,
        AnalyzeSentimentResult,
    )
    from workflows.doing import SelfT, StepsFailed, do_step

RequestT = TypeVar("RequestT", AnalyzeArticleInput, AnalyzeSentimentInput)
AnswerT = TypeVar("AnswerT", AnalyzeArticleResult, AnalyzeSentimentResult)

_WAITING_FOR = SearchAttributeKey.for_keyword("WaitingFor")
_SHORTEST_BOUND = timedelta(seconds=1)


class Waiting:
    """A run's waits, which the resume signal ends early."""

    def __init__(self) -> None:
        """Begins without any signal."""
        self._resumes = 0

    def resume(self) -> None:
        """Ends the wait that is under way, if one is."""
        self._resumes += 1

    async def until(self, step: Step, pause: Pause) -> None:
        """Waits until the pause is over or the run is resumed; operators see for what."""
        seen = self._resumes
        # A turn comes by itself soon; a budget is for an operator to know of.
        told = pause.code == "daily_budget"
        workflow.set_current_details(f"**{step}** waits: {pause.reason}")
        if told:
            workflow.upsert_search_attributes([_WAITING_FOR.value_set(pause.code)])
        try:
            await workflow.wait_condition(
                lambda: self._resumes > seen,
                timeout=max(pause.until - workflow.now(), timedelta()),
                timeout_summary=f"{step}: {pause.reason}",
            )
        except TimeoutError:
            pass  # the ordinary end of a wait
        workflow.set_current_details("")
        if told:
            workflow.upsert_search_attributes([_WAITING_FOR.value_unset()])


async def answered(
    waiting: Waiting,
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
    left = timedelta(seconds=options.give_up_after_seconds)
    while True:
        began = workflow.now()
        try:
            result = await do_step(step, activity, request, told, _config(step, request, left))
        except StepsFailed as failure:
            failed += failure.failed
            trouble = _trouble(failure.failed[0][1])
            if trouble is None or (trouble.fallback or 0) <= request.position:
                raise StepsFailed(*failed) from failure
            request = _changed(request, position=trouble.fallback, turn=None)
            told = f"{summary}; fallback {trouble.fallback}: {trouble.fallback_model}"
            left = timedelta(seconds=options.give_up_after_seconds)
            continue
        if result.pause is None:
            return result
        left = max(left - (workflow.now() - began), _SHORTEST_BOUND)
        await waiting.until(step, result.pause)
        request = _changed(request, turn=result.pause.turn)


def _config(step: Step, request: RequestT, left: timedelta) -> ActivityConfig:
    position = request.position
    return ActivityConfig(
        activity_id=str(step) if position == 0 else f"{step}-fallback-{position}",
        schedule_to_close_timeout=left,
        task_queue=workflow.info().task_queue + ANALYSIS_QUEUE_SUFFIX,
    )


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
