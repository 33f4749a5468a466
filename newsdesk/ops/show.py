"""`newsdesk show ID`: one article's record, for people or as JSON."""

import argparse
import asyncio
import contextlib
import sys
from pathlib import Path

from newsdesk.contracts.record import ArticleRecord
from newsdesk.errors import ArticleNotFoundError, TemporalUnavailableError
from newsdesk.ops.reading import read_record
from newsdesk.settings import STATE_DEFAULT, Settings, current_environment


def configure_parser(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `newsdesk show`."""
    parser.add_argument("article_id", type=_article_id, metavar="ID", help="Benzinga article id")
    parser.add_argument("--json", action="store_true", help="print the whole record as JSON")
    parser.add_argument("--run", type=int, metavar="N", help="the record of run number N")
    parser.add_argument(
        "--state",
        type=Path,
        default=STATE_DEFAULT,
        metavar="DIR",
        help="folder of `newsdesk dev` (default: %(default)s)",
    )


def _article_id(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 2**63:
        raise argparse.ArgumentTypeError(f"not an article id (a positive whole number): {text!r}")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Shows a record; returns the exit code."""
    settings = Settings.load(current_environment(), args.state)
    try:
        record = asyncio.run(_load(settings, args.article_id, args.run))
    except ArticleNotFoundError as error:
        print(f"newsdesk show: {error}", file=sys.stderr)
        return 1
    if args.json:
        sys.stdout.write(record.model_dump_json(indent=2) + "\n")
        return 0
    from rich.console import Console

    from newsdesk.ops.record_view import print_record

    print_record(record, Console(highlight=False))
    return 0


async def _load(settings: Settings, article_id: int, run_number: int | None) -> ArticleRecord:
    from newsdesk.store.opening import open_store
    from newsdesk.temporal.connect import connect
    from newsdesk.temporal.reading import TemporalRunReader

    reader = None
    with contextlib.suppress(TemporalUnavailableError):
        client = await connect(settings.temporal_environment, "show")
        reader = TemporalRunReader(client, settings.temporal_ui_url)
    async with open_store(settings.require_database_url()) as store:
        return await read_record(store.records, reader, article_id, run_number)
