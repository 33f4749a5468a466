"""What `newsdesk runs` tells of a run: the line of `--json`, and what the table is made from."""

import json
from collections.abc import AsyncGenerator, AsyncIterable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio.client import Client
from temporalio.service import RPCError

from newsdesk.contracts.record import UNSUCCESSFUL, RunStatus, StepError
from newsdesk.errors import TemporalUnavailableError
from newsdesk.ops.titles import Titles
from newsdesk.temporal.current import AT_ONCE, CurrentRun, described_runs
from newsdesk.temporal.endings import closing_errors
from newsdesk.temporal.links import run_url
from newsdesk.temporal.listing import ListedRun, listed_run


@dataclass(frozen=True)
class RunLine:
    """A run as its current execution stands. `ending`: why it ended without completing."""

    current: CurrentRun
    title: str | None
    ending: StepError | None
    temporal_url: str | None

    @property
    def run(self) -> ListedRun:
        """What it can be found by."""
        return self.current.run

    @property
    def step(self) -> str | None:
        """The step that ended the run, or that is under way: of two, the more troubled."""
        pending = self.current.pending
        return self.run.failed_step or (pending[0].name if pending else None)

    @property
    def attempt(self) -> int | None:
        """Which attempt of the step is under way, or is next; of a failed run no longer known."""
        pending = self.current.pending
        return pending[0].attempt if pending and pending[0].name == self.step else None

    @property
    def error(self) -> StepError | None:
        """Why the run ended, or why the step's last attempt failed."""
        if self.run.status in UNSUCCESSFUL:
            return self.ending
        return self.current.pending[0].error if self.current.pending else None

    def as_json(self) -> str:
        """Returns the line for `--json`."""
        run = self.run
        line: dict[str, object] = {
            "workflow_id": run.workflow_id,
            "run_id": run.run_id,
            "article_id": run.article_id,
            "revision": run.revision,
            "run_number": run.run_number,
            "title": self.title,
            "status": run.status.value,
            "step": self.step,
            "attempt": self.attempt,
            "error": None if self.error is None else self.error.model_dump(),
            "waiting_for": run.waiting_for,
            "outcome": run.outcome,
            "skipped": dict(self.current.skips),
            "tickers": list(run.tickers),
            "cost_usd": run.cost_usd,
            "started_at": _rfc3339(run.started_at),
            "closed_at": _rfc3339(run.closed_at),
            "temporal_url": self.temporal_url,
        }
        # ASCII: whatever stands in an article, no byte of it can drive the terminal.
        return json.dumps(line)


def _rfc3339(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


@dataclass(frozen=True)
class Wanted:
    """Which runs: what visibility is asked, and how a run has to stand now; no statuses: any."""

    query: str
    statuses: Collection[RunStatus] = ()


async def run_lines(
    client: Client, wanted: Wanted, titles: Titles, ui_url: str | None, page_size: int
) -> AsyncGenerator[RunLine, None]:
    """Yields the runs that are wanted: those under way first, then as they ended, newest first.

    Raises TemporalUnavailableError.
    """
    described = described_runs(client, _listed(client, wanted.query, page_size))
    async for batch in _batches(described, wanted.statuses):
        for line in await _lines(client, batch, titles, ui_url):
            yield line


async def _listed(client: Client, query: str, page_size: int) -> AsyncGenerator[ListedRun, None]:
    # list_runs would have pages of a thousand read, for a table of thirty lines.
    try:
        async for execution in client.list_workflows(query, page_size=page_size):
            yield listed_run(execution)
    except RPCError as error:
        raise TemporalUnavailableError(f"runs cannot be listed: {error.message}") from error


async def _batches(
    described: AsyncIterable[CurrentRun], statuses: Collection[RunStatus]
) -> AsyncGenerator[list[CurrentRun], None]:
    """Yields the runs that stand as wanted, some together."""
    batch: list[CurrentRun] = []
    async for current in described:
        # A replayed run is listed for its failed execution, and may have completed since.
        if statuses and current.run.status not in statuses:
            continue
        batch.append(current)
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


async def _lines(
    client: Client, batch: Sequence[CurrentRun], titles: Titles, ui_url: str | None
) -> list[RunLine]:
    endings = await closing_errors(client, [one.run for one in batch if _ended_badly(one)])
    found = await titles.of([one.run for one in batch if one.title is None])
    return [
        RunLine(
            current=one,
            title=one.title or found.get(one.run.workflow_id),
            ending=endings.get(one.run.run_id),
            temporal_url=run_url(ui_url, client.namespace, one.run.workflow_id, one.run.run_id),
        )
        for one in batch
    ]


def _ended_badly(current: CurrentRun) -> bool:
    return current.run.status in UNSUCCESSFUL
