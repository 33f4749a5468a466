"""Validated answers of language models, kept so that nothing is paid twice."""

import hashlib
import json

from pydantic import JsonValue

from newsdesk.contracts.analysis import Usage
from newsdesk.contracts.base import Contract
from newsdesk.store.pool import StorePool
from newsdesk.store.queries import load_queries

_SQL = load_queries("model_answers")


class ModelAnswer(Contract):
    """An answer that passed validation, what it answered, and what it took."""

    prompt_version: str
    schema_version: str
    input_hash: str
    answer: JsonValue
    usage: Usage


def answer_key(model: str, prompt_version: str, schema_version: str, input_hash: str) -> str:
    """Returns the key (64 hex digits) under which the answer to this question is kept."""
    question = json.dumps([model, prompt_version, schema_version, input_hash])
    return hashlib.sha256(question.encode()).hexdigest()


class PostgresModelAnswers:
    """Answers by key. Give it validated ones only: what is here is reused without a question."""

    def __init__(self, pool: StorePool) -> None:
        """Takes the pool it works on."""
        self._pool = pool

    async def get(
        self, model: str, prompt_version: str, schema_version: str, input_hash: str
    ) -> ModelAnswer | None:
        """Returns the kept answer to this question; None: it was never answered validly."""
        key = answer_key(model, prompt_version, schema_version, input_hash)
        async with self._pool.connection("load a model's answer") as connection:
            row = await connection.fetchrow(_SQL["get_answer"], key)
        if row is None:
            return None
        return ModelAnswer(
            prompt_version=row["prompt_version"],
            schema_version=row["schema_version"],
            input_hash=row["input_hash"],
            answer=json.loads(row["answer"]),
            usage=Usage(
                model=row["model"],
                input_tokens=row["input_tokens"],
                cached_input_tokens=row["cached_input_tokens"],
                output_tokens=row["output_tokens"],
                cost_usd=row["cost_usd"],
            ),
        )

    async def put_if_absent(self, answer: ModelAnswer) -> None:
        """Keeps an answer; where the question has one already, that one stays."""
        usage = answer.usage
        key = answer_key(
            usage.model, answer.prompt_version, answer.schema_version, answer.input_hash
        )
        async with self._pool.connection("keep a model's answer") as connection:
            await connection.execute(
                _SQL["put_answer"],
                key,
                usage.model,
                answer.prompt_version,
                answer.schema_version,
                answer.input_hash,
                json.dumps(answer.answer, ensure_ascii=False),
                usage.input_tokens,
                usage.cached_input_tokens,
                usage.output_tokens,
                usage.cost_usd,
            )
