"""Weighs the words of a clause by the shipped finance lexicon (data/finance_lexicon.csv).

Kinds of entries: `up` and `down` are movements, good and bad in themselves and the reverse with a
noun of kind `bad` beside them ("losses widen", "cuts costs"); `value` counts as it stands;
`negator`, `dampener` and `hedge` change what follows, up to the next comma; a `reliever` ("ends")
turns a lasting trouble that follows ("strike") into good news. In phrases `thiscompany` stands for
the company that is being judged, `othercompany` for any other, and # for a number.
"""

import csv
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache

from newsdesk.analysis.names import data_lines
from newsdesk.analysis.phrases import Hit, PhraseBook

THIS_COMPANY = "thiscompany"
OTHER_COMPANY = "othercompany"

_NOUN_BEFORE, _NOUN_AFTER = 4, 3
_NEGATOR_REACH = 3
_DAMPENER_REACH = 6
_RELIEVER_REACH = 5
_MODIFIERS = frozenset(("negator", "dampener", "hedge", "reliever"))
_CAN_END = frozenset(("trouble in business", "legal trouble", "a burden"))
_FROM_OUTSIDE = frozenset(("help for this company", "harm to this company"))
_POSSESSED = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the lexicon."""

    phrase: str
    kind: str
    weight: float
    because: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """A phrase found at words[start:end], and what it counts there, below 0 for bad.

    `opens`: where the words begin that turned it ("did not beat"), or its own start.
    """

    start: int
    end: int
    weight: float
    because: str
    opens: int


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


def weigh(words: Sequence[str], breaks: Collection[int] = ()) -> list[Weighed]:
    """Returns what the lower-case words of one clause say, in order, negation and all.

    `breaks`: indexes of words before which a comma stands.
    """
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
            weighed.append(_weighed(hit))
    weighed += [
        _weighed(noun) for noun in nouns if noun.start not in consumed and noun.value.weight
    ]
    own = [item for item in weighed if not _of_another(words, item)]
    told = [_modified(item, modifiers, breaks) for item in sorted(own, key=lambda one: one.start)]
    outside = [place for place, item in enumerate(told) if item.because in _FROM_OUTSIDE]
    # In "the rival's failure helps it" the words before are about what helps, not about it.
    return told[outside[0] :] if outside else told


def _weighed(hit: Hit[Entry]) -> Weighed:
    return Weighed(hit.start, hit.end, hit.value.weight, hit.value.because, hit.start)


def _of_another(words: Sequence[str], item: Weighed) -> bool:
    """Tells whether the words belong to another company: "after Intel's failure"."""
    for place in range(item.start - 1, max(item.start - _POSSESSED, 1) - 1, -1):
        if words[place] == "s":
            named = next((word for word in reversed(words[:place]) if word), "")
            return named == OTHER_COMPANY
    return False


def _noun_beside(hit: Hit[Entry], nouns: Sequence[Hit[Entry]]) -> Hit[Entry] | None:
    for noun in nouns:
        if 0 <= noun.start - hit.end < _NOUN_AFTER or 0 <= hit.start - noun.end < _NOUN_BEFORE:
            return noun
    return None


def _movement(hit: Hit[Entry], noun: Hit[Entry] | None) -> Weighed:
    sign = 1.0 if hit.value.kind == "up" else -1.0
    if noun is None:
        return Weighed(hit.start, hit.end, sign * hit.value.weight, hit.value.because, hit.start)
    start, end = min(hit.start, noun.start), max(hit.end, noun.end)
    why = f"{noun.value.because} that {'grows' if sign > 0 else 'shrinks'}"
    return Weighed(start, end, -sign * hit.value.weight, why, start)


def _modified(item: Weighed, modifiers: Sequence[Hit[Entry]], breaks: Collection[int]) -> Weighed:
    weight, why, opens = item.weight, item.because, item.opens
    for modifier in modifiers:
        distance = item.start - modifier.end
        parted = any(place in breaks for place in range(modifier.end, item.start + 1))
        if parted or not 0 <= distance < _reach(modifier.value.kind, item):
            continue
        weight *= modifier.value.weight
        if modifier.value.kind == "negator":
            why, opens = f"{why}, denied", modifier.start
        elif modifier.value.kind == "reliever":
            why, opens = f"{why} that ends", modifier.start
    return Weighed(item.start, item.end, weight, why, opens)


def _reach(kind: str, item: Weighed) -> int:
    if kind == "reliever":
        return _RELIEVER_REACH if item.weight < 0 and item.because in _CAN_END else 0
    return _NEGATOR_REACH if kind == "negator" else _DAMPENER_REACH
