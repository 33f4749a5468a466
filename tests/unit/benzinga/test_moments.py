"""Times: literal offsets, several notations, and the ones that mean "none"."""

from datetime import UTC, datetime

import pytest

from newsdesk.benzinga.moments import parse_moment
from newsdesk.benzinga.payloads import parse_item
from newsdesk.errors import ArticleRejectedError
from tests.unit.benzinga.samples import FETCHED_AT, article, newsfeed_item, parse_article

WINTER = datetime(2024, 2, 22, 17, 42, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Thu, 22 Feb 2024 13:42:04 -0400",  # literal, although New York is at -0500 that day
        "Thu, 22 Feb 2024 12:42:04 -0500",
        "22 Feb 2024 17:42:04 GMT",
        " Thu, 22 Feb 2024 17:42:04 +0000 (UTC) ",
        "2024-02-22T17:42:04Z",
        "2024-02-22T13:42:04-04:00",
        "2024-02-22 17:42:04+00:00",
        "2024-02-22T17:42:04.000000000Z",
        "Thu Feb 22 2024 17:42:04 GMT+0000 (UTC)",
        "Thu Feb 22 2024 13:42:04 GMT-0400 (Atlantic Standard Time)",
        "Thu Feb 22 2024 17:42:04 UTC",
    ],
)
def test_one_instant_in_many_notations(text: str) -> None:
    moment = parse_moment(text)
    assert moment == WINTER
    assert moment is not None
    assert moment.tzinfo is UTC


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "  ",
        "Thu Jan 01 1970 00:00:00 GMT+0000 (UTC)",
        "1970-01-01T00:00:00Z",
        "Thu, 01 Jan 1970 00:00:00 -0400",
        "0001-01-01T00:00:00Z",
    ],
)
def test_no_time(value: object) -> None:
    assert parse_moment(value) is None


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("2024-02-22T17:42:04", "has no offset from UTC"),
        ("2024-02-22", "has no offset from UTC"),
        ("Thu, 22 Feb 2024 13:42:04", "has no offset from UTC"),
        ("Thu Feb 22 2024 17:42:04", "has no offset from UTC"),
        ("Thu, 22 Feb 2024 13:42:04 ET", "has no offset from UTC"),
        ("yesterday", "is no time"),
        ("2024-13-01T00:00:00Z", "is no time"),
        ("Thu, 32 Feb 2024 13:42:04 -0400", "is no time"),
        ("Thu, 22 Feb 2024 13:42:04 +9900", "is no time"),
        ("12024-02-22T17:42:04Z", "is no time"),
        ("9999-12-31T23:59:59-04:00", "is out of range"),
        ("0001-01-01T00:00:00+04:00", "is out of range"),
        (1708623724, "expected a time, found the number 1708623724"),
        (True, "expected a time, found true"),
        ({}, "expected a time, found an object"),
    ],
)
def test_bad_times(value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_moment(value)


def test_a_bad_time_is_rejected_with_its_field() -> None:
    with pytest.raises(
        ArticleRejectedError, match=r'^created: "2024-02-22T17:42:04" has no offset from UTC$'
    ):
        parse_item(newsfeed_item(created="2024-02-22T17:42:04"), FETCHED_AT)


def test_update_is_never_before_publication() -> None:
    early = article(updated="Thu, 22 Feb 2024 13:00:00 -0400")
    assert (early.published_at, early.updated_at) == (WINTER, WINTER)


def test_one_time_stands_in_for_the_other() -> None:
    assert article(updated=None).updated_at == WINTER
    only_updated = parse_article(
        {"id": 5, "title": "T", "updated": "Thu, 22 Feb 2024 13:42:04 -0400"}
    )
    assert (only_updated.published_at, only_updated.updated_at) == (WINTER, WINTER)


def test_an_article_without_any_time_is_rejected() -> None:
    with pytest.raises(ArticleRejectedError, match="created: missing; an article needs a time"):
        parse_item(newsfeed_item(created="1970-01-01T00:00:00Z"), FETCHED_AT)
