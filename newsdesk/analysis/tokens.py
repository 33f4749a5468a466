"""Words of a text with their offsets: the one tokenizer of the builtin analyzer."""

import re
from dataclasses import dataclass

_TOKEN = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Token:
    """A run of letters and digits. `lower` is its casefolded form."""

    start: int
    end: int
    text: str
    lower: str


def tokenize(text: str, offset: int = 0) -> list[Token]:
    """Returns the tokens of `text`, their offsets moved by `offset`."""
    return [
        Token(offset + found.start(), offset + found.end(), found.group(), found.group().lower())
        for found in _TOKEN.finditer(text)
    ]


def words_of(text: str) -> tuple[str, ...]:
    """Returns the lower-case words of `text`."""
    return tuple(found.group().lower() for found in _TOKEN.finditer(text))
