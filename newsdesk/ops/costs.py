"""`newsdesk costs`: what language models took, for people or as JSON."""

import argparse
import asyncio
import re
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from newsdesk.contracts.models import CostLine
from newsdesk.settings import STATE_DEFAULT, Settings, current_environment

if TYPE_CHECKING:
    from rich.table import Table

SINCE_DEFAULT = "30d"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DAYS_BACK = re.compile(r"(\d{1,5})d", re.ASCII)
_NUMBERS = ("Calls", "Unusable", "Input", "Cached", "Output", "USD")
_NARROW = 110
"""Below this many columns only one space parts the columns."""


def configure_parser(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `newsdesk costs`."""
    parser.add_argument(
        "--since",
        type=parse_since,
        default=SINCE_DEFAULT,
        metavar="WHEN",
        help="the first day (in UTC) that counts: YYYY-MM-DD, or Nd for N days back"
        " (default: %(default)s)",
    )
    parser.add_argument(
        "--json", action="store_true", help="print one line of JSON for each day, model and step"
    )
    parser.add_argument(
        "--state",
        type=Path,
        default=STATE_DEFAULT,
        metavar="DIR",
        help="folder of `newsdesk dev`, whose addresses are used where the environment sets none"
        " (default: %(default)s)",
    )


def parse_since(text: str) -> date:
    """Returns the day that WHEN names. Raises ArgumentTypeError for anything else."""
    back = _DAYS_BACK.fullmatch(text)
    if back is not None:
        return datetime.now(UTC).date() - timedelta(days=int(back[1]))
    try:
        # The pattern, because Python reads more forms (20260304, 2026-W10-3) than we tell of.
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(
        f"not a day: {text!r}; write YYYY-MM-DD, or Nd for N days back, like {SINCE_DEFAULT}"
    )


def run(args: argparse.Namespace) -> int:
    """Shows costs; returns the exit code. Raises what the settings or the database refuse."""
    settings = Settings.load(current_environment(), args.state)
    lines = asyncio.run(_load(settings.require_database_url(), args.since))
    if args.json:
        for line in lines:
            sys.stdout.write(line.model_dump_json(ensure_ascii=True) + "\n")
        return 0
    if not lines:
        print(f"no model was asked since {args.since}")
        return 0
    from newsdesk.ops.tables import stdout_console

    console = stdout_console()
    console.print(cost_table(lines, console.width))
    return 0


async def _load(url: str, since: date) -> tuple[CostLine, ...]:
    from newsdesk.store.opening import open_store

    async with open_store(url) as store:
        return await store.ledger.costs(since)


def cost_table(lines: Sequence[CostLine], width: int) -> "Table":
    """Returns a table with a line per day, model and step, and their sum.

    Args:
        lines: what models took, in the order wanted.
        width: columns of the terminal; where they are few, names go over several lines.
    """
    from rich.table import Table
    from rich.text import Text

    from newsdesk.ops.text import one_line

    table = Table(
        box=None,
        padding=(0, 1) if width < _NARROW else (0, 2),
        pad_edge=False,
        collapse_padding=True,
        header_style="bold",
    )
    table.add_column("Day", no_wrap=True)
    table.add_column("Model", overflow="fold")
    table.add_column("Step", overflow="fold")
    for heading in _NUMBERS:
        table.add_column(heading, justify="right", no_wrap=True)
    for line in lines:
        names = (line.day.isoformat(), one_line(line.model), line.step.value)
        table.add_row(*(Text(cell) for cell in (*names, *_numbers([line]))))
    table.add_row("Total", "", "", *_numbers(lines), style="bold")
    return table


def _numbers(lines: Sequence[CostLine]) -> tuple[str, ...]:
    """Returns the sums of lines, as the last cells of a row."""
    sums = (
        sum(line.calls for line in lines),
        sum(line.unusable for line in lines),
        sum(line.input_tokens for line in lines),
        sum(line.cached_input_tokens for line in lines),
        sum(line.output_tokens for line in lines),
    )
    return (*(f"{number:,}" for number in sums), _usd(lines))


def _usd(lines: Sequence[CostLine]) -> str:
    """Returns what is known of the cost, and how many calls it leaves out."""
    unpriced = sum(line.unpriced for line in lines)
    known = _dollars(sum(line.cost_usd for line in lines))
    if not unpriced:
        return known
    if unpriced == sum(line.calls for line in lines):
        return f"{unpriced:,} unpriced"
    return f"{known} + {unpriced:,} unpriced"


def _dollars(amount: float) -> str:
    return "<0.0001" if 0 < amount < 0.0001 else f"{amount:,.4f}"
