"""`newsdesk enqueue files`: reads items, stores and starts them, and waits for their runs."""

import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from rich.console import Console

from newsdesk.benzinga.files import FileItem, read_files
from newsdesk.contracts.options import ProcessingOptions
from newsdesk.errors import StoreRejectedError
from newsdesk.ops.receipts import Receipt, Tally
from newsdesk.ops.services import Services, open_services
from newsdesk.ops.tables import run_table, stdout_console
from newsdesk.ops.waiting import progress_bar, wait_for_runs
from newsdesk.settings import Settings

AT_ONCE = 32
"""Items stored and started side by side; an article's own versions go one after the other."""


async def enqueue_files(
    settings: Settings, paths: Sequence[str], *, wait: bool, as_json: bool, linking: bool = True
) -> int:
    """Enqueues the items of files; returns the exit code (0 all well, 1 some failed).

    Args:
        settings: where Postgres and Temporal are, and the options of runs.
        paths: files, folders, or "-" for stdin.
        wait: whether to wait until every run has ended.
        as_json: whether stdout gets one JSON object an item (and nothing else).
        linking: whether runs link their articles to stories.
    """
    options = _options(settings, linking)
    console = Console(stderr=True, highlight=False)

    def report(receipt: Receipt) -> None:
        if receipt.error is not None:
            console.print(f"{receipt.location}: {receipt.error}", markup=False, soft_wrap=True)
        if as_json:
            sys.stdout.write(receipt.as_json() + "\n")
            sys.stdout.flush()

    async with open_services(settings, "enqueue") as services:
        tally, waiting = await _receive_all(services, paths, options, console, report, wait)
        if wait:
            await wait_for_runs(services, waiting, console, tally.add_run, report)
            if not as_json:
                await _print_table(services, waiting)
    console.print(tally.sentence(), markup=False, soft_wrap=True)
    return 0 if tally.all_well else 1


async def _print_table(services: Services, receipts: Sequence[Receipt]) -> None:
    numbers = sorted({receipt.waits_for for receipt in receipts if receipt.waits_for is not None})
    if numbers:
        stdout_console().print(run_table(await services.store.runs.summaries(numbers)))


def _options(settings: Settings, linking: bool) -> ProcessingOptions:
    options = settings.processing_options()
    if linking:
        return options
    switched_off = options.linking.model_copy(update={"enabled": False})
    return options.model_copy(update={"linking": switched_off})


async def _receive_all(
    services: Services,
    paths: Sequence[str],
    options: ProcessingOptions,
    console: Console,
    report: Callable[[Receipt], None],
    wait: bool,
) -> tuple[Tally, list[Receipt]]:
    """Takes all items in; returns the sums and, in order, the receipts whose runs to wait for."""
    tally, waiting = Tally(), list[Receipt]()
    batches = batched_by_article(read_files(paths, datetime.now(UTC)), AT_ONCE)
    with progress_bar(console, "enqueued", None) as step:
        while batch := await asyncio.to_thread(next, batches, None):
            for receipt in await asyncio.gather(
                *(_receive(services, item, options) for item in batch)
            ):
                tally.add(receipt)
                step()
                if wait and receipt.waits_for is not None:
                    waiting.append(receipt)
                else:
                    report(receipt)
    return tally, waiting


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
