"""`newsdesk histories export|check`, against a real server with runs of every standing."""

import errno
import json
import os
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle

from newsdesk import cli
from newsdesk.contracts.models import Pause
from newsdesk.contracts.names import WORKFLOW_TYPE, Step
from newsdesk.contracts.steps import ProcessArticleInput
from newsdesk.errors import ArticleUnusableError
from newsdesk.ops import history_check
from newsdesk.temporal.replaying import TEACHING
from tests.helpers.eventually import eventually
from tests.helpers.pipeline import ROOT, Pipeline, new_pipeline
from tests.helpers.scripted import Script, scripted_worker
from tests.replay.changed import Slower

FIRST_TASK = 4
"""The event that completes a run's first workflow task."""
RUNNING = {"benzinga-3-r1", "benzinga-4-r1"}
CLOSED = {"benzinga-1-r1", "benzinga-2-r1"}
TOMORROW = datetime.now(UTC).date() + timedelta(days=1)


@dataclass(frozen=True)
class Call:
    """A call of the command that has ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Returns what stdout has as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass
class Desk:
    """A namespace to call `newsdesk histories` against."""

    pipeline: Pipeline
    capsys: pytest.CaptureFixture[str]

    def call(self, *arguments: str | Path) -> Call:
        """Runs `newsdesk histories ARGUMENTS`."""
        code = cli.main(["histories", *map(str, arguments)])
        out, err = self.capsys.readouterr()
        return Call(code, out, err)

    def exported(self, folder: Path) -> list[Path]:
        """Exports all histories; returns the files."""
        assert self.call("export", folder).code == 0
        return sorted(folder.iterdir())


async def start(client: Client, queue: str, article_id: int) -> WorkflowHandle[Any, Any]:
    return await client.start_workflow(
        WORKFLOW_TYPE,
        ProcessArticleInput(run_number=article_id, article_id=article_id, revision=1),
        id=f"benzinga-{article_id}-r1",
        task_queue=queue,
    )


async def play(client: Client, article_id: int, script: Script) -> WorkflowHandle[Any, Any]:
    """Starts a run and works until it ends, or waits for its budget; returns its handle."""
    worker, queue = scripted_worker(client, script)
    async with worker:
        handle = await start(client, queue, article_id)
        if script.pauses:
            await eventually(lambda: script.calls[Step.ANALYZE_ARTICLE] == 1)
            await eventually(lambda: _waits(handle))
        else:
            try:
                await handle.result()
            except WorkflowFailureError:
                pass  # the failed run is one of those that are wanted
    return handle


async def _waits(handle: WorkflowHandle[Any, Any]) -> bool:
    events = (await handle.fetch_history()).events
    return any(event.HasField("timer_started_event_attributes") for event in events)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def filled(temporal_address: str) -> AsyncGenerator[Pipeline, None]:
    """A namespace with a completed, a failed, a waiting run, and one that no worker has begun."""
    pipeline = await new_pipeline("", temporal_address)
    client = pipeline.client
    later = datetime.now(UTC) + timedelta(hours=6)
    pause = Pause(code="daily_budget", reason="The daily budget is spent.", until=later)
    failure = ArticleUnusableError("no")
    await play(client, 1, Script())
    await play(client, 2, Script(failures={Step.ANALYZE_SENTIMENT: [failure]}))
    await play(client, 3, Script(pauses={Step.ANALYZE_ARTICLE: [pause]}))
    await start(client, f"nobody-{uuid4()}", 4)

    async def listed() -> bool:
        running = await client.count_workflows("ExecutionStatus = 'Running'")
        closed = await client.count_workflows("CloseTime IS NOT NULL")
        return (running.count, closed.count) == (len(RUNNING), len(CLOSED))

    await eventually(listed)
    yield pipeline
    for number in (3, 4):
        await client.get_workflow_handle(f"benzinga-{number}-r1").terminate()


@pytest_asyncio.fixture(loop_scope="session")
async def empty(temporal_address: str) -> Pipeline:
    """A namespace without any run."""
    return await new_pipeline("", temporal_address)


@pytest_asyncio.fixture(loop_scope="session")
async def replayed(empty: Pipeline) -> Pipeline:
    """A namespace with a run that was replayed from its first step on."""
    client = empty.client
    worker, queue = scripted_worker(client, Script())
    async with worker:
        handle = await start(client, queue, 5)
        await handle.result()
        execution = WorkflowExecution(workflow_id=handle.id, run_id=handle.result_run_id or "")
        reset = ResetWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=execution,
            workflow_task_finish_event_id=FIRST_TASK,
            request_id=str(uuid4()),
        )
        await client.workflow_service.reset_workflow_execution(reset, retry=False)
        await client.get_workflow_handle(handle.id).result()

    async def listed() -> bool:
        return (await client.count_workflows("ExecutionStatus = 'Completed'")).count == 2

    await eventually(listed)
    return empty


@pytest.fixture
def desk(
    filled: Pipeline, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Desk:
    """The filled namespace, which the environment names."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", filled.address)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", filled.client.namespace)
    return Desk(filled, capsys)


def test_exports_running_and_recent_runs_and_checks_the_folder(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    call = desk.call("export", folder)
    assert call == Call(0, f"exported 4 histories to {folder}: 2 running, 2 closed\n", "")
    files = sorted(folder.iterdir())
    uuid = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    names = [re.fullmatch(rf"(.+)\.{uuid}\.json", file.name) for file in files]
    assert {name[1] for name in names if name} == RUNNING | CLOSED

    assert desk.exported(folder) == files  # again: the same files, and no drafts
    assert desk.call("check", folder) == Call(
        0, "4 histories replay on this code: it may be deployed\n", ""
    )


def test_an_exported_file_holds_no_stack_trace(desk: Desk, tmp_path: Path) -> None:
    failed = next(file for file in desk.exported(tmp_path) if file.name.startswith("benzinga-2-"))
    text = failed.read_text(encoding="utf-8")
    assert "EVENT_TYPE_ACTIVITY_TASK_FAILED" in text
    assert "stackTrace" not in text
    assert str(ROOT) not in text


def test_only_running_runs_are_exported_where_told(desk: Desk, tmp_path: Path) -> None:
    call = desk.call("export", "--running", tmp_path)
    assert call.out == f"exported 2 histories to {tmp_path}: 2 running, 0 closed\n"


def test_checks_what_the_server_has_and_tells_programs_of_each(desk: Desk) -> None:
    assert desk.call("check").out == "4 histories replay on this code: it may be deployed\n"
    call = desk.call("check", "--json")
    assert (call.code, call.err) == (0, "4 histories replay on this code: it may be deployed\n")
    running = {line["workflow_id"]: line["running"] for line in call.lines}
    assert running == dict.fromkeys(RUNNING, True) | dict.fromkeys(CLOSED, False)
    (waiting,) = (line for line in call.lines if line["workflow_id"] == "benzinga-3-r1")
    assert waiting.pop("events") > FIRST_TASK
    assert waiting == {
        "file": None,
        "workflow_id": "benzinga-3-r1",
        "run_id": waiting["run_id"],
        "running": True,
        "standing": "replays",
        "reason": None,
    }


@pytest.mark.parametrize(
    ("flags", "checked"),
    [
        (["--limit", "0"], RUNNING),
        (["--limit", "1"], RUNNING | {"benzinga-2-r1"}),
        (["--since", TOMORROW.isoformat()], RUNNING),
        (["--since", "1h", "--limit", "9"], RUNNING | CLOSED),
    ],
    ids=["no closed one", "one closed one", "none closed since tomorrow", "all"],
)
def test_running_runs_are_checked_whatever_is_chosen(
    desk: Desk, flags: list[str], checked: set[str]
) -> None:
    call = desk.call("check", "--json", *flags)
    assert call.code == 0
    assert {line["workflow_id"] for line in call.lines} == checked


def test_changed_code_is_refused_for_the_runs_of_the_server(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_check, "WORKFLOWS", {WORKFLOW_TYPE: Slower})
    call = desk.call("check", "--limit", "1")
    assert (call.code, call.err) == (1, "")
    *differ, verdict = call.out.splitlines()
    reason = "event 5: the history has activity clean_raw_article, this code gives a timer"
    shown = sorted(re.sub(r" [0-9a-f-]{36}", " RUN", line) for line in differ)
    assert shown == [f"benzinga-2-r1 RUN: {reason}", f"benzinga-3-r1 RUN (running): {reason}"]
    # The one that no worker has begun can differ from nothing.
    assert verdict == f"2 of 3 histories do not replay: {TEACHING}"

    call = desk.call("check", "--json", "--limit", "1")
    assert call.err == f"{verdict}\n"
    assert [line["reason"] for line in call.lines if line["standing"] == "differs"] == [reason] * 2


def test_all_executions_of_a_replayed_run_are_checked(
    desk: Desk, replayed: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_NAMESPACE", replayed.client.namespace)
    call = desk.call("check", "--json")
    assert (call.code, len({line["run_id"] for line in call.lines})) == (0, 2)
    assert {line["workflow_id"] for line in call.lines} == {"benzinga-5-r1"}


def test_a_server_without_runs_is_said_to_have_none(
    desk: Desk, empty: Pipeline, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TEMPORAL_NAMESPACE", empty.client.namespace)
    day = TOMORROW.isoformat()
    none = f"no run is running, and none closed since {day} 00:00 UTC\n"
    assert desk.call("check", "--since", day) == Call(0, f"nothing to check: {none}", "")
    assert desk.call("check", "--json", "--since", day) == Call(0, "", f"nothing to check: {none}")
    call = desk.call("export", tmp_path, "--running")
    assert call == Call(0, "nothing to export: no run is running\n", "")
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_told_and_leaves_whole_files_only(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = {file: file.read_bytes() for file in desk.exported(tmp_path)}

    def half(path: Path, text: str, encoding: str) -> int:
        path.write_bytes(text[: len(text) // 2].encode(encoding))
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_text", half)
    call = desk.call("export", tmp_path)
    assert (call.code, call.out) == (1, "")
    assert re.search(r"/benzinga-\S+\.json cannot be written: No space left on device", call.err)
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_server_that_does_not_answer_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:9")
    call = desk.call("check")
    assert (call.code, call.out) == (1, "")
    assert "no Temporal server answers at 127.0.0.1:9" in call.err
