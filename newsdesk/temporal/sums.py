"""How many runs there are of each status, from visibility, which counts executions."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from temporalio.client import Client, WorkflowExecution
from temporalio.service import RPCError

from newsdesk.contracts.record import UNSUCCESSFUL, RunStatus
from newsdesk.errors import TemporalUnavailableError
from newsdesk.temporal.listing import QUERY_WORDS, STATUSES

CLOSED = (RunStatus.COMPLETED, *UNSUCCESSFUL)

LOOKED_AT = 200
"""Of up to so many executions it is looked up which of them were replayed."""

_STATUS_BY_WORD = {word: status for status, word in QUERY_WORDS.items()}


@dataclass(frozen=True)
class RunSums:
    """Counts by status.

    Each run counts once, as its last execution stands, where there are few. Where there are many,
    a completed one that was replayed counts for each of its executions; where many failed
    (`exact` is False), every run does.
    """

    counts: dict[RunStatus, int]
    exact: bool

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts.values())


async def count_runs(client: Client, query: str) -> RunSums:
    """Returns how many runs a query finds, by status. Raises TemporalUnavailableError."""
    try:
        counts = await _count_executions(client, query)
        looked_at = _to_look_at(counts)
        if looked_at:
            others = {status: n for status, n in counts.items() if status not in looked_at}
            counts = {**others, **await _count_current(client, query, looked_at)}
        return RunSums(counts, exact=bool(looked_at) or not _sum(counts, UNSUCCESSFUL))
    except RPCError as error:
        raise TemporalUnavailableError(f"runs cannot be counted: {error.message}") from error


def _to_look_at(counts: Mapping[RunStatus, int]) -> tuple[RunStatus, ...]:
    """Returns the statuses of which it is looked up whose run has gone on since."""
    for statuses in (CLOSED, UNSUCCESSFUL):
        if 0 < _sum(counts, statuses) <= LOOKED_AT:
            return statuses
    return ()


def _sum(counts: Mapping[RunStatus, int], statuses: Iterable[RunStatus]) -> int:
    return sum(counts.get(status, 0) for status in statuses)


async def _count_executions(client: Client, query: str) -> dict[RunStatus, int]:
    answer = await client.count_workflows(f"{query} GROUP BY ExecutionStatus")
    counts = Counter[RunStatus]()
    for group in answer.groups:
        word = str(group.group_values[0])
        counts[_STATUS_BY_WORD.get(word, RunStatus.RUNNING)] += group.count
    return dict(counts)


async def _count_current(
    client: Client, query: str, statuses: Iterable[RunStatus]
) -> dict[RunStatus, int]:
    """Counts those closed executions which no later one of their run has followed."""
    words = ", ".join(f"'{QUERY_WORDS[status]}'" for status in statuses)
    found = await _executions(client, f"{query} AND ExecutionStatus IN ({words})")
    # Ids of ours hold no quote; one that somebody made up must not break the query.
    latest = await _latest(client, sorted({one.id for one in found if "'" not in one.id}))
    return dict(
        Counter(
            STATUSES[execution.status]
            for execution in found
            if latest.get(execution.id, execution.run_id) == execution.run_id
        )
    )


async def _latest(client: Client, workflow_ids: Sequence[str]) -> dict[str, str]:
    """Returns the run id of the execution of each workflow that began last."""
    if not workflow_ids:  # all have been taken up since they were counted
        return {}
    ids = ", ".join(f"'{workflow_id}'" for workflow_id in workflow_ids)
    found = await _executions(client, f"WorkflowId IN ({ids})")
    found.sort(key=lambda execution: execution.start_time)
    return {execution.id: execution.run_id for execution in found}


async def _executions(client: Client, query: str) -> list[WorkflowExecution]:
    return [execution async for execution in client.list_workflows(query)]
