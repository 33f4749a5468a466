"""The starter: enqueues articles. `python starter.py files PATH...` or `newsdesk enqueue files`.

Kept light: drivers are imported when an item is about to be stored, not for `--help`.
"""

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path

from newsdesk.ops.calls import EXIT_CODES, leave, parse, run_command
from newsdesk.settings import STATE_DEFAULT, Settings, current_environment


def configure_parser(parser: argparse.ArgumentParser) -> None:
    """Adds the starter's sub-commands and flags."""
    sources = parser.add_subparsers(dest="source", required=True, metavar="SOURCE")
    files = sources.add_parser(
        "files",
        help="articles in files",
        description="Enqueues the articles in files: JSON, JSON Lines (also gzipped), in any shape"
        " that Benzinga or a redistributor delivers, or a saved page (.html). Enqueueing the same"
        " content again does nothing and says so.",
        epilog=EXIT_CODES,
    )
    files.add_argument("paths", nargs="+", metavar="PATH", help="a file, a folder, or - for stdin")
    files.add_argument(
        "--wait",
        action="store_true",
        help="wait until every run has ended, then print a table of them; Ctrl-C ends the waiting,"
        " not the runs",
    )
    files.add_argument(
        "--json",
        action="store_true",
        help="print one JSON object per item on stdout instead, talk and progress on stderr",
    )
    files.add_argument(
        "--no-linking", action="store_true", help="skip link_article_to_stories in these runs"
    )
    files.add_argument(
        "--state",
        type=Path,
        default=STATE_DEFAULT,
        metavar="DIR",
        help="folder of `newsdesk dev`, whose addresses are used where the environment sets none"
        " (default: %(default)s)",
    )
    files.set_defaults(handler=run, parser=files)


def run(args: argparse.Namespace) -> int:
    """Enqueues with parsed flags; returns the exit code: 0 well, 1 some failed, 2 wrong call."""
    return run_command("enqueue", lambda: _enqueue(args))


def _enqueue(args: argparse.Namespace) -> int:
    settings = Settings.load(current_environment(), args.state)
    # A wrong setting is told before drivers are loaded, and a missing database before files.
    settings.require_database_url()
    from newsdesk.ops.enqueueing import enqueue_files

    return asyncio.run(
        enqueue_files(
            settings, args.paths, wait=args.wait, as_json=args.json, linking=not args.no_linking
        )
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Enqueues articles; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="starter.py", description="Enqueues articles for processing.", epilog=EXIT_CODES
    )
    configure_parser(parser)
    args = parse(parser, argv)
    return args.handler(args)


if __name__ == "__main__":
    leave(main())
