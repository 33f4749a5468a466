"""Waiting for runs to end, with a progress bar on a terminal."""

import asyncio
import contextlib
from collections.abc import Callable, Generator, Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest

from newsdesk.contracts.names import TASK_QUEUE
from newsdesk.contracts.record import RunBlock
from newsdesk.errors import TemporalUnavailableError
from newsdesk.ops.receipts import Receipt
from newsdesk.ops.services import Services

POLL_SECONDS = 0.3
NO_WORKER_AFTER_SECONDS = 10.0
"""When nothing has ended for this long, the wait says so if no worker polls."""


@contextlib.contextmanager
def progress_bar(
    console: Console, what: str, total: int | None
) -> Generator[Callable[[], None], None, None]:
    """Shows a progress bar on a terminal, nothing elsewhere; yields what to call per item."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)


async def wait_for_runs(
    services: Services,
    receipts: Sequence[Receipt],
    console: Console,
    on_run: Callable[[RunBlock], None],
    on_receipt: Callable[[Receipt], None],
) -> None:
    """Waits until the runs behind these receipts have ended; fills in their `run`.

    Args:
        services: the store that tells of ends, and Temporal.
        receipts: those with a run to wait for; two may stand for one run.
        console: where progress and hints go.
        on_run: called once a run that ended.
        on_receipt: called once a receipt whose run ended.

    Raises:
        TemporalUnavailableError: nothing can end, for no server answers.
    """
    if receipts and services.client is None:
        raise TemporalUnavailableError(
            "cannot wait: no Temporal server answers; what was enqueued is stored and is"
            " processed when it is back"
        )
    open_runs = _by_run(receipts)
    with progress_bar(console, "processed", len(open_runs)) as step:
        idle_seconds = 0.0
        while open_runs:
            ended = await services.store.runs.blocks(sorted(open_runs))
            for number, block in ended.items():
                on_run(block)
                step()
                for receipt in open_runs.pop(number):
                    receipt.run = block
                    on_receipt(receipt)
            idle_seconds = 0.0 if ended else idle_seconds + POLL_SECONDS
            if idle_seconds >= NO_WORKER_AFTER_SECONDS:
                await _hint_if_no_worker(services, console)
                idle_seconds = 0.0
            await asyncio.sleep(POLL_SECONDS if open_runs else 0)


def _by_run(receipts: Sequence[Receipt]) -> dict[int, list[Receipt]]:
    found: dict[int, list[Receipt]] = {}
    for receipt in receipts:
        if receipt.waits_for is not None:
            found.setdefault(receipt.waits_for, []).append(receipt)
    return found


async def _hint_if_no_worker(services: Services, console: Console) -> None:
    if services.client is None:
        return
    answer = await services.client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=services.client.namespace,
            task_queue=TaskQueue(name=TASK_QUEUE),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
    )
    if not answer.pollers:
        console.print(
            "still waiting: no worker polls; start one with `newsdesk worker`", markup=False
        )
