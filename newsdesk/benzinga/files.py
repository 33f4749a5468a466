"""Files of articles: JSON, JSON Lines, either of them gzipped, and saved pages.

Nothing is raised for bad input: every file, line or item that cannot be read becomes a FileItem
with the reason, and the others go on.
"""

import io
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from newsdesk.benzinga.documents import Found, read_items
from newsdesk.benzinga.lines import opened, read_lines, reason
from newsdesk.benzinga.payloads import parse_item
from newsdesk.contracts.articles import Incoming
from newsdesk.errors import ArticleRejectedError

STDIN = "-"
_STDIN_NAME = "stdin"
_DATA_SUFFIXES = (".json", ".jsonl", ".ndjson")
_PAGE_SUFFIXES = (".html", ".htm")
_SUFFIXES = tuple(
    suffix + packed for suffix in (*_DATA_SUFFIXES, *_PAGE_SUFFIXES) for packed in ("", ".gz")
)
_PAGE_STARTS = ("<!doctype html", "<html")


@dataclass(frozen=True, slots=True)
class FileItem:
    """One item of a file: `incoming`, or else `error`.

    `location`: the file as it was named, with the line ("feed.jsonl:12"), and the item's number
    where the line or document holds several ("page.json:1 (item 3)"). `error` does not repeat it.
    """

    location: str
    incoming: Incoming | None = None
    error: str | None = None


def read_files(paths: Sequence[str], fetched_at: datetime) -> Iterator[FileItem]:
    """Yields the items of the files, in order; "-" is standard input.

    A directory stands for the JSON, JSON Lines and HTML files in it, sorted by name.
    `fetched_at` needs an offset.
    """
    for path in paths:
        if path == STDIN:
            yield from _read_stdin(fetched_at)
        elif path and Path(path).is_dir():
            yield from _read_directory(path, fetched_at)
        else:
            yield from _read_file(path, fetched_at)


def _read_stdin(fetched_at: datetime) -> Iterator[FileItem]:
    if sys.stdin is None:  # the process was started without one
        yield FileItem(_STDIN_NAME, error="no standard input")
        return
    yield from _read_stream(_STDIN_NAME, _peekable(sys.stdin.buffer), fetched_at)


def _peekable(stream: BinaryIO) -> io.BufferedReader:
    if isinstance(stream, io.BufferedReader):
        return cast("io.BufferedReader", stream)
    return cast("io.BufferedReader", io.BufferedReader(cast("io.RawIOBase", stream)))


def _read_directory(path: str, fetched_at: datetime) -> Iterator[FileItem]:
    try:
        entries = sorted(Path(path).iterdir())
    except OSError as error:
        yield FileItem(path, error=reason(error))
        return
    files = [entry for entry in entries if entry.name.lower().endswith(_SUFFIXES)]
    files = [entry for entry in files if not entry.is_dir()]
    if not files:
        yield FileItem(path, error="no JSON, JSON Lines or HTML file in this directory")
    for file in files:
        yield from _read_file(str(file), fetched_at)


def _read_file(path: str, fetched_at: datetime) -> Iterator[FileItem]:
    try:
        stream = open(path, "rb")  # not Path, to which "" is the working directory
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the name
        yield FileItem(path, error=reason(error))
        return
    with stream:
        yield from _read_stream(path, stream, fetched_at)


def _read_stream(name: str, stream: io.BufferedReader, fetched_at: datetime) -> Iterator[FileItem]:
    try:
        content = opened(stream)
        is_page = _is_page(name, content)
        data = content.read() if is_page else b""
    except (OSError, EOFError, zlib.error) as error:
        yield FileItem(name, error=reason(error))
        return
    if is_page:
        yield _page_item(name, data, fetched_at)
    else:
        yield from _data_items(name, content, fetched_at)


def _is_page(name: str, content: io.BufferedReader) -> bool:
    if name.lower().removesuffix(".gz").endswith(_PAGE_SUFFIXES):
        return True
    head = content.peek(4096)[:4096].replace(b"\0", b"").decode("ascii", "ignore")
    return head.lstrip().lower().startswith(_PAGE_STARTS)


def _page_item(name: str, data: bytes, fetched_at: datetime) -> FileItem:
    if not data.strip():
        return FileItem(name, error="empty file")
    # lxml is loaded only when a page comes: files of JSON start without it.
    from newsdesk.benzinga.pages import parse_page  # noqa: PLC0415

    try:
        return FileItem(name, parse_page(data, fetched_at))
    except ArticleRejectedError as error:
        return FileItem(name, error=str(error))


def _data_items(name: str, content: io.BufferedReader, fetched_at: datetime) -> Iterator[FileItem]:
    for item in read_items(read_lines(content)):
        yield _data_item(name, item, fetched_at)


def _data_item(name: str, found: Found, fetched_at: datetime) -> FileItem:
    line = f":{found.line}" if found.line else ""
    location = f"{name}{line} (item {found.item})" if found.item else f"{name}{line}"
    if found.error:
        return FileItem(location, error=found.error)
    try:
        return FileItem(location, parse_item(found.payload, fetched_at))
    except ArticleRejectedError as error:
        return FileItem(location, error=str(error))
