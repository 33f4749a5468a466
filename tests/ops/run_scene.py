"""Runs of every kind in one namespace, for the tests of `newsdesk runs`."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle

from newsdesk.contracts.articles import PendingRun
from newsdesk.contracts.cleaning import ContentKind
from newsdesk.contracts.names import WORKFLOW_TYPE, Step
from newsdesk.contracts.options import ProcessingOptions
from newsdesk.contracts.steps import ProcessArticleInput
from newsdesk.errors import ArticleUnusableError, StoreUnavailableError
from newsdesk.temporal.legible import start_memo
from newsdesk.temporal.search_attributes import start_attributes
from tests.helpers.eventually import eventually
from tests.helpers.scripted import TEXT, Script, scripted_worker
from tests.replay.record import budget_pause

Handle = WorkflowHandle[Any, Any]
Act = Callable[[Client, Handle], Awaitable[None]]

SKIPPED, FAILED, MENDED, RETRYING, WAITING, UNCLAIMED, TERMINATED, HELD = range(501, 509)
"""Runs by their numbers, which are their articles' ids, too. MENDED and HELD failed, were reset,
and then the one completed, and the other waits."""
OLD, STRANGER = 77, 78
"""Articles of two runs without a memo, that no worker has taken: of an older version, and of
another database; both have one number."""
RUNNING = {RETRYING, WAITING, UNCLAIMED, HELD, OLD, STRANGER}
COMPLETED = {SKIPPED, MENDED}
UNSUCCESSFUL = {FAILED, TERMINATED}
_CLOSED_EXECUTIONS = len(COMPLETED) + len(UNSUCCESSFUL) + 2

TITLE = "Tidewater [bold]Lifts\x1b[2J Its Dividend – für alle"
AWAY = "no [red]database[/red] \x1b[31mjust now"
"""What a retrying step is told. Neither of them may drive the terminal."""

_ANALYZE = Step.ANALYZE_ARTICLE


async def set_scene(client: Client, old_number: int) -> None:
    """Starts a run of each kind, and returns when visibility knows how they stand."""
    nobody = f"nobody-{uuid4()}"
    headline = TEXT.model_copy(update={"content": ContentKind.HEADLINE})
    broken = ArticleUnusableError("not to be read, ever")
    away: list[Exception] = [StoreUnavailableError(AWAY)] * 9
    await asyncio.gather(
        play(client, SKIPPED, Script(text=headline), ends),
        play(client, FAILED, Script(failures={_ANALYZE: [broken]}), ends),
        play(client, MENDED, Script(failures={_ANALYZE: [broken]}), ends, is_reset, ends),
        play(client, RETRYING, Script(failures={_ANALYZE: list(away)}), retries),
        play(client, WAITING, Script(pauses={_ANALYZE: [budget_pause(3600)]}), waits),
        play(client, TERMINATED, Script(failures={_ANALYZE: away}), retries, is_terminated),
        play(
            client,
            HELD,
            Script(failures={_ANALYZE: [broken]}, pauses={_ANALYZE: [budget_pause(3600)]}),
            *(ends, is_reset, waits),
        ),
        start(client, UNCLAIMED, nobody),
        start(client, OLD, nobody, number=old_number),
        start(client, STRANGER, nobody, number=old_number),
    )

    async def known() -> bool:
        runs = f"WorkflowType = '{WORKFLOW_TYPE}' AND ExecutionStatus"
        running = (await client.count_workflows(f"{runs} = 'Running'")).count
        closed = (await client.count_workflows(f"{runs} != 'Running'")).count
        return (running, closed) == (len(RUNNING), _CLOSED_EXECUTIONS)

    await eventually(known)


async def start(
    client: Client, article_id: int, queue: str, *, number: int | None = None
) -> Handle:
    """Starts a run as an enqueuer does; under a number of its own, as older versions did."""
    run = PendingRun(
        run_number=number or article_id,
        workflow_id=f"benzinga-{article_id}-r1",
        article_id=article_id,
        revision=1,
        title=TITLE,
        tickers=("TDWX", f"T{article_id}"),
        published_at=datetime(2026, 3, 4, 12, 0, tzinfo=UTC),
        options=ProcessingOptions(),
    )
    return await client.start_workflow(
        WORKFLOW_TYPE,
        ProcessArticleInput(run_number=run.run_number, article_id=article_id, revision=1),
        id=run.workflow_id,
        task_queue=queue,
        search_attributes=start_attributes(run),
        memo=start_memo(run, None) if number is None else None,
    )


async def play(client: Client, article_id: int, script: Script, *acts: Act) -> None:
    """Starts a run with a worker of its own, which goes when the acts are over."""
    worker, queue = scripted_worker(client, script)
    async with worker:
        handle = await start(client, article_id, queue)
        for act in acts:
            await act(client, handle)


async def ends(client: Client, handle: Handle) -> None:
    """Waits until the run's current execution has ended, well or not."""
    try:
        await client.get_workflow_handle(handle.id).result()
    except WorkflowFailureError:
        pass


async def waits(client: Client, handle: Handle) -> None:
    """Waits until the run waits for its budget."""

    async def told() -> bool:
        return "WaitingFor" in (await _describe(client, handle)).search_attributes

    await eventually(told)


async def retries(client: Client, handle: Handle) -> None:
    """Waits until a step of the run is to be tried again."""

    async def again() -> bool:
        pending = (await _describe(client, handle)).raw_description.pending_activities
        return any(activity.attempt > 1 for activity in pending)

    await eventually(again)


async def is_terminated(client: Client, handle: Handle) -> None:
    """Terminates the run."""
    await handle.terminate(reason="enough")


async def is_reset(client: Client, handle: Handle) -> None:
    """Resets the run to its beginning, as a replay does."""
    current = await _describe(client, handle)
    await client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=handle.id, run_id=current.run_id),
            reason="test",
            workflow_task_finish_event_id=4,  # the first task's completion
            request_id=str(uuid4()),
        )
    )


async def _describe(client: Client, handle: Handle) -> Any:
    return await client.get_workflow_handle(handle.id).describe()
