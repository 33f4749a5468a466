"""The ledger of models on a real Postgres: answers, claims and books."""

import asyncio
import re
from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
import pytest_asyncio
from pydantic import JsonValue

from newsdesk.contracts.analysis import Usage
from newsdesk.contracts.models import Busy, CostLine, KeptAnswer, ModelLimits, Turn
from newsdesk.contracts.names import Step
from newsdesk.errors import StoreRejectedError
from newsdesk.ports import ModelLedger
from newsdesk.store.model_ledger import PostgresModelLedger
from newsdesk.store.pool import StorePool, create_pool
from tests.helpers.eventually import eventually
from tests.store.questions import (
    ANSWER,
    MODEL,
    NO_LIMITS,
    OURS,
    QUESTION,
    THEIRS,
    USED,
    another,
    book_day,
    fetchval,
    run,
)

EXPIRED = ModelLimits(lease_seconds=0)
FREE = Usage(model=MODEL, prompt_version="p1", cost_usd=0.0, reused=True)


@pytest.fixture
def ledger(pool: StorePool) -> PostgresModelLedger:
    return PostgresModelLedger(pool)


@pytest_asyncio.fixture
async def other_worker(store_database_url: str) -> AsyncGenerator[PostgresModelLedger, None]:
    async with await create_pool(store_database_url) as second:
        yield PostgresModelLedger(second)


def test_it_is_the_port(ledger: PostgresModelLedger) -> None:
    port: ModelLedger = ledger
    assert port is ledger


# Answers


async def test_an_answer_comes_back_as_it_was_with_what_it_took(
    ledger: PostgresModelLedger,
) -> None:
    assert await ledger.admit(QUESTION, OURS, NO_LIMITS) == Turn()
    taken = USED.model_copy(update={"prompt_version": "p1"})
    assert await ledger.keep(QUESTION, OURS, USED, ANSWER) == taken
    again = await ledger.admit(QUESTION, OURS, NO_LIMITS)
    assert again == KeptAnswer(answer=ANSWER, usage=taken)


async def test_another_run_takes_nothing_for_it(
    ledger: PostgresModelLedger, pool: StorePool
) -> None:
    await ledger.keep(QUESTION, OURS, USED, ANSWER)
    assert await ledger.admit(QUESTION, THEIRS, NO_LIMITS) == KeptAnswer(answer=ANSWER, usage=FREE)
    other_step = OURS.model_copy(update={"step": Step.ANALYZE_SENTIMENT})
    reused = await ledger.admit(QUESTION, other_step, NO_LIMITS)
    assert reused == KeptAnswer(answer=ANSWER, usage=FREE)
    assert await fetchval(pool, "SELECT count(*) FROM model_claims") == 0


async def test_an_answer_needs_neither_budget_nor_turn(
    ledger: PostgresModelLedger, pool: StorePool
) -> None:
    await ledger.keep(QUESTION, OURS, USED, ANSWER)
    limits = ModelLimits(daily_budget_usd=0, requests_per_minute=1)
    assert isinstance(await ledger.admit(QUESTION, THEIRS, limits), KeptAnswer)
    assert await fetchval(pool, "SELECT count(*) FROM model_rates") == 0


@pytest.mark.parametrize("answer", [None, False, 0, "", [], {}])
async def test_an_answer_may_be_nothing_much(
    ledger: PostgresModelLedger, answer: JsonValue
) -> None:
    await ledger.keep(QUESTION, OURS, USED, answer)
    kept = await ledger.admit(QUESTION, THEIRS, NO_LIMITS)
    assert kept == KeptAnswer(answer=answer, usage=FREE)


async def test_the_first_answer_stays_and_the_second_is_paid_all_the_same(
    ledger: PostgresModelLedger,
) -> None:
    await ledger.keep(QUESTION, OURS, USED, ANSWER)
    taken = await ledger.keep(QUESTION, THEIRS, USED, "second")
    assert (taken.input_tokens, taken.cost_usd, taken.reused) == (10, 0.25, False)
    kept = await ledger.admit(QUESTION, run(3), NO_LIMITS)
    assert kept == KeptAnswer(answer=ANSWER, usage=FREE)
    [line] = await ledger.costs(date.min)
    assert (line.calls, line.cost_usd) == (2, 0.5)


@pytest.mark.parametrize("part", ["model", "prompt_version", "schema_version", "input_hash"])
async def test_another_model_prompt_schema_or_input_is_another_question(
    ledger: PostgresModelLedger, part: str
) -> None:
    await ledger.keep(QUESTION, OURS, USED, ANSWER)
    other = QUESTION.model_copy(update={part: getattr(QUESTION, part) + "x"})
    assert await ledger.admit(other, OURS, NO_LIMITS) == Turn()
    assert isinstance(await ledger.admit(QUESTION, OURS, NO_LIMITS), KeptAnswer)


def test_the_parts_of_a_question_are_kept_apart() -> None:
    def key(model: str, prompt: str) -> str:
        parts = {"model": model, "prompt_version": prompt}
        return QUESTION.model_copy(update=parts).key

    assert re.fullmatch("[0-9a-f]{64}", key("ab", "c"))
    assert key("ab", "c") != key("a", "bc")


# Claims


async def test_of_two_one_asks_and_the_other_gets_its_answer(
    ledger: PostgresModelLedger, other_worker: PostgresModelLedger
) -> None:
    admissions = await asyncio.gather(
        ledger.admit(QUESTION, OURS, NO_LIMITS), other_worker.admit(QUESTION, THEIRS, NO_LIMITS)
    )
    assert sorted(type(one).__name__ for one in admissions) == ["Busy", "Turn"]
    asking, waiting = (OURS, THEIRS) if admissions[0] == Turn() else (THEIRS, OURS)
    assert await ledger.admit(QUESTION, waiting, NO_LIMITS) == Busy()
    await ledger.keep(QUESTION, asking, USED, ANSWER)
    kept = await other_worker.admit(QUESTION, waiting, NO_LIMITS)
    assert kept == KeptAnswer(answer=ANSWER, usage=FREE)


async def test_of_many_at_once_one_asks(
    ledger: PostgresModelLedger, other_worker: PostgresModelLedger
) -> None:
    asked: list[int] = []

    async def step(number: int) -> KeptAnswer | None:
        worker = (ledger, other_worker)[number % 2]
        admission = await worker.admit(QUESTION, run(number), NO_LIMITS)
        if isinstance(admission, Turn):
            asked.append(number)
            await worker.keep(QUESTION, run(number), USED, ANSWER)
        return admission if isinstance(admission, KeptAnswer) else None

    numbers = range(1, 31)
    answers = await asyncio.gather(*(eventually(partial(step, number)) for number in numbers))
    assert len(asked) == 1
    free = KeptAnswer(answer=ANSWER, usage=FREE)
    reused = {n for n, kept in zip(numbers, answers, strict=True) if kept == free}
    assert reused == set(numbers) - set(asked)
    [line] = await ledger.costs(date.min)
    assert line.calls == 1


async def test_the_same_step_takes_its_own_claim_over(ledger: PostgresModelLedger) -> None:
    for _ in range(2):
        assert await ledger.admit(QUESTION, OURS, NO_LIMITS) == Turn()
    assert await ledger.admit(QUESTION, THEIRS, NO_LIMITS) == Busy()


async def test_another_step_of_the_run_does_not(ledger: PostgresModelLedger) -> None:
    await ledger.admit(QUESTION, OURS, NO_LIMITS)
    other_step = OURS.model_copy(update={"step": Step.ANALYZE_SENTIMENT})
    assert await ledger.admit(QUESTION, other_step, NO_LIMITS) == Busy()


async def test_an_expired_claim_is_taken_over(ledger: PostgresModelLedger) -> None:
    assert await ledger.admit(QUESTION, OURS, EXPIRED) == Turn()
    assert await ledger.admit(QUESTION, THEIRS, NO_LIMITS) == Turn()
    assert await ledger.admit(QUESTION, OURS, NO_LIMITS) == Busy()


async def test_an_answer_that_comes_after_its_claim_expired_counts(
    ledger: PostgresModelLedger,
) -> None:
    await ledger.admit(QUESTION, OURS, EXPIRED)
    await ledger.admit(QUESTION, THEIRS, NO_LIMITS)
    await ledger.keep(QUESTION, OURS, USED, ANSWER)
    kept = await ledger.admit(QUESTION, run(3), NO_LIMITS)
    assert kept == KeptAnswer(answer=ANSWER, usage=FREE)


async def test_a_released_question_may_be_asked(ledger: PostgresModelLedger) -> None:
    await ledger.admit(QUESTION, OURS, NO_LIMITS)
    await ledger.release(QUESTION, OURS)
    assert await ledger.admit(QUESTION, THEIRS, NO_LIMITS) == Turn()


async def test_only_the_owner_releases(ledger: PostgresModelLedger) -> None:
    await ledger.admit(QUESTION, OURS, NO_LIMITS)
    await ledger.release(QUESTION, THEIRS)
    assert await ledger.admit(QUESTION, THEIRS, NO_LIMITS) == Busy()


async def test_a_further_turn_makes_the_lease_longer(ledger: PostgresModelLedger) -> None:
    await ledger.admit(QUESTION, OURS, EXPIRED)
    assert await ledger.take_turn(QUESTION, NO_LIMITS) == Turn()
    assert await ledger.admit(QUESTION, THEIRS, NO_LIMITS) == Busy()


async def test_a_further_turn_claims_nothing(ledger: PostgresModelLedger) -> None:
    assert await ledger.take_turn(QUESTION, NO_LIMITS) == Turn()
    assert await ledger.admit(QUESTION, THEIRS, NO_LIMITS) == Turn()


# Books


async def test_unusable_calls_count_to_what_the_step_took(
    ledger: PostgresModelLedger, pool: StorePool
) -> None:
    await ledger.admit(QUESTION, OURS, NO_LIMITS)
    await ledger.note_unusable(QUESTION, OURS, USED)
    assert await ledger.admit(QUESTION, THEIRS, NO_LIMITS) == Busy()
    assert await ledger.admit(QUESTION, OURS, NO_LIMITS) == Turn()
    # A step that falls back to another model has paid for both.
    fallback = QUESTION.model_copy(update={"model": "another/model", "prompt_version": "p2"})
    taken = await ledger.keep(fallback, OURS, USED, ANSWER)
    assert taken == Usage(
        model="another/model",
        input_tokens=20,
        cached_input_tokens=8,
        output_tokens=6,
        cost_usd=0.5,
        prompt_version="p2",
    )
    columns = "run_number, article_id, step, question, model, prompt_version, usable, cost_usd"
    async with pool.connection("look") as connection:
        rows = await connection.fetch(f"SELECT {columns} FROM model_calls ORDER BY call_id")
    step = "analyze_article"
    assert [tuple(row) for row in rows] == [
        (1, 11, step, QUESTION.key, MODEL, "p1", False, 0.25),
        (1, 11, step, fallback.key, "another/model", "p2", True, 0.25),
    ]


async def test_what_was_kept_by_another_run_after_one_s_own_unusable_call(
    ledger: PostgresModelLedger,
) -> None:
    await ledger.note_unusable(QUESTION, OURS, USED)
    await ledger.keep(QUESTION, THEIRS, USED, ANSWER)
    kept = await ledger.admit(QUESTION, OURS, NO_LIMITS)
    taken = USED.model_copy(update={"prompt_version": "p1"})
    assert kept == KeptAnswer(answer=ANSWER, usage=taken)


async def test_an_unknown_price_is_no_zero(ledger: PostgresModelLedger) -> None:
    unknown = USED.model_copy(update={"cost_usd": None})
    await ledger.note_unusable(QUESTION, OURS, unknown)
    taken = await ledger.keep(QUESTION, OURS, unknown, ANSWER)
    assert (taken.cost_usd, taken.input_tokens, taken.reused) == (None, 20, False)
    kept = await ledger.admit(QUESTION, OURS, NO_LIMITS)
    assert kept == KeptAnswer(answer=ANSWER, usage=taken)
    taken = await ledger.keep(another(1), OURS, USED, ANSWER)
    assert (taken.cost_usd, taken.input_tokens) == (0.25, 30)
    [line] = await ledger.costs(date.min)
    assert (line.calls, line.unpriced, line.cost_usd) == (3, 2, 0.25)


@pytest.mark.parametrize("price", [float("nan"), float("inf"), -0.01])
async def test_a_price_that_would_spoil_the_sums_is_refused_and_nothing_is_kept(
    ledger: PostgresModelLedger, price: float
) -> None:
    await ledger.admit(QUESTION, OURS, NO_LIMITS)
    with pytest.raises(StoreRejectedError, match="keep an answer of vendor/model for run 1"):
        await ledger.keep(QUESTION, OURS, USED.model_copy(update={"cost_usd": price}), ANSWER)
    assert await ledger.costs(date.min) == ()
    assert await ledger.admit(QUESTION, THEIRS, NO_LIMITS) == Busy()
    assert await ledger.admit(QUESTION, OURS, NO_LIMITS) == Turn()


async def test_costs_are_sums_by_day_model_and_step(
    ledger: PostgresModelLedger, pool: StorePool
) -> None:
    await book_day(pool, 2, 7.0)
    await book_day(pool, 1, 3.0)
    other_step = OURS.model_copy(update={"step": Step.ANALYZE_SENTIMENT})
    for model, assignment in (("Z/m", OURS), ("a/m", other_step), ("a/m", OURS), ("a/m", THEIRS)):
        question = QUESTION.model_copy(update={"model": model})
        await ledger.keep(question, assignment, USED, ANSWER)
    await ledger.note_unusable(QUESTION.model_copy(update={"model": "a/m"}), OURS, USED)
    today = datetime.now(UTC).date()
    yesterday, *lines = await ledger.costs(today - timedelta(days=1))
    assert yesterday == CostLine(
        day=today - timedelta(days=1),
        model="another/model",
        step=Step.ANALYZE_SENTIMENT,
        calls=1,
        unusable=0,
        input_tokens=100,
        cached_input_tokens=0,
        output_tokens=10,
        cost_usd=3.0,
        unpriced=0,
    )
    assert [(line.day, line.model, line.step, line.calls, line.unusable) for line in lines] == [
        (today, "Z/m", Step.ANALYZE_ARTICLE, 1, 0),
        (today, "a/m", Step.ANALYZE_ARTICLE, 3, 1),
        (today, "a/m", Step.ANALYZE_SENTIMENT, 1, 0),
    ]
    sums = lines[1]
    assert (sums.input_tokens, sums.cached_input_tokens, sums.output_tokens) == (30, 12, 9)
    assert (sums.cost_usd, sums.unpriced) == (0.75, 0)
    assert len(await ledger.costs(today - timedelta(days=2))) == 5
    assert await ledger.costs(today + timedelta(days=1)) == ()


async def test_the_sums_agree_with_the_calls_whoever_books_at_once(
    ledger: PostgresModelLedger, other_worker: PostgresModelLedger
) -> None:
    await asyncio.gather(
        *(ledger.keep(another(n), run(n), USED, ANSWER) for n in range(20)),
        *(other_worker.note_unusable(another(n), run(n), USED) for n in range(20)),
    )
    [line] = await ledger.costs(date.min)
    assert (line.calls, line.unusable, line.input_tokens, line.cost_usd) == (40, 20, 400, 10.0)
