"""The starter: enqueues articles. `python starter.py files PATH...` or `newsdesk enqueue files`.

Kept light: drivers are imported when an item is about to be stored, not for `--help`.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from newsdesk.errors import NewsdeskError, UsageError
from newsdesk.settings import STATE_DEFAULT, Settings, current_environment

EXIT_WELL, EXIT_SOME_FAILED, EXIT_WRONG_CALL = 0, 1, 2


def configure_parser(parser: argparse.ArgumentParser) -> None:
    """Adds the starter's sub-commands and flags."""
    sources = parser.add_subparsers(dest="source", required=True, metavar="SOURCE")
    files = sources.add_parser(
        "files",
        help="articles in files",
        description="Enqueues the articles in files: JSON, JSON Lines (also gzipped), in any shape"
        " that Benzinga or a redistributor delivers, or a saved page (.html). Enqueueing the same"
        " content again does nothing and says so.",
    )
    files.add_argument("paths", nargs="+", metavar="PATH", help="a file, a folder, or - for stdin")
    files.add_argument("--wait", action="store_true", help="wait until every run has ended")
    files.add_argument(
        "--json", action="store_true", help="print one JSON object per item on stdout"
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
    files.set_defaults(handler=run)


def run(args: argparse.Namespace) -> int:
    """Enqueues with parsed flags; returns the exit code."""
    from newsdesk.ops.enqueueing import enqueue_files

    try:
        settings = Settings.load(current_environment(), args.state)
        return asyncio.run(
            enqueue_files(
                settings,
                args.paths,
                wait=args.wait,
                as_json=args.json,
                linking=not args.no_linking,
            )
        )
    except UsageError as error:
        print(f"newsdesk enqueue: {error}", file=sys.stderr)
        return EXIT_WRONG_CALL
    except NewsdeskError as error:
        print(f"newsdesk enqueue: {error}", file=sys.stderr)
        return EXIT_SOME_FAILED
    except KeyboardInterrupt:
        print("newsdesk enqueue: interrupted; what was stored is processed", file=sys.stderr)
        return 130


def main(argv: Sequence[str] | None = None) -> int:
    """Enqueues articles; returns the exit code: 0 well, 1 some failed, 2 wrong call."""
    parser = argparse.ArgumentParser(
        prog="starter.py", description="Enqueues articles for processing."
    )
    configure_parser(parser)
    args = parser.parse_args(argv)
    return args.handler(args)


if __name__ == "__main__":
    sys.exit(main())
