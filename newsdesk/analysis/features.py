"""Turns a headline, seen from one company, into named cues: words and pairs of words, and where.

Cues are single words and pairs, never more, so that weights over them hold no text. The same
function serves the learning script and the analyzer. A cue is `kind=words`; the kinds:
w anywhere · b, a before or after the company in its clause · o in other clauses · n± next to it ·
s<, s> in its stretch between commas · h… the nearest telling phrase of the finance lexicon · others
name a place in the headline or what the lexicon alone says.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from newsdesk.analysis.clauses import split_clauses
from newsdesk.analysis.lexicon import THIS_COMPANY, Weighed, weigh

_TOKEN = re.compile(r"[^\W_]+|[:;?%,&]")
_SEPARATORS = frozenset("while but as after on amid despite whereas though although ; : ,".split())
_MASK = "T"
_NEXT = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Headline:
    """A headline's tokens with the company as one token, at index `place`.

    `words`: lower case, numbers as 0; `inside`: whether each stands in the company's clause.
    `lexicon`: what the finance lexicon makes of each clause for the company, and in how many.
    """

    words: tuple[str, ...]
    raw: tuple[str, ...]
    place: int
    inside: tuple[bool, ...]
    lexicon: float
    clauses: int


def read_headline(text: str, start: int, end: int, *, lexicon: float, clauses: int) -> Headline:
    """Returns the headline as seen from the company at text[start:end]."""
    own = next(
        (part for part in split_clauses(text, 0, len(text)) if part.start <= start < part.end), None
    )
    low, high = (own.start, own.end) if own else (0, len(text))
    raw: list[str] = []
    inside: list[bool] = []
    place = -1
    for token in _TOKEN.finditer(text):
        is_company = start <= token.start() < end
        if is_company and place >= 0:
            continue
        if is_company:
            place = len(raw)
        raw.append(THIS_COMPANY if is_company else token.group().lower())
        inside.append(low <= token.start() < high)
    words = tuple(_MASK if n == place else _plain(word) for n, word in enumerate(raw))
    return Headline(words, tuple(raw), place, tuple(inside), lexicon, clauses)


def _plain(word: str) -> str:
    if word.isdigit():
        return "0"
    return "0x" if any(char.isdigit() for char in word) else word


def cues(headline: Headline) -> list[str]:
    """Returns the headline's cues, sorted, each once."""
    found = {*_bag(headline), *_sides(headline), *_beside(headline), *_stretch(headline)}
    found.update(_phrases(headline))
    found.add(f"lex={_step(headline.lexicon, 0.3, 5)}")
    found.add(f"said={headline.clauses}")
    return sorted(found)


def _step(value: float, width: float, most: int) -> int:
    return max(-most, min(most, round(value / width)))


def _bag(headline: Headline) -> Iterator[str]:
    yield from (f"w={word}" for word in headline.words if word != _MASK)
    yield from (f"w={one} {two}" for one, two in pairwise(("^", *headline.words, "$")))


def _sides(headline: Headline) -> Iterator[str]:
    """Yields words and pairs by the side of the company on which they stand, or as elsewhere."""
    before, after = ["^"], list[str]()
    for number, (word, inside) in enumerate(zip(headline.words, headline.inside, strict=True)):
        if word == _MASK and number == headline.place:
            continue
        if not inside:
            yield f"o={word}"
        elif number < headline.place:
            before.append(word)
        else:
            after.append(word)
    yield from (f"b={word}" for word in before[1:])
    yield from (f"a={word}" for word in after)
    yield from (f"b={one} {two}" for one, two in pairwise(before))
    yield from (f"a={one} {two}" for one, two in pairwise([*after, "$"]))


def _beside(headline: Headline) -> Iterator[str]:
    words, place = headline.words, headline.place
    for distance in _NEXT:
        near = 1 if distance == 1 else 3
        if place + distance < len(words):
            yield f"n+{near}={words[place + distance]}"
        if place - distance >= 0:
            yield f"n-{near}={words[place - distance]}"
    at = "first" if place == 0 else "last" if place == len(words) - 1 else "mid"
    yield f"pos={at}"


def _stretch(headline: Headline) -> Iterator[str]:
    """Yields the words between the nearest commas or conjunctions on both sides, and these."""
    raw, place = headline.raw, headline.place
    low = place
    while low > 0 and raw[low - 1] not in _SEPARATORS:
        low -= 1
    high = place + 1
    while high < len(raw) and raw[high] not in _SEPARATORS:
        high += 1
    yield from (f"s<={word}" for word in headline.words[low:place])
    yield from (f"s>={word}" for word in headline.words[place + 1 : high])
    sides = ("b" if place > low else "") + ("a" if high > place + 1 else "")
    opens, closes = raw[low - 1] if low else "^", raw[high] if high < len(raw) else "$"
    yield f"seg={opens} {closes} {sides}"
    own = [hit.weight for hit in weigh(raw) if low <= hit.start < high]
    yield f"sl={_step(sum(own), 0.4, 3)}" if own else "sl=none"


def _phrases(headline: Headline) -> Iterator[str]:
    """Yields the nearest telling phrases on both sides, their signs and what stands between."""
    raw, place = headline.raw, headline.place
    hits = weigh(raw)
    after = [hit for hit in hits if hit.start > place]
    before = [hit for hit in hits if hit.end <= place]
    right = _sign(after[0]) if after else "_"
    left = _sign(before[-1]) if before else "_"
    gap_right = _between(raw, place + 1, after[0].start) if after else ""
    gap_left = _between(raw, before[-1].end, place) if before else ""
    if after:
        yield f"ha={right}{_far(after[0].start - place)}"
        yield f"has={right}{gap_right}"
        yield f"haw={raw[after[0].start]} {gap_right}"
    if len(after) > 1:
        yield f"ha2={right}{_sign(after[1])}"
    if before:
        yield f"hb={left}{_far(place - before[-1].end + 1)}"
        yield f"hbs={left}{gap_left}"
        yield f"hbw={raw[before[-1].start]} {gap_left}"
    yield f"hab={left}{right}"
    if after and before:
        yield f"habs={left}{gap_left}{right}{gap_right}"


def _sign(hit: Weighed) -> str:
    return "+" if hit.weight > 0.05 else "-" if hit.weight < -0.05 else "0"


def _far(distance: int) -> int:
    return next((limit for limit in (1, 3, 6) if distance <= limit), 9)


def _between(raw: Sequence[str], start: int, end: int) -> str:
    found = [word for word in raw[start:end] if word in _SEPARATORS]
    return "x" if not found else found[0] if len(found) == 1 else "many"
