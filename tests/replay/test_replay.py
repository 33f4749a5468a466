"""Saved histories of released workflow versions replay on today's code; changed code is refused."""

import asyncio
import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import ActivityTaskScheduledEventAttributes, HistoryEvent
from temporalio.client import WorkflowHistory

from newsdesk.contracts.names import WORKFLOW_TYPE, Step
from newsdesk.temporal.differences import MAX_CHARS, difference
from newsdesk.temporal.histories import history_from_json
from newsdesk.temporal.replaying import (
    TEACHING,
    Replayed,
    Standing,
    WorkflowCodeError,
    open_replayer,
)
from tests.helpers.pipeline import ROOT
from tests.replay.changed import Buggy, Failing, Noting, Slower
from tests.replay.record import HISTORIES, scripts
from tests.replay.unloadable import Unloadable
from workflows.article_processing import ArticleProcessing

SAVED = sorted(HISTORIES.glob("*.json"))
COMPLETED = HISTORIES / "v2-completed.json"
FIRST_COMMAND = 5
"""The event of the first activity: before it, a history has nothing that can differ."""


def load(file: Path) -> WorkflowHistory:
    return history_from_json(file.stem, file.read_text(encoding="utf-8"))


async def replayed(history: WorkflowHistory, kind: type = ArticleProcessing) -> Replayed:
    async with asyncio.timeout(30), open_replayer({WORKFLOW_TYPE: kind}) as replay:
        return await replay(history)


async def complaint(file: Path, kind: type = ArticleProcessing) -> str | None:
    """Returns what a developer is told of a saved history that does not replay, or None."""
    found = await replayed(load(file), kind)
    return None if found.standing is Standing.REPLAYS else f"{file}: {found.reason}\n{TEACHING}"


@pytest.mark.parametrize("file", SAVED, ids=lambda file: file.stem)
async def test_a_saved_history_replays(file: Path) -> None:
    told = await complaint(file)
    if told is not None:
        pytest.fail(told, pytrace=False)


def test_every_kind_of_history_is_saved() -> None:
    assert {file.stem.split("-", 1)[1] for file in SAVED} >= set(scripts())


async def test_a_developer_is_told_the_file_the_command_and_the_fix() -> None:
    assert await complaint(COMPLETED, Slower) == (
        f"{COMPLETED}: event 5: the history has activity clean_raw_article, this code gives"
        " a timer\ndo not deploy this code while runs that began on the old one are under way:"
        " they would get stuck. Keep the old order of commands for them with"
        " workflow.patched('what-changed'), see README, 'Changing the workflow safely'"
    )


def test_the_section_that_the_fix_points_to_is_there() -> None:
    section = re.search(r"README, '(.+)'", TEACHING)
    assert section is not None
    assert f"\n## {section[1]}\n" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("kind", "gives"),
    [(Slower, "a timer"), (Noting, "a memo"), (Failing, "the run's failure")],
)
async def test_a_change_is_told_in_a_line(kind: type, gives: str) -> None:
    reason = f"event 5: the history has activity clean_raw_article, this code gives {gives}"
    assert await replayed(load(COMPLETED), kind) == Replayed(Standing.DIFFERS, reason)


async def test_a_bug_in_workflow_code_is_told_in_a_line(caplog: pytest.LogCaptureFixture) -> None:
    reason = "this code raises KeyError: 'no such key'"
    assert await replayed(load(COMPLETED), Buggy) == Replayed(Standing.DIFFERS, reason)
    assert not caplog.records


def test_where_workflow_code_raises_is_told() -> None:
    failure = RuntimeError(
        'failed: Failure { failure: Some(Failure { message: "went wrong", stack_trace: "  File'
        r" \"/app/workflows/doing.py\", line 40, in do_step\n    x\n\n  File"
        r' \"/x/site-packages/temporalio/workflow.py\", line 9, in y\n", cause: Some(Failure {'
        r' message: "says \"no\"\nand more", stack_trace: "", failure_info: Some(A { r#type:'
        r' "ValueError" }) }), failure_info: Some(A { r#type: "RuntimeError" }) }) }'
    )
    told = difference(failure, ())
    assert told == 'this code raises ValueError at workflows/doing.py:40: says "no" and more'


def test_a_step_that_was_scheduled_twice_is_told_by_its_first_event() -> None:
    attributes = ActivityTaskScheduledEventAttributes(activity_id="one")
    events = [
        HistoryEvent(
            event_id=number,
            event_type=EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
            activity_task_scheduled_event_attributes=attributes,
        )
        for number in (5, 15)
    ]
    words = (
        "Activity id of scheduled event 'one' does not match activity id of activity command 'two'"
    )
    failure = RuntimeError(f'Failure {{ message: "[TMPRL1100] Nondeterminism error: {words}" }}')
    told = difference(failure, events)
    assert told == "event 5 or later: the history has activity one, this code gives two"


def test_words_of_the_library_that_are_not_understood_are_passed_on_in_a_line() -> None:
    assert difference(RuntimeError("quite\n  another thing"), ()) == "quite another thing"
    assert len(difference(RuntimeError("x" * 1000), ())) == MAX_CHARS


async def test_a_result_that_no_longer_fits_its_contract_is_noticed() -> None:
    document = json.loads(COMPLETED.read_text(encoding="utf-8"))
    result = next(
        event["activityTaskCompletedEventAttributes"]["result"]
        for event in document["events"]
        if "activityTaskCompletedEventAttributes" in event
    )
    result["payloads"][0]["data"] = "e30="  # {}
    found = await replayed(history_from_json("x", json.dumps(document)))
    assert found.standing is Standing.DIFFERS
    assert found.reason is not None
    assert re.match(
        r"this code raises ValidationError: \d validation errors? for CleanRawArticleResult"
        r" html_hash Field required",
        found.reason,
    )


async def test_unfinished_histories_replay_and_show_changes_from_the_first_command_on() -> None:
    whole = load(HISTORIES / "v2-paused.json").events
    parts = [WorkflowHistory("x", whole[:length]) for length in range(1, len(whole) + 1)]
    async with open_replayer({WORKFLOW_TYPE: ArticleProcessing}) as replay:
        assert {(await replay(part)).standing for part in parts} == {Standing.REPLAYS}
    async with open_replayer({WORKFLOW_TYPE: Slower}) as replay:
        begun = [(await replay(part)).standing for part in parts[: FIRST_COMMAND + 1]]
    same, differs = Standing.REPLAYS, Standing.DIFFERS
    assert begun == [same] * (FIRST_COMMAND - 1) + [differs] * 2


async def test_a_history_of_another_workflow_type_is_told_as_such() -> None:
    text = COMPLETED.read_text(encoding="utf-8").replace(f'"{WORKFLOW_TYPE}"', '"Other"')
    assert await replayed(history_from_json("x", text)) == Replayed(
        Standing.OTHER_TYPE,
        "a history of workflow type 'Other'; this code has ArticleProcessing only",
    )


# The library would end its thread at these, print a stack trace, and wait for ever.
@pytest.mark.parametrize(
    ("cut", "reason"),
    [
        (slice(0, None), "a history without events"),
        (slice(0, 1), "its first event does not start an execution"),
        (slice(6, 7), "event 7 is missing, or out of its order"),
        (slice(1, -1), "event 2 is missing, or out of its order"),
    ],
)
async def test_a_history_with_a_gap_is_refused(cut: slice, reason: str) -> None:
    events = list(load(COMPLETED).events)
    del events[cut]
    found = await replayed(WorkflowHistory("x", events))
    assert found == Replayed(Standing.UNREADABLE, reason)


async def test_a_workflow_task_that_does_not_end_is_refused() -> None:
    document = json.loads(COMPLETED.read_text(encoding="utf-8"))
    del document["events"][3]  # the first task's completion
    for number, event in enumerate(document["events"], start=1):
        event["eventId"] = str(number)
    found = await replayed(history_from_json("x", json.dumps(document)))
    assert found == Replayed(Standing.UNREADABLE, "event 4 does not follow from the one before")


async def test_code_that_the_sandbox_refuses_is_told_as_such() -> None:
    with pytest.raises(WorkflowCodeError, match=r"^the workflow code cannot be loaded: .*asyncpg"):
        await replayed(load(COMPLETED), Unloadable)


def copied_workflows(folder: Path, *swapped: Step) -> Path:
    """Copies workflows/ into a folder, two steps having changed places; returns the folder."""
    shutil.copytree(
        ROOT / "workflows", folder / "workflows", ignore=shutil.ignore_patterns("__pycache__")
    )
    if swapped:
        names = dict(zip(swapped, reversed(swapped), strict=True))
        changed = [swap_words(file, names) for file in (folder / "workflows").glob("*.py")]
        assert any(changed), "no file of workflows/ names these steps any more"
    return folder


def swap_words(file: Path, names: dict[Step, Step]) -> bool:
    """Replaces steps' names, and their constants', in a file; returns whether any was there."""
    words = {str(step): str(other) for step, other in names.items()}
    words |= {step.name: other.name for step, other in names.items()}
    before = file.read_text(encoding="utf-8")
    after = re.sub(rf"\b({'|'.join(words)})\b", lambda found: words[found[1]], before)
    file.write_text(after, encoding="utf-8")
    return after != before


async def check_saved(folder: Path) -> tuple[int | None, str, str]:
    """Runs `newsdesk histories check` with the workflows/ of a folder; code, stdout, stderr."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "newsdesk.cli", "histories", "check", str(HISTORIES)),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_the_command_refuses_swapped_steps_and_passes_the_same_code(tmp_path: Path) -> None:
    same = copied_workflows(tmp_path / "same")
    swapped = copied_workflows(
        tmp_path / "swapped", Step.CLEAN_RAW_ARTICLE, Step.CLEAN_MARKDOWN_ARTICLE
    )
    passed, refused = await asyncio.gather(check_saved(same), check_saved(swapped))
    count = len(SAVED)
    assert passed == (0, f"{count} histories replay on this code: it may be deployed\n", "")
    code, out, err = refused
    assert (code, err) == (1, "")
    *lines, verdict = out.splitlines()
    differs = (
        r": event \d+( or later)?: the history has activity clean_raw_article, this code gives"
        r" clean_markdown_article"
    )
    # Each once, and nothing else: no stack trace.
    assert [re.sub(f"{differs}$", "", line) for line in lines] == [str(file) for file in SAVED]
    assert verdict == f"{count} of {count} histories do not replay: {TEACHING}"
