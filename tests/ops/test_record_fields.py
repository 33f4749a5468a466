"""Every field of the design's record, with its type; held apart from the product's models."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.ops import articles
from tests.ops.conftest import Call, House

Check = Callable[[Any], bool]
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def text(value: Any) -> bool:
    return isinstance(value, str)


def whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def flag(value: Any) -> bool:
    return isinstance(value, bool)


def moment(value: Any) -> bool:
    return isinstance(value, str) and _MOMENT.fullmatch(value) is not None


def or_null(check: Check) -> Check:
    return lambda value: value is None or check(value)


def one_of(*words: str) -> Check:
    return lambda value: value in words


LABELS = ("Bearish", "Somewhat-Bearish", "Neutral", "Somewhat-Bullish", "Bullish")
STEPS = (
    "clean_raw_article",
    "clean_markdown_article",
    "analyze_article",
    "link_article_to_stories",
    "analyze_sentiment",
)
TOKENS = {"input": whole, "cached_input": whole, "output": whole}
RECORD: dict[str, Any] = {
    "article": {
        "id": whole,
        "revision": whole,
        "source": one_of("benzinga"),
        "title": text,
        "author": text,
        "url": text,
        "teaser": text,
        "image_url": text,
        "published_at": moment,
        "updated_at": moment,
        "fetched_at": moment,
        "channels": [text],
        "tags": [text],
        "stocks": [{"ticker": text, "exchange": or_null(text), "name": or_null(text)}],
        "tickers": [text],
        "content": one_of("full", "headline"),
        "language": text,
        "origin": [one_of("contributor", "ai_assisted", "press_release")],
        "state": one_of("active", "removed"),
        "markdown": text,
        "text": text,
        "cleaning": [{"rule": text, "removed_chars": whole, "sample": text}],
    },
    "analysis": {
        "categories": [text],
        "gist": text,
        "summary": text,
        "analyzed_at": moment,
        "analyzer": {"name": text, "version": text, "prompt_version": or_null(text)},
    },
    "companies": [
        {
            "name": text,
            "ticker": or_null(text),
            "exchange": or_null(text),
            "role": one_of("subject", "peer", "commentator", "passing", "tagged_only"),
            "mentions": [{"start": whole, "end": whole, "sentence": text}],
            "sentiment": {
                "state": one_of("scored", "not_assessed"),
                "score": or_null(number),
                "label": or_null(one_of(*LABELS)),
                "reason": text,
                "evidence": {
                    "state": one_of("verified", "repaired", "none"),
                    "quote": or_null(text),
                    "start": or_null(whole),
                    "end": or_null(whole),
                },
            },
        }
    ],
    "stories": [
        {
            "id": whole,
            "title": text,
            "relation": one_of("member", "related"),
            "similarity": number,
            "why": text,
            "article_count": whole,
        }
    ],
    "run": {
        "number": whole,
        "workflow": one_of("Benzinga Article Processing"),
        "workflow_id": text,
        "run_id": text,
        "executions": [text],
        "published": flag,
        "superseded_by": or_null(whole),
        "status": one_of("running", "completed", "failed", "canceled", "terminated", "timed_out"),
        "started_at": moment,
        "completed_at": moment,
        "duration_seconds": number,
        "temporal_url": text,
        "cost_usd": or_null(number),
        "tokens": TOKENS,
        "steps": [
            {
                "name": one_of(*STEPS),
                "status": one_of("pending", "running", "completed", "skipped", "failed"),
                "attempts": whole,
                "started_at": or_null(moment),
                "completed_at": or_null(moment),
                "duration_ms": or_null(whole),
                "reason_code": or_null(text),
                "reason": or_null(text),
                "error": or_null(lambda value: not wrong(value, {"type": text, "message": text})),
                "model": or_null(text),
                "tokens": or_null(lambda value: not wrong(value, TOKENS)),
                "cost_usd": or_null(number),
            }
        ],
    },
}


def wrong(value: Any, expected: Any, path: str = "") -> list[str]:
    """Returns the paths of fields that are missing or of another type."""
    if isinstance(expected, dict):
        if not isinstance(value, dict):
            return [f"{path}: {value!r}"]
        return [
            found
            for name, part in expected.items()
            for found in (
                wrong(value[name], part, f"{path}.{name}")
                if name in value
                else [f"{path}.{name} is missing"]
            )
        ]
    if isinstance(expected, list):
        if not isinstance(value, list):
            return [f"{path}: {value!r}"]
        return [
            found
            for index, item in enumerate(value)
            for found in wrong(item, expected[0], f"{path}[{index}]")
        ]
    return [] if expected(value) else [f"{path}: {value!r}"]


def test_the_check_itself_finds_what_is_missing_and_what_is_mistyped() -> None:
    assert wrong({"a": [{"b": "1"}, {}]}, {"a": [{"b": whole}], "c": text}) == [
        ".a[0].b: '1'",
        ".a[1].b is missing",
        ".c is missing",
    ]


@pytest.mark.parametrize(
    "article_id",
    [
        articles.FULL,
        articles.HEADLINE,
        articles.GERMAN,
        articles.ROUNDUP,
        articles.ALERT,
        articles.UPDATED,
        articles.FLAKY,
        articles.HOSTILE,
    ],
)
async def test_a_published_record_has_every_field(
    house: House, filled: Call, article_id: int
) -> None:
    assert filled.of(article_id)
    record = await house.record(article_id)
    assert wrong(record, RECORD) == []
    assert [step["name"] for step in record["run"]["steps"]] == list(STEPS)
    assert record["run"]["published"] is True
    assert record["run"]["temporal_url"].startswith("http://127.0.0.1:9/")
    offsets_hold(record)


def offsets_hold(record: dict[str, Any]) -> None:
    """Fails where a quote or a mention is not in the text at its offsets."""
    whole_text = record["article"]["text"]
    assert record["companies"]
    for company in record["companies"]:
        for mention in company["mentions"]:
            assert 0 <= mention["start"] < mention["end"] <= len(whole_text)
            assert mention["sentence"] in whole_text
            assert whole_text[mention["start"] : mention["end"]] in mention["sentence"]
        evidence = company["sentiment"]["evidence"]
        if evidence["quote"] is not None:
            assert whole_text[evidence["start"] : evidence["end"]] == evidence["quote"]


async def test_a_removed_article_has_every_field_but_withholds_the_words(
    house: House, filled: Call
) -> None:
    assert [line["outcome"] for line in filled.of(articles.REMOVED)] == ["started", "removed"]
    record = await house.record(articles.REMOVED)
    assert wrong(record | {"analysis": None}, RECORD | {"analysis": or_null(text)}) == []
    assert record["article"]["state"] == "removed"
    assert (record["article"]["text"], record["article"]["markdown"]) == ("", "")
    assert record["stories"] == []


@pytest.mark.parametrize("article_id", [articles.BROKEN, articles.UNUSABLE])
async def test_a_failed_run_has_a_whole_run_block(
    house: House, filled: Call, article_id: int
) -> None:
    (line,) = filled.of(article_id)
    record = await house.record(article_id, "--run", str(line["run_number"]))
    assert wrong(record["run"], RECORD["run"]) == []
    assert sorted(record) == sorted(RECORD)
    assert sorted(record["article"].keys() & RECORD["article"].keys()) == sorted(RECORD["article"])
