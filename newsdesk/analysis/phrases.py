"""Matches shipped phrases against words: "rate cut*" fits "rate cuts" and "rate cutting".

A # stands for one word that begins with a digit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from newsdesk.analysis.tokens import words_of

ValueT = TypeVar("ValueT")
_NUMBER = "#"
_SHORTEST_PREFIX = 3


@dataclass(frozen=True, slots=True)
class Hit(Generic[ValueT]):
    """A phrase found at words[start:end]."""

    start: int
    end: int
    value: ValueT


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    is_prefix: bool

    def fits(self, word: str) -> bool:
        if self.text == _NUMBER:
            return word[:1].isdigit()
        return word.startswith(self.text) if self.is_prefix else word == self.text


def _parse(phrase: str) -> tuple[_Word, ...]:
    parts: list[_Word] = []
    for raw in phrase.split():
        words = (_NUMBER,) if raw == _NUMBER else words_of(raw)
        parts += [_Word(word, False) for word in words[:-1]]
        parts += [_Word(words[-1], raw.endswith("*"))] if words else []
    return tuple(parts)


@dataclass(slots=True)
class PhraseBook(Generic[ValueT]):
    """Phrases by the first letters of their first word; longer phrases win over shorter ones."""

    _by_start: dict[str, list[tuple[tuple[_Word, ...], ValueT]]] = field(
        default_factory=dict[str, list[tuple[tuple[_Word, ...], ValueT]]]
    )

    def fill(self, entries: Iterable[tuple[str, ValueT]]) -> None:
        """Adds (phrase, value) pairs."""
        for phrase, value in entries:
            words = _parse(phrase)
            if words:
                key = words[0].text[:_SHORTEST_PREFIX]
                self._by_start.setdefault(key, []).append((words, value))
        for known in self._by_start.values():
            known.sort(
                key=lambda entry: (-len(entry[0]), -max(len(word.text) for word in entry[0]))
            )

    def find(self, words: Sequence[str]) -> list[Hit[ValueT]]:
        """Returns the hits from left to right; none overlaps another."""
        hits: list[Hit[ValueT]] = []
        position = 0
        while position < len(words):
            hit = self._at(words, position)
            if hit is not None:
                hits.append(hit)
            position = hit.end if hit is not None else position + 1
        return hits

    def _at(self, words: Sequence[str], position: int) -> Hit[ValueT] | None:
        first = words[position]
        for size in range(min(_SHORTEST_PREFIX, len(first)), 0, -1):
            for phrase, value in self._by_start.get(first[:size], ()):
                end = position + len(phrase)
                run = words[position:end]
                if len(run) == len(phrase) and all(
                    part.fits(word) for part, word in zip(phrase, run, strict=True)
                ):
                    return Hit(position, end, value)
        return None
