"""Starting runs on Temporal, and enqueueing: store first, then start, then mark as started."""

from datetime import timedelta

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from newsdesk.contracts.articles import Enqueued, Incoming, PendingRun
from newsdesk.contracts.names import TASK_QUEUE, WORKFLOW_TYPE
from newsdesk.contracts.options import ProcessingOptions
from newsdesk.contracts.steps import ProcessArticleInput
from newsdesk.errors import ConfigurationError, NewsdeskError, TemporalUnavailableError
from newsdesk.ports import ArticleStore, RunStarter, RunStore
from newsdesk.temporal.legible import start_details, start_memo, start_summary
from newsdesk.temporal.search_attributes import start_attributes

RPC_TIMEOUT = timedelta(seconds=10)


class TemporalRunStarter:
    """Starts runs. The port is newsdesk.ports.RunStarter."""

    def __init__(self, client: Client, page_url: str | None = None) -> None:
        """Takes a connected client, and where articles' pages are, for links to them."""
        self._client = client
        self._page_url = page_url

    async def start(self, run: PendingRun) -> str | None:
        """Starts the workflow; one that exists already counts as started. Returns its run id."""
        try:
            handle = await self._client.start_workflow(
                WORKFLOW_TYPE,
                ProcessArticleInput(
                    run_number=run.run_number,
                    article_id=run.article_id,
                    revision=run.revision,
                    options=run.options,
                ),
                id=run.workflow_id,
                task_queue=TASK_QUEUE,
                # Postgres remembers what was enqueued; a failed run is for `replay`, not for us.
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                search_attributes=start_attributes(run),
                static_summary=start_summary(run),
                static_details=start_details(run, self._page_url),
                memo=start_memo(run, self._page_url),
                rpc_timeout=RPC_TIMEOUT,
            )
        except WorkflowAlreadyStartedError as error:
            return error.run_id
        except RPCError as error:
            raise _start_error(run, error) from error
        return handle.first_execution_run_id


_REFUSALS = (
    RPCStatusCode.INVALID_ARGUMENT,
    RPCStatusCode.NOT_FOUND,  # the namespace
    RPCStatusCode.PERMISSION_DENIED,
    RPCStatusCode.UNAUTHENTICATED,
)
"""Answers that stay the same until somebody changes a setting; anything else may pass."""


def _start_error(run: PendingRun, error: RPCError) -> NewsdeskError:
    message = f"run #{run.run_number} ({run.workflow_id}) could not be started: {error.message}"
    if error.status in _REFUSALS:
        return ConfigurationError(
            f"{message}; see to the TEMPORAL_* settings, then enqueue again: what is stored waits"
        )
    return TemporalUnavailableError(message)


class Intake:
    """The one way in for articles, whatever source they come from."""

    def __init__(self, articles: ArticleStore, runs: RunStore, starter: RunStarter) -> None:
        """Takes the ports: where articles and runs are kept, and who starts runs."""
        self._articles = articles
        self._runs = runs
        self._starter = starter

    async def receive(self, incoming: Incoming, options: ProcessingOptions) -> Enqueued:
        """Stores an item and starts its run; idempotent.

        The answer's `pending` is None when nothing is left to do. It stays set where Temporal
        could not be reached: the run is stored, and a worker's sweeper starts it later.
        """
        enqueued = await self._articles.enqueue(incoming, options)
        if enqueued.pending is None:
            return enqueued
        try:
            await start_pending(self._runs, self._starter, enqueued.pending)
        except TemporalUnavailableError:
            return enqueued
        return enqueued.model_copy(update={"pending": None})


async def start_pending(runs: RunStore, starter: RunStarter, run: PendingRun) -> None:
    """Starts a stored run and notes that Temporal has acknowledged it."""
    run_id = await starter.start(run)
    await runs.mark_started(run.run_number, run_id)
