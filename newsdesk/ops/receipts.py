"""What became of each item that was given to `newsdesk enqueue`, and the sums of it."""

import json
from collections import Counter
from dataclasses import dataclass, field

from newsdesk.contracts.articles import Enqueued, EnqueueOutcome
from newsdesk.contracts.record import RunBlock, RunStatus, StepStatus

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
    def failed(self) -> bool:
        """Whether the item was refused or its run ended otherwise than completed."""
        if self.enqueued is None:
            return True
        return self.run is not None and self.run.status is not RunStatus.COMPLETED

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
        return json.dumps(line, ensure_ascii=False)


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


@dataclass
class Tally:
    """Counts items by what became of them: received is always the sum of the rest."""

    counts: Counter[str] = field(default_factory=Counter[str])
    pending: int = 0
    failed_runs: int = 0

    def add(self, receipt: Receipt) -> None:
        """Counts an item once it is stored or refused."""
        self.counts[receipt.outcome] += 1
        if receipt.enqueued is not None and receipt.enqueued.pending is not None:
            self.pending += 1

    def add_run(self, run: RunBlock) -> None:
        """Counts a run that ended otherwise than completed."""
        self.failed_runs += run.status is not RunStatus.COMPLETED

    @property
    def all_well(self) -> bool:
        """Whether nothing was refused and no run failed."""
        return self.counts[REJECTED] == 0 and self.failed_runs == 0

    def sentence(self) -> str:
        """Returns the sums as one line."""
        order = [*(outcome.value for outcome in EnqueueOutcome), REJECTED]
        parts = [f"{word} {self.counts[word]}" for word in order if self.counts[word]]
        text = f"received {self.counts.total()}: {', '.join(parts) or 'nothing'}"
        if self.pending:
            text += (
                f"; {self.pending} of the started are stored but not yet acknowledged by Temporal:"
                " a worker starts them as soon as it answers"
            )
        if self.failed_runs:
            text += f"; runs not completed: {self.failed_runs}"
        return text
