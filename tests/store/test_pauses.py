"""Paused steps on a real Postgres, and the gate that spares it."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from newsdesk.contracts.names import ACTIVITIES, Step
from newsdesk.contracts.operations import StepPause
from newsdesk.errors import StoreRejectedError, StoreUnavailableError
from newsdesk.ports import StepGate
from newsdesk.store.gate import HELD, LOOK_SECONDS, CachedGate
from newsdesk.store.pauses import PostgresPauses
from newsdesk.store.pool import StorePool
from tests.helpers.eventually import eventually
from tests.store.questions import in_seconds

ARTICLE, LINK = Step.ANALYZE_ARTICLE.value, Step.LINK_ARTICLE_TO_STORIES.value


@pytest.fixture
def pauses(pool: StorePool) -> PostgresPauses:
    return PostgresPauses(pool)


def test_both_are_the_port(pauses: PostgresPauses) -> None:
    ports: list[StepGate] = [pauses, CachedGate(pauses, lambda: 0.0)]
    assert len(ports) == 2


# Pauses


async def test_a_pause_is_for_everybody_until_it_is_resumed(
    pauses: PostgresPauses, pool: StorePool
) -> None:
    made = await pauses.pause(ARTICLE, "the provider is out")
    assert (made.step, made.run_number, made.reason) == (ARTICLE, 0, "the provider is out")
    assert abs(made.paused_at - await in_seconds(pool, 0)) < timedelta(seconds=30)
    assert made.paused_at.utcoffset() == timedelta(0)
    for run_number in (0, 7):
        assert await pauses.find_pause(ARTICLE, run_number) == made
    assert await pauses.find_pause(Step.ANALYZE_SENTIMENT, 7) is None
    assert await pauses.resume(ARTICLE)
    assert await pauses.find_pause(ARTICLE, 7) is None
    assert not await pauses.resume(ARTICLE)


async def test_a_run_is_held_alone(pauses: PostgresPauses) -> None:
    held = await pauses.pause(LINK, "skip it first", 7)
    assert await pauses.find_pause(LINK, 7) == held
    assert await pauses.find_pause(LINK, 8) is None
    assert await pauses.find_pause(LINK, 0) is None
    everybodys = await pauses.pause(LINK, "all of them")
    assert await pauses.find_pause(LINK, 7) == everybodys
    assert await pauses.resume(LINK)
    assert await pauses.find_pause(LINK, 7) == held
    assert not await pauses.resume(LINK, 8)
    assert await pauses.resume(LINK, 7)
    assert await pauses.list() == ()


async def test_paused_again_it_is_paused_since_before(pauses: PostgresPauses) -> None:
    first = await pauses.pause(ARTICLE, "slow")
    again = await pauses.pause(ARTICLE, "out")
    assert again == first.model_copy(update={"reason": "out"})
    assert await pauses.pause(ARTICLE, "") == again
    assert await pauses.list() == (again,)


async def test_all_are_listed_the_oldest_first(pauses: PostgresPauses) -> None:
    made = [
        await pauses.pause("publish", ""),
        await pauses.pause(LINK, "", 9),
        await pauses.pause(ARTICLE, ""),
    ]
    assert list(await pauses.list()) == made


async def test_the_holds_of_some_runs_are_lifted_and_no_other_pause(
    pauses: PostgresPauses,
) -> None:
    for run_number in (0, 1, 2, 3):
        await pauses.pause(LINK, "", run_number)
    await pauses.resume_runs([0, 1, 3])
    assert [pause.run_number for pause in await pauses.list()] == [0, 2]


async def test_no_run_has_a_negative_number(pauses: PostgresPauses) -> None:
    with pytest.raises(StoreRejectedError, match="pause publish"):
        await pauses.pause("publish", "", -1)


# The gate


class Watched:
    """Pauses in memory, which count who looks; `gone`: they cannot be reached."""

    def __init__(self, *steps: str) -> None:
        self.steps = set(steps)
        self.lists = self.finds = 0
        self.gone = False
        self.let_go = asyncio.Event()
        self.let_go.set()

    async def find_pause(self, step: str, run_number: int) -> StepPause | None:
        self.finds += 1
        return _pause(step) if step in self.steps else None

    async def list(self) -> Sequence[StepPause]:
        self.lists += 1
        await self.let_go.wait()
        if self.gone:
            raise StoreUnavailableError("gone")
        return [_pause(step) for step in sorted(self.steps)]


def _pause(step: str) -> StepPause:
    at = "2026-03-04T12:00:00Z"
    return StepPause.model_validate({"step": step, "reason": "", "paused_at": at})


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_however_many_ask_there_is_one_look_a_second() -> None:
    pauses, clock = Watched(), Clock()
    gate = CachedGate(pauses, clock)
    steps = sorted(set(ACTIVITIES) - HELD)
    for looks in (1, 2):
        for _ in range(3):
            asked = await asyncio.gather(
                *(gate.find_pause(step, n) for n in range(50) for step in steps)
            )
            assert set(asked) == {None}
            clock.now += LOOK_SECONDS / 3.01
        assert (pauses.lists, pauses.finds) == (looks, 0)
        clock.now += LOOK_SECONDS / 3


async def test_a_pause_holds_within_a_second() -> None:
    pauses, clock = Watched(), Clock()
    gate = CachedGate(pauses, clock)
    assert await gate.find_pause(ARTICLE, 1) is None
    pauses.steps.add(ARTICLE)
    clock.now += LOOK_SECONDS
    assert await gate.find_pause(ARTICLE, 1) == _pause(ARTICLE)
    assert await gate.find_pause("publish", 1) is None


async def test_a_look_is_as_old_as_its_beginning() -> None:
    pauses, clock = Watched(), Clock()
    gate = CachedGate(pauses, clock)
    pauses.let_go.clear()
    slow = asyncio.create_task(gate.find_pause(ARTICLE, 1))
    await eventually(lambda: pauses.lists == 1)
    clock.now += LOOK_SECONDS
    pauses.let_go.set()
    assert await slow is None
    await gate.find_pause(ARTICLE, 1)
    assert pauses.lists == 2


async def test_a_lifted_pause_is_never_taken_from_the_last_look() -> None:
    pauses = Watched(ARTICLE)
    gate = CachedGate(pauses, Clock())
    assert await gate.find_pause(ARTICLE, 1) == _pause(ARTICLE)
    pauses.steps.clear()
    assert await gate.find_pause(ARTICLE, 1) is None
    assert pauses.lists == 1


async def test_a_hold_is_found_at_once(pauses: PostgresPauses) -> None:
    gate = CachedGate(pauses, Clock())
    assert await gate.find_pause(LINK, 7) is None
    assert await gate.find_pause(ARTICLE, 7) is None
    held = await pauses.pause(LINK, "skip it first", 7)
    assert await gate.find_pause(LINK, 7) == held
    assert await gate.find_pause(LINK, 8) is None


async def test_a_look_that_fails_is_told_to_all_who_wait_and_believed_by_none() -> None:
    pauses = Watched()
    gate = CachedGate(pauses, Clock())
    pauses.gone = True
    asked = await asyncio.gather(
        *(gate.find_pause(ARTICLE, n) for n in range(9)), return_exceptions=True
    )
    assert {str(answer) for answer in asked} == {"gone"}
    assert pauses.lists == 1
    pauses.gone = False
    pauses.steps.add(ARTICLE)
    assert await gate.find_pause(ARTICLE, 1) == _pause(ARTICLE)


async def test_a_canceled_activity_takes_the_look_from_nobody() -> None:
    pauses = Watched()
    gate = CachedGate(pauses, Clock())
    pauses.let_go.clear()
    first, second = (asyncio.create_task(gate.find_pause(ARTICLE, n)) for n in (1, 2))
    await eventually(lambda: pauses.lists == 1)
    first.cancel()
    await eventually(first.done)
    pauses.let_go.set()
    assert await second is None
    assert first.cancelled()
    assert pauses.lists == 1
