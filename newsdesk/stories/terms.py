"""From an article's text to the few weighted terms that stand for it."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from newsdesk.stories.words import COMMON_WORDS, STOP_WORDS

MAX_TERMS = 80
TITLE_WEIGHT = 5.0
LEAD_WEIGHT = 1.5
NAME_WEIGHT = 1.3
PHRASE_WEIGHT = 0.5
NUMBER_WEIGHT = 0.7
COMMON_WEIGHT = 0.5

_TOKEN = re.compile(
    r"""
      (?P<sign>[$€£¥])?(?P<number>\d[\d,]*(?:\.\d+)?)
      (?:\s?(?P<unit>%|(?:percent|pct|bn|billion|b|mln|million|mn|m|trillion|tn|bps|k)\b))?
    | (?P<word>[^\W\d_]+(?:[’'.&-]?[^\W_]+)*)
    | (?P<gap>[.,;:!?()\[\]"“”|–—])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_UNITS = {
    "percent": "%",
    "pct": "%",
    "billion": "b",
    "bn": "b",
    "million": "m",
    "mln": "m",
    "mn": "m",
    "trillion": "t",
    "tn": "t",
}


class Token(NamedTuple):
    """A telling word or number of the text. `name`: it is written like one."""

    term: str
    name: bool
    number: bool


def singular(word: str) -> str:
    """Returns a lower-case word without its plural or possessive s, as far as spelling tells."""
    for possessive in ("'s", "’s"):
        word = word.removesuffix(possessive)
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "xes", "shes", "ches")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


_COMMON_TERMS = frozenset(singular(word) for word in COMMON_WORDS) | COMMON_WORDS


def is_common(term: str) -> bool:
    """Tells whether a term consists of nothing but common words."""
    return all(word in _COMMON_TERMS for word in term.split())


def _token(match: re.Match[str]) -> Token | None:
    number = match["number"]
    if number is not None:
        sign, unit = match["sign"] or "", (match["unit"] or "").lower()
        term = sign + number.replace(",", "") + _UNITS.get(unit, unit)
        # A bare digit or two is a list's count or a day of the month.
        return Token(term, name=False, number=True) if len(term) > 2 else None
    word = match["word"]
    if word is None:
        return None
    term = word.lower().replace(".", "").replace("’", "'")
    if term in STOP_WORDS or len(term) < 2:
        return None
    return Token(singular(term), name=word[0].isupper(), number=False)


def tokens(text: str) -> Iterator[Token | None]:
    """Yields the text's tokens; None where a stop word or a mark parts two of them."""
    for match in _TOKEN.finditer(text):
        yield _token(match)


def _weight(token: Token) -> float:
    if token.term in _COMMON_TERMS:
        return COMMON_WEIGHT
    return NUMBER_WEIGHT if token.number else 1.0


def _count(
    text: str, zone: float, left_out: frozenset[str], counts: defaultdict[str, float]
) -> None:
    title = zone == TITLE_WEIGHT  # headlines capitalise every word, so capitals say nothing there
    found = [None if token is None or token.term in left_out else token for token in tokens(text)]
    for token in found:
        if token is not None:
            named = NAME_WEIGHT if token.name and not title else 1.0
            counts[token.term] += zone * named * _weight(token)
    for first, second in pairwise(found):
        if first is None or second is None or not (title or (first.name and second.name)):
            continue
        weight = min(_weight(first), _weight(second))
        counts[f"{first.term} {second.term}"] += zone * PHRASE_WEIGHT * weight


def _zones(title: str, text: str) -> Iterator[tuple[str, float]]:
    yield title, TITLE_WEIGHT
    body = text.removeprefix(title).strip()
    lead, _, rest = body.partition("\n")
    yield lead, LEAD_WEIGHT
    for block in rest.split("\n"):
        yield block, 1.0


def company_words(names: Iterable[str]) -> frozenset[str]:
    """Returns the terms that company names and tickers consist of."""
    return frozenset(token.term for name in names for token in tokens(name) if token is not None)


def weighted_terms(title: str, text: str, left_out: frozenset[str]) -> dict[str, float]:
    """Returns the most telling terms, heaviest first: lengths 0 to MAX_TERMS, Euclidean norm 1.

    Args:
        title: the headline; its words count most, then those of the first block, then the rest.
        text: the plain text, which may begin with the title.
        left_out: terms that do not count, see company_words.
    """
    counts: defaultdict[str, float] = defaultdict(float)
    for block, zone in _zones(title, text):
        _count(block, zone, left_out, counts)
    damped = {term: min(count, 1 + math.log(max(count, 1))) for term, count in counts.items()}
    top = sorted(damped.items(), key=lambda item: (-round(item[1], 9), item[0]))[:MAX_TERMS]
    norm = math.sqrt(math.fsum(weight * weight for _, weight in top)) or 1.0
    return {term: round(weight / norm, 4) for term, weight in top}
