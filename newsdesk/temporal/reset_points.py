"""From which event a run is to go on: the latest at which what failed is still to be done.

A reset copies a history up to a workflow task and drops the rest. So every result that arrived in
that task or later is done again; the later the point, the fewer. Activities that are open there
are dispatched anew, with the input and the bounds that they had.
"""

import json
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, cast

from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from newsdesk.contracts.names import ACTIVITIES, SKIP_LINKING_SIGNAL, SKIPS_MEMO_KEY, Step
from newsdesk.errors import NotReplayableError

LINK = Step.LINK_ARTICLE_TO_STORIES.value
WORKFLOW_CODE = "(the workflow's own code)"
"""Stands for a step where no activity failed, but the workflow did."""


@dataclass(frozen=True)
class ResetPoint:
    """Where a run goes on, and what that means for its steps.

    `event_id`: what Temporal's reset takes: the first event that is dropped. `again`: what the
    replay is for: steps that failed, were cut off, or were named. `repeated`: steps that were
    completed, and are done again all the same. `kept`: steps whose results stay. `drops_signals`:
    orders that came after the point do not stand: an operator's skip is taken back.
    """

    event_id: int
    again: tuple[str, ...]
    repeated: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    drops_signals: bool = False


@dataclass
class _Activity:
    name: str
    started: int | None = None
    closed: int | None = None
    failed: bool = False
    done: bool = False

    @property
    def result_from(self) -> int:
        """The first event that tells of its end; the server writes started and closed together."""
        known = [event for event in (self.started, self.closed) if event is not None]
        return min(known, default=_NEVER)


@dataclass
class _Marks:
    """Events of one history that matter for a reset."""

    activities: dict[int, _Activity] = field(default_factory=dict[int, _Activity])
    points: list[int] = field(default_factory=list[int])
    pending_task: bool = False
    cancel_request: int | None = None
    skip_signal: int | None = None
    skips: dict[str, tuple[int, str]] = field(default_factory=dict[str, tuple[int, str]])


_NEVER = 2**62
"""Later than any event."""


def find_reset_point(events: Sequence[HistoryEvent], from_step: str | None = None) -> ResetPoint:
    """Returns from where a closed run goes on.

    Args:
        events: the whole history of the run's current execution, in order.
        from_step: an activity's name: it, and what follows, is done again. Without, what failed or
            was cut off.

    Raises:
        NotReplayableError: the run never came to that step, or skipped it by its own options.
    """
    marks = _read(events)
    # Whatever is named, what failed has to be done again: it would fail the run once more.
    targets = _failed(marks.activities.values())
    bound = min((item.result_from for item in targets), default=_NEVER)
    again = {item.name for item in (*targets, *_open(marks))}
    if from_step is not None:
        bound, again = min(bound, _first_of(marks, from_step)), again | {from_step}
    if marks.cancel_request is not None:
        # What was canceled would be canceled again.
        bound = min(bound, marks.cancel_request)
    point = max(event for event in marks.points if event <= bound)
    done = [item for item in marks.activities.values() if item.done]
    dropped = {item.name for item in done if (item.closed or 0) >= point} - again
    kept = {item.name for item in done if (item.closed or 0) < point} - again - dropped
    return ResetPoint(
        event_id=point,
        again=_ordered(again) or (WORKFLOW_CODE,),
        repeated=_ordered(dropped),
        kept=_ordered(kept),
        drops_signals=from_step == LINK,
    )


def _first_of(marks: _Marks, step: str) -> int:
    """Returns the event that a point must not be after, for a step to be done again."""
    mine = [item.result_from for item in marks.activities.values() if item.name == step]
    if mine:
        return min(mine)
    if step not in marks.skips:
        raise NotReplayableError(f"it never came to {step}; name an earlier step")
    event, code = marks.skips[step]
    if marks.skip_signal is None:
        raise NotReplayableError(
            f"it skipped {step} ({code}): what decides that travels with the run; use --restart,"
            " which takes today's options"
        )
    return min(event, marks.skip_signal)


def _failed(activities: Iterable[_Activity]) -> list[_Activity]:
    """Returns the failed activities of the steps that failed: of a chain of models all."""
    chains: dict[str, list[_Activity]] = {}
    for item in activities:
        if item.failed:
            chains.setdefault(item.name, []).append(item)
        else:
            chains.pop(item.name, None)  # a later one of the step, which did not fail
    return [item for chain in chains.values() for item in chain]


def _open(marks: _Marks) -> list[_Activity]:
    """Returns what was under way at the end, was canceled with the run, or only waited."""
    last = {item.name: item for item in marks.activities.values()}
    return [
        item
        for item in last.values()
        if not item.done and not item.failed and item.name not in marks.skips
    ]


def _ordered(names: Set[str]) -> tuple[str, ...]:
    return tuple(name for name in ACTIVITIES if name in names)


def _read(events: Sequence[HistoryEvent]) -> _Marks:
    marks = _Marks()
    for event in events:
        _read_task(marks, event)
        _read_activity(marks, event)
        _read_order(marks, event)
    if marks.pending_task:
        # The last workflow task was never done: all events before the closing one can stay.
        marks.points.append(events[-1].event_id)
    return marks


def _read_task(marks: _Marks, event: HistoryEvent) -> None:
    match event.event_type:
        case EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED:
            marks.pending_task = True
            if not marks.points:
                marks.points.append(event.event_id + 1)
        case (
            EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
            | EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
            | EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT
        ):
            marks.pending_task = False
            marks.points.append(event.event_id)
        case _:
            pass


def _read_activity(marks: _Marks, event: HistoryEvent) -> None:
    match event.event_type:
        case EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            name = event.activity_task_scheduled_event_attributes.activity_type.name
            marks.activities[event.event_id] = _Activity(name)
        case EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED:
            started = event.activity_task_started_event_attributes.scheduled_event_id
            marks.activities[started].started = event.event_id
        case EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
            completed = event.activity_task_completed_event_attributes
            item = marks.activities[completed.scheduled_event_id]
            item.closed = event.event_id
            item.done = not _paused(completed.result.payloads)
        case EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED:
            failed = event.activity_task_failed_event_attributes.scheduled_event_id
            marks.activities[failed].closed = event.event_id
            marks.activities[failed].failed = True
        case EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT:
            late = event.activity_task_timed_out_event_attributes.scheduled_event_id
            marks.activities[late].closed = event.event_id
            marks.activities[late].failed = True
        case EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED:
            canceled = event.activity_task_canceled_event_attributes.scheduled_event_id
            marks.activities[canceled].closed = event.event_id
        case _:
            pass


def _read_order(marks: _Marks, event: HistoryEvent) -> None:
    match event.event_type:
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED:
            marks.cancel_request = event.event_id
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
            told = event.workflow_execution_signaled_event_attributes
            if told.signal_name == SKIP_LINKING_SIGNAL:
                marks.skip_signal = event.event_id
        case EventType.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED:
            modified = event.workflow_properties_modified_event_attributes
            memo = modified.upserted_memo.fields
            if SKIPS_MEMO_KEY in memo:
                at = modified.workflow_task_completed_event_id
                for step, skip in _json(memo[SKIPS_MEMO_KEY]).items():
                    marks.skips[step] = (at, str(cast("dict[str, Any]", skip).get("code")))
        case _:
            pass


def _paused(payloads: Sequence[Payload]) -> bool:
    """Returns whether an activity answered that it has to wait: it did nothing."""
    return any(_json(payload).get("pause") is not None for payload in payloads)


def _json(payload: Payload) -> dict[str, Any]:
    try:
        value = json.loads(payload.data)
    except ValueError:
        return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
