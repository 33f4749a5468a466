"""Byte streams as numbered lines of text: gzip opened, encodings told apart, defects named."""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_LINE_BYTES = 512 * 1024 * 1024
"""A line above this is not read: it would not fit into memory beside what it is parsed into."""

_GZIP_MAGIC = b"\x1f\x8b"
_UTF_16_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Line:
    """One line, with its end; or why it, or what follows from it on, could not be read."""

    number: int
    text: str = ""
    error: str = ""


class _UnreadableError(Exception):
    """What could not be read, in words for the user."""


def opened(stream: io.BufferedReader) -> io.BufferedReader:
    """Returns the stream, decompressed where its first bytes say that it is gzipped."""
    if stream.peek(len(_GZIP_MAGIC))[: len(_GZIP_MAGIC)] != _GZIP_MAGIC:
        return stream
    return io.BufferedReader(gzip.GzipFile(fileobj=stream, mode="rb"))


def reason(error: Exception) -> str:
    """Returns why a stream could not be read, in a few words."""
    if isinstance(error, EOFError):
        return "the gzip data is cut short"
    if isinstance(error, gzip.BadGzipFile | zlib.error):
        return f"bad gzip data: {error}"
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[:1].lower() + error.strerror[1:]
    return str(error)


def read_lines(stream: io.BufferedReader) -> Iterator[Line]:
    """Yields the lines of UTF-8 text, or of UTF-16 with a byte order mark.

    A line that is not UTF-8 is an error and the next ones go on; an error of the stream itself
    (cut-off gzip data, a broken disk, a binary file) is the last thing that is yielded.
    """
    number = 0
    try:
        for number, line in enumerate(_lines(stream), start=1):
            yield line if isinstance(line, Line) else Line(number, text=line)
    except UnicodeDecodeError:
        yield Line(number + 1, error="not UTF-16, as its byte order mark says")
    except (_UnreadableError, OSError, EOFError, zlib.error) as error:
        yield Line(number + 1, error=reason(error))


def _lines(stream: io.BufferedReader) -> Iterable[str | Line]:
    head = stream.peek(4096)
    if head.startswith(_UTF_16_BOMS):
        return _utf_16(stream)
    if b"\0" in head:
        raise _UnreadableError("a binary file, neither JSON nor HTML")
    return _utf_8(stream)


def _utf_8(stream: io.BufferedReader) -> Iterator[str | Line]:
    number = 0
    while raw := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(raw) > MAX_LINE_BYTES:
            megabytes = MAX_LINE_BYTES // (1024 * 1024)
            raise _UnreadableError(f"longer than {megabytes} MB; nothing after this was read")
        try:
            yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            bad = error.object[error.start]
            yield Line(
                number, error=f"not UTF-8: byte 0x{bad:02x} is byte {error.start + 1} of the line"
            )


def _utf_16(stream: io.BufferedReader) -> Iterator[str]:
    text = io.TextIOWrapper(stream, encoding="utf-16", errors="surrogatepass", newline="\n")
    try:
        yield from text
    finally:
        text.detach()  # or standard input would be closed with the wrapper
