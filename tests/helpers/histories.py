"""A second, independent reading of a history, to hold the run block against.

It goes over the server's JSON, not over the protobuf classes that the product reads.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from temporalio.client import Client


@dataclass
class Told:
    """What the events of one activity type say."""

    scheduled: datetime
    closed: datetime | None = None
    attempts: int | None = None
    kind: str = "open"


async def told_by_history(client: Client, workflow_id: str) -> dict[str, Told]:
    """Returns, by activity type, what the current execution's history says of it."""
    description = await client.get_workflow_handle(workflow_id).describe()
    handle = client.get_workflow_handle(workflow_id, run_id=description.run_id)
    events: list[dict[str, Any]] = (await handle.fetch_history()).to_json_dict()["events"]
    told: dict[str, Told] = {}
    names: dict[str, str] = {}
    for event in events:
        kind = event["eventType"].removeprefix("EVENT_TYPE_ACTIVITY_TASK_")
        at = datetime.fromisoformat(event["eventTime"])
        if kind == "SCHEDULED":
            name = event["activityTaskScheduledEventAttributes"]["activityType"]["name"]
            names[event["eventId"]] = name
            told[name] = Told(at)
        elif kind in {"STARTED", "COMPLETED", "FAILED", "TIMED_OUT", "CANCELED"}:
            camel = kind.title().replace("_", "")
            attributes = event[f"activityTask{camel}EventAttributes"]
            step = told[names[attributes["scheduledEventId"]]]
            if kind == "STARTED":
                step.attempts = attributes.get("attempt", 1)
            else:
                step.closed, step.kind = at, kind
    return told
