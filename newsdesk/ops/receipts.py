"""What became of each item that was given to `newsdesk enqueue`, and the sums of it."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from newsdesk.contracts.articles import Enqueued, EnqueueOutcome
from newsdesk.contracts.record import RunBlock, RunStatus, StepStatus
from newsdesk.contracts.steps import PublishOutcome

REJECTED = "rejected"


@dataclass
class Receipt:
    """One item: where it stood, what the store made of it or why it was refused, and its run."""

    location: str
    enqueued: Enqueued | None = None
    error: str | None = None
    run: RunBlock | None = None

    @property
    def outcome(self) -> str:
        """The word that promise 1 counts by."""
        return REJECTED if self.enqueued is None else self.enqueued.outcome.value

    @property
    def trouble(self) -> str | None:
        """What went wrong with the item, for people: why it was refused, or how its run failed."""
        if self.enqueued is None:
            return self.error
        if self.run is None or self.run.status is RunStatus.COMPLETED:
            return None
        cause = self.run.error
        why = "" if cause is None else f": {cause.type}: {cause.message}"
        return f"run #{self.run.number} {self.run.status.value}{why}"

    @property
    def waits_for(self) -> int | None:
        """The number of the run that stands for this item, if there is one to wait for."""
        if self.enqueued is None or self.enqueued.outcome in _NO_RUN:
            return None
        return self.enqueued.run_number

    def as_json(self) -> str:
        """Returns the item's line for `--json`."""
        line: dict[str, object] = {"location": self.location, "outcome": self.outcome}
        if self.enqueued is not None:
            line |= self.enqueued.model_dump(mode="json", exclude={"outcome", "pending"})
            line["pending"] = self.enqueued.pending is not None
        if self.error is not None:
            line["error"] = self.error
        if self.run is not None:
            line["run"] = _run_facts(self.run)
        # ASCII: whatever stands in an article, no byte of it can drive the terminal.
        return json.dumps(line)


_NO_RUN = {EnqueueOutcome.REMOVED, EnqueueOutcome.OLDER}


def _run_facts(run: RunBlock) -> dict[str, object]:
    return {
        "workflow_id": run.workflow_id,
        "status": run.status.value,
        "outcome": run.outcome,
        "duration_seconds": run.duration_seconds,
        "skipped": {
            step.name.value: step.reason_code
            for step in run.steps
            if step.status is StepStatus.SKIPPED
        },
        "error": None if run.error is None else run.error.model_dump(),
    }


def words_on_run(run: RunBlock) -> str:
    """Returns how a run ended; superseded is a word of its own."""
    superseded = run.outcome == PublishOutcome.SUPERSEDED
    return "superseded" if superseded else run.status.value


@dataclass
class Tally:
    """Counts items by what became of them: received is always the sum of the rest.

    `pending`: numbers of runs that are stored but that Temporal has not acknowledged. Where runs
    are waited for, `awaited` holds their numbers and `ended` how those went that have ended.
    """

    counts: Counter[str] = field(default_factory=Counter[str])
    pending: set[int] = field(default_factory=set[int])
    awaited: set[int] = field(default_factory=set[int])
    ended: Counter[str] = field(default_factory=Counter[str])
    failed_runs: int = 0

    def add(self, receipt: Receipt) -> None:
        """Counts an item once it is stored or refused."""
        self.counts[receipt.outcome] += 1
        if receipt.enqueued is not None and receipt.enqueued.pending is not None:
            self.pending.add(receipt.enqueued.pending.run_number)

    def await_run(self, number: int) -> None:
        """Counts a run that is waited for; two items may stand for one run."""
        self.awaited.add(number)

    def add_run(self, run: RunBlock) -> None:
        """Counts an awaited run that ended."""
        self.pending.discard(run.number)
        self.ended[words_on_run(run)] += 1
        self.failed_runs += run.status is not RunStatus.COMPLETED

    @property
    def all_well(self) -> bool:
        """Whether nothing was refused and no run failed."""
        return self.counts[REJECTED] == 0 and self.failed_runs == 0

    def sentence(self) -> str:
        """Returns the sums as one line."""
        order = [*(outcome.value for outcome in EnqueueOutcome), REJECTED]
        text = f"received {self.counts.total()}: {_sums(self.counts, order)}"
        if self.pending:
            text += (
                f"; not started yet: {len(self.pending)}"
                " (stored; a worker starts them as soon as Temporal answers)"
            )
        if self.awaited:
            under_way = len(self.awaited) - self.ended.total()
            text += (
                f"; runs: {_sums(self.ended | {_UNDER_WAY: under_way}, [*_RUN_WORDS, _UNDER_WAY])}"
            )
        return text


_UNDER_WAY = "still under way"
_RUN_WORDS = ("completed", "superseded", "failed", "canceled", "terminated", "timed_out")


def _sums(counts: Mapping[str, int], order: Sequence[str]) -> str:
    return ", ".join(f"{word} {counts[word]}" for word in order if counts.get(word)) or "nothing"
