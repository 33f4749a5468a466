"""The run block: one function from a history's trace to the record's `run`."""

from datetime import datetime
from typing import TypeVar

from temporalio.api.common.v1 import Payload
from temporalio.converter import DataConverter

from newsdesk.contracts.analysis import Usage
from newsdesk.contracts.base import Contract
from newsdesk.contracts.models import Pause
from newsdesk.contracts.names import PUBLISH, Step
from newsdesk.contracts.record import (
    RunBlock,
    StepError,
    StepRecord,
    StepStatus,
    Tokens,
)
from newsdesk.contracts.steps import PublishOutcome, PublishResult, Skip
from newsdesk.temporal.history import ActivityTrace, HistoryTrace, closed_from_outside

ValueT = TypeVar("ValueT")


class _StepResult(Contract):
    """The parts of a step's result that its record shows; each step has one of the hashes."""

    usage: Usage | None = None
    pause: Pause | None = None
    html_hash: str | None = None
    text_hash: str | None = None
    analysis_hash: str | None = None
    links_hash: str | None = None
    sentiment_hash: str | None = None

    @property
    def output(self) -> str | None:
        """The hash under which the step's result is stored."""
        own = (self.html_hash, self.text_hash, self.analysis_hash, self.links_hash)
        return next((digest for digest in own if digest is not None), self.sentiment_hash)


async def run_block(
    trace: HistoryTrace,
    *,
    number: int,
    workflow_id: str,
    run_id: str,
    executions: tuple[str, ...],
    temporal_url: str | None,
    converter: DataConverter,
) -> RunBlock:
    """Returns the record's `run` block of one execution.

    Args:
        trace: what the execution's history says.
        number: the run number.
        workflow_id: the run's workflow id.
        run_id: Temporal's id of the execution that the trace is of.
        executions: ids of all executions of the run, oldest first.
        temporal_url: where the Temporal Web UI shows the execution.
        converter: decodes the payloads of results and memo.
    """
    skips = await _decode(trace.skips, dict[str, Skip], converter) or {}
    steps = [await _step(step, trace, skips.get(step.value), converter) for step in Step]
    published = await _published(trace, converter)
    costs = [step.cost_usd for step in steps if step.cost_usd is not None]
    return RunBlock(
        number=number,
        workflow_id=workflow_id,
        run_id=run_id,
        executions=executions,
        published=published is not None and published.outcome is PublishOutcome.PUBLISHED,
        superseded_by=None if published is None else published.superseded_by,
        outcome=None if published is None else published.outcome.value,
        status=trace.status,
        error=trace.error or await _publish_trouble(trace, converter),
        started_at=trace.started_at,
        completed_at=trace.closed_at,
        duration_seconds=_seconds(trace.started_at, trace.closed_at),
        temporal_url=temporal_url,
        cost_usd=sum(costs) if costs else None,
        tokens=_total([step.tokens for step in steps if step.tokens is not None]),
        replays=tuple(trace.replays),
        steps=tuple(steps),
    )


async def _step(
    step: Step, trace: HistoryTrace, skip: Skip | None, converter: DataConverter
) -> StepRecord:
    activities = [item for item in trace.activities.values() if item.name == step.value]
    if skip is not None:
        # It may have been tried, before an operator ordered the skip.
        return StepRecord(
            name=step,
            status=StepStatus.SKIPPED,
            attempts=_attempts(activities),
            reason_code=skip.code,
            reason=skip.reason,
        )
    if not activities:
        return StepRecord(name=step)
    first, last = activities[0], activities[-1]
    result = await _decode(last.result, _StepResult, converter) or _StepResult()
    if result.pause is not None:
        return _waiting(step, trace, activities, result.pause)
    usage = result.usage
    code, reason = _fallback(activities)
    return StepRecord(
        name=step,
        status=last.status,
        attempts=_attempts(activities),
        started_at=first.scheduled_at,
        completed_at=last.closed_at,
        duration_ms=_milliseconds(first.scheduled_at, last.closed_at),
        reason_code=code,
        reason=reason,
        error=last.error,
        model=None if usage is None else usage.model,
        tokens=None if usage is None else _tokens(usage),
        cost_usd=None if usage is None else usage.cost_usd,
        output=result.output or None,
        prompt_version=None if usage is None else usage.prompt_version,
        answer_reused=usage is not None and usage.reused,
    )


def _waiting(
    step: Step, trace: HistoryTrace, activities: list[ActivityTrace], pause: Pause
) -> StepRecord:
    """Returns a step whose last activity answered that it has to wait: it is not done."""
    closed = trace.closed_at is not None
    first = activities[0]
    return StepRecord(
        name=step,
        status=StepStatus.FAILED if closed else StepStatus.RUNNING,
        attempts=_attempts(activities),
        started_at=first.scheduled_at,
        completed_at=trace.closed_at,
        duration_ms=_milliseconds(first.scheduled_at, trace.closed_at),
        reason_code=pause.code,
        reason=pause.reason,
        error=closed_from_outside(trace) if closed else None,
    )


def _fallback(activities: list[ActivityTrace]) -> tuple[str | None, str | None]:
    """Returns why another model than the first was asked, where one was."""
    failed = [item for item in activities[:-1] if item.status is StepStatus.FAILED]
    if not failed or failed[0].error is None:
        return None, None
    return "fallback", f"Another model was asked, for: {failed[0].error.message}"


async def _publish_trouble(trace: HistoryTrace, converter: DataConverter) -> StepError | None:
    """Returns why publish is tried again, or waits: no step would tell."""
    tries = [item for item in trace.activities.values() if item.name == PUBLISH]
    if not tries or trace.closed_at is not None:
        return None
    last = tries[-1]
    if last.status is StepStatus.RUNNING:
        return last.error
    result = await _decode(last.result, PublishResult, converter)
    if result is None or result.pause is None:
        return None
    return StepError(type=result.pause.code, message=result.pause.reason)


async def _published(trace: HistoryTrace, converter: DataConverter) -> PublishResult | None:
    results = [item.result for item in trace.activities.values() if item.name == PUBLISH]
    published = await _decode(results[-1], PublishResult, converter) if results else None
    return None if published is None or published.pause is not None else published


async def _decode(
    payload: Payload | None, kind: type[ValueT], converter: DataConverter
) -> ValueT | None:
    if payload is None:
        return None
    (value,) = await converter.decode([payload], [kind])
    return value


def _attempts(activities: list[ActivityTrace]) -> int | None:
    """Returns the sum over a step's activities; None where the server kept no count of one."""
    counts = [activity.attempts for activity in activities]
    return None if None in counts else sum(count for count in counts if count is not None)


def _tokens(usage: Usage) -> Tokens:
    return Tokens(
        input=usage.input_tokens,
        cached_input=usage.cached_input_tokens,
        output=usage.output_tokens,
    )


def _total(parts: list[Tokens]) -> Tokens:
    return Tokens(
        input=sum(part.input for part in parts),
        cached_input=sum(part.cached_input for part in parts),
        output=sum(part.output for part in parts),
    )


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    if start is None or end is None:
        return None
    return round((end - start).total_seconds(), 3)


def _milliseconds(start: datetime, end: datetime | None) -> int | None:
    return None if end is None else round((end - start).total_seconds() * 1000)
