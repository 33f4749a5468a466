"""Recognises every shape in which Benzinga's items come, and reads it into our contracts.

In text that is kept, NUL characters are removed (Postgres holds none) and lone surrogates become
U+FFFD; a body is untouched otherwise.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from newsdesk.benzinga.answers import api_error, is_control_frame
from newsdesk.benzinga.fields import as_list, as_object
from newsdesk.benzinga.quoting import found, quoted
from newsdesk.benzinga.shapes.alpaca import AlpacaItem
from newsdesk.benzinga.shapes.base import read
from newsdesk.benzinga.shapes.massive import MassiveItem
from newsdesk.benzinga.shapes.newsfeed import NewsfeedItem, RemovedEntry
from newsdesk.benzinga.shapes.stream import StreamContent, read_data, read_envelope
from newsdesk.benzinga.shapes.tcp import TcpMessage
from newsdesk.contracts.articles import Article, Incoming
from newsdesk.errors import ArticleRejectedError

MAX_ARTICLE_BYTES = 4 * 1024 * 1024
"""UTF-8 bytes of all texts of one article."""

_MEGABYTE = 1024 * 1024
_CONTAINER_KEYS = ("news", "removed", "results")
_SHOWN_KEYS = 8
_EMPTY = "unknown shape: an empty object"

_Fields = dict[str, object]
_Reader = Callable[[_Fields, datetime], Incoming]


def iter_payloads(document: object) -> Iterator[object]:
    """Yields the items of a parsed JSON document, in order.

    Lists and `{"news": []}`, `{"removed": []}`, `{"results": []}` are opened, frames about a
    connection passed over; all else is an item, whatever it is, for `parse_item` to judge.
    """
    waiting = [document]
    while waiting:
        value = waiting.pop()
        inner = _contained(value)
        if inner is not None:
            waiting.extend(reversed(inner))
        else:
            yield value


def parse_item(payload: object, fetched_at: datetime) -> Incoming:
    """Returns one item, in whatever known shape, as an article or a removal.

    `fetched_at` needs an offset. Raises ArticleRejectedError: an unknown shape, an error answer
    of an API, a field of the wrong type, or more than MAX_ARTICLE_BYTES.
    """
    error = api_error(payload)
    if error is not None:
        raise ArticleRejectedError(f"an API's error answer, no article: {error}")
    fields = as_object(payload)
    if fields is None:
        raise ArticleRejectedError(f"unknown shape: {found(payload)}")
    incoming = _reader_for(fields)(fields, fetched_at)
    if isinstance(incoming, Article):
        refuse_oversize(_bytes_of(incoming))
    return incoming


def refuse_oversize(size: int) -> None:
    """Raises ArticleRejectedError where `size`, in bytes, is above MAX_ARTICLE_BYTES."""
    if size > MAX_ARTICLE_BYTES:
        limit = MAX_ARTICLE_BYTES // _MEGABYTE
        # Just above the limit it must not read like the limit.
        megabytes = max(size / _MEGABYTE, limit + 0.1)
        raise ArticleRejectedError(f"too large: {megabytes:.1f} MB; the limit is {limit} MB")


def _contained(value: object) -> list[object] | None:
    items = as_list(value)
    fields = as_object(value)
    if fields is None:
        return items
    if is_control_frame(fields):
        return []
    if api_error(fields) is not None or "id" in fields:
        return None
    lists = {key: as_list(fields[key] or []) for key in _CONTAINER_KEYS if key in fields}
    if not lists or None in lists.values():
        return None
    return [_opened(key, item) for key, inner in lists.items() for item in inner or ()]


def _opened(key: str, item: object) -> object:
    if key != "removed":
        return item
    # Only here is it certain that an item is a removal, whatever else it may say.
    entry = as_object(item)
    if entry is None:
        return {"id": item}
    return {name: entry[name] for name in ("id", "updated") if name in entry}


def _reader_for(fields: _Fields) -> _Reader:
    # From the most telling field to the least.
    if fields.keys() <= {"id", "updated"} and "id" in fields:
        return lambda payload, at: read(RemovedEntry, payload).to_removal(at)
    for keys, reader in _READERS:
        if any(key in fields for key in keys):
            return reader
    keys = ", ".join(quoted(str(key)).strip('"') for key in list(fields)[:_SHOWN_KEYS])
    more = ", …" if len(fields) > _SHOWN_KEYS else ""
    raise ArticleRejectedError(f"unknown shape: keys {keys}{more}" if keys else _EMPTY)


def _bytes_of(article: Article) -> int:
    texts = [article.title, article.teaser, article.author, article.url, article.image_url]
    texts += [article.body, *article.channels, *article.tags]
    for stock in article.stocks:
        texts += [stock.ticker, stock.exchange or "", stock.name or "", stock.isin or ""]
    return sum(len(text.encode()) for text in texts)


_READERS: tuple[tuple[tuple[str, ...], _Reader], ...] = (
    (("data",), read_envelope),
    (("action",), read_data),
    (("benzinga_id",), lambda payload, at: read(MassiveItem, payload).to_article(at)),
    (
        ("headline", "symbols", "summary"),
        lambda payload, at: read(AlpacaItem, payload).to_article(at),
    ),
    (("status", "published"), lambda payload, at: read(TcpMessage, payload).to_incoming(at)),
    (
        ("created_at", "updated_at", "revision_id", "securities"),
        lambda payload, at: read(StreamContent, payload).to_article(at),
    ),
    (
        ("created", "title", "body", "teaser"),
        lambda payload, at: read(NewsfeedItem, payload).to_article(at),
    ),
)
"""A field that tells a shape, and what reads it."""
