"""Runs as a table, for people."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from newsdesk.contracts.analysis import SentimentState
from newsdesk.contracts.record import RunStatus
from newsdesk.contracts.steps import PublishOutcome
from newsdesk.ops.record_view import plain
from newsdesk.store.summaries import CompanySummary, RunSummary

WIDTH_WITHOUT_TERMINAL = 180
MAX_CELL_CHARS = 48
MAX_COMPANIES = 3
"""A roundup names a dozen; the record has them all."""

_STYLES = {RunStatus.COMPLETED: "green", RunStatus.RUNNING: "cyan", RunStatus.PENDING: "dim"}


def stdout_console() -> Console:
    """Returns a console on stdout, wide enough for tables where stdout is no terminal."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH_WITHOUT_TERMINAL)
    return console


def run_table(summaries: Sequence[RunSummary]) -> Table:
    """Returns a table with a row per run: number, title, outcome, companies, story, seconds."""
    table = Table(box=None, padding=(0, 1), header_style="bold")
    table.add_column("Run", justify="right", no_wrap=True)
    table.add_column("Article", no_wrap=True)
    table.add_column("Title")
    table.add_column("Outcome", no_wrap=True)
    table.add_column("Companies")
    table.add_column("Story")
    table.add_column("Seconds", justify="right", no_wrap=True)
    for summary in summaries:
        seconds = summary.duration_seconds
        table.add_row(
            f"#{summary.run_number}",
            f"{summary.article_id} r{summary.revision}",
            Text(clipped(summary.title) or "(no title)"),
            Text(_outcome(summary), style=_STYLES.get(summary.status, "red")),
            Text(plain(_companies(summary.companies)) or "-"),
            Text(_story(summary) or "-"),
            "-" if seconds is None else f"{seconds:.1f}",
        )
    return table


def _outcome(summary: RunSummary) -> str:
    if summary.status is RunStatus.COMPLETED and summary.outcome is PublishOutcome.SUPERSEDED:
        newer = summary.superseded_by
        return "superseded" if newer is None else f"superseded by r{newer}"
    return summary.status.value


def _companies(companies: Sequence[CompanySummary]) -> str:
    parts = [_company(company) for company in companies[:MAX_COMPANIES]]
    left = len(companies) - len(parts)
    return ", ".join(parts) + (f" +{left}" if left else "")


def _company(company: CompanySummary) -> str:
    name = company.ticker or company.name
    if company.state is SentimentState.NOT_ASSESSED or company.score is None:
        return f"{name} n/a"
    return f"{name} {company.score:+.2f}"


def _story(summary: RunSummary) -> str:
    if summary.skips:
        return ", ".join(f"skipped: {skip.code}" for skip in summary.skips.values())
    return "; ".join(clipped(title) for title in summary.stories)


def clipped(text: str) -> str:
    """Returns text for one cell, without control characters, cut at MAX_CELL_CHARS."""
    clean = plain(text)
    return clean if len(clean) <= MAX_CELL_CHARS else f"{clean[: MAX_CELL_CHARS - 1].rstrip()}…"
