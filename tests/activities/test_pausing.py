"""Paused steps: not done but answered "paused", for everybody or for one run."""

import asyncio
import inspect
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.analysis import AnalysisActivities
from activities.cleaning import CleaningActivities
from activities.pausing import SPREAD, WAIT, PauseInterceptor, pause_reason
from activities.publishing import PublishingActivities
from activities.stories import StoryActivities
from newsdesk.contracts.base import Contract
from newsdesk.contracts.names import ACTIVITIES
from newsdesk.contracts.operations import StepPause
from newsdesk.contracts.steps import (
    CleanRawArticleInput,
    LinkArticleToStoriesInput,
    PublishInput,
    StepResult,
)
from newsdesk.errors import StoreUnavailableError
from newsdesk.ops.pausing import MAX_REASON_CHARS
from newsdesk.ops.resuming import BY_THEMSELVES
from newsdesk.ports import StepGate
from worker import build_interceptors

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
SINCE = NOW - timedelta(hours=3)
HASHES = {f"{name}_hash": "h" for name in ("html", "text", "analysis", "sentiment")}
PUBLISH_5 = PublishInput(run_number=41, article_id=5, revision=1, **HASHES)
CLEAN_5 = CleanRawArticleInput(article_id=5, revision=1)
METHODS: list[Callable[..., Any]] = [
    CleaningActivities.clean_raw_article,
    CleaningActivities.clean_markdown_article,
    AnalysisActivities.analyze_article,
    StoryActivities.link_article_to_stories,
    AnalysisActivities.analyze_sentiment,
    PublishingActivities.publish,
]
CONVERTER = pydantic_data_converter.payload_converter
MAX_SUMMARY_BYTES = 400
"""Temporal's `limit.userMetadataSummarySize`, of the payload. The embedded server does not hold
timers to it; a hosted one may."""


class Gate:
    """A gate that keeps who was asked about."""

    def __init__(self, pause: StepPause | None = None) -> None:
        self.pause = pause
        self.asked: list[tuple[str, int]] = []

    async def find_pause(self, step: str, run_number: int) -> StepPause | None:
        self.asked.append((step, run_number))
        return self.pause


class Work(ActivityInboundInterceptor):
    """Stands for an activity; counts how often it is done."""

    def __init__(self) -> None:
        self.done = 0

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        self.done += 1
        return "done"


async def executed(
    step: str,
    request: Contract,
    *interceptors: Interceptor,
    work: Work | None = None,
    environment: ActivityEnvironment | None = None,
) -> Any:
    """Executes an activity within these interceptors, the first of them outermost."""
    wrapped: ActivityInboundInterceptor = work or Work()
    for interceptor in reversed(interceptors):
        wrapped = interceptor.intercept_activity(wrapped)
    environment = environment or ActivityEnvironment()
    environment.info = replace(environment.info, activity_type=step)
    asked = ExecuteActivityInput(fn=lambda: None, args=[request], executor=None, headers={})
    return await environment.run(wrapped.execute_activity, asked)


def pausing(gate: StepGate) -> PauseInterceptor:
    return PauseInterceptor(gate, lambda: NOW)


def paused(step: str, reason: str = "", run_number: int = 0) -> StepPause:
    return StepPause(step=step, reason=reason, run_number=run_number, paused_at=SINCE)


async def test_what_is_not_paused_is_done() -> None:
    gate, work = Gate(), Work()
    assert await executed("publish", PUBLISH_5, pausing(gate), work=work) == "done"
    assert work.done == 1


async def test_the_gate_is_asked_for_the_step_and_its_run() -> None:
    gate = Gate()
    link = LinkArticleToStoriesInput.model_validate(PUBLISH_5.model_dump())
    await executed("publish", PUBLISH_5, pausing(gate))
    await executed("link_article_to_stories", link, pausing(gate))
    await executed("clean_raw_article", CLEAN_5, pausing(gate))
    assert gate.asked == [
        ("publish", 41),
        ("link_article_to_stories", 41),
        ("clean_raw_article", 0),
    ]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.__name__)
async def test_what_is_paused_is_answered_in_its_own_kind_and_not_done(
    method: Callable[..., Any],
) -> None:
    step, work = method.__name__, Work()
    answer = await executed(step, PUBLISH_5, pausing(Gate(paused(step))), work=work)
    assert work.done == 0
    assert type(answer) is inspect.signature(method).return_annotation
    assert isinstance(answer, StepResult)
    assert answer.pause is not None
    assert (answer.pause.code, answer.pause.turn) == ("step_paused", None)
    assert answer.pause.reason == pause_reason(paused(step), 5)


def test_every_activity_can_be_paused() -> None:
    assert {method.__name__ for method in METHODS} == set(ACTIVITIES)


async def test_runs_come_back_spread_over_minutes() -> None:
    gate = Gate(paused("publish"))
    answers = [await executed("publish", PUBLISH_5, pausing(gate)) for _ in range(200)]
    moments = sorted(answer.pause.until for answer in answers)
    assert NOW + timedelta(minutes=15) <= moments[0]
    assert moments[-1] <= NOW + timedelta(minutes=20)
    assert moments[-1] - moments[0] > timedelta(minutes=4)
    assert len(set(moments)) > 190


def test_people_are_told_what_since_when_why_and_how_it_goes_on() -> None:
    assert pause_reason(paused("analyze_article", "the provider is out"), 5) == (
        "analyze_article is paused since 2026-03-04 12:00 UTC (the provider is out);"
        " `newsdesk resume analyze_article` lets it go on."
    )
    assert pause_reason(paused("publish"), 5) == (
        "publish is paused since 2026-03-04 12:00 UTC; `newsdesk resume publish` lets it go on."
    )
    assert pause_reason(paused("link_article_to_stories", "a replay", 41), 5) == (
        "link_article_to_stories of run #41 is paused since 2026-03-04 12:00 UTC (a replay);"
        " `newsdesk resume 5` lets it go on."
    )


@pytest.mark.parametrize("char", ["x", "ü", "語", "😀"])
@pytest.mark.parametrize("step", ACTIVITIES)
def test_the_longest_reason_leaves_room_for_the_rest_of_a_timer_s_summary(
    step: str, char: str
) -> None:
    for chars in (1, MAX_REASON_CHARS, 5000):
        for run_number, article_id in ((0, 5), (10**9, 10**12)):
            reason = pause_reason(paused(step, char * chars, run_number), article_id)
            (summary,) = CONVERTER.to_payloads([f"{step}: {reason}"])
            assert summary.ByteSize() <= MAX_SUMMARY_BYTES
            assert reason.endswith("lets it go on.")
    assert "x" * MAX_REASON_CHARS + ")" in pause_reason(paused(step, "x" * MAX_REASON_CHARS), 5)


class Away(Gate):
    """A gate whose database is away, which it notices after a while."""

    async def find_pause(self, step: str, run_number: int) -> StepPause | None:
        await asyncio.sleep(0.2)
        raise StoreUnavailableError("the database is away")


async def test_a_gate_that_cannot_look_fails_the_attempt_like_the_step_itself() -> None:
    """Within the worker's own interceptors; and it beats meanwhile."""
    environment, work = ActivityEnvironment(), Work()
    beats: list[object] = []
    environment.on_heartbeat = lambda *details: beats.append(details)
    environment.info = replace(environment.info, heartbeat_timeout=timedelta(seconds=0.15))
    around = build_interceptors(Away())
    with pytest.raises(ApplicationError) as failure:
        await executed("publish", PUBLISH_5, *around, work=work, environment=environment)
    assert (failure.value.type, failure.value.non_retryable) == ("StoreUnavailableError", False)
    assert failure.value.message == "the database is away"
    assert work.done == 0
    assert len(beats) >= 2


def test_the_bounds_of_a_wait_are_what_the_commands_tell() -> None:
    minutes = (WAIT + SPREAD) // timedelta(minutes=1)
    assert f"by themselves within {minutes} minutes" in BY_THEMSELVES
