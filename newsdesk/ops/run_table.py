"""The table of `newsdesk runs`: a line a run, whatever the width, and what stands below it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from newsdesk.contracts.record import RunStatus
from newsdesk.ops.moments import ago
from newsdesk.ops.run_lines import RunLine
from newsdesk.ops.run_looks import Look
from newsdesk.ops.run_words import is_troubled, length, what
from newsdesk.ops.tables import NARROW, clipped
from newsdesk.ops.text import one_line

_STYLES = {RunStatus.COMPLETED: "green", RunStatus.RUNNING: "cyan"}
_TROUBLED, _BAD = "yellow", "red"
_WIDE = ("Run", "Article", "Title", "Status", "Doing, or how it ended", "Started", "Took")
_SHORT = ("Run", "Article", "Title", "Status", "Doing, or end", "Ago", "Took")
_RIGHT = ("Run", "Ago", "Started", "Took")
_TITLE, _WHAT = 2, 4
"""The two columns that are cut to fit."""
MIN_TITLE, MIN_WHAT = 10, 13
MAX_ID_CHARS = 20
AROUND = 3
"""Lines for the headings, and for the shell's prompt and the call, or what a watch says."""
FEWEST = 5


def print_look(look: Look, console: Console) -> None:
    """Prints the table, the sums, and where the Web UI lists the same."""
    for part in _parts(look, console.width):
        # Addresses in one piece: terminals make links of them.
        console.print(part, soft_wrap=isinstance(part, Text))


def look_view(look: Look, width: int) -> RenderableType:
    """Returns the same to be shown again and again: nothing is wider than `width`."""
    return Group(*_parts(look, width))


def _parts(look: Look, width: int) -> Iterator[RenderableType]:
    if look.lines:
        yield run_table(look.lines, width, look.at)
    yield Text(sums_words(look), style="bold")
    if look.list_url is not None:
        # A link by itself, too: where it has to be folded, the terminal knows it as one.
        yield Text(look.list_url, style=f"dim link {look.list_url}", overflow="fold")


def rows_that_fit(console: Console, list_url: str | None) -> int | None:
    """Returns how many runs fit a terminal, with all that stands around them; None without one.

    At least a few: what is lower than that has to be scrolled.
    """
    if not console.is_terminal:
        return None
    url_lines = 0 if list_url is None else -(-cell_len(list_url) // console.width)
    sums_lines = 2 if console.width < NARROW else 1
    return max(console.height - url_lines - sums_lines - AROUND, FEWEST)


def sums_words(look: Look) -> str:
    """Returns one line: how many runs of each status there are, and how many are shown."""
    counts = look.sums.counts
    parts = [f"{status.value} {counts[status]:,}" for status in RunStatus if counts.get(status)]
    if not parts:
        return "no such run"
    shown = f"; shown {len(look.lines)}" if len(look.lines) < look.sums.total else ""
    how = "" if look.sums.exact else " (executions: replayed runs' earlier ones count, too)"
    return f"runs: {', '.join(parts)}{shown}{how}"


def run_table(lines: Sequence[RunLine], width: int, now: datetime) -> Table:
    """Returns a table with a line a run; title and what it does are cut to fit `width`."""
    narrow = width < NARROW
    gap = 1 if narrow else 2
    table = Table(
        box=None, padding=(0, gap), pad_edge=False, collapse_padding=True, header_style="bold"
    )
    headings = _SHORT if narrow else _WIDE
    for heading in headings:
        table.add_column(heading, justify="right" if heading in _RIGHT else "left", no_wrap=True)
    rows = [_cells(line, now, narrow=narrow) for line in lines]
    title, doing = _widths(headings, rows, width - gap * (len(headings) - 1))
    for line, cells in zip(lines, rows, strict=True):
        table.add_row(*_styled(line, cells, title, doing))
    return table


def _cells(line: RunLine, now: datetime, *, narrow: bool) -> tuple[str, ...]:
    run = line.run
    closed = run.closed_at or now
    since = ago(run.started_at, now)
    return (
        "-" if run.run_number is None else f"#{run.run_number}",
        _article(line, narrow=narrow),
        one_line(line.title or ", ".join(run.tickers)) or "-",
        run.status.value,
        one_line(what(line, now, narrow=narrow)),
        since if narrow else f"{since} ago",
        length(max((closed - run.started_at).total_seconds(), 0.0)),
    )


def _article(line: RunLine, *, narrow: bool) -> str:
    run = line.run
    if run.article_id is None:  # somebody started it by hand
        return one_line(run.workflow_id)[:MAX_ID_CHARS]
    revision = "" if narrow and run.revision == 1 else f" r{run.revision}"
    return f"{run.article_id}{revision}"


def _widths(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> tuple[int, int]:
    """Shares out what the short columns leave; neither gets more than it needs."""
    needs = [
        max([cell_len(heading), *(cell_len(row[at]) for row in rows)])
        for at, heading in enumerate(headings)
    ]
    short = sum(need for at, need in enumerate(needs) if at not in (_TITLE, _WHAT))
    left = max(width - short, MIN_TITLE + MIN_WHAT)
    # What goes wrong matters more than the title, which is known by its beginning.
    doing = min(needs[_WHAT], max(left - needs[_TITLE], left * 3 // 4))
    return min(needs[_TITLE], left - doing), doing


def _styled(line: RunLine, cells: Sequence[str], title: int, doing: int) -> list[Text]:
    style = _STYLES.get(line.run.status, _BAD)
    troubled = line.run.status is RunStatus.RUNNING and is_troubled(line)
    quiet = style != _BAD and not troubled
    run, article, name, status, now_doing, started, took = cells
    return [
        Text(run),
        Text(article),
        clipped(name, title, "" if line.title else "dim"),
        Text(status, style=_TROUBLED if troubled else style),
        clipped(now_doing, doing, "" if quiet else _TROUBLED if troubled else _BAD),
        Text(started),
        Text(took),
    ]
