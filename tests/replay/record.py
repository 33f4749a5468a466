"""Records the histories that test_replay replays. Run once for each released workflow version:

python -m tests.replay.record VERSION
"""

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from temporalio.client import Client, WorkflowFailureError
from temporalio.contrib.pydantic import pydantic_data_converter

from newsdesk.contracts.cleaning import ContentKind
from newsdesk.contracts.models import ModelTrouble, Pause
from newsdesk.contracts.names import RESUME_SIGNAL, SKIP_LINKING_SIGNAL, WORKFLOW_TYPE, Step
from newsdesk.contracts.steps import ProcessArticleInput
from newsdesk.dev.ports import free_ports
from newsdesk.dev.temporal import embedded_temporal
from newsdesk.errors import ArticleUnusableError, ModelNotFoundError, StoreUnavailableError
from newsdesk.temporal.histories import history_to_json
from newsdesk.temporal.replays import plan_replay, replay
from tests.helpers.eventually import eventually
from tests.helpers.scripted import TEXT, Script, scripted_worker

HISTORIES = Path(__file__).with_name("histories")


def scripts() -> Mapping[str, Script]:
    """Returns what the activities answer, by the name of the history; ORDERS tells what is done."""
    headline = TEXT.model_copy(update={"content": ContentKind.HEADLINE})
    both = {Step.LINK_ARTICLE_TO_STORIES: [step_pause()], Step.ANALYZE_SENTIMENT: [step_pause()]}
    held: dict[str, asyncio.Event] = {Step.LINK_ARTICLE_TO_STORIES: asyncio.Event()}
    asked: dict[str, asyncio.Event] = {Step.ANALYZE_ARTICLE: asyncio.Event()}
    return {
        "completed": Script(),
        "skipped": Script(text=headline),
        "retried": Script(failures={Step.ANALYZE_ARTICLE: [StoreUnavailableError()]}),
        "failed": Script(failures={Step.ANALYZE_SENTIMENT: [ArticleUnusableError("no")]}),
        "paused": Script(pauses={Step.ANALYZE_ARTICLE: [budget_pause()]}),
        "fallback": Script(failures={Step.ANALYZE_SENTIMENT: [gone("first", fallback="second")]}),
        "step-paused": Script(pauses={Step.CLEAN_RAW_ARTICLE: [step_pause()], **both}),
        "resumed-while-asked": Script(holds=asked, pauses={Step.ANALYZE_ARTICLE: [budget_pause()]}),
        "skip-ordered": Script(holds=held),
        "canceled": Script(holds=held),
        "replayed": Script(failures={Step.ANALYZE_SENTIMENT: [ArticleUnusableError("no")]}),
    }


async def _order_skip(client: Client, script: Script, workflow_id: str) -> None:
    await eventually(lambda: script.calls[Step.LINK_ARTICLE_TO_STORIES])
    await client.get_workflow_handle(workflow_id).signal(SKIP_LINKING_SIGNAL, "an order")


async def _cancel(client: Client, script: Script, workflow_id: str) -> None:
    await eventually(lambda: script.calls[Step.LINK_ARTICLE_TO_STORIES])
    await client.get_workflow_handle(workflow_id).cancel()


async def _replay(client: Client, script: Script, workflow_id: str) -> None:
    with contextlib.suppress(WorkflowFailureError):
        await client.get_workflow_handle(workflow_id).result()
    await replay(client, await plan_replay(client, workflow_id, None), "recorded")


async def _resume(client: Client, script: Script, workflow_id: str) -> None:
    await eventually(lambda: script.calls[Step.ANALYZE_ARTICLE])
    await client.get_workflow_handle(workflow_id).signal(RESUME_SIGNAL)
    await asyncio.sleep(0.5)
    script.holds[Step.ANALYZE_ARTICLE].set()


ORDERS: Mapping[str, Callable[[Client, Script, str], Awaitable[None]]] = {
    "resumed-while-asked": _resume,
    "skip-ordered": _order_skip,
    "canceled": _cancel,
    "replayed": _replay,
}


def step_pause() -> Pause:
    """Returns the pause of a step that an operator paused, and soon resumes."""
    until = datetime.now(UTC) + timedelta(seconds=3)
    return Pause(code="step_paused", reason="The step is paused.", until=until)


def budget_pause(seconds: float = 1.0) -> Pause:
    """Returns the pause of a spent budget, so many seconds long."""
    until = datetime.now(UTC) + timedelta(seconds=seconds)
    return Pause(code="daily_budget", reason="The daily budget is spent.", until=until)


def gone(model: str, fallback: str | None = None, position: int = 1) -> ModelNotFoundError:
    """Returns the failure of a model that is not there, with who could be asked instead."""
    trouble = ModelTrouble(
        model=model,
        status=404,
        fallback=None if fallback is None else position,
        fallback_model=fallback,
    )
    return ModelNotFoundError(f"{model} is not known to the provider", trouble)


async def record(client: Client, script: Script, name: str = "") -> str:
    """Runs the workflow with these answers and orders; returns its history as JSON."""
    worker, queue = scripted_worker(client, script)
    async with worker:
        handle = await client.start_workflow(
            WORKFLOW_TYPE,
            ProcessArticleInput(run_number=1, article_id=5, revision=1),
            id=f"benzinga-5-r1-{uuid4()}",
            task_queue=queue,
        )
        if name in ORDERS:
            await ORDERS[name](client, script, handle.id)
        current = client.get_workflow_handle(handle.id)  # a replay is an execution of its own
        with contextlib.suppress(WorkflowFailureError):
            await current.result()  # the failed run is one of the histories that is wanted
        return history_to_json(await current.fetch_history())


async def main(version: str) -> None:
    """Writes a history per script."""
    with tempfile.TemporaryDirectory() as folder:
        async with embedded_temporal(Path(folder), free_ports(1)[0], durable=False) as address:
            client = await Client.connect(
                address, data_converter=pydantic_data_converter, identity="recording"
            )
            for name, script in scripts().items():
                history = await record(client, script, name)
                (HISTORIES / f"{version}-{name}.json").write_text(history, encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
