"""Saved histories of released workflow versions replay on today's code."""

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from newsdesk.temporal.sandbox import workflow_runner
from tests.replay.changed import Slower
from tests.replay.record import HISTORIES, scripts
from workflows.article_processing import ArticleProcessing

SAVED = sorted(HISTORIES.glob("*.json"))
TEACHING = (
    "the workflow gives other commands than when this history was recorded. Runs under way would"
    " get stuck: keep the old order for them with workflow.patched('what-changed'), see README,"
    " 'Changing the workflow safely'"
)


def replayer(kind: type) -> Replayer:
    return Replayer(
        workflows=[kind], data_converter=pydantic_data_converter, workflow_runner=workflow_runner()
    )


@pytest.mark.parametrize("file", SAVED, ids=lambda file: file.stem)
async def test_a_saved_history_replays(file: Path) -> None:
    history = WorkflowHistory.from_json(file.stem, file.read_text(encoding="utf-8"))
    result = await replayer(ArticleProcessing).replay_workflow(
        history, raise_on_replay_failure=False
    )
    assert result.replay_failure is None, f"{TEACHING}\n{result.replay_failure}"


def test_every_kind_of_history_is_saved() -> None:
    assert {file.stem.split("-", 1)[1] for file in SAVED} >= set(scripts())


async def test_a_changed_workflow_is_refused() -> None:
    history = WorkflowHistory.from_json("x", SAVED[0].read_text(encoding="utf-8"))
    with pytest.raises(NondeterminismError):
        await replayer(Slower).replay_workflow(history)
