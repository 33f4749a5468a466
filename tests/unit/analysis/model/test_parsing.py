import json
import time

import pytest
from pydantic import JsonValue

from newsdesk.analysis.model.answers import (
    ArticleAnswer,
    ScoreAnswer,
    SentimentAnswer,
    answer_schema,
)
from newsdesk.analysis.model.parsing import UnreadableAnswer, parse_answer

SCORE: dict[str, JsonValue] = {
    "number": 1,
    "score": -0.25,
    "quote": "Sales {fell}.",
    "reason": "They “fell”.",
}
RIGHT = json.dumps({"companies": [SCORE]}, ensure_ascii=False)
ANSWER = SentimentAnswer(
    companies=[ScoreAnswer(number=1, score=-0.25, quote="Sales {fell}.", reason="They “fell”.")]
)


def problems(text: str, *, truncated: bool = False) -> str:
    """Returns what the model is told of an answer that cannot be read."""
    with pytest.raises(UnreadableAnswer) as caught:
        parse_answer(text, SentimentAnswer, truncated=truncated)
    assert caught.value.problems
    assert all(problem and len(problem) < 500 for problem in caught.value.problems)
    return "; ".join(caught.value.problems)


def score(**changed: object) -> str:
    return json.dumps({"companies": [{**SCORE, **changed}]})


@pytest.mark.parametrize(
    "text",
    [
        RIGHT,
        f"  \n{RIGHT}\n",
        f"```json\n{RIGHT}\n```",
        f"Here is what I found:\n\n```\n{RIGHT}\n```\n\nTell me if {{you}} need more.",
        f"<think>A set {{a, b}}, or an empty object {{}}?</think>\n{RIGHT}",
        f"The schema {{'companies': []}} asks for: {RIGHT} {{",
        f'For example {{"companies": 1}}, but here: {RIGHT}',
        f"[{RIGHT}]",
        json.dumps({"answer": json.loads(RIGHT)}).removeprefix('{"answer":'),
        json.dumps({**json.loads(RIGHT), "confidence": 0.9}),
    ],
)
def test_an_answer_is_found_in_what_is_around_it(text: str) -> None:
    assert parse_answer(text, SentimentAnswer) == ANSWER


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("I would rather not say.", "no JSON object"),
        ("[1, 2]", "no JSON object"),
        ("null", "no JSON object"),
        (RIGHT[:-3], "not JSON"),
        (RIGHT[: len(RIGHT) // 2], "not JSON"),
        (RIGHT.replace('"score": -0.25', '"score": .25'), "not JSON"),
        (RIGHT.replace("-0.25", "NaN"), "NaN is no JSON number"),
        (RIGHT.replace("-0.25", "Infinity"), "Infinity is no JSON number"),
        (RIGHT.replace("-0.25", "-Infinity"), "-Infinity is no JSON number"),
        (f"{{}} and then {RIGHT[:-3]}", "not JSON"),
        (json.dumps({"result": [1, 2, 3], "ok": True}), "companies: Field required"),
        (json.dumps({"companies": {"1": SCORE}}), "companies: Input should be a valid list"),
    ],
)
def test_what_is_wrong_is_told(text: str, told: str) -> None:
    assert told in problems(text)


def test_a_cut_answer_is_refused_even_where_it_happens_to_be_whole() -> None:
    assert "cut short" in problems(RIGHT, truncated=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("number", True),
        ("number", "1"),
        ("number", 1.5),
        ("number", None),
        ("score", True),
        ("score", False),
        ("score", None),
        ("score", "0.5"),
        ("score", "NaN"),
        ("score", [0.5]),
        ("quote", None),
        ("quote", 5),
        ("quote", ["Sales fell."]),
        ("reason", 1.5),
        ("reason", {"en": "They fell."}),
    ],
)
def test_a_value_of_another_type_is_not_made_to_fit(name: str, value: object) -> None:
    assert f"companies.0.{name}:" in problems(score(**{name: value}))


def test_a_whole_number_is_one_however_it_is_written() -> None:
    found = parse_answer(score(number=1.0, score=0), SentimentAnswer).companies[0]
    assert (found.number, found.score) == (1, 0.0)
    assert isinstance(found.number, int)


def test_a_key_that_is_there_twice_must_say_the_same() -> None:
    twice = RIGHT.replace('"score": -0.25', '"score": -0.25, "score": 0.75')
    assert "a name is there twice" in problems(twice)
    assert parse_answer(twice.replace("0.75", "-0.25"), SentimentAnswer) == ANSWER


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            {"categories": ["Earnings", "Gossip"]},
            "categories.1: Value error, it is not on the schema's list",
        ),
        ({"categories": "Earnings"}, "categories: Input should be a valid list"),
        ({"gist": ""}, None),
        ({"companies": [{"name": "A", "ticker": "", "role": "hero"}]}, "companies.0.role:"),
        ({"companies": [{"name": "A", "role": "peer"}]}, "companies.0.ticker: Field required"),
    ],
)
def test_articles_answers(changed: dict[str, JsonValue], told: str | None) -> None:
    right = {"categories": ["Earnings"], "gist": "G", "summary": "S", "companies": []}
    text = json.dumps({**right, **changed})
    if told is None:
        assert parse_answer(text, ArticleAnswer).categories == ["Earnings"]
    else:
        with pytest.raises(UnreadableAnswer, match=told):
            parse_answer(text, ArticleAnswer)


def test_of_many_problems_the_first_are_told_and_the_others_counted() -> None:
    told = problems(json.dumps({"companies": [{"number": True}] * 10}))
    assert "companies.0.number: Value error, a number is wanted" in told
    assert told.endswith("and 32 more")


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({**json.loads(RIGHT), "padding": "x" * 3 * 2**20}),
        "{" * 3 * 2**20,
        "{" * 150_000,
        '{"a":' * 30_000,
        '{"a":[' * 25_000 + "1" + "]}" * 25_000,
        '{"companies": ' + "[" * 150_000,
        '{"companies": ' + "9" * 150_000 + "}",
        '{"companies": [' + "{}," * 20_000 + "{}]}",
        '{"x": "' + "\\" * 150_001,
    ],
    ids=lambda text: f"{text[:16]}…{len(text)}",
)
def test_what_is_huge_or_deep_is_refused_quickly(text: str) -> None:
    began = time.process_time()
    problems(text)
    assert time.process_time() - began < 3  # a square of it would take minutes


@pytest.mark.parametrize("kind", [ArticleAnswer, SentimentAnswer])
def test_the_schema_is_one_that_strict_providers_take(
    kind: type[ArticleAnswer | SentimentAnswer],
) -> None:
    schema = answer_schema(kind)
    text = json.dumps(schema)
    for word in (
        "$ref",
        "$defs",
        "title",
        "default",
        "minimum",
        "maxItems",
        "anyOf",
        "description",
    ):
        assert f'"{word}"' not in text
    objects = [schema, *_objects(schema)]
    for found in objects:
        assert isinstance(found["properties"], dict)
        assert found["additionalProperties"] is False
        assert found["required"] == list(found["properties"])


def _objects(part: JsonValue) -> list[dict[str, JsonValue]]:
    if not isinstance(part, dict):
        return []
    inner = [found for value in part.values() for found in _objects(value)]
    return [*([part] if part.get("type") == "object" else []), *inner]
