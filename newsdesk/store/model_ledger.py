"""What language models answered and took, and who may ask next: the ModelLedger over Postgres."""

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

from pydantic import JsonValue

from newsdesk.contracts.analysis import Usage
from newsdesk.contracts.models import (
    Admission,
    Assignment,
    Busy,
    CostLine,
    KeptAnswer,
    ModelLimits,
    ModelQuestion,
    Pause,
    Turn,
)
from newsdesk.store.model_turns import find_turn, repair_turn
from newsdesk.store.pool import StorePool
from newsdesk.store.queries import load_queries

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

_SQL = load_queries("model_ledger")


class PostgresModelLedger:
    """Answers by question, paid calls, and turns. The clock that counts is the database's.

    Give `keep` validated answers only: what is kept is reused without a question.
    """

    def __init__(self, pool: StorePool) -> None:
        """Takes the pool it works on."""
        self._pool = pool

    async def admit(
        self, question: ModelQuestion, assignment: Assignment, limits: ModelLimits
    ) -> Admission:
        """Returns the kept answer, a turn to ask, a pause, or that another asks just now.

        Only with a turn is the question claimed afterwards. An earlier claim of the same step is
        taken over at once: the attempt that made it is dead. For a run with a fresh order, an
        answer that was kept before the order is none.
        """
        doing = f"admit a question of run {assignment.run_number} to {question.model}"
        async with self._pool.transaction(doing) as connection:
            claimed = await connection.fetchval(
                _SQL["claim_question"], question.key, _owner(assignment), _lease(limits)
            )
            if claimed is None:
                return Busy()
            # Only now: an answer is kept by the transaction that ends the claim before ours.
            admission = (
                await _find_answer(connection, question, assignment)
                or await _check_budget(connection, limits)
                or await find_turn(connection, question.model, assignment.turn, limits)
            )
            if not isinstance(admission, Turn):
                await connection.execute(_SQL["end_claim"], question.key)
            return admission

    async def take_turn(self, question: ModelQuestion, limits: ModelLimits) -> Turn | Pause:
        """Returns a further turn for a question that is claimed, or the pause it would take.

        The claim's lease begins anew. A pause reserves nothing. The budget is not asked: without
        its repair the call before would have been paid in vain.
        """
        async with self._pool.transaction(f"take a turn of {question.model}") as connection:
            await connection.execute(_SQL["extend_claim"], question.key, _lease(limits))
            return await repair_turn(connection, question.model, limits)

    async def note_unusable(
        self, question: ModelQuestion, assignment: Assignment, usage: Usage
    ) -> None:
        """Books a call whose answer cannot be used."""
        doing = f"book a call of run {assignment.run_number}"
        async with self._pool.connection(doing) as connection:
            await _book(connection, question, assignment, usage, usable=False)

    async def keep(
        self,
        question: ModelQuestion,
        assignment: Assignment,
        usage: Usage,
        answer: JsonValue,
    ) -> Usage:
        """Books a call, keeps its validated answer and ends the claim, all at once.

        Where the question has an answer already, that one stays; but one that was kept before the
        run's fresh order is overwritten, for all runs. Returns what the run has paid for this
        step, unusable answers included.
        """
        doing = f"keep an answer of {question.model} for run {assignment.run_number}"
        values = _answer_values(question, usage, answer)
        async with self._pool.transaction(doing) as connection:
            await connection.execute(_SQL["keep_answer"], *values, assignment.run_number)
            # Whoever holds it: with the answer there is nothing left to be claimed.
            await connection.execute(_SQL["end_claim"], question.key)
            await _book(connection, question, assignment, usage, usable=True)
            return await _paid(connection, question, assignment)

    async def release(self, question: ModelQuestion, assignment: Assignment) -> None:
        """Ends the claim without an answer, if this step still holds it; somebody else may ask."""
        doing = f"release a question of run {assignment.run_number}"
        async with self._pool.connection(doing) as connection:
            await connection.execute(_SQL["release_claim"], question.key, _owner(assignment))

    async def order_fresh(self, run_number: int) -> None:
        """Has a run ask its models anew from now on, whatever was answered before.

        What is kept after the order is reused as ever: an order is paid once.
        """
        doing = f"order fresh answers for run {run_number}"
        async with self._pool.connection(doing) as connection:
            await connection.execute(_SQL["order_fresh"], run_number)

    async def costs(self, since: date) -> tuple[CostLine, ...]:
        """Returns what models took from a UTC day on, that day included.

        Sorted by day, model and step.
        """
        async with self._pool.connection("sum what models took") as connection:
            rows = await connection.fetch(_SQL["list_costs"], since)
        return tuple(CostLine.model_validate(dict(row)) for row in rows)


def _owner(assignment: Assignment) -> str:
    return f"{assignment.run_number}:{assignment.step.value}"


def _lease(limits: ModelLimits) -> timedelta:
    return timedelta(seconds=limits.lease_seconds)


async def _find_answer(
    connection: "PoolConnectionProxy", question: ModelQuestion, assignment: Assignment
) -> KeptAnswer | None:
    answer = await connection.fetchval(_SQL["find_answer"], question.key, assignment.run_number)
    if answer is None:
        return None
    usage = await _paid(connection, question, assignment)
    return KeptAnswer(answer=json.loads(answer), usage=usage)


async def _paid(
    connection: "PoolConnectionProxy", question: ModelQuestion, assignment: Assignment
) -> Usage:
    """Returns what the run has paid for the step, whichever models it asked."""
    [row] = await connection.fetch(
        _SQL["sum_calls_of_step"], assignment.run_number, assignment.step.value
    )
    return Usage(
        model=question.model,
        input_tokens=row["input_tokens"],
        cached_input_tokens=row["cached_input_tokens"],
        output_tokens=row["output_tokens"],
        cost_usd=row["cost_usd"] if row["calls"] else 0.0,
        prompt_version=question.prompt_version,
        reused=not row["calls"],
    )


async def _check_budget(connection: "PoolConnectionProxy", limits: ModelLimits) -> Pause | None:
    budget = limits.daily_budget_usd
    if budget is None:
        return None
    [row] = await connection.fetch(_SQL["read_budget_day"])
    spent, tomorrow = row["spent_usd"], row["tomorrow"]
    if spent < budget:
        return None
    return Pause(
        code="daily_budget",
        reason=f"The daily budget of {_dollars(budget)} is spent ({_dollars(spent)}); paid steps"
        f" go on at {tomorrow:%Y-%m-%d %H:%M} UTC, or when the budget is raised and the run"
        " resumed.",
        until=tomorrow,
    )


def _dollars(amount: float) -> str:
    """Returns US dollars; below one, fractions of a cent as well.

    Without their sign: the Web UI would take what stands between two of them for mathematics.
    """
    if amount >= 1:
        return f"{amount:.2f} USD"
    return f"{f'{amount:.6f}'.rstrip('0').rstrip('.')} USD"


async def _book(
    connection: "PoolConnectionProxy",
    question: ModelQuestion,
    assignment: Assignment,
    usage: Usage,
    *,
    usable: bool,
) -> None:
    await connection.execute(
        _SQL["book_call"],
        assignment.run_number,
        assignment.article_id,
        assignment.step.value,
        question.key,
        question.model,
        question.prompt_version,
        usable,
        usage.input_tokens,
        usage.cached_input_tokens,
        usage.output_tokens,
        usage.cost_usd,
    )


def _answer_values(question: ModelQuestion, usage: Usage, answer: JsonValue) -> tuple[object, ...]:
    return (
        question.key,
        question.model,
        question.prompt_version,
        question.schema_version,
        question.input_hash,
        # ASCII: whatever a model's text holds (half a surrogate pair, too), its escape is JSON.
        json.dumps(answer),
        usage.input_tokens,
        usage.cached_input_tokens,
        usage.output_tokens,
        usage.cost_usd,
    )
