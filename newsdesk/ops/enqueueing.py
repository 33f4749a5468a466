"""`newsdesk enqueue files`: reads items, stores and starts them, and waits for their runs."""

import asyncio
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from rich.console import Console

from newsdesk.benzinga.files import FileItem, read_files
from newsdesk.contracts.options import ProcessingOptions
from newsdesk.errors import StoreRejectedError, StoreUnavailableError
from newsdesk.ops.receipts import Receipt, Tally
from newsdesk.ops.services import Services, open_services, require_migrated
from newsdesk.ops.stdin import stoppable_stdin
from newsdesk.ops.tables import run_table, stdout_console
from newsdesk.ops.text import one_line
from newsdesk.ops.waiting import progress_bar, wait_for_runs
from newsdesk.settings import Settings

AT_ONCE = 32
"""Items stored and started side by side; an article's own versions go one after the other."""

GIVE_AGAIN = "give the same files again when it is back: what is stored is not stored twice"


async def enqueue_files(
    settings: Settings, paths: Sequence[str], *, wait: bool, as_json: bool, linking: bool = True
) -> int:
    """Enqueues the items of files; returns the exit code (0 all well, 1 some failed).

    However it ends, it says what became of the items so far.

    Args:
        settings: where Postgres and Temporal are, and the options of runs.
        paths: files, folders, or "-" for stdin.
        wait: whether to wait until every run has ended.
        as_json: whether stdout gets one JSON object an item (and nothing else).
        linking: whether runs link their articles to stories.

    Raises:
        StoreUnavailableError: the database went away; what was not stored has to be given again.
        StoreNotMigratedError: the database lacks migrations.
        TemporalUnavailableError: runs cannot be waited for.
    """
    desk = Desk(Console(stderr=True, highlight=False), as_json=as_json)
    try:
        await require_migrated(settings.require_database_url())
        async with open_services(settings, "enqueue") as services:
            if services.unreachable is not None:
                desk.say(f"{services.unreachable}; enqueueing all the same")
            items = read_files(paths, datetime.now(UTC))
            with stoppable_stdin():
                await receive_all(services, items, _options(settings, linking), desk, wait)
            if wait:
                await _wait(services, desk)
                if not as_json:
                    await _print_table(services, desk.tally.awaited)
    except asyncio.CancelledError:
        desk.say("interrupted: what is stored is processed all the same")
        raise
    finally:
        desk.close()
    return 0 if desk.tally.all_well else 1


class Desk:
    """What is told to people and programs while items come in, and the sums."""

    def __init__(self, console: Console, *, as_json: bool) -> None:
        """Takes the console for talk, and whether stdout gets a JSON line an item."""
        self.console = console
        self.tally = Tally()
        self.waiting: list[Receipt] = []
        self._as_json = as_json
        self._reported: set[int] = set()

    def take(self, receipt: Receipt, *, wait: bool) -> None:
        """Counts an item that was stored or refused; reports it unless its run is waited for."""
        self.tally.add(receipt)
        if wait and receipt.waits_for is not None:
            self.tally.await_run(receipt.waits_for)
            self.waiting.append(receipt)
        else:
            self.report(receipt)

    def report(self, receipt: Receipt) -> None:
        """Tells what became of an item: trouble to people, a JSON line to programs."""
        self._reported.add(id(receipt))
        if receipt.trouble is not None:
            self.say(f"{receipt.location}: {receipt.trouble}")
        if self._as_json:
            sys.stdout.write(receipt.as_json() + "\n")
            sys.stdout.flush()

    def say(self, text: str) -> None:
        """Prints a line for people. It may hold words of an article: they stay text."""
        self.console.print(one_line(text), markup=False, soft_wrap=True)

    def close(self) -> None:
        """Reports the items whose runs were not waited for to the end, and prints the sums."""
        try:
            for receipt in self.waiting:
                if id(receipt) not in self._reported:
                    self.report(receipt)
        finally:
            if self.tally.counts:
                self.say(self.tally.sentence())


async def _wait(services: Services, desk: Desk) -> None:
    await wait_for_runs(services, desk.waiting, desk.console, desk.tally.add_run, desk.report)


async def _print_table(services: Services, run_numbers: Iterable[int]) -> None:
    numbers = sorted(run_numbers)
    if numbers:
        console = stdout_console()
        console.print(run_table(await services.store.runs.summaries(numbers), console.width))


def _options(settings: Settings, linking: bool) -> ProcessingOptions:
    options = settings.processing_options()
    if linking:
        return options
    switched_off = options.linking.model_copy(update={"enabled": False})
    return options.model_copy(update={"linking": switched_off})


async def receive_all(
    services: Services,
    items: Iterator[FileItem],
    options: ProcessingOptions,
    desk: Desk,
    wait: bool,
) -> None:
    """Takes all items in. Raises what kept one from being stored, after its whole batch."""
    batches = batched_by_article(items, AT_ONCE)
    with progress_bar(desk.console, "enqueued", None) as step:
        while batch := await asyncio.to_thread(next, batches, None):
            answers = await asyncio.gather(
                *(_receive(services, item, options) for item in batch), return_exceptions=True
            )
            for answer in answers:
                if isinstance(answer, Receipt):
                    desk.take(answer, wait=wait)
                    step()
            for answer in answers:
                if isinstance(answer, StoreUnavailableError):
                    raise StoreUnavailableError(f"{answer}; {GIVE_AGAIN}") from answer
                if isinstance(answer, BaseException):
                    raise answer


async def _receive(services: Services, item: FileItem, options: ProcessingOptions) -> Receipt:
    if item.incoming is None:
        return Receipt(item.location, error=item.error or "refused")
    try:
        return Receipt(item.location, await services.intake.receive(item.incoming, options))
    except StoreRejectedError as error:
        # One item that the database refuses must not keep the others out.
        return Receipt(item.location, error=str(error))


def batched_by_article(items: Iterator[FileItem], size: int) -> Iterator[list[FileItem]]:
    """Yields lists of at most `size` items in their order, no article twice in one list."""
    batch: list[FileItem] = []
    ids: set[int] = set()
    for item in items:
        article_id = None if item.incoming is None else item.incoming.article_id
        if len(batch) == size or article_id in ids:
            yield batch
            batch, ids = [], set()
        batch.append(item)
        if article_id is not None:
            ids.add(article_id)
    if batch:
        yield batch
