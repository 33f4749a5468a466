"""Histories written by hand, an event a call, as the server writes them."""

import json
from typing import Any

from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from newsdesk.contracts.names import SKIP_LINKING_SIGNAL, SKIPS_MEMO_KEY


def payload(value: Any) -> Payload:
    return Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(value).encode())


class Tale:
    """A history that grows; every method adds events and most return an id of one."""

    def __init__(self) -> None:
        self.events: list[HistoryEvent] = []
        self.add(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED)
        self.due()

    def add(self, kind: EventType.ValueType) -> HistoryEvent:
        event = HistoryEvent(event_id=len(self.events) + 1, event_type=kind)
        self.events.append(event)
        return event

    def due(self) -> None:
        """A workflow task is scheduled."""
        self.add(EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED)

    def task(self, kind: str = "COMPLETED") -> int:
        """The workflow task is done; returns the id of that event."""
        self.add(EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED)
        return self.add(EventType.Value(f"EVENT_TYPE_WORKFLOW_TASK_{kind}")).event_id

    def schedule(self, step: str) -> int:
        event = self.add(EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
        event.activity_task_scheduled_event_attributes.activity_type.name = step
        return event.event_id

    def end(self, scheduled: int, how: str = "COMPLETED", result: Any = None) -> int:
        """An activity ends: its started and its closing event; returns the id of the former."""
        started = self.add(EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED)
        started.activity_task_started_event_attributes.scheduled_event_id = scheduled
        closed = self.add(EventType.Value(f"EVENT_TYPE_ACTIVITY_TASK_{how}"))
        attributes = getattr(closed, f"activity_task_{how.lower()}_event_attributes")
        attributes.scheduled_event_id = scheduled
        if how == "COMPLETED":
            attributes.result.CopyFrom(Payloads(payloads=[payload(result or {"x": 1})]))
        return started.event_id

    def run(self, step: str) -> int:
        """A step from its schedule to the workflow task that takes its result."""
        scheduled = self.schedule(step)
        self.end(scheduled)
        self.due()
        return self.task()

    def skip(self, step: str, code: str, task: int) -> None:
        event = self.add(EventType.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED)
        told = event.workflow_properties_modified_event_attributes
        told.workflow_task_completed_event_id = task
        skips = payload({step: {"code": code, "reason": "because"}})
        told.upserted_memo.fields[SKIPS_MEMO_KEY].CopyFrom(skips)

    def order_skip(self) -> int:
        event = self.add(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED)
        event.workflow_execution_signaled_event_attributes.signal_name = SKIP_LINKING_SIGNAL
        return event.event_id

    def close(self, how: str) -> int:
        return self.add(EventType.Value(f"EVENT_TYPE_WORKFLOW_EXECUTION_{how}")).event_id
