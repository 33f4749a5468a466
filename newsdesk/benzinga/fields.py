"""Single values as Benzinga and its redistributors write them, made ours.

Each function takes a JSON value of any type and returns our form of it, or raises ValueError with
a short message; the payload model adds the field's name.
"""

import html
import re
import unicodedata
from collections.abc import Iterator
from typing import cast
from urllib.parse import urlsplit

from newsdesk.benzinga.quoting import found, storable
from newsdesk.contracts.articles import MAX_ARTICLE_ID

_IMAGE_SIZES = ("thumb", "small", "large")
_MAX_DIGITS = len(str(MAX_ARTICLE_ID))
# Only references that end in a semicolon: `BTC&ETH` and `P&GT` are words, not an eth and a ">".
_CHARACTER_REFERENCE = re.compile(r"&(?:#\d{1,8}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_UNSAFE_IN_URL = re.compile(r"[\s\x00-\x20\x7f<>\"\\^`{|}]")


def as_object(value: object) -> dict[str, object] | None:
    """Returns the value if it is a JSON object, else None."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else None


def as_list(value: object) -> list[object] | None:
    """Returns the value if it is a JSON list, else None."""
    return cast("list[object]", value) if isinstance(value, list) else None


def entries(value: object) -> Iterator[object]:
    """Yields a list's entries without its nulls; a bare text or object is a list of one."""
    items = as_list(value)
    if items is None:
        if not isinstance(value, str | dict | None):
            raise ValueError(f"expected text or a list, found {found(value)}")
        items = [value]
    yield from (item for item in items if item is not None)


def parse_number(value: object) -> int:
    """Reads a whole number that a 64-bit column holds; `"39071954"` and `39071954.0` are fine."""
    if isinstance(value, str) and value.strip().isdecimal() and len(value.strip()) <= _MAX_DIGITS:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"expected a whole number, found {found(value)}")
    if not 0 <= value <= MAX_ARTICLE_ID:
        raise ValueError(f"{found(value)} is out of range")
    return value


def parse_id(value: object) -> int:
    """Reads an article's id: a positive number. Press releases have a letter only in their URL."""
    number = parse_number(value)
    if number == 0:
        raise ValueError("the number 0 is out of range")
    return number


def parse_raw_text(value: object) -> str:
    """Reads a body: untouched, but for what no database holds (see `storable`)."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"expected text, found {found(value)}")
    return storable(value)


def parse_plain_text(value: object) -> str:
    """Reads a title or teaser: unescaped once, NFC, white space (NBSP too) as single spaces."""
    unescaped = _CHARACTER_REFERENCE.sub(
        lambda reference: html.unescape(reference[0]), parse_raw_text(value)
    )
    return " ".join(unicodedata.normalize("NFC", unescaped).split())


def parse_names(value: object) -> tuple[str, ...]:
    """Reads channels, tags or authors: texts or objects with a `name`; no blanks, no doubles."""
    names = (_name(entry, at) for at, entry in enumerate(entries(value), start=1))
    return tuple(dict.fromkeys(name for name in names if name))


def _name(entry: object, at: int) -> str:
    fields = as_object(entry)
    name = entry if fields is None else fields.get("name")
    if not isinstance(name, str | None):
        raise ValueError(f"entry {at}: expected a name, found {found(name)}")
    return parse_plain_text(name)


def parse_author(value: object) -> str:
    """Reads one author or several: texts or objects with a `name`, joined by commas."""
    return ", ".join(parse_names(value))


def parse_source(value: object) -> str:
    """Reads the name of who wrote the item, in lower case; nothing said means Benzinga."""
    return parse_plain_text(value).lower() or "benzinga"


def parse_url(value: object) -> str:
    """Reads a link: an http(s) URL that a page may show, or "" for all else (sources have some)."""
    url = parse_raw_text(value).strip()
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    return url if usable and not _UNSAFE_IN_URL.search(url) else ""


def parse_image(value: object) -> str:
    """Reads images and returns one URL: the thumb if any, else small, else large, else the first.

    Sizes are told by name: the order differs within one answer.
    """
    urls: dict[str, str] = {}
    for at, entry in enumerate(entries(value), start=1):
        size, url = _sized_url(entry, at)
        if url:
            urls.setdefault(size, url)
    return next((urls[size] for size in (*_IMAGE_SIZES, *urls) if size in urls), "")


def _sized_url(entry: object, at: int) -> tuple[str, str]:
    fields = as_object(entry)
    if fields is None and not isinstance(entry, str):
        raise ValueError(f"entry {at}: expected an image, found {found(entry)}")
    if fields is None:
        return "", parse_url(entry)
    size = fields.get("size")
    url = fields.get("url")
    return size if isinstance(size, str) else "", parse_url(url) if isinstance(url, str) else ""
