"""`newsdesk runs`: runs as they stand, from Temporal's visibility; once, live, or as JSON."""

import argparse
import asyncio
import sys
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

from newsdesk.contracts.record import RunStatus
from newsdesk.errors import UsageError
from newsdesk.ops.moments import HOW, parse_moment
from newsdesk.settings import STATE_DEFAULT, Settings, current_environment

if TYPE_CHECKING:
    from rich.console import Console

    from newsdesk.ops.run_lines import Wanted

LIMIT_ELSEWHERE = 50
"""How many runs are shown where no terminal says how many fit."""

NOTE = """\
Runs under way come first, then the others as they ended, the newest first. A replayed run is
shown once, as it stands now. The sums below the table come from counts of executions: of up to 200
it is looked up which were replayed since; beyond that, a run that completed, was replayed and
completed again counts twice, and the table says where replayed failures count, too.
"""


def configure_parser(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `newsdesk runs`."""
    parser.epilog = NOTE
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--running", action="store_true", help="only runs that are under way")
    kinds.add_argument(
        "--failed",
        action="store_true",
        help="only runs that failed, timed out, were terminated or canceled, and were not replayed",
    )
    kinds.add_argument("--completed", action="store_true", help="only runs that completed")
    parser.add_argument("--ticker", metavar="T", help="only runs of articles tagged with this one")
    parser.add_argument(
        "--since",
        type=parse_moment,
        metavar="WHEN",
        help=f"leave out runs that ended before WHEN: {HOW}",
    )
    parser.add_argument(
        "--limit",
        type=_positive,
        metavar="N",
        help="show at most N runs (default: as many as fit the terminal,"
        f" {LIMIT_ELSEWHERE} without one)",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--watch",
        action="store_true",
        help="show the table anew every 2 seconds until Ctrl-C, also through an outage of Temporal;"
        " never more runs than fit; needs a terminal (exit code 2 without one)",
    )
    form.add_argument("--json", action="store_true", help="print one line of JSON for each run")
    parser.add_argument(
        "--state",
        type=Path,
        default=STATE_DEFAULT,
        metavar="DIR",
        help="folder of `newsdesk dev`, whose addresses are used where the environment sets none"
        " (default: %(default)s)",
    )


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:10]):
        raise argparse.ArgumentTypeError(f"not a positive whole number: {text!r}")
    return int(text[:10])


def run(args: argparse.Namespace) -> int:
    """Shows runs; returns the exit code.

    Raises UsageError for a ticker that can be none, or where --watch has no terminal;
    ConfigurationError; TemporalUnavailableError, but not while it watches.
    """
    from newsdesk.ops.tables import stdout_console

    settings = Settings.load(current_environment(), args.state)
    wanted = _wanted(args)
    if args.json:
        return asyncio.run(_print_json(settings, wanted, args.limit or LIMIT_ELSEWHERE))
    console = stdout_console()
    if not args.watch:
        return asyncio.run(_print_table(settings, wanted, args.limit, console))
    if not console.is_terminal or console.is_dumb_terminal:
        raise UsageError("--watch needs a terminal; without one, call it again, or with --json")
    return _watch(settings, wanted, args.limit, console)


def _wanted(args: argparse.Namespace) -> "Wanted":
    from newsdesk.contracts.record import UNSUCCESSFUL
    from newsdesk.ops.run_lines import Wanted
    from newsdesk.temporal.listing import runs_query

    statuses: tuple[RunStatus, ...] = ()
    if args.running:
        statuses = (RunStatus.RUNNING,)
    elif args.failed:
        statuses = UNSUCCESSFUL
    elif args.completed:
        statuses = (RunStatus.COMPLETED,)
    ticker = None if args.ticker is None else args.ticker.upper()
    query = runs_query(statuses=statuses, ticker=ticker)
    if args.since is not None:
        since = f"{args.since.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        query += f" AND (ExecutionStatus = 'Running' OR CloseTime >= '{since}')"
    return Wanted(query, statuses)


async def _print_json(settings: Settings, wanted: "Wanted", limit: int) -> int:
    from newsdesk.ops.run_looks import Looking
    from newsdesk.ops.titles import Titles

    printed = 0
    async with Titles(settings.database_url) as titles:
        # One more than asked for tells that there are more.
        async for line in Looking(settings, wanted, titles).lines(limit + 1):
            if printed < limit:
                sys.stdout.write(line.as_json() + "\n")
            printed += 1
        _tell(titles.trouble)
    if printed > limit:
        print(f"newsdesk runs: there are more than {limit}; see --limit", file=sys.stderr)
    return 0


async def _print_table(
    settings: Settings, wanted: "Wanted", limit: int | None, console: "Console"
) -> int:
    from newsdesk.ops.run_looks import Looking
    from newsdesk.ops.run_table import print_look, rows_that_fit
    from newsdesk.ops.titles import Titles

    async with Titles(settings.database_url) as titles:
        looking = Looking(settings, wanted, titles)
        fit = rows_that_fit(console, await looking.list_url()) or LIMIT_ELSEWHERE
        print_look(await looking.look(limit or fit), console)
        _tell(titles.trouble)
    return 0


def _tell(trouble: str | None) -> None:
    if trouble is not None:
        print(f"newsdesk runs: some titles are missing: {trouble}", file=sys.stderr)


def _watch(settings: Settings, wanted: "Wanted", limit: int | None, console: "Console") -> int:
    from newsdesk.ops.run_watch import Watch

    watch = Watch(settings, wanted, limit, console)
    try:
        asyncio.run(watch.run())
    except KeyboardInterrupt:
        pass  # how a watch ends
    watch.leave()
    return 0
