"""Which failed runs are meant: by step, error, ticker, time and how they closed."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from newsdesk.contracts.names import ACTIVITIES
from newsdesk.contracts.record import UNSUCCESSFUL, RunStatus
from newsdesk.ops.moments import parse_moment

FAILED = (RunStatus.FAILED, RunStatus.TIMED_OUT, RunStatus.TERMINATED)
"""What counts as failed unless it is said: a run that was canceled was meant to end."""

HOW = (
    "FILTER is `all`, or of step=, error=, ticker=, since=, status= those that are to hold,"
    " parted by commas: step=analyze_sentiment,error=ModelUnavailableError,since=2h"
)


@dataclass(frozen=True)
class FailureFilter:
    """All that is set holds for the runs that are meant."""

    statuses: tuple[RunStatus, ...] = FAILED
    since: datetime | None = None
    step: str | None = None
    error: str | None = None
    ticker: str | None = None

    def takes(
        self, status: RunStatus, step: str | None, error: str | None, closed_at: datetime | None
    ) -> bool:
        """Returns whether a run that closed like this is meant, as far as these tell."""
        return (
            status in self.statuses
            and self.step in (None, step)
            and self.error in (None, error)
            and (self.since is None or closed_at is None or closed_at >= self.since)
        )

    def query(self) -> str:
        """Returns the query for visibility. Raises UsageError for an odd value."""
        from newsdesk.temporal.listing import runs_query

        return runs_query(
            statuses=self.statuses,
            ticker=self.ticker,
            step=self.step,
            error=self.error,
            closed_since=self.since,
        )

    def words(self) -> str:
        """Returns the filter as it can be typed."""
        told = {"step": self.step, "error": self.error, "ticker": self.ticker}
        if self.since is not None:
            told["since"] = f"{self.since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        if self.statuses != FAILED:
            told["status"] = self.statuses[0].value
        return ",".join(f"{key}={value}" for key, value in told.items() if value) or "all"


def parse_step(text: str) -> str:
    """Returns the name of an activity. Raises ArgumentTypeError for anything else."""
    if text not in ACTIVITIES:
        raise argparse.ArgumentTypeError(f"no step: {text!r}; there are {', '.join(ACTIVITIES)}")
    return text


def parse_status(text: str) -> tuple[RunStatus, ...]:
    """Returns how runs closed. Raises ArgumentTypeError for anything else."""
    if text not in UNSUCCESSFUL:
        raise argparse.ArgumentTypeError(
            f"no way to fail: {text!r}; there are {', '.join(UNSUCCESSFUL)}"
        )
    return (RunStatus(text),)


_PARSERS: dict[str, tuple[str, Callable[[str], object]]] = {
    "step": ("step", parse_step),
    "error": ("error", str),
    "ticker": ("ticker", str),
    "since": ("since", parse_moment),
    "status": ("statuses", parse_status),
}


def parse_filter(text: str) -> FailureFilter:
    """Returns the filter that was typed. Raises ArgumentTypeError for anything else."""
    found = FailureFilter()
    if text == "all":
        return found
    for part in text.split(","):
        key, equals, value = part.strip().partition("=")
        if key not in _PARSERS or not equals or not value:
            raise argparse.ArgumentTypeError(f"not a filter: {part.strip()!r}; {HOW}")
        name, parse = _PARSERS[key]
        found = replace(found, **{name: parse(value)})
    return found
