"""The samples keep what their readers (demo, tests, benchmarks) rely on."""

import html
import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
FILES = ("alpaca", "newsfeed", "stream")
SKIP_CODES = {
    "headline_only",
    "language_not_read",
    "automated_alert",
    "roundup",
    "no_subject_company",
}
Item = dict[str, Any]


@cache
def _rows(name: str) -> list[Item]:
    lines = (SAMPLES / f"{name}.jsonl").read_text(encoding="utf-8").split("\n")
    assert lines[-1] == "", "the file ends with a newline"
    return [json.loads(line) for line in lines[:-1]]


@cache
def _expected() -> dict[str, Item]:
    return json.loads((SAMPLES / "expected" / "stories.json").read_text(encoding="utf-8"))


def _content(row: Item) -> Item:
    return row["data"]["content"] if "data" in row else row


def _articles() -> list[Item]:
    return [_content(row) for name in FILES for row in _rows(name)]


def _body(article: Item) -> str:
    return article["body"] if "body" in article else article["content"]


def _words(body: str) -> int:
    return len(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def _stories() -> Counter[str]:
    return Counter(entry["story"] for entry in _expected().values() if entry["story"])


def test_ids_are_unique_ascending_and_expected() -> None:
    ids: list[int] = []
    for name in FILES:
        in_file = [_content(row)["id"] for row in _rows(name)]
        assert in_file == sorted(in_file), name
        ids += in_file
    assert len(ids) == len(set(ids)) >= 46
    assert all(49_900_000 <= number <= 49_999_999 for number in ids)
    assert {str(number) for number in ids} == set(_expected())


def test_full_articles_have_200_to_900_words_and_headlines_none() -> None:
    forms: Counter[str] = Counter()
    for article in _articles():
        form = _expected()[str(article["id"])]["form"]
        words = _words(_body(article))
        bounds = {"full": (200, 900), "brief": (1, 199), "headline": (0, 0)}[form]
        assert bounds[0] <= words <= bounds[1], (article["id"], form, words)
        forms[form] += 1
    assert forms["full"] >= 32
    assert forms["headline"] >= 2


def test_stories_of_two_to_five_beside_single_ones() -> None:
    sizes = _stories()
    assert max(sizes.values()) <= 5
    assert sum(size >= 2 for size in sizes.values()) >= 9
    single = sum(size == 1 for size in sizes.values())
    skipped = sum(entry["story"] is None for entry in _expected().values())
    assert single + skipped >= 12


def test_an_article_has_a_story_or_a_reason_and_every_reason_occurs() -> None:
    for number, entry in _expected().items():
        assert (entry["story"] is None) == (entry["skips"] is not None), number
    assert {entry["skips"] for entry in _expected().values()} - {None} == SKIP_CODES


@pytest.mark.parametrize("name", [*FILES, "updates"])
def test_a_row_is_one_json_object_and_not_escaped(name: str) -> None:
    assert all(type(row) is dict for row in _rows(name))
    assert r"\u20" not in (SAMPLES / f"{name}.jsonl").read_text(encoding="utf-8")


def test_updates_hold_each_kind_of_change() -> None:
    kinds: Counter[str] = Counter()
    known = {article["id"]: article for article in _articles()}
    for row in _rows("updates"):
        if row.get("data", {}).get("action", "").casefold() in {"removed", "deleted"}:
            kinds["removed" if row["data"]["content"]["id"] in known else "unknown"] += 1
            continue
        kinds[_change(_content(row), known[_content(row)["id"]])] += 1
    assert kinds == {
        "edit": 1, "touch": 1, "older": 1, "repeat": 1, "removed": 2, "unknown": 1, "back": 1,
    }  # fmt: skip


def _change(new: Item, old: Item) -> str:
    if new == old:
        return "repeat"
    if "updated_at" in new:
        return "back"
    if _when(new["updated"]) < _when(old["updated"]):
        return "older"
    return "touch" if new["body"] == old["body"] else "edit"


def _when(rfc2822: str) -> float:
    from email.utils import parsedate_to_datetime

    return parsedate_to_datetime(rfc2822).timestamp()


def test_readme_names_every_article() -> None:
    readme = (SAMPLES / "README.md").read_text(encoding="utf-8")
    assert [number for number in _expected() if f"| {number} |" not in readme] == []
