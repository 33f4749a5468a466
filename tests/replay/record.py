"""Records the histories that test_replay replays. Run once for each released workflow version:

python -m tests.replay.record VERSION
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from temporalio.client import Client, WorkflowFailureError
from temporalio.contrib.pydantic import pydantic_data_converter

from newsdesk.contracts.cleaning import ContentKind
from newsdesk.contracts.models import ModelTrouble, Pause
from newsdesk.contracts.names import WORKFLOW_TYPE, Step
from newsdesk.contracts.steps import ProcessArticleInput
from newsdesk.dev.ports import free_ports
from newsdesk.dev.temporal import embedded_temporal
from newsdesk.errors import ArticleUnusableError, ModelNotFoundError, StoreUnavailableError
from tests.helpers.scripted import TEXT, Script, scripted_worker

HISTORIES = Path(__file__).with_name("histories")


def scripts() -> Mapping[str, Script]:
    """Returns what the activities answer, by the name of the history."""
    headline = TEXT.model_copy(update={"content": ContentKind.HEADLINE})
    return {
        "completed": Script(),
        "skipped": Script(text=headline),
        "retried": Script(failures={Step.ANALYZE_ARTICLE: [StoreUnavailableError()]}),
        "failed": Script(failures={Step.ANALYZE_SENTIMENT: [ArticleUnusableError("no")]}),
        "paused": Script(pauses={Step.ANALYZE_ARTICLE: [budget_pause()]}),
        "fallback": Script(failures={Step.ANALYZE_SENTIMENT: [gone("first", fallback="second")]}),
    }


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


async def record(client: Client, script: Script) -> str:
    """Runs the workflow with these answers; returns its history as JSON."""
    worker, queue = scripted_worker(client, script)
    async with worker:
        handle = await client.start_workflow(
            WORKFLOW_TYPE,
            ProcessArticleInput(run_number=1, article_id=5, revision=1),
            id=f"benzinga-5-r1-{uuid4()}",
            task_queue=queue,
        )
        try:
            await handle.result()
        except WorkflowFailureError:
            pass  # the failed run is one of the histories that is wanted
        return without_traces((await handle.fetch_history()).to_json_dict())


def without_traces(history: dict[str, Any]) -> str:
    """Returns the history as JSON without stack traces, which hold paths and replay nothing."""

    def stripped(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: stripped(part) for key, part in value.items() if key != "stackTrace"}
        return [stripped(part) for part in value] if isinstance(value, list) else value

    return json.dumps(stripped(history), indent=1)


async def main(version: str) -> None:
    """Writes a history per script."""
    with tempfile.TemporaryDirectory() as folder:
        async with embedded_temporal(Path(folder), free_ports(1)[0], durable=False) as address:
            client = await Client.connect(
                address, data_converter=pydantic_data_converter, identity="recording"
            )
            for name, script in scripts().items():
                history = await record(client, script)
                (HISTORIES / f"{version}-{name}.json").write_text(history + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
