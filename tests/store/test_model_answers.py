"""Validated answers of models, kept under their question."""

import pytest

from newsdesk.contracts.analysis import Usage
from newsdesk.store.model_answers import ModelAnswer, PostgresModelAnswers, answer_key
from newsdesk.store.pool import StorePool

QUESTION = ("vendor/model", "p1", "s1", "ab" * 32)


def make_answer(answer: str) -> ModelAnswer:
    usage = Usage(
        model=QUESTION[0],
        input_tokens=10,
        cached_input_tokens=4,
        output_tokens=3,
        cost_usd=None,
    )
    return ModelAnswer(
        prompt_version="p1",
        schema_version="s1",
        input_hash=QUESTION[3],
        answer={"z": [answer, None, 0.5], "a": "nul \x00 and ü"},
        usage=usage,
    )


async def test_an_answer_comes_back_with_what_it_took(pool: StorePool) -> None:
    answers = PostgresModelAnswers(pool)
    assert await answers.get(*QUESTION) is None
    await answers.put_if_absent(make_answer("first"))
    assert await answers.get(*QUESTION) == make_answer("first")


async def test_the_first_answer_stays(pool: StorePool) -> None:
    answers = PostgresModelAnswers(pool)
    await answers.put_if_absent(make_answer("first"))
    await answers.put_if_absent(make_answer("second"))
    assert await answers.get(*QUESTION) == make_answer("first")


@pytest.mark.parametrize("part", range(4))
async def test_another_model_prompt_schema_or_input_is_another_question(
    pool: StorePool, part: int
) -> None:
    answers = PostgresModelAnswers(pool)
    await answers.put_if_absent(make_answer("first"))
    other = list(QUESTION)
    other[part] += "x"
    assert await answers.get(other[0], other[1], other[2], other[3]) is None


def test_the_parts_of_a_question_are_kept_apart() -> None:
    assert answer_key("ab", "c", "d", "e") != answer_key("a", "bc", "d", "e")
