"""Short, safe words for what was found, for messages that people read on a terminal."""

import json
import re

_QUOTE_LENGTH = 40
_SECRET = re.compile(r"(?i)\b(token|api_?key)=[^&\s\"']+")
_SURROGATE = re.compile("[\ud800-\udfff]")


def storable(text: str) -> str:
    """Returns text that Postgres and UTF-8 can hold.

    NUL characters are removed and lone surrogates become U+FFFD; all else stays as it is.
    """
    if text.isascii():
        return text.replace("\0", "")
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text.replace("\0", ""))


def quoted(text: str, length: int = _QUOTE_LENGTH) -> str:
    """Returns the text in quotes: one line, clipped, control characters escaped, keys masked."""
    line = _SECRET.sub(r"\1=***", " ".join(storable(text).split()))
    return json.dumps(line if len(line) <= length else line[: length - 1] + "…", ensure_ascii=False)


def found(value: object) -> str:
    """Returns what a JSON value is, in a few words."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        return f"the text {quoted(value)}"
    if isinstance(value, int) and value.bit_length() > 64:
        return "a very large number"
    if isinstance(value, int | float):
        return f"the number {value}"
    return "a list" if isinstance(value, list) else "an object"
