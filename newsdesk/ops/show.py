"""`newsdesk show ID`: one article's record, for people or as JSON."""

import argparse
import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

from newsdesk.contracts.record import ArticleRecord, RunBlock
from newsdesk.errors import TemporalUnavailableError
from newsdesk.settings import STATE_DEFAULT, Settings, current_environment

_HIGHEST = 2**63 - 1


def configure_parser(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `newsdesk show`."""
    parser.add_argument(
        "article_id", type=_number("an article id"), metavar="ID", help="Benzinga article id"
    )
    parser.add_argument(
        "--json", action="store_true", help="print the whole record as one line of JSON"
    )
    parser.add_argument(
        "--run",
        type=_number("a run number"),
        metavar="N",
        help="the record of run number N (default: the one that readers see, or else the latest)",
    )
    parser.add_argument(
        "--state",
        type=Path,
        default=STATE_DEFAULT,
        metavar="DIR",
        help="folder of `newsdesk dev`, whose addresses are used where the environment sets none"
        " (default: %(default)s)",
    )


def _number(what: str) -> Callable[[str], int]:
    def parse(text: str) -> int:
        digits = text.removeprefix("#")  # run numbers are shown as #12
        if not digits.isascii() or not digits.isdigit() or not 0 < int(digits[:20]) <= _HIGHEST:
            raise argparse.ArgumentTypeError(f"not {what} (a positive whole number): {text!r}")
        return int(digits)

    return parse


def run(args: argparse.Namespace) -> int:
    """Shows a record; returns the exit code.

    Raises ArticleNotFoundError, or what the settings or the database refuse.
    """
    settings = Settings.load(current_environment(), args.state)
    record = asyncio.run(_load(settings, args.article_id, args.run))
    if args.json:
        # ASCII: whatever stands in an article, no byte of it can drive the terminal.
        sys.stdout.write(record.model_dump_json(ensure_ascii=True) + "\n")
        return 0
    from newsdesk.ops.record_view import print_record
    from newsdesk.ops.tables import stdout_console

    print_record(record, stdout_console())
    return 0


class ConnectingReader:
    """Reads runs, and connects to Temporal only then: a finished run is shown without it.

    The port is newsdesk.ports.RunReader.
    """

    def __init__(self, settings: Settings) -> None:
        """Takes the settings that name the server."""
        self._settings = settings

    async def read(self, run_number: int, workflow_id: str) -> RunBlock | None:
        """Returns the run's block, live. Says so and raises where no server answers."""
        from newsdesk.temporal.connect import connect
        from newsdesk.temporal.reading import TemporalRunReader

        try:
            client = await connect(self._settings.temporal_environment, "show")
            reader = TemporalRunReader(client, self._settings.temporal_ui_url)
            return await reader.read(run_number, workflow_id)
        except TemporalUnavailableError as error:
            print(f"newsdesk show: {error}; showing what is recorded", file=sys.stderr)
            raise


async def _load(settings: Settings, article_id: int, run_number: int | None) -> ArticleRecord:
    from newsdesk.ops.reading import read_record
    from newsdesk.store.opening import open_store

    async with open_store(settings.require_database_url()) as store:
        return await read_record(store.records, ConnectingReader(settings), article_id, run_number)
