"""A question to a model, who asks it, and what the tests of the ledger look at."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import JsonValue

from newsdesk.contracts.analysis import Usage
from newsdesk.contracts.models import Assignment, ModelLimits, ModelQuestion
from newsdesk.contracts.names import Step
from newsdesk.store.pool import StorePool

MODEL = "vendor/model"
QUESTION = ModelQuestion(
    model=MODEL, prompt_version="p1", schema_version="s1", input_hash="ab" * 32
)
ANSWER: JsonValue = {"z": ["first", None, 0.5], "a": "nul \x00 and ü and half a pair \ud83d"}
OURS = Assignment(run_number=1, article_id=11, step=Step.ANALYZE_ARTICLE)
THEIRS = Assignment(run_number=2, article_id=12, step=Step.ANALYZE_ARTICLE)
NO_LIMITS = ModelLimits()
USED = Usage(model=MODEL, input_tokens=10, cached_input_tokens=4, output_tokens=3, cost_usd=0.25)


def another(number: int) -> ModelQuestion:
    """Returns another question to the same model."""
    return QUESTION.model_copy(update={"input_hash": f"{number:064x}"})


def run(number: int, turn: datetime | None = None) -> Assignment:
    """Returns the assignment of a run, with the turn that it comes back for."""
    return Assignment(run_number=number, article_id=number, step=Step.ANALYZE_ARTICLE, turn=turn)


async def fetchval(pool: StorePool, query: str, *values: object) -> Any:
    """Returns what a query answers, past the ledger."""
    async with pool.connection("look") as connection:
        return await connection.fetchval(query, *values)


async def in_seconds(pool: StorePool, seconds: float) -> datetime:
    """Returns a moment by the database's clock."""
    return await fetchval(
        pool, "SELECT clock_timestamp() + $1::interval", timedelta(seconds=seconds)
    )


async def book_day(pool: StorePool, days_ago: int, usd: float) -> None:
    """Books one call of some model, so many days ago."""
    await fetchval(
        pool,
        "INSERT INTO model_days VALUES"
        " ((now() AT TIME ZONE 'UTC')::date - $1::integer, 'another/model', 'analyze_sentiment',"
        " 1, 0, 100, 0, 10, $2, 0)",
        days_ago,
        usd,
    )
