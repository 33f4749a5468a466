"""Waiting for runs to end, with a progress bar on a terminal."""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Generator, Sequence
from datetime import timedelta

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.service import RPCError

from newsdesk.contracts.names import TASK_QUEUE, WAITING_RUNS
from newsdesk.contracts.record import RunBlock
from newsdesk.errors import TemporalUnavailableError
from newsdesk.ops.receipts import Receipt
from newsdesk.ops.services import Services

POLL_SECONDS = 0.3
NO_WORKER_AFTER_SECONDS = 10.0
"""When nothing has ended for this long, the wait says why, if it can tell."""
HINT_TIMEOUT = timedelta(seconds=5)


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
        *columns,
        console=console,
        transient=True,
        disable=not console.is_terminal,
        # What goes into a file must not end on the terminal, beside the bar.
        redirect_stdout=sys.stdout.isatty(),
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
        TemporalUnavailableError: a run has not ended and none can, for no server answers.
    """
    open_runs = by_run(receipts)
    idle = _Idle(services, console)
    with progress_bar(console, "processed", len(open_runs)) as step:
        while open_runs:
            ended = await services.store.runs.blocks(sorted(open_runs))
            for number, block in ended.items():
                on_run(block)
                step()
                for receipt in open_runs.pop(number):
                    receipt.run = block
                    on_receipt(receipt)
            if open_runs and services.client is None:
                raise TemporalUnavailableError(
                    "cannot wait, for no Temporal server answers;"
                    " what is stored is processed when it is back"
                )
            await idle.after(something=bool(ended))
            await asyncio.sleep(POLL_SECONDS if open_runs else 0)


def by_run(receipts: Sequence[Receipt]) -> dict[int, list[Receipt]]:
    """Returns the receipts by the number of the run that stands for them."""
    found: dict[int, list[Receipt]] = {}
    for receipt in receipts:
        if receipt.waits_for is not None:
            found.setdefault(receipt.waits_for, []).append(receipt)
    return found


class _Idle:
    """Says why nothing ends, when nothing has ended for a while; each reason once."""

    def __init__(self, services: Services, console: Console) -> None:
        self._services = services
        self._console = console
        self._seconds = 0.0
        self._said = ""

    async def after(self, *, something: bool) -> None:
        """Takes note of a look that found something ended, or nothing."""
        self._seconds = 0.0 if something else self._seconds + POLL_SECONDS
        if self._seconds < NO_WORKER_AFTER_SECONDS:
            return
        self._seconds = 0.0
        hint = await why_nothing_ends(self._services)
        if hint is not None and hint != self._said:
            self._console.print(f"still waiting: {hint}", markup=False, soft_wrap=True)
        self._said = hint or ""


async def why_nothing_ends(services: Services) -> str | None:
    """Returns what keeps runs from ending: no worker, a spent budget, Temporal away; else None."""
    if services.client is None:
        return None
    try:
        answer = await services.client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=services.client.namespace,
                task_queue=TaskQueue(name=TASK_QUEUE),
                task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
            ),
            timeout=HINT_TIMEOUT,
        )
        if not answer.pollers:
            return "no worker polls; start one with `newsdesk worker`"
        waiting = (await services.client.count_workflows(WAITING_RUNS)).count
    except RPCError as error:
        return f"Temporal does not answer: {error.message}"
    if not waiting:
        return None
    return f"{waiting} runs wait for the budget or a paused step; see `newsdesk resume`"
