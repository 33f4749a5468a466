"""What is no article, and how that is said."""

import pytest

from newsdesk.benzinga.payloads import MAX_ARTICLE_BYTES, iter_payloads, parse_item
from newsdesk.errors import ArticleRejectedError
from tests.unit.benzinga.samples import FETCHED_AT, article, newsfeed_item


def rejection(payload: object) -> str:
    with pytest.raises(ArticleRejectedError) as caught:
        parse_item(payload, FETCHED_AT)
    assert "\n" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"id": "b39046606"}, 'id: expected a whole number, found the text "b39046606"'),
        ({"id": None}, "id: expected a whole number, found null"),
        ({"id": True}, "id: expected a whole number, found true"),
        ({"id": 1.5}, "id: expected a whole number, found the number 1.5"),
        ({"id": float("nan")}, "id: expected a whole number, found the number nan"),
        ({"id": 0}, "id: the number 0 is out of range"),
        ({"id": -4}, "id: the number -4 is out of range"),
        ({"id": 2**63}, "id: the number 9223372036854775808 is out of range"),
        ({"id": 10**5000}, "id: a very large number is out of range"),
        ({"id": "9" * 30}, f'id: expected a whole number, found the text "{"9" * 30}"'),
        ({"title": 5}, "title: expected text, found the number 5"),
        ({"body": ["<p>"]}, "body: expected text, found a list"),
        ({"teaser": {}}, "teaser: expected text, found an object"),
        ({"url": 5}, "url: expected text, found the number 5"),
        ({"author": 5}, "author: expected text or a list, found the number 5"),
        ({"channels": 5}, "channels: expected text or a list, found the number 5"),
        ({"tags": ["a", 5]}, "tags: entry 2: expected a name, found the number 5"),
        ({"tags": [{"name": []}]}, "tags: entry 1: expected a name, found a list"),
        ({"stocks": [[]]}, "stocks: entry 1: expected a ticker, found a list"),
        ({"stocks": [{"name": 5}]}, "stocks: entry 1: name: expected text, found the number 5"),
        (
            {"stocks": [{"name": "A", "primary": "x"}]},
            'stocks: entry 1: primary: expected true or false, found the text "x"',
        ),
        ({"image": [5]}, "image: entry 1: expected an image, found the number 5"),
        ({"source": 5}, "source: expected text, found the number 5"),
        (
            {"title": None, "id": "x" * 99 + "\n\x1b[31m"},
            f'id: expected a whole number, found the text "{"x" * 39}…"',
        ),
    ],
)
def test_a_wrong_value_is_named_with_its_field(changes: dict[str, object], message: str) -> None:
    assert rejection(newsfeed_item(**changes)) == message


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({"title": "No id", "created": "x"}, "id: missing"),
        ({"headline": "No id"}, "id: missing"),
        ({"benzinga_id": "x"}, 'benzinga_id: expected a whole number, found the text "x"'),
        ({"data": 5}, "data: expected an object, found the number 5"),
        ({"data": {"action": "moved"}}, 'data.action: no known action: the text "moved"'),
        ({"data": {"content": {}}}, "data.action: no known action: null"),
        ({"data": {"action": "created", "content": {}}}, "data.content.id: missing"),
        (
            {"data": {"action": "updated", "content": {"id": 1, "revision_id": "x"}}},
            'data.content.revision_id: expected a whole number, found the text "x"',
        ),
        ({"a": 1, "b": 2, "c": 3}, "unknown shape: keys a, b, c"),
        ({"id": 1, "reason": "x"}, "unknown shape: keys id, reason"),
        (
            {str(number): 1 for number in range(20)},
            "unknown shape: keys 0, 1, 2, 3, 4, 5, 6, 7, …",
        ),
        ({"x" * 99: 1}, f"unknown shape: keys {'x' * 39}…"),
        ({}, "unknown shape: an empty object"),
        (None, "unknown shape: null"),
        (5, "unknown shape: the number 5"),
        ([], "unknown shape: a list"),
    ],
)
def test_an_unknown_shape_is_said_to_be_one(payload: object, message: str) -> None:
    assert rejection(payload) == message


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("Invalid or Missing Query Parameters", "Invalid or Missing Query Parameters"),
        (['Access denied for user 0 "anonymous"'], 'Access denied for user 0 \\"anonymous\\"'),
        ({"message": "Invalid page size"}, "Invalid page size"),
        (
            {"ok": False, "errors": [{"code": "auth_failed", "id": "unauthorized", "value": "No"}]},
            "No",
        ),
        ({"ok": False, "errors": []}, "no message"),
        ({"status": "ERROR", "request_id": "r", "error": "Unknown API Key"}, "Unknown API Key"),
        ({"error": {"message": "Deep"}}, "Deep"),
        ({"T": "error", "code": 402, "msg": "auth failed"}, "auth failed"),
        (
            "see https://api.example.com/?token=s3cret&page=1",
            "see https://api.example.com/?token=***&page=1",
        ),
        ("x" * 300, "x" * 199 + "…"),
    ],
)
def test_an_error_answer_of_an_api_is_said_to_be_one(answer: object, message: str) -> None:
    [item] = iter_payloads(answer)
    assert rejection(item) == f'an API\'s error answer, no article: "{message}"'


def test_an_article_of_5_mb_is_too_large() -> None:
    message = rejection(newsfeed_item(body="x" * (5 * 1024 * 1024)))
    assert message == "too large: 5.0 MB; the limit is 4 MB"


def test_size_counts_all_texts_in_utf_8_and_the_limit_itself_is_allowed() -> None:
    title = "Norrland Timber Expands"
    rest = MAX_ARTICLE_BYTES - len(title)
    assert len(article(title=title, body="é" * (rest // 2)).body) == rest // 2
    over = newsfeed_item(title=title, body="é" * (rest // 2), tags=["tag"])
    assert rejection(over) == "too large: 4.1 MB; the limit is 4 MB"
