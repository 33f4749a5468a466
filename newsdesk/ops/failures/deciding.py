"""What an operator decides about one run: to do without its stories, or to give it up."""

from datetime import timedelta

from temporalio.client import Client, WorkflowQueryFailedError
from temporalio.service import RPCError

from newsdesk.contracts.names import SKIP_LINKING_SIGNAL, Step
from newsdesk.contracts.record import RunStatus
from newsdesk.errors import NotReplayableError, TemporalUnavailableError
from newsdesk.ops.failures.finding import require_client
from newsdesk.ops.failures.planning import MAX_REASON_CHARS, ended
from newsdesk.ops.services import Services, open_services
from newsdesk.ops.targets import Target, find_run
from newsdesk.settings import Settings
from newsdesk.store.operations import KnownRun
from newsdesk.temporal.replays import current_run, plan_replay, replay

HEARING = timedelta(seconds=10)
LINK = Step.LINK_ARTICLE_TO_STORIES.value
DEFAULT_REASON = "An operator had this step skipped."


async def skip_link(settings: Settings, target: Target, reason: str) -> int:
    """Has a run go on without linking: a failed one is replayed, one under way is told.

    The failed run is held at that step until it has the order, so that it cannot fail there once
    more before. Returns the exit code.

    Raises:
        NotReplayableError: it has done that step, or ended well.
        ArticleNotFoundError: there is no such run.
    """
    async with open_services(settings, "failures") as services:
        client = require_client(services)
        run = await find_run(services.store.operations, target)
        told = reason[:MAX_REASON_CHARS] or DEFAULT_REASON
        try:
            status = (await current_run(client, run.workflow_id)).status
            if status is RunStatus.COMPLETED:
                raise NotReplayableError(f"{run.workflow_id} completed: nothing is left to skip")
            if status is RunStatus.RUNNING:
                await _signal(client, run.workflow_id, told)
                print(f"{run.workflow_id}  told to skip {LINK}, if it has not done it yet")
            else:
                await _replay_without(services, client, run, told)
                print(f"{run.workflow_id}  #{run.number}  replayed without {LINK}")
        except NotReplayableError:
            await _let_go(services, run)
            raise
        # Where it was not told, or no worker has heard it yet, it stays held: it must not link.
        if await _heard(client, run.workflow_id):
            await _let_go(services, run)
        else:
            print("no worker has taken the order yet: it is done when one does")
    return 0


async def _let_go(services: Services, run: KnownRun) -> None:
    """Lifts the run's hold, also one that an interrupted command left."""
    await services.store.pauses.resume(LINK, run.number)


async def _heard(client: Client, workflow_id: str) -> bool:
    """Returns whether the workflow has the order: a query is answered after what came before it."""
    handle = client.get_workflow_handle(workflow_id)
    try:
        await handle.query("__temporal_workflow_metadata", rpc_timeout=HEARING)
    except (RPCError, WorkflowQueryFailedError):
        return False
    return True


async def _replay_without(services: Services, client: Client, run: KnownRun, reason: str) -> None:
    plan = await plan_replay(client, run.workflow_id, None)
    if LINK in plan.point.kept:
        raise NotReplayableError(
            f"{run.workflow_id} has linked its article; replay what failed:"
            f" newsdesk failures replay {run.article_id}"
        )
    await services.store.pauses.pause(LINK, "it is about to be skipped", run.number)
    run_id = await replay(client, plan, f"newsdesk failures skip-link: {reason}")
    await services.store.runs.mark_started(run.number, run_id)
    await _signal(client, run.workflow_id, reason)


async def _signal(client: Client, workflow_id: str, reason: str) -> None:
    try:
        await client.get_workflow_handle(workflow_id).signal(SKIP_LINKING_SIGNAL, reason)
    except RPCError as error:
        raise TemporalUnavailableError(
            f"{workflow_id} was not told to skip {LINK} ({error.message}); run the command again"
        ) from error


async def cancel(settings: Settings, target: Target) -> int:
    """Cancels a run that is under way; returns the exit code.

    Raises NotReplayableError where there is nothing to cancel, ArticleNotFoundError.
    """
    async with open_services(settings, "failures") as services:
        client = require_client(services)
        run = await find_run(services.store.operations, target)
        status = (await current_run(client, run.workflow_id)).status
        if status is not RunStatus.RUNNING:
            raise NotReplayableError(
                f"{run.workflow_id} is not under way any more: it {ended(status)}"
            )
        try:
            await client.get_workflow_handle(run.workflow_id).cancel()
        except RPCError as error:
            raise TemporalUnavailableError(
                f"{run.workflow_id} was not canceled: {error.message}"
            ) from error
    print(
        f"{run.workflow_id}  #{run.number}  asked to cancel; take it back by: newsdesk failures"
        f" replay {run.article_id}"
    )
    return 0
