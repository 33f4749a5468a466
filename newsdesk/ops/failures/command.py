"""`newsdesk failures`: its sub-commands and their flags."""

import argparse
import asyncio
from pathlib import Path

from newsdesk.ops.calls import EXIT_CODES
from newsdesk.ops.failures.filters import (
    FAILED,
    HOW,
    FailureFilter,
    parse_filter,
    parse_status,
    parse_step,
)
from newsdesk.ops.moments import HOW as HOW_MOMENTS
from newsdesk.ops.moments import parse_moment
from newsdesk.ops.targets import HOW as HOW_TARGETS
from newsdesk.ops.targets import parse_target
from newsdesk.settings import STATE_DEFAULT, Settings, current_environment

_REPLAY = (
    " Each goes on from just before the step that failed, or from the one that --from names, by"
    " Temporal's reset: the steps before it are not done again. The plan is printed first. Safe to"
    " repeat: a run that has gone on is left alone. It works for runs that failed, timed out, were"
    " terminated or canceled; one whose history is past Temporal's retention is enqueued again."
)
_SKIP = " A failed run is replayed for it; one under way is told."


def configure_parser(parser: argparse.ArgumentParser) -> None:
    """Adds the sub-commands and their flags."""
    commands = parser.add_subparsers(dest="what", required=True, metavar="COMMAND")

    def add(name: str, text: str, more: str = "") -> argparse.ArgumentParser:
        told = f"{text.capitalize()}.{more}"
        command = commands.add_parser(name, help=text, description=told, epilog=EXIT_CODES)
        command.set_defaults(parser=command)
        return command

    listing = add("list", "list what failed, grouped by step and cause")
    show = add("show", "show the whole story of one run")
    replay = add("replay", "let failed runs go on", _REPLAY)
    skip = add("skip-link", "let a run go on without linking its article to stories", _SKIP)
    stop = add("cancel", "give up a run that is under way")
    _configure_list(listing)
    _configure_replay(replay)
    for command in (show, skip, stop):
        command.add_argument("target", type=parse_target, metavar="ID", help=HOW_TARGETS)
    show.add_argument("--json", action="store_true", help="print one line of JSON")
    skip.add_argument("--reason", default="", help="one sentence, for the record and its readers")
    for command in (listing, show, replay, skip, stop):
        command.add_argument(
            "--state",
            type=Path,
            default=STATE_DEFAULT,
            metavar="DIR",
            help="folder of `newsdesk dev`, whose addresses are used where the environment sets"
            " none (default: %(default)s)",
        )


def _configure_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--since", type=parse_moment, metavar="WHEN", help=HOW_MOMENTS)
    parser.add_argument("--step", type=parse_step, help="only where this step failed")
    parser.add_argument("--error", metavar="TYPE", help="only errors of this type")
    parser.add_argument("--ticker", help="only articles tagged with it")
    parser.add_argument(
        "--status",
        type=parse_status,
        default=FAILED,
        help="failed, timed_out, terminated or canceled (default: the first three)",
    )
    parser.add_argument("--json", action="store_true", help="print one line of JSON for each run")


def _configure_replay(parser: argparse.ArgumentParser) -> None:
    parser.epilog = f"{HOW}. {EXIT_CODES}"
    parser.add_argument("targets", nargs="*", type=parse_target, metavar="ID", help=HOW_TARGETS)
    parser.add_argument(
        "--all-matching", type=parse_filter, metavar="FILTER", help="the failed runs it means"
    )
    parser.add_argument(
        "--from",
        dest="from_step",
        type=parse_step,
        metavar="STEP",
        help="do this step and what follows again, also of runs that completed",
    )
    parser.add_argument("--reason", default="", help="why; the Temporal Web UI shows it")
    parser.add_argument(
        "--fresh", action="store_true", help="ask models anew: do not reuse answers that are kept"
    )
    parser.add_argument(
        "--restart",
        action="store_true",
        help="begin a new run instead, with a number of its own and today's options",
    )
    parser.add_argument("--wait", action="store_true", help="wait until the runs have ended")
    parser.add_argument("--yes", action="store_true", help="do as planned without asking")
    parser.add_argument("--json", action="store_true", help="print one line of JSON for each run")


def run(args: argparse.Namespace) -> int:
    """Runs the sub-command; returns the exit code."""
    if args.what == "replay":
        _check_replay(args)
    settings = Settings.load(current_environment(), args.state)
    # A missing database is told before drivers are loaded.
    settings.require_database_url()
    match args.what:
        case "list":
            return _list(settings, args)
        case "replay":
            return _replay(settings, args)
        case "show":
            from newsdesk.ops.failures.showing import show_failure

            return asyncio.run(show_failure(settings, args.target, as_json=args.json))
        case "skip-link":
            from newsdesk.ops.failures.deciding import skip_link

            return asyncio.run(skip_link(settings, args.target, args.reason))
        case _:
            from newsdesk.ops.failures.deciding import cancel

            return asyncio.run(cancel(settings, args.target))


def _check_replay(args: argparse.Namespace) -> None:
    if bool(args.targets) == (args.all_matching is not None):
        args.parser.error("name runs by ID, or say which by --all-matching FILTER")
    if args.restart and args.from_step is not None:
        args.parser.error("--restart does all steps again: it goes without --from")


def _list(settings: Settings, args: argparse.Namespace) -> int:
    from newsdesk.ops.failures.listing import list_failures

    wanted = FailureFilter(args.status, args.since, args.step, args.error, args.ticker)
    return asyncio.run(list_failures(settings, wanted, as_json=args.json))


def _replay(settings: Settings, args: argparse.Namespace) -> int:
    from newsdesk.ops.failures.replaying import Orders, replay_runs

    orders = Orders(
        from_step=args.from_step,
        reason=args.reason,
        restart=args.restart,
        fresh=args.fresh,
        wait=args.wait,
        yes=args.yes,
        as_json=args.json,
    )
    wanted = args.targets if args.all_matching is None else args.all_matching
    return asyncio.run(replay_runs(settings, wanted, orders))
