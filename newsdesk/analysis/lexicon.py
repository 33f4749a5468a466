"""Weighs the words of a clause by the shipped finance lexicon (data/finance_lexicon.csv).

Kinds of entries: `up` and `down` are movements, good and bad in themselves and the reverse with a
noun of kind `bad` beside them ("losses widen", "cuts costs"); `value` counts as it stands;
`negator`, `dampener` and `hedge` change what follows. In phrases `thiscompany` stands for the
company that is being judged.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from newsdesk.analysis.names import data_lines
from newsdesk.analysis.phrases import Hit, PhraseBook

THIS_COMPANY = "thiscompany"
OTHER_COMPANY = "othercompany"

_NOUN_BEFORE, _NOUN_AFTER = 4, 3
_NEGATOR_REACH = 3
_DAMPENER_REACH = 6
_MODIFIERS = frozenset(("negator", "dampener", "hedge"))


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the lexicon."""

    phrase: str
    kind: str
    weight: float
    because: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """A phrase found at words[start:end], and what it counts there, below 0 for bad."""

    start: int
    end: int
    weight: float
    because: str


@cache
def _entries() -> tuple[Entry, ...]:
    rows = list(csv.reader(data_lines("finance_lexicon.csv")))[1:]
    return tuple(Entry(phrase, kind, float(weight), why) for phrase, kind, weight, why in rows)


@cache
def _book(*, modifiers: bool) -> PhraseBook[Entry]:
    book: PhraseBook[Entry] = PhraseBook()
    book.fill(
        (entry.phrase, entry) for entry in _entries() if (entry.kind in _MODIFIERS) is modifiers
    )
    return book


def weigh(words: Sequence[str]) -> list[Weighed]:
    """Returns what the lower-case words of one clause say, in order, negation and all."""
    hits = _book(modifiers=False).find(words)
    modifiers = _book(modifiers=True).find(words)
    nouns = [hit for hit in hits if hit.value.kind == "bad"]
    consumed: set[int] = set()
    weighed: list[Weighed] = []
    for hit in hits:
        if hit.value.kind in ("up", "down"):
            noun = _noun_beside(hit, nouns)
            consumed.update((noun.start,) if noun else ())
            weighed.append(_movement(hit, noun))
        elif hit.value.kind == "value" and hit.value.weight:
            weighed.append(Weighed(hit.start, hit.end, hit.value.weight, hit.value.because))
    weighed += [
        Weighed(noun.start, noun.end, noun.value.weight, noun.value.because)
        for noun in nouns
        if noun.start not in consumed and noun.value.weight
    ]
    return [_modified(item, modifiers) for item in sorted(weighed, key=lambda item: item.start)]


def _noun_beside(hit: Hit[Entry], nouns: Sequence[Hit[Entry]]) -> Hit[Entry] | None:
    for noun in nouns:
        if 0 <= noun.start - hit.end < _NOUN_AFTER or 0 <= hit.start - noun.end < _NOUN_BEFORE:
            return noun
    return None


def _movement(hit: Hit[Entry], noun: Hit[Entry] | None) -> Weighed:
    sign = 1.0 if hit.value.kind == "up" else -1.0
    if noun is None:
        return Weighed(hit.start, hit.end, sign * hit.value.weight, hit.value.because)
    start, end = min(hit.start, noun.start), max(hit.end, noun.end)
    return Weighed(start, end, -sign * hit.value.weight, noun.value.because)


def _modified(item: Weighed, modifiers: Sequence[Hit[Entry]]) -> Weighed:
    weight, why = item.weight, item.because
    for modifier in modifiers:
        distance = item.start - modifier.end
        kind = modifier.value.kind
        reach = _NEGATOR_REACH if kind == "negator" else _DAMPENER_REACH
        if 0 <= distance < reach:
            weight *= modifier.value.weight
            why = f"{why}, negated" if kind == "negator" else why
    return Weighed(item.start, item.end, weight, why)
