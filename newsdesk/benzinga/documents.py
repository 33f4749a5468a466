"""Lines as JSON values with their places: JSON Lines as they come, a document as a whole."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from newsdesk.benzinga.lines import Line
from newsdesk.benzinga.payloads import iter_payloads

_TCP_PREFIX, _TCP_SUFFIX = "STREAM:", "=BZEOT"
_WHITE_SPACE = " \t\n\r"
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Found:
    """An item, or an error, and where it stands.

    `line`: counts from 1; 0: the whole file. `item`: counts from 1; 0: it is alone on its line.
    """

    line: int
    payload: object = None
    item: int = 0
    error: str = ""


def read_items(lines: Iterable[Line]) -> Iterator[Found]:
    """Yields the items of JSON Lines, of a JSON document, or of several documents in a row.

    JSON Lines are read one at a time, and an error is that of its line alone. A document that
    goes over several lines is held in memory; its first error is also its end.
    """
    rest = iter(lines)
    start = [*_first_written(rest), *_first_written(rest)]
    written = [line.text.strip() for line in start if line.text.strip()]
    readable = not any(line.error for line in start)
    if readable and not written:
        yield Found(0, error="empty file")
    elif readable and _opens_document(*written):
        yield from _from_document(chain(start, rest))
    else:
        yield from _from_lines(chain(start, rest))


def _first_written(lines: Iterator[Line]) -> Iterator[Line]:
    for line in lines:
        yield line
        if line.error or line.text.strip():
            return


def _opens_document(first: str, second: str = "") -> bool:
    try:
        _DECODER.decode(first)
    except json.JSONDecodeError as error:
        if first[-1] in "[{":
            return True
        unfinished = first[-1] in ",:" or error.pos >= len(first)
        return unfinished and not _stands_alone(second)
    except (ValueError, RecursionError):
        return False
    return False


def _stands_alone(text: str) -> bool:
    try:
        return isinstance(_DECODER.decode(text), dict)
    except (ValueError, RecursionError):
        return False


def _from_lines(lines: Iterable[Line]) -> Iterator[Found]:
    for line in lines:
        text = _unframed(line.text.strip())
        if line.error:
            yield Found(line.number, error=line.error)
        elif text:
            yield from _from_line(line.number, text)


def _unframed(text: str) -> str:
    # The TCP feed as it was recorded: `STREAM: {json}=BZEOT`.
    if text.startswith(_TCP_PREFIX) and text.endswith(_TCP_SUFFIX):
        return text[len(_TCP_PREFIX) : -len(_TCP_SUFFIX)].strip()
    return text


def _from_line(number: int, text: str) -> Iterator[Found]:
    try:
        value: object = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        yield Found(number, error=_not_json(error))
        return
    for item, payload in enumerate(iter_payloads(value), start=1):
        yield Found(number, payload, 0 if payload is value else item)


def _from_document(lines: Iterable[Line]) -> Iterator[Found]:
    texts: list[str] = []
    for line in lines:
        if line.error:
            yield Found(line.number, error=line.error)
            return
        texts.append(line.text)
    yield from _from_text("".join(texts))


def _from_text(text: str) -> Iterator[Found]:
    item, line, counted = 0, 1, 0
    try:
        for position, value in _values(text):
            line, counted = line + text.count("\n", counted, position), position
            for payload in iter_payloads(value):
                item += 1
                yield Found(line, payload, item)
    except json.JSONDecodeError as error:
        yield Found(error.lineno, error=_not_json(error))
    except (ValueError, RecursionError) as error:
        yield Found(line, error=f"{_not_json(error)}, in or after this line")


def _values(text: str) -> Iterator[tuple[int, object]]:
    """Yields position and value of each document, and of each entry where it is a list."""
    position = _skip(text, 0)
    while position < len(text):
        if text[position] == "[":
            position = yield from _entries(text, position)
        else:
            value, end = _DECODER.raw_decode(text, position)
            yield position, value
            position = end
        position = _skip(text, position)


def _entries(text: str, position: int) -> Iterator[tuple[int, object]]:
    position = _skip(text, position + 1)
    if text[position : position + 1] == "]":
        return position + 1
    while True:
        value, end = _DECODER.raw_decode(text, position)
        yield position, value
        position = _skip(text, end)
        mark = text[position : position + 1]
        if mark == "]":
            return position + 1
        if mark != ",":
            raise json.JSONDecodeError("Expecting ',' delimiter", text, position)
        position = _skip(text, position + 1)


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] in _WHITE_SPACE:
        position += 1
    return position


def _not_json(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {error.msg} (column {error.colno})"
    if isinstance(error, RecursionError):
        return "not readable JSON: nested too deeply"
    return "not readable JSON: a number with too many digits"
