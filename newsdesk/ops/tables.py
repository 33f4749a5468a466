"""Runs as a table, for people: a line a run, whatever the width."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from newsdesk.contracts.analysis import SentimentState
from newsdesk.contracts.record import RunStatus
from newsdesk.contracts.steps import PublishOutcome
from newsdesk.ops.text import one_line, score_text
from newsdesk.store.summaries import CompanySummary, RunSummary

WIDTH_WITHOUT_TERMINAL = 180
NARROW = 110
"""Below this many columns words are shortened and only one space parts the columns."""
MIN_CELL = len("Companies")
MAX_COMPANIES = 3
"""A roundup names a dozen; the record has them all."""

_STYLES = {RunStatus.COMPLETED: "green", RunStatus.RUNNING: "cyan", RunStatus.PENDING: "dim"}


def stdout_console() -> Console:
    """Returns a console on stdout, wide enough for tables where stdout is no terminal."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH_WITHOUT_TERMINAL)
    return console


@dataclass(frozen=True)
class _Widths:
    """Columns of the terminal for the three cells that can be cut."""

    title: int
    companies: int
    story: int


def run_table(summaries: Sequence[RunSummary], width: int) -> Table:
    """Returns a table with a line per run: number, title, outcome, companies, story, seconds.

    Args:
        summaries: the runs, in the order wanted.
        width: columns of the terminal; titles, companies and stories are cut to fit.
    """
    narrow = width < NARROW
    widths = _widths(summaries, width, narrow)
    table = Table(
        box=None,
        padding=(0, 1) if narrow else (0, 2),
        pad_edge=False,
        collapse_padding=True,
        header_style="bold",
    )
    for heading, right in _headings(narrow):
        table.add_column(heading, justify="right" if right else "left", no_wrap=True)
    for summary in summaries:
        style = _STYLES.get(summary.status, "red")
        table.add_row(
            *(Text(text) for text in _head_cells(summary, narrow)),
            clipped(summary.title or "(no title)", widths.title),
            Text(_outcome(summary, narrow), style=style),
            Text(fitting(summary.companies, widths.companies)),
            clipped(_story(summary, narrow), widths.story, "" if style != "red" else "red"),
            Text(_seconds(summary)),
        )
    return table


def _headings(narrow: bool) -> list[tuple[str, bool]]:
    seconds = "Sec" if narrow else "Seconds"
    left = ("Article", "Title", "Outcome", "Companies", "Story")
    return [("Run", True), *((heading, False) for heading in left), (seconds, True)]


def _head_cells(summary: RunSummary, narrow: bool) -> tuple[str, str]:
    revision = "" if narrow and summary.revision == 1 else f" r{summary.revision}"
    return f"#{summary.run_number}", f"{summary.article_id}{revision}"


def _seconds(summary: RunSummary) -> str:
    return "-" if summary.duration_seconds is None else f"{summary.duration_seconds:.1f}"


def _widths(summaries: Sequence[RunSummary], width: int, narrow: bool) -> _Widths:
    """Shares out what the short columns leave; companies get no more than they need."""

    def longest(heading: int, text: Callable[[RunSummary], str]) -> int:
        heads = [title for title, _ in _headings(narrow)]
        return max([len(heads[heading]), *(cell_len(text(summary)) for summary in summaries)])

    short = (
        longest(0, lambda summary: _head_cells(summary, narrow)[0])
        + longest(1, lambda summary: _head_cells(summary, narrow)[1])
        + longest(3, lambda summary: _outcome(summary, narrow))
        + longest(6, _seconds)
    )
    left = max(width - short - 6 * (1 if narrow else 2), 3 * MIN_CELL)
    companies = min(longest(4, lambda summary: fitting(summary.companies, left)), left // 3)
    left -= companies
    story = min(longest(5, lambda summary: _story(summary, narrow)), left * 9 // 20)
    return _Widths(title=left - story, companies=companies, story=story)


def _outcome(summary: RunSummary, narrow: bool) -> str:
    if summary.status is RunStatus.COMPLETED and summary.outcome is PublishOutcome.SUPERSEDED:
        by = "its removal" if summary.superseded_by is None else f"r{summary.superseded_by}"
        return "superseded" if narrow else f"superseded by {by}"
    return summary.status.value


def fitting(companies: Sequence[CompanySummary], width: int) -> str:
    """Returns as many companies with their scores as fit, and how many are left out."""
    parts = [_company(company) for company in companies]
    for shown in range(min(len(parts), MAX_COMPANIES), 0, -1):
        left = len(parts) - shown
        text = ", ".join(parts[:shown]) + (f" +{left}" if left else "")
        if cell_len(text) <= width:
            return text
    return clipped(parts[0], width).plain if parts else "-"


def _company(company: CompanySummary) -> str:
    name = one_line(company.ticker or company.name)
    if company.state is SentimentState.NOT_ASSESSED or company.score is None:
        return f"{name} n/a"
    return f"{name} {score_text(company.score)}"


def _story(summary: RunSummary, narrow: bool) -> str:
    """What came of linking; where the run failed, why it did."""
    if summary.error is not None:
        return one_line(f"{summary.error.type}: {summary.error.message}")
    if summary.skips:
        mark = "⊘" if narrow else "skipped:"
        return ", ".join(f"{mark} {skip.code}" for skip in summary.skips.values())
    return "; ".join(one_line(title) for title in summary.stories) or "-"


def clipped(text: str, width: int, style: str = "") -> Text:
    """Returns text for one cell: one line, no control characters, cut at `width` columns."""
    cell = Text(one_line(text), style=style)
    cell.truncate(width, overflow="ellipsis")
    return cell
