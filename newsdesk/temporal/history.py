"""A run's history, as the Temporal server recorded it, turned into the record's `run` block.

This is the only measure of steps: nothing here or elsewhere times them a second time. Retries
leave no events of their own; the server writes an activity's "started" event with the number of
its last attempt only when it closes, so what is still open comes from the description's pending
activities, which the server keeps even for a run that was closed from outside.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType, TimeoutType, WorkflowTaskFailedCause
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflow.v1 import PendingActivityInfo

from newsdesk.contracts.advice import TO_DO
from newsdesk.contracts.names import GIVEN_UP, SKIPS_MEMO_KEY
from newsdesk.contracts.record import Replay, RunStatus, StepError, StepStatus


@dataclass
class ActivityTrace:
    """One scheduled activity and what became of it."""

    name: str
    activity_id: str
    scheduled_at: datetime
    attempts: int | None = None
    closed_at: datetime | None = None
    status: StepStatus = StepStatus.RUNNING
    error: StepError | None = None
    result: Payload | None = None


@dataclass
class HistoryTrace:
    """What the events of one execution say."""

    status: RunStatus = RunStatus.RUNNING
    started_at: datetime | None = None
    closed_at: datetime | None = None
    error: StepError | None = None
    skips: Payload | None = None
    replays: list[Replay] = field(default_factory=list[Replay])
    activities: dict[int, ActivityTrace] = field(default_factory=dict[int, ActivityTrace])


def _note_replay(trace: HistoryTrace, event: HistoryEvent, at: datetime) -> None:
    """A reset: what is done stays, what was open at that point begins anew."""
    told = event.workflow_task_failed_event_attributes
    if told.cause != WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW:
        return
    trace.replays.append(Replay(at=at, reason=told.failure.message))
    for activity in trace.activities.values():
        if activity.closed_at is None:
            activity.scheduled_at = at


_CLOSINGS: dict[int, RunStatus] = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED: RunStatus.COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: RunStatus.FAILED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED: RunStatus.CANCELED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED: RunStatus.TERMINATED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT: RunStatus.TIMED_OUT,
}


def read_history(
    events: Iterable[HistoryEvent], pending: Iterable[PendingActivityInfo] = ()
) -> HistoryTrace:
    """Returns what an execution's events say, completed by its pending activities.

    Args:
        events: the whole history of one execution, in order.
        pending: `pending_activities` of its description; empty for a closed execution.
    """
    trace = HistoryTrace()
    for event in events:
        _read_event(trace, event)
    attempts = {info.activity_id: info for info in pending}
    for activity in trace.activities.values():
        if activity.closed_at is None:
            _complete_open(activity, attempts.get(activity.activity_id), trace)
    return trace


def _read_event(trace: HistoryTrace, event: HistoryEvent) -> None:
    at = moment(event.event_time)
    kind = event.event_type
    if kind == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
        trace.started_at = at
    elif kind == EventType.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED:
        fields = event.workflow_properties_modified_event_attributes.upserted_memo.fields
        if SKIPS_MEMO_KEY in fields:
            trace.skips = fields[SKIPS_MEMO_KEY]
    elif kind == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
        _note_replay(trace, event, at)
    elif kind in _CLOSINGS:
        trace.status, trace.closed_at = _CLOSINGS[kind], at
        trace.error = _closing_error(event)
    else:
        _read_activity_event(trace, event, at)


def _read_activity_event(trace: HistoryTrace, event: HistoryEvent, at: datetime) -> None:
    match event.event_type:
        case EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            told = event.activity_task_scheduled_event_attributes
            trace.activities[event.event_id] = ActivityTrace(
                name=told.activity_type.name, activity_id=told.activity_id, scheduled_at=at
            )
        case EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED:
            started = event.activity_task_started_event_attributes
            trace.activities[started.scheduled_event_id].attempts = started.attempt
        case EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
            done = event.activity_task_completed_event_attributes
            activity = trace.activities[done.scheduled_event_id]
            activity.status, activity.closed_at = StepStatus.COMPLETED, at
            activity.result = next(iter(done.result.payloads), None)
        case EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED:
            failed = event.activity_task_failed_event_attributes
            _close_failed(trace, failed.scheduled_event_id, at, step_error(failed.failure))
        case EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT:
            late = event.activity_task_timed_out_event_attributes
            _close_failed(trace, late.scheduled_event_id, at, step_error(late.failure))
        case EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED:
            canceled = event.activity_task_canceled_event_attributes
            error = StepError(type="Canceled", message="The run was canceled.")
            _close_failed(trace, canceled.scheduled_event_id, at, error)
        case _:
            pass


def _close_failed(trace: HistoryTrace, scheduled_id: int, at: datetime, error: StepError) -> None:
    activity = trace.activities[scheduled_id]
    activity.status, activity.closed_at, activity.error = StepStatus.FAILED, at, error


def _complete_open(
    activity: ActivityTrace, pending: PendingActivityInfo | None, trace: HistoryTrace
) -> None:
    """An activity without a closing event is under way, or was when its run was closed."""
    if pending is not None:
        activity.attempts = pending.attempt
        if pending.HasField("last_failure"):
            activity.error = step_error(pending.last_failure)
    if trace.closed_at is not None:
        activity.status, activity.closed_at = StepStatus.FAILED, trace.closed_at
        activity.error = closed_from_outside(trace)


def closed_from_outside(trace: HistoryTrace) -> StepError:
    """Returns the error of a step that was under way, or waited, when its run was closed."""
    return StepError(
        type=trace.status.value.title().replace("_", ""),
        message="The run was closed from outside while this step was under way.",
    )


def step_error(failure: Failure) -> StepError:
    """Returns a failure's type and message; of a time-out, with the last attempt's error."""
    if failure.HasField("application_failure_info"):
        return StepError(
            type=failure.application_failure_info.type or "ApplicationError",
            message=failure.message,
        )
    if failure.HasField("timeout_failure_info"):
        message = failure.message
        if _was_given_up(failure):
            last = step_error(failure.cause)
            return StepError(type=last.type, message=f"{last.message}{GIVEN_UP}")
        if failure.HasField("cause"):
            message = f"{message}; the last attempt's error: {failure.cause.message}"
        kind = TimeoutType.Name(failure.timeout_failure_info.timeout_type)
        return StepError(
            type=f"Timeout:{kind.removeprefix('TIMEOUT_TYPE_')}",  # as the run's own error calls it
            message=message,
        )
    if failure.HasField("cause"):
        return step_error(failure.cause)
    return StepError(type="Failure", message=failure.message)


def _was_given_up(failure: Failure) -> bool:
    """Returns whether a step was tried until its time was up, failing each time."""
    kind = failure.timeout_failure_info.timeout_type
    return kind == TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE and failure.cause.HasField(
        "application_failure_info"
    )


def _closing_error(event: HistoryEvent) -> StepError | None:
    match event.event_type:
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED:
            error = step_error(event.workflow_execution_failed_event_attributes.failure)
            # What to do about it is for operators; the record tells what happened.
            cause = error.message.rpartition(f" {TO_DO} ")[0] or error.message
            return StepError(type=error.type, message=cause)
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED:
            told = event.workflow_execution_terminated_event_attributes
            by = f" by {told.identity}" if told.identity else ""
            return StepError(type="Terminated", message=f"Terminated{by}: {told.reason or '-'}")
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED:
            return StepError(type="Canceled", message="The run was canceled.")
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT:
            return StepError(type="TimedOut", message="The run reached its execution timeout.")
        case _:
            return None


def moment(timestamp: Timestamp) -> datetime:
    """Returns a protobuf timestamp as an aware datetime in UTC."""
    return timestamp.ToDatetime(tzinfo=UTC)
