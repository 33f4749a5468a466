"""Whatever JSON brings, parse_item answers with a contract or one kind of error."""

import json
import tempfile

from hypothesis import given, settings
from hypothesis import strategies as st

from newsdesk.benzinga.files import read_files
from newsdesk.benzinga.pages import parse_page
from newsdesk.benzinga.payloads import iter_payloads, parse_item
from newsdesk.contracts.articles import Article, Removal, substance_hash
from newsdesk.errors import ArticleRejectedError
from tests.unit.benzinga.samples import FETCHED_AT

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=30)  # lone surrogates too
TIMES = st.sampled_from(
    [
        "Thu, 22 Feb 2024 13:42:04 -0400",
        "2024-02-22T17:42:04Z",
        "Thu Jan 01 1970 00:00:00 GMT+0000 (UTC)",
        "9999-12-31T23:59:59-04:00",
        "2024-02-22T17:42:04",
    ]
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | ANY_TEXT
    | TIMES
    | st.sampled_from(["Removed", "created", "n", "AAPL", "TSX:SHOP", "https://[x", "71000100"])
)
KEYS = st.sampled_from(
    [
        *("id", "benzinga_id", "data", "action", "content", "kind", "timestamp", "status", "T"),
        *("title", "headline", "body", "teaser", "summary", "url", "link", "image", "images"),
        *("created", "updated", "created_at", "updated_at", "published", "last_updated"),
        *("author", "authors", "channels", "tags", "stocks", "securities", "symbols", "tickers"),
        *("name", "symbol", "exchange", "isin", "primary", "size", "revision_id", "source"),
        *("news", "removed", "results", "ok", "errors", "message", "model_config", "__class__"),
    ]
)
LINKED_KEYS = st.sampled_from(
    [
        *("headline", "url", "mainEntityOfPage", "datePublished", "dateModified", "author"),
        *("image", "keywords", "articleSection", "@type", "@graph"),
    ]
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | ANY_TEXT, inner, max_size=6),
    max_leaves=12,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=12)


@settings(max_examples=200, deadline=None)
@given(VALUES | OBJECTS)
def test_parse_item_raises_nothing_but_its_own_error(value: object) -> None:
    for payload in iter_payloads(value):
        _parse_and_check(payload)


@settings(max_examples=200, deadline=None)
@given(
    st.fixed_dictionaries(
        {"id": st.just(7), "created": TIMES},
        optional={
            "title": ANY_TEXT,
            "body": ANY_TEXT,
            "tags": st.lists(ANY_TEXT),
            "stocks": st.lists(ANY_TEXT),
            "url": ANY_TEXT,
            "x": VALUES,
        },
    )
)
def test_whatever_its_texts_a_dated_item_is_taken_in(payload: dict[str, object]) -> None:
    refusal = _parse_and_check({"title": ""} | payload)
    assert refusal is None or refusal.startswith("created: ")


LINES = (
    st.binary(max_size=30)
    | st.sampled_from([b"[", b"]", b"{", b"}", b",", b"\xff\xfe", b"\x1f\x8b", b"<html>", b"\0"])
    | st.builds(lambda value: json.dumps(value).encode(), VALUES)
    | st.builds(lambda value: json.dumps(value, indent=1).encode(), OBJECTS)
)


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES, max_size=6))
def test_no_file_stops_the_reading(content: list[bytes]) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"\n".join(content))
        file.flush()
        for item in read_files([file.name], FETCHED_AT):
            assert item.location.startswith(file.name)
            assert (item.incoming is None) == bool(item.error)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(LINKED_KEYS, VALUES, max_size=8), ANY_TEXT)
def test_no_page_stops_the_reading(linked: dict[str, object], content: str) -> None:
    data = json.dumps({"@type": "NewsArticle"} | linked)
    text = (
        f'<html><head><meta property="og:title" content="{content}">'
        f'<link rel="canonical" href="{content}"><meta name="nid" content="7">'
        f'<script type="application/ld+json">{data}</script></head><body>{content}</body></html>'
    )
    try:
        parsed = parse_page(text.encode("utf-8", "surrogatepass"), FETCHED_AT)
    except ArticleRejectedError as error:
        message = str(error)
    else:
        _check_storable(parsed)
        return
    assert message.encode()


def _parse_and_check(payload: object) -> str | None:
    """Returns why the item was rejected, or None once what it became was found sound."""
    try:
        incoming = parse_item(payload, FETCHED_AT)
    except ArticleRejectedError as error:
        message = str(error)
    else:
        _check_storable(incoming)
        return None
    assert message.encode()  # fails on a lone surrogate, as a terminal would
    assert len(message) < 500
    return message


def _check_storable(incoming: Article | Removal) -> None:
    text = incoming.model_dump_json()
    assert "\\u0000" not in text
    assert incoming.fetched_at == FETCHED_AT
    if isinstance(incoming, Article):
        assert incoming.updated_at >= incoming.published_at
        assert Article.model_validate_json(text) == incoming
        assert len(substance_hash(incoming)) == 64
