"""Lines about runs, for tables and for whoever waits until all is done."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from newsdesk.contracts.analysis import Label, Role, SentimentState
from newsdesk.contracts.base import Contract
from newsdesk.contracts.record import RunBlock, RunStatus, StepError
from newsdesk.contracts.steps import PublishOutcome, Skip
from newsdesk.store.queries import load_queries
from newsdesk.store.rows import Row

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

_SQL = load_queries("summaries")


class RunCounts(Contract):
    """How many runs there are: `pending` and `running` ones are not done yet.

    `completed` counts completed runs but those that ended as superseded.
    """

    pending: int = 0
    running: int = 0
    completed: int = 0
    superseded: int = 0
    failed: int = 0
    canceled: int = 0
    terminated: int = 0
    timed_out: int = 0

    @property
    def open(self) -> int:
        """Runs that are not done yet."""
        return self.pending + self.running

    @property
    def unsuccessful(self) -> int:
        """Runs that ended without completing."""
        return self.failed + self.canceled + self.terminated + self.timed_out


class CompanySummary(Contract):
    """A company of a published run with its sentiment."""

    name: str
    ticker: str | None
    exchange: str | None
    role: Role
    state: SentimentState
    score: float | None
    label: Label | None


class RunSummary(Contract):
    """A line about a run.

    Until its end is recorded, `status` is running, and duration and error are None.
    """

    run_number: int
    article_id: int
    revision: int
    workflow_id: str
    title: str
    status: RunStatus
    outcome: PublishOutcome | None
    superseded_by: int | None
    companies: tuple[CompanySummary, ...]
    stories: tuple[str, ...]
    skips: dict[str, Skip]
    duration_seconds: float | None
    error: StepError | None


def status_of(row: Row) -> RunStatus:
    """Returns where a run stands, from its columns `state` and `status`."""
    if row["state"] == "pending":
        return RunStatus.PENDING
    return RunStatus(row["status"]) if row["state"] == "closed" else RunStatus.RUNNING


def block_of(row: Row) -> RunBlock | None:
    """Returns the recorded block of a closed run, from its columns `state` and `block`."""
    return RunBlock.model_validate_json(row["block"]) if row["state"] == "closed" else None


async def count_runs(connection: "PoolConnectionProxy") -> RunCounts:
    """Returns how many runs there are of each kind."""
    counts: Counter[str] = Counter()
    for row in await connection.fetch(_SQL["count_runs"]):
        kind = status_of(row).value
        if kind == "completed" and row["outcome"] == "superseded":
            kind = "superseded"
        counts[kind] += row["runs"]
    return RunCounts.model_validate(counts)


async def load_summaries(
    connection: "PoolConnectionProxy", run_numbers: Sequence[int]
) -> list[RunSummary]:
    """Returns a line about each of these runs that is stored, by run number."""
    numbers = list(run_numbers)
    runs = await connection.fetch(_SQL["list_summaries"], numbers)
    companies = _by_run(await connection.fetch(_SQL["list_companies"], numbers))
    stories = _by_run(await connection.fetch(_SQL["list_stories"], numbers))
    skips = _by_run(await connection.fetch(_SQL["list_skips"], numbers))
    return [
        _summary(run, companies[run["number"]], stories[run["number"]], skips[run["number"]])
        for run in runs
    ]


def _by_run(rows: Sequence[Row]) -> defaultdict[int, list[Row]]:
    grouped: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row["run_number"]].append(row)
    return grouped


def _summary(
    run: Row, companies: Sequence[Row], stories: Sequence[Row], skips: Sequence[Row]
) -> RunSummary:
    block = block_of(run)
    return RunSummary(
        run_number=run["number"],
        article_id=run["article_id"],
        revision=run["revision"],
        workflow_id=run["workflow_id"],
        title=run["title"],
        status=status_of(run),
        outcome=run["outcome"],
        superseded_by=run["superseded_by"],
        companies=tuple(CompanySummary.model_validate(dict(company)) for company in companies),
        stories=tuple(story["title"] for story in stories),
        skips={
            skip["name"]: Skip(code=skip["reason_code"] or "", reason=skip["reason"] or "")
            for skip in skips
        },
        duration_seconds=block.duration_seconds if block else None,
        error=block.error if block else None,
    )
