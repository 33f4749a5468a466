"""Why a history does not replay, in one line that a person can read.

Temporal's library tells it as a dump of its own structures, without the names of the steps. What it
says is read here for the event and the command that differ; what is not understood is passed on.
"""

import re
from collections.abc import Sequence

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

MAX_CHARS = 300

_MESSAGE = re.compile(r'message: "((?:[^"\\]|\\.)*)"', re.DOTALL)
_TYPE = re.compile(r'r#type: "([^"]+)"')
_OUR_LINE = re.compile(r'((?:workflows|activities|newsdesk)/[\w/]+\.py)\\", line (\d+)')
_HINT = re.compile(r"For further information visit \S+")
_PREFIX = re.compile(r"^\[TMPRL1100\] Nondeterminism error: ")
_ACTIVITY = re.compile(
    r"Activity (?:id|type) of scheduled event '(.+)' does not match"
    r" activity (?:id|type) of activity command '(.+)'"
)
_EVENT = re.compile(r"HistoryEvent(?:\(id| \{ event_id): (\d+)")
_MACHINE = re.compile(r"(.+?)(?: m|M)achine does not handle ")

_COMMANDS = {
    "Activity": "an activity",
    "Timer": "a timer",
    "ModifyWorkflowProperties": "a memo",
    "UpsertWorkflowSearchAttributes": "search attributes",
    "Complete workflow": "the run's end",
    "Fail workflow": "the run's failure",
    "Cancel workflow": "the run's cancellation",
    "Child workflow": "a child workflow",
    "Continue as new workflow": "another execution",
}
"""What workflow code commands, by the library's word for it."""

_EVENTS = {
    EventType.EVENT_TYPE_TIMER_STARTED: "a timer",
    EventType.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED: "a memo",
    EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: "search attributes",
    EventType.EVENT_TYPE_MARKER_RECORDED: "the marker of a patch",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED: "the run's end",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: "the run's failure",
}
"""What a history has of commands, by the type of the event."""


def difference(failure: Exception, events: Sequence[HistoryEvent]) -> str:
    """Returns what differs between a history and the code that it was replayed on, in a line.

    Args:
        failure: what the Replayer says.
        events: the history.
    """
    told = str(failure)
    # The innermost cause stands last.
    messages = [_PREFIX.sub("", _unescaped(found)) for found in _MESSAGE.findall(told)] or [told]
    return clipped(_differing(messages[0], events) or _raised(told, messages[-1]) or messages[0])


def clipped(text: str) -> str:
    """Returns text on one line, cut where it is very long."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_CHARS else f"{line[: MAX_CHARS - 1]}…"


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: " " if found[1] in "nrt" else found[1], text)


def _differing(message: str, events: Sequence[HistoryEvent]) -> str | None:
    """Returns which event and command differ, if that is what is told."""
    activity = _ACTIVITY.search(message)
    if activity is not None:
        where = _where(activity[1], events)
        return f"{where}the history has activity {activity[1]}, this code gives {activity[2]}"
    event = _EVENT.search(message)
    if event is None:
        return None
    machine = _MACHINE.match(message)
    gives = "nothing" if machine is None else _COMMANDS.get(machine[1], machine[1])
    return (
        f"event {event[1]}: the history has {_has(int(event[1]), events)}, this code gives {gives}"
    )


def _where(name: str, events: Sequence[HistoryEvent]) -> str:
    """Returns which event scheduled this activity; the first, where a pause made it several."""
    found = [
        event.event_id
        for event in events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
        and name
        in (
            event.activity_task_scheduled_event_attributes.activity_id,
            event.activity_task_scheduled_event_attributes.activity_type.name,
        )
    ]
    later = " or later" if len(found) > 1 else ""
    return f"event {found[0]}{later}: " if found else ""


def _has(number: int, events: Sequence[HistoryEvent]) -> str:
    event = next((event for event in events if event.event_id == number), None)
    if event is None:
        return "what this code does not know"
    if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
        return f"activity {event.activity_task_scheduled_event_attributes.activity_id}"
    words = EventType.Name(event.event_type).removeprefix("EVENT_TYPE_").lower().replace("_", " ")
    return _EVENTS.get(event.event_type, words)


def _raised(told: str, cause: str) -> str | None:
    """Returns what the workflow code raised and where, if that is what is told."""
    kinds = _TYPE.findall(told)
    if not kinds:
        return None
    lines = _OUR_LINE.findall(told)
    place = f" at {lines[-1][0]}:{lines[-1][1]}" if lines else ""
    # Here the innermost stands first. The place comes before words that may be cut.
    return f"this code raises {kinds[0]}{place}: {_HINT.sub('', cause)}"
