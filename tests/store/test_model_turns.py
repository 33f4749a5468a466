"""When a model may be asked, on a real Postgres: the day's budget, and turns of a rate limit."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import pytest_asyncio

from newsdesk.contracts.models import ModelLimits, Pause, Turn
from newsdesk.store.model_ledger import PostgresModelLedger
from newsdesk.store.pool import StorePool, create_pool
from tests.store.questions import (
    OURS,
    QUESTION,
    THEIRS,
    USED,
    another,
    book_day,
    fetchval,
    in_seconds,
    run,
)

SLOW = ModelLimits(requests_per_minute=6)
SPACING = timedelta(seconds=10)


@pytest.fixture
def ledger(pool: StorePool) -> PostgresModelLedger:
    return PostgresModelLedger(pool)


@pytest_asyncio.fixture
async def other_worker(store_database_url: str) -> AsyncGenerator[PostgresModelLedger, None]:
    async with await create_pool(store_database_url) as second:
        yield PostgresModelLedger(second)


# Budget


async def test_a_spent_budget_pauses_until_the_next_day(
    ledger: PostgresModelLedger, pool: StorePool
) -> None:
    await book_day(pool, 0, 4.77)
    limits = ModelLimits(daily_budget_usd=5.0, requests_per_minute=6)
    assert isinstance(await ledger.admit(QUESTION, OURS, limits), Turn)
    await ledger.note_unusable(QUESTION, OURS, USED)
    midnight = datetime.combine(
        datetime.now(UTC).date() + timedelta(days=1), datetime.min.time(), UTC
    )
    pause = await ledger.admit(QUESTION, OURS, limits)
    assert pause == Pause(
        code="daily_budget",
        reason="The daily budget of 5.00 USD is spent (5.02 USD); paid steps go on at"
        f" {midnight:%Y-%m-%d} 00:00 UTC, or when the budget is raised and the run resumed.",
        until=midnight,
    )
    # The claim has ended, and where the budget is raised, whoever comes first may ask.
    more = limits.model_copy(update={"daily_budget_usd": 5.03})
    assert isinstance(await ledger.admit(QUESTION, THEIRS, more), Turn | Pause)
    assert isinstance(await ledger.take_turn(QUESTION, ModelLimits(daily_budget_usd=0)), Turn)


async def test_a_budget_that_is_just_reached_is_spent(
    ledger: PostgresModelLedger, pool: StorePool
) -> None:
    await book_day(pool, 0, 0.005)
    admission = await ledger.admit(QUESTION, OURS, ModelLimits(daily_budget_usd=0.005))
    assert isinstance(admission, Pause)
    assert admission.reason.startswith("The daily budget of 0.005 USD is spent (0.005 USD); ")
    assert await ledger.admit(QUESTION, OURS, ModelLimits(daily_budget_usd=0.0051)) == Turn()


async def test_a_budget_of_nothing_allows_nothing(ledger: PostgresModelLedger) -> None:
    admission = await ledger.admit(QUESTION, OURS, ModelLimits(daily_budget_usd=0))
    assert isinstance(admission, Pause)
    assert admission.reason.startswith("The daily budget of 0 USD is spent (0 USD); ")


async def test_a_new_day_has_its_whole_budget(ledger: PostgresModelLedger, pool: StorePool) -> None:
    await book_day(pool, 1, 100.0)
    assert await ledger.admit(QUESTION, OURS, ModelLimits(daily_budget_usd=0.01)) == Turn()


async def test_a_call_without_a_price_spends_no_budget(ledger: PostgresModelLedger) -> None:
    await ledger.note_unusable(QUESTION, OURS, USED.model_copy(update={"cost_usd": None}))
    assert await ledger.admit(QUESTION, OURS, ModelLimits(daily_budget_usd=0.01)) == Turn()


# Turns


async def test_turns_of_many_at_once_are_strictly_spaced(
    ledger: PostgresModelLedger, other_worker: PostgresModelLedger, pool: StorePool
) -> None:
    before = await in_seconds(pool, 0)
    workers = (ledger, other_worker)
    admissions = await asyncio.gather(
        *(workers[n % 2].admit(another(n), run(n), SLOW) for n in range(50))
    )
    after = await in_seconds(pool, 0)
    assert [one for one in admissions if isinstance(one, Turn)] == [Turn()]
    turns = sorted(one.turn for one in admissions if isinstance(one, Pause) and one.turn)
    assert [later - earlier for earlier, later in pairwise(turns)] == [SPACING] * 48
    assert before <= turns[0] - SPACING <= after
    assert await fetchval(pool, "SELECT next_at FROM model_rates") == turns[-1] + SPACING


async def test_turns_that_are_near_are_waited_for(
    ledger: PostgresModelLedger, pool: StorePool
) -> None:
    limits = ModelLimits(requests_per_minute=600)
    before = await in_seconds(pool, 0)
    admissions = await asyncio.gather(*(ledger.admit(another(n), run(n), limits) for n in range(9)))
    waits = sorted(one.wait_seconds for one in admissions if isinstance(one, Turn))
    assert len(waits) == 9
    assert all(wait <= 0.1 * n for n, wait in enumerate(waits))
    # Nobody is told to ask before its slot.
    last = before + timedelta(seconds=0.8)
    assert await in_seconds(pool, waits[-1]) >= last


async def test_a_turn_that_is_too_far_away_is_reserved(
    ledger: PostgresModelLedger, pool: StorePool
) -> None:
    assert await ledger.admit(another(1), run(1), SLOW) == Turn()
    slot = await fetchval(pool, "SELECT next_at FROM model_rates")
    pause = await ledger.admit(QUESTION, OURS, SLOW)
    assert pause == Pause(
        code="rate_limit",
        reason="vendor/model takes no more than 6 requests a minute; this step's turn comes at"
        f" {slot:%Y-%m-%d %H:%M:%S} UTC.",
        until=slot,
        turn=slot,
    )
    # Its claim has ended, and a model of another name has a rate of its own.
    assert await fetchval(pool, "SELECT count(*) FROM model_claims") == 1
    other = QUESTION.model_copy(update={"model": "another/model"})
    assert await ledger.admit(other, OURS, SLOW) == Turn()


@pytest.mark.parametrize("late", [0.0, 3.0, 9.0])
async def test_a_reserved_turn_is_good_when_it_has_come(
    ledger: PostgresModelLedger, pool: StorePool, late: float
) -> None:
    turn = await in_seconds(pool, -late)
    assert await ledger.admit(QUESTION, run(1, turn), SLOW) == Turn()
    assert await fetchval(pool, "SELECT count(*) FROM model_rates") == 0


async def test_a_reserved_turn_that_is_near_is_waited_for(
    ledger: PostgresModelLedger, pool: StorePool
) -> None:
    turn = await in_seconds(pool, 4.5)
    admission = await ledger.admit(QUESTION, run(1, turn), SLOW)
    assert isinstance(admission, Turn)
    assert 0 < admission.wait_seconds <= 4.5
    assert await in_seconds(pool, admission.wait_seconds) >= turn
    assert await fetchval(pool, "SELECT count(*) FROM model_rates") == 0


async def test_whoever_comes_too_early_is_sent_away_to_the_same_turn(
    ledger: PostgresModelLedger, pool: StorePool
) -> None:
    turn = await in_seconds(pool, 60)
    pause = await ledger.admit(QUESTION, run(1, turn), SLOW)
    assert isinstance(pause, Pause)
    assert (pause.until, pause.turn) == (turn, turn)
    assert await fetchval(pool, "SELECT count(*) FROM model_rates") == 0


async def test_a_turn_that_was_missed_is_reserved_anew(
    ledger: PostgresModelLedger, pool: StorePool
) -> None:
    turn = await in_seconds(pool, -11)
    assert await ledger.admit(QUESTION, run(1, turn), SLOW) == Turn()
    assert await fetchval(pool, "SELECT next_at FROM model_rates") > turn + SPACING
    pause = await ledger.admit(another(2), run(2, turn), SLOW)
    assert isinstance(pause, Pause)


async def test_an_idle_model_saves_up_no_turns(
    ledger: PostgresModelLedger, pool: StorePool
) -> None:
    await ledger.admit(another(1), run(1), SLOW)
    await fetchval(pool, "UPDATE model_rates SET next_at = now() - interval '1 hour'")
    admissions = [await ledger.admit(another(n), run(n), SLOW) for n in (2, 3)]
    assert [type(one) for one in admissions] == [Turn, Pause]


async def test_a_repair_waits_for_a_turn_of_its_own(
    ledger: PostgresModelLedger, pool: StorePool
) -> None:
    limits = ModelLimits(requests_per_minute=8)  # 7.5 s from turn to turn
    assert await ledger.admit(QUESTION, OURS, limits) == Turn()
    turn = await ledger.take_turn(QUESTION, limits)
    assert isinstance(turn, Turn)
    assert 5 < turn.wait_seconds <= 7.5
    slot = await fetchval(pool, "SELECT next_at FROM model_rates")
    pause = await ledger.take_turn(QUESTION, limits)
    assert pause == Pause(
        code="rate_limit",
        reason="vendor/model takes no more than 8 requests a minute; the next free turn is at"
        f" {slot:%Y-%m-%d %H:%M:%S} UTC.",
        until=slot,
    )
    assert await fetchval(pool, "SELECT next_at FROM model_rates") == slot


async def test_a_limit_of_one_is_said_as_one(ledger: PostgresModelLedger) -> None:
    limits = ModelLimits(requests_per_minute=1)
    assert await ledger.admit(another(1), run(1), limits) == Turn()
    pause = await ledger.admit(QUESTION, OURS, limits)
    assert isinstance(pause, Pause)
    assert pause.reason.startswith("vendor/model takes no more than 1 request a minute; ")
