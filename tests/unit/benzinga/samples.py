"""Payloads for these tests: the resources, and a minimal item to vary."""

import json
from datetime import UTC, datetime
from pathlib import Path

from newsdesk.benzinga.fields import as_list, as_object
from newsdesk.benzinga.payloads import parse_item
from newsdesk.contracts.articles import Article, Removal

RESOURCES = Path(__file__).parents[2] / "resources" / "benzinga"
FETCHED_AT = datetime(2026, 2, 1, 12, 0, tzinfo=UTC)


def newsfeed_item(**changes: object) -> dict[str, object]:
    """Returns a minimal newsfeed item, with changes."""
    item: dict[str, object] = {
        "id": 71000100,
        "created": "Thu, 22 Feb 2024 13:42:04 -0400",
        "title": "Norrland Timber Expands",
    }
    return item | changes


def article(**changes: object) -> Article:
    """Returns the minimal newsfeed item, with changes, as an article."""
    return parse_article(newsfeed_item(**changes))


def parse_article(payload: object) -> Article:
    parsed = parse_item(payload, FETCHED_AT)
    assert isinstance(parsed, Article)
    return parsed


def parse_removal(payload: object) -> Removal:
    parsed = parse_item(payload, FETCHED_AT)
    assert isinstance(parsed, Removal)
    return parsed


def document(name: str) -> object:
    """Returns a JSON resource."""
    parsed: object = json.loads((RESOURCES / name).read_text("utf-8"))
    return parsed


def documents(name: str) -> list[object]:
    """Returns the lines of a JSON Lines resource."""
    return [json.loads(line) for line in (RESOURCES / name).read_text("utf-8").splitlines()]


def items(value: object) -> list[object]:
    found = as_list(value)
    assert found is not None
    return found


def fields(value: object) -> dict[str, object]:
    found = as_object(value)
    assert found is not None
    return found
