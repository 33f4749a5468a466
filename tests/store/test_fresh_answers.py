"""Runs that are to ask their models anew: what was answered before is none, and is paid once."""

import asyncio

import pytest

from newsdesk.contracts.models import (
    Admission,
    Assignment,
    KeptAnswer,
    ModelLimits,
    Pause,
    Turn,
)
from newsdesk.store.migrations import load_migrations, migrate
from newsdesk.store.model_ledger import PostgresModelLedger
from newsdesk.store.pool import StorePool, create_pool
from tests.store.questions import (
    ANSWER,
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

DEARER = USED.model_copy(update={"input_tokens": 99, "cost_usd": 0.5})


@pytest.fixture
def ledger(pool: StorePool) -> PostgresModelLedger:
    return PostgresModelLedger(pool)


async def admit(ledger: PostgresModelLedger, assignment: Assignment) -> Admission:
    return await ledger.admit(QUESTION, assignment, NO_LIMITS)


async def answer(ledger: PostgresModelLedger, assignment: Assignment) -> object:
    """Returns the kept answer that a run is given."""
    admission = await admit(ledger, assignment)
    assert isinstance(admission, KeptAnswer)
    return admission.answer


async def calls(pool: StorePool) -> int:
    return await fetchval(pool, "SELECT count(*) FROM model_calls")


async def test_an_ordered_run_asks_anew_and_pays_once(
    ledger: PostgresModelLedger, pool: StorePool
) -> None:
    await ledger.keep(QUESTION, OURS, USED, "old")
    await ledger.order_fresh(OURS.run_number)
    assert await admit(ledger, OURS) == Turn()
    paid = await ledger.keep(QUESTION, OURS, DEARER, "new")
    assert (paid.cost_usd, paid.input_tokens, paid.reused) == (0.75, 109, False)
    for _ in range(2):  # retries, and plain replays after it
        assert await admit(ledger, OURS) == KeptAnswer(answer="new", usage=paid)
    assert await calls(pool) == 2
    assert await fetchval(pool, "SELECT count(*) FROM model_claims") == 0


async def test_other_runs_get_the_newest_answer_and_are_never_made_to_ask(
    ledger: PostgresModelLedger, pool: StorePool
) -> None:
    await ledger.keep(QUESTION, OURS, USED, "old")
    await ledger.order_fresh(OURS.run_number)
    assert await answer(ledger, THEIRS) == "old"
    await admit(ledger, OURS)
    await ledger.keep(QUESTION, OURS, DEARER, "new")
    assert await answer(ledger, THEIRS) == "new"
    kept = await fetchval(pool, "SELECT (input_tokens, cost_usd)::text FROM model_answers")
    assert kept == "(99,0.5)"
    assert await fetchval(pool, "SELECT kept_at > created_at FROM model_answers")


async def test_an_answer_that_another_run_paid_after_the_order_will_do(
    ledger: PostgresModelLedger, pool: StorePool
) -> None:
    await ledger.order_fresh(OURS.run_number)
    await ledger.keep(QUESTION, THEIRS, USED, ANSWER)
    assert await answer(ledger, OURS) == ANSWER
    assert await calls(pool) == 1


async def test_a_second_order_is_paid_again(ledger: PostgresModelLedger) -> None:
    for text in ("first", "second", "third"):
        await ledger.order_fresh(OURS.run_number)
        assert await admit(ledger, OURS) == Turn()
        await ledger.keep(QUESTION, OURS, USED, text)
        assert await answer(ledger, OURS) == text


async def test_of_two_answers_after_one_order_the_first_stays(
    ledger: PostgresModelLedger,
) -> None:
    await ledger.keep(QUESTION, THEIRS, USED, "old")
    await ledger.order_fresh(OURS.run_number)
    await asyncio.gather(*(ledger.keep(QUESTION, OURS, USED, "new") for _ in range(2)))
    await ledger.keep(QUESTION, OURS, USED, "third")
    assert await answer(ledger, OURS) == "new"


async def test_without_an_order_nothing_is_overwritten(ledger: PostgresModelLedger) -> None:
    await ledger.order_fresh(OURS.run_number)
    await ledger.keep(QUESTION, OURS, USED, "first")
    await ledger.keep(QUESTION, THEIRS, USED, "second")
    assert await answer(ledger, THEIRS) == "first"


async def test_a_clock_that_was_set_back_does_not_make_a_run_pay_for_ever(
    ledger: PostgresModelLedger, pool: StorePool
) -> None:
    await ledger.keep(QUESTION, OURS, USED, "old")
    await ledger.order_fresh(OURS.run_number)
    await fetchval(pool, "UPDATE fresh_orders SET ordered_at = now() + interval '1 hour'")
    assert await admit(ledger, OURS) == Turn()
    await ledger.keep(QUESTION, OURS, USED, "new")
    assert await answer(ledger, OURS) == "new"


async def test_the_budget_holds_an_ordered_run_back_too(
    ledger: PostgresModelLedger, pool: StorePool
) -> None:
    await ledger.keep(QUESTION, OURS, USED, "old")
    await ledger.order_fresh(OURS.run_number)
    await book_day(pool, 0, 7.0)
    limits = ModelLimits(daily_budget_usd=5)
    assert isinstance(await ledger.admit(QUESTION, OURS, limits), Pause)
    assert isinstance(await ledger.admit(QUESTION, THEIRS, limits), KeptAnswer)


async def test_many_ordered_runs_at_once_lock_each_other_out_of_nothing(
    ledger: PostgresModelLedger, pool: StorePool
) -> None:
    """Over the same few questions, in different orders; a deadlock would raise."""
    for n in range(3):
        await ledger.keep(another(n), THEIRS, USED, "old")

    async def asks(number: int) -> None:
        await ledger.order_fresh(number)
        for n in range(3):
            question = another((n + number) % 3)
            await ledger.admit(question, run(number), NO_LIMITS)
            await ledger.keep(question, run(number), USED, "new")
            await ledger.order_fresh(number)

    await asyncio.gather(*(asks(number) for number in range(3, 23)))
    assert await calls(pool) == 3 + 60
    assert (
        await fetchval(pool, "SELECT count(*) FROM model_answers WHERE answer::text = '\"new\"'")
        == 3
    )


async def test_answers_of_before_the_migration_are_older_than_any_order(
    bare_database_url: str,
) -> None:
    before = [one for one in load_migrations() if one.name < "0006"]
    await migrate(bare_database_url, before)
    async with await create_pool(bare_database_url) as pool:
        await fetchval(
            pool,
            "INSERT INTO model_answers VALUES ($1, 'm', 'p', 's', 'i', '\"old\"', 1, 0, 1, NULL)",
            QUESTION.key,
        )
        await migrate(bare_database_url)
        ledger = PostgresModelLedger(pool)
        assert await answer(ledger, OURS) == "old"
        await ledger.order_fresh(OURS.run_number)
        assert await admit(ledger, OURS) == Turn()
        await ledger.keep(QUESTION, OURS, USED, "new")
        assert await answer(ledger, THEIRS) == "new"
