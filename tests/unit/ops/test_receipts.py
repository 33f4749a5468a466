"""Sums and lines about items: received is the sum of what became of them."""

import json

import pytest

from newsdesk.contracts.articles import Enqueued, EnqueueOutcome, PendingRun
from newsdesk.contracts.names import Step
from newsdesk.contracts.options import ProcessingOptions
from newsdesk.contracts.record import RunBlock, RunStatus, StepError, StepRecord, StepStatus
from newsdesk.ops.receipts import Receipt, Tally, words_on_run
from tests.helpers.pipeline import AT


def enqueued(outcome: EnqueueOutcome, number: int | None = 7, pending: bool = False) -> Enqueued:
    run = PendingRun(
        run_number=7,
        workflow_id="benzinga-5-r1",
        article_id=5,
        revision=1,
        published_at=AT,
        options=ProcessingOptions(),
    )
    return Enqueued(
        article_id=5, outcome=outcome, run_number=number, pending=run if pending else None
    )


def block(number: int, status: RunStatus = RunStatus.COMPLETED, **changes: object) -> RunBlock:
    made = RunBlock(number=number, workflow_id=f"benzinga-{number}-r1", status=status)
    return made.model_copy(update=changes)


def test_received_is_the_sum_of_the_outcomes() -> None:
    tally = Tally()
    for outcome in EnqueueOutcome:
        tally.add(Receipt("f:1", enqueued(outcome)))
    tally.add(Receipt("f:2", error="no"))
    tally.add(Receipt("f:3", error="no"))
    assert tally.sentence() == (
        "received 7: started 1, unchanged 1, touched 1, older 1, removed 1, rejected 2"
    )
    assert not tally.all_well


def test_nothing_received_is_all_well() -> None:
    assert Tally().sentence() == "received 0: nothing"
    assert Tally().all_well


def test_the_runs_that_were_waited_for_add_up_too() -> None:
    tally = Tally()
    for number in (1, 2, 3, 4, 4):
        tally.await_run(number)
    tally.add_run(block(1))
    tally.add_run(block(2, outcome="superseded"))
    assert tally.all_well
    tally.add_run(block(3, RunStatus.TERMINATED))
    assert tally.sentence() == (
        "received 0: nothing; runs: completed 1, superseded 1, terminated 1, still under way 1"
    )
    assert not tally.all_well


def test_a_pending_run_counts_once_and_only_until_it_ended() -> None:
    tally = Tally()
    for _ in range(2):
        tally.add(Receipt("f:1", enqueued(EnqueueOutcome.STARTED, pending=True)))
    assert "; not started yet: 1 (stored; " in tally.sentence()
    tally.await_run(7)
    tally.add_run(block(7))
    assert tally.sentence() == "received 2: started 2; runs: completed 1"


@pytest.mark.parametrize("status", [one for one in RunStatus if one is not RunStatus.COMPLETED])
def test_a_run_is_told_in_its_own_word(status: RunStatus) -> None:
    assert words_on_run(block(1, status)) == status.value


@pytest.mark.parametrize(
    ("outcome", "number"),
    [
        (EnqueueOutcome.STARTED, 7),
        (EnqueueOutcome.UNCHANGED, 7),
        (EnqueueOutcome.TOUCHED, 7),
        (EnqueueOutcome.OLDER, None),
        (EnqueueOutcome.REMOVED, None),
    ],
)
def test_what_is_older_or_removed_has_no_run_to_wait_for(
    outcome: EnqueueOutcome, number: int | None
) -> None:
    assert Receipt("f:1", enqueued(outcome)).waits_for == number
    assert Receipt("f:1", error="no").waits_for is None


def test_trouble_names_the_cause() -> None:
    receipt = Receipt("f:1", enqueued(EnqueueOutcome.STARTED))
    assert receipt.trouble is None
    receipt.run = block(7)
    assert receipt.trouble is None
    receipt.run = block(7, RunStatus.FAILED, error=StepError(type="SomeError", message="why"))
    assert receipt.trouble == "run #7 failed: SomeError: why"
    receipt.run = block(7, RunStatus.CANCELED)
    assert receipt.trouble == "run #7 canceled"
    assert Receipt("f:1", error="not JSON").trouble == "not JSON"


def test_a_json_line_of_a_run() -> None:
    receipt = Receipt("f:1", enqueued(EnqueueOutcome.STARTED, pending=True))
    skip = StepRecord(
        name=Step.LINK_ARTICLE_TO_STORIES, status=StepStatus.SKIPPED, reason_code="roundup"
    )
    receipt.run = block(7, duration_seconds=1.5, outcome="published", steps=(skip,))
    assert json.loads(receipt.as_json()) == {
        "location": "f:1",
        "outcome": "started",
        "article_id": 5,
        "reason": "",
        "revision": None,
        "run_number": 7,
        "pending": True,
        "run": {
            "workflow_id": "benzinga-7-r1",
            "status": "completed",
            "outcome": "published",
            "duration_seconds": 1.5,
            "skipped": {"link_article_to_stories": "roundup"},
            "error": None,
        },
    }


def test_a_json_line_is_one_line_of_ascii_whatever_it_holds() -> None:
    line = Receipt("f\n:1", error="\x1b[31m \x9b \u202e \udc80 é").as_json()
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["error"] == "\x1b[31m \x9b \u202e \udc80 é"
