"""Histories of runs: fetched from the server a few at a time, and as JSON in files."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from google.protobuf.json_format import ParseError
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from newsdesk.contracts.record import RunStatus
from newsdesk.errors import NewsdeskError, TemporalUnavailableError
from newsdesk.temporal.differences import clipped
from newsdesk.temporal.listing import QUERY_WORDS, ListedRun, list_runs, runs_query

AT_ONCE = 16
"""Histories that are fetched side by side; no more are held."""

_CLOSED = tuple(status for status in QUERY_WORDS if status is not RunStatus.RUNNING)
_CLOSING = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
}


class HistoryUnreadableError(NewsdeskError):
    """A file does not hold a history as Temporal writes it."""


@dataclass(frozen=True)
class Choice:
    """Which runs' histories are wanted: all running ones, and the newest closed ones."""

    closed_since: datetime
    closed_limit: int

    @property
    def running(self) -> str:
        """The query for those that are running."""
        return runs_query(statuses=[RunStatus.RUNNING])

    @property
    def closed(self) -> str:
        """The query for those that have closed."""
        return runs_query(statuses=_CLOSED, closed_since=self.closed_since)

    @property
    def none_found(self) -> str:
        """What to say where the server has none of them."""
        if not self.closed_limit:
            return "no run is running"
        return f"no run is running, and none closed since {self.closed_since:%Y-%m-%d %H:%M} UTC"


async def count_chosen(client: Client, choice: Choice) -> int:
    """Returns how many runs there are to be fetched. Raises TemporalUnavailableError."""
    try:
        running = (await client.count_workflows(choice.running)).count
        closed = (await client.count_workflows(choice.closed)).count
    except RPCError as error:
        raise TemporalUnavailableError(f"runs cannot be counted: {error.message}") from error
    return running + min(closed, choice.closed_limit)


async def chosen_runs(client: Client, choice: Choice) -> AsyncGenerator[ListedRun, None]:
    """Yields the chosen runs, each once, the running ones first.

    Raises TemporalUnavailableError.
    """
    seen: set[str] = set()
    async for run in list_runs(client, choice.running):
        seen.add(run.run_id)
        yield run
    async for run in list_runs(client, choice.closed, choice.closed_limit):
        if run.run_id not in seen:  # it closed in between
            yield run


async def fetch_histories(
    client: Client, runs: AsyncIterable[ListedRun]
) -> AsyncGenerator[tuple[ListedRun, WorkflowHistory], None]:
    """Yields runs with their histories, in order, fetching a few ahead.

    One whose retention ended in between is left out: there is nothing of it to be replayed.
    Raises TemporalUnavailableError.
    """
    async for group in _groups(runs):
        fetched = await asyncio.gather(*(_fetch(client, run) for run in group))
        for run, history in zip(group, fetched, strict=True):
            if history is not None:
                yield run, history


async def _groups(runs: AsyncIterable[ListedRun]) -> AsyncGenerator[list[ListedRun], None]:
    group: list[ListedRun] = []
    async for run in runs:
        group.append(run)
        if len(group) == AT_ONCE:
            yield group
            group = []
    if group:
        yield group


async def _fetch(client: Client, run: ListedRun) -> WorkflowHistory | None:
    handle = client.get_workflow_handle(run.workflow_id, run_id=run.run_id)
    try:
        return await handle.fetch_history()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise TemporalUnavailableError(
            f"the history of {run.workflow_id} cannot be read: {error.message}"
        ) from error


def run_id_of(history: WorkflowHistory) -> str | None:
    """Returns the run id that a history names; after a reset, that of the first execution."""
    if not history.events:
        return None
    began = history.events[0].workflow_execution_started_event_attributes
    return began.original_execution_run_id or None


def is_running(history: WorkflowHistory) -> bool:
    """Returns whether the execution had not closed when its history was taken."""
    return bool(history.events) and history.events[-1].event_type not in _CLOSING


def history_to_json(history: WorkflowHistory) -> str:
    """Returns a history as Temporal's own tools write it, for `history_from_json`.

    Without the stack traces of failures: they hold paths of a worker's machine, and replay nothing.
    """

    def stripped(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: stripped(part) for key, part in value.items() if key != "stackTrace"}
        return [stripped(part) for part in value] if isinstance(value, list) else value

    return json.dumps(stripped(history.to_json_dict()), indent=1) + "\n"


def history_from_json(name: str, text: str) -> WorkflowHistory:
    """Returns the history that a file holds: an exported one, or one saved from the Web UI or CLI.

    Args:
        name: what stands for the workflow id where the history does not tell it.
        text: the JSON.

    Raises:
        HistoryUnreadableError: the text is no JSON, or no history.
    """
    try:
        history = WorkflowHistory.from_json(name, text)
    except json.JSONDecodeError as error:
        raise HistoryUnreadableError(clipped(f"no JSON: {error}")) from None
    except (ParseError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise HistoryUnreadableError(clipped(f"no history of a run: {error}")) from None
    if not history.events:
        return history
    told = history.events[0].workflow_execution_started_event_attributes.workflow_id
    return WorkflowHistory(told or name, history.events)
