"""`newsdesk histories`: exports histories of runs, and checks that they replay on this code."""

import argparse
import asyncio
import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from newsdesk.errors import NewsdeskError, UsageError
from newsdesk.ops.calls import EXIT_CODES
from newsdesk.ops.moments import HOW, parse_moment
from newsdesk.settings import STATE_DEFAULT, Settings, current_environment

if TYPE_CHECKING:
    from temporalio.client import Client

    from newsdesk.temporal.histories import Choice
    from newsdesk.temporal.listing import ListedRun

SINCE_DEFAULT = "24h"
LIMIT_DEFAULT = 200
"""Closed runs stand for the kinds that there are; so many show them all."""
MAX_NAME_CHARS = 150


class ExportError(NewsdeskError):
    """A history cannot be written."""


def configure_parser(parser: argparse.ArgumentParser) -> None:
    """Adds the actions and flags of `newsdesk histories`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    export = actions.add_parser(
        "export",
        help="write histories to files",
        description="Writes the histories of the running runs, and of those that closed lately, as"
        " JSON: one file a run, WORKFLOW_ID.RUN_ID.json, without stack traces.",
        epilog=EXIT_CODES,
    )
    export.add_argument("folder", type=Path, metavar="DIR", help="where to; made if need be")
    export.add_argument("--running", action="store_true", help="only those that are running")
    check = actions.add_parser(
        "check",
        help="replay histories on this code: may it be deployed?",
        description="Replays histories on the workflow code at hand, and says whether it may be"
        " deployed while runs are under way. Without a PATH: those of all running runs, and of runs"
        " that closed lately.",
        epilog=EXIT_CODES,
    )
    check.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="exported files, or folders of them"
    )
    check.add_argument(
        "--json",
        action="store_true",
        help="print one JSON object per history on stdout instead, talk and progress on stderr",
    )
    for action in (export, check):
        _add_choice(action)
        action.set_defaults(parser=action)


def _add_choice(parser: argparse.ArgumentParser) -> None:
    # No defaults here: a flag that was given where it has no meaning is to be told.
    parser.add_argument(
        "--since",
        type=parse_moment,
        metavar="WHEN",
        help=f"how far back closed runs are taken: {HOW} (default: {SINCE_DEFAULT})",
    )
    parser.add_argument(
        "--limit",
        type=_number,
        metavar="N",
        help=f"at most so many closed runs, the newest (default: {LIMIT_DEFAULT})",
    )
    parser.add_argument(
        "--state",
        type=Path,
        default=STATE_DEFAULT,
        metavar="DIR",
        help="folder of `newsdesk dev`, whose addresses are used where the environment sets none"
        " (default: %(default)s)",
    )


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise argparse.ArgumentTypeError(f"not a number of runs (0 or more): {text!r}")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Exports or checks; returns the exit code.

    Raises:
        UsageError: flags that do not go together, or a path that is not there.
        TemporalUnavailableError: no server answers.
        ExportError: a file cannot be written.
        WorkflowCodeError: the workflow code cannot be loaded.
    """
    chosen = args.since is not None or args.limit is not None
    if args.action == "export":
        if args.running and chosen:
            raise UsageError("--since and --limit choose closed runs, --running takes none")
        settings = Settings.load(current_environment(), args.state)
        _make(args.folder)
        limit = 0 if args.running else args.limit
        return asyncio.run(_export(settings, args.folder, args.since, limit))
    from newsdesk.ops import history_check

    if args.paths:
        if chosen:
            raise UsageError("--since and --limit choose runs of the server; leave out the PATHs")
        return asyncio.run(history_check.check_files(args.paths, as_json=args.json))
    settings = Settings.load(current_environment(), args.state)
    return asyncio.run(_check_server(settings, args.since, args.limit, as_json=args.json))


def _choice(since: datetime | None, limit: int | None) -> "Choice":
    from newsdesk.temporal.histories import Choice

    return Choice(
        closed_since=parse_moment(SINCE_DEFAULT) if since is None else since,
        closed_limit=LIMIT_DEFAULT if limit is None else limit,
    )


async def _check_server(
    settings: Settings, since: datetime | None, limit: int | None, *, as_json: bool
) -> int:
    from newsdesk.ops.history_check import check_server
    from newsdesk.temporal.connect import connect

    client = await connect(settings.temporal_environment, "histories")
    return await check_server(client, _choice(since, limit), as_json=as_json)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be made a folder: {error.strerror}") from None


async def _export(
    settings: Settings, folder: Path, since: datetime | None, limit: int | None
) -> int:
    from newsdesk.temporal.connect import connect

    client = await connect(settings.temporal_environment, "histories")
    choice = _choice(since, limit)
    running, closed = await _export_chosen(client, choice, folder)
    if not running + closed:
        print(f"nothing to export: {choice.none_found}")
        return 0
    plural = "y" if running + closed == 1 else "ies"
    print(
        f"exported {running + closed} histor{plural} to {folder}: {running} running,"
        f" {closed} closed"
    )
    return 0


async def _export_chosen(client: "Client", choice: "Choice", folder: Path) -> tuple[int, int]:
    """Writes a file per run; returns how many are running, and how many closed."""
    from rich.console import Console

    from newsdesk.ops.waiting import progress_bar
    from newsdesk.temporal.histories import (
        chosen_runs,
        count_chosen,
        fetch_histories,
        history_to_json,
        is_running,
    )

    counts = {True: 0, False: 0}
    total = await count_chosen(client, choice)
    with progress_bar(Console(stderr=True, highlight=False), "exported", total) as step:
        async for listed, history in fetch_histories(client, chosen_runs(client, choice)):
            _write(folder / file_name(listed), history_to_json(history))
            counts[is_running(history)] += 1
            step()
    return counts[True], counts[False]


def file_name(listed: "ListedRun") -> str:
    """Returns a name for the file of a run, whatever stands in its workflow id."""
    return f"{quote(listed.workflow_id, safe='')[:MAX_NAME_CHARS]}.{listed.run_id}.json"


def _write(path: Path, text: str) -> None:
    """Writes a file at once: whoever reads the folder finds whole ones only."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise ExportError(f"{path} cannot be written: {error.strerror}") from error
