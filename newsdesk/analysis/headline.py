"""Weighs a headline for one company: the finance lexicon and the learned weights together.

The learned weights choose between bad, neutral and good; the strength comes from both. They
were learned from headlines and are asked about headlines alone.
"""

import math
from collections.abc import Sequence

from newsdesk.analysis.features import Headline, read_headline
from newsdesk.analysis.learned import Judgement, judge
from newsdesk.analysis.lexicon import weigh
from newsdesk.analysis.sentences import Unit
from newsdesk.analysis.statements import Place, Statement, cause_first

STEEPNESS = 0.75
"""A statement's value becomes a score by tanh(STEEPNESS * value)."""

_LONGEST = 300
_LEARNED_SHARE, _LEXICON_SHARE = 0.25, 0.4
_EDGE = 0.15
_LEAST_TELLING = 0.05
_MOST = 0.95
_STRONG, _NOT_UNLIKELY = 0.6, 0.2


def weigh_headline(
    number: int, unit: Unit, place: Place, said: Sequence[Statement]
) -> Statement | None:
    """Returns one statement for the headline (unit `number`), as seen from the company at `place`.

    `said`: what the lexicon makes of its clauses for that company. None for a headline so long
    that it is a paragraph: the weights know nothing of such.
    """
    if len(unit.text) > _LONGEST:
        return None
    values = [statement.value for statement in said]
    telling = [value for value in values if abs(value) > _LEAST_TELLING]
    headline = read_headline(
        unit.text,
        place.start - unit.start,
        place.end - unit.start,
        lexicon=sum(values),
        clauses=len(telling),
    )
    judgement = judge(headline)
    likeliest = decide(judgement, headline)
    score = _blend(judgement, likeliest, sum(telling) / (len(telling) + 0.1) if telling else 0.0)
    because, words = _reason(said, score)
    start, end = _span(unit, said, score)
    value = math.atanh(score) / STEEPNESS
    return Statement(number, start, end, round(value, 4), because, words, price=False)


def decide(judgement: Judgement, headline: Headline) -> str:
    """Returns the likeliest class; the lexicon overrules a doubtful "neutral".

    It does so for the company that opens the headline, of which strong words are surely said, and
    for one that a strong phrase names ("to buy thiscompany").
    """
    said = headline.lexicon
    chance = judgement.positive if said > 0 else judgement.negative
    meant = headline.place == 0 or _is_named(headline)
    sure = meant and abs(said) >= _STRONG and chance >= _NOT_UNLIKELY
    if judgement.likeliest == "neutral" and sure:
        return "positive" if said > 0 else "negative"
    return judgement.likeliest


def _is_named(headline: Headline) -> bool:
    return any(
        hit.start <= headline.place < hit.end and abs(hit.weight) >= _STRONG
        for hit in weigh(headline.raw)
    )


def _blend(judgement: Judgement, likeliest: str, lexical: float) -> float:
    """Returns a score whose sign is that of the likeliest class, near 0 for neutral."""
    strength = _LEARNED_SHARE * (judgement.positive - judgement.negative)
    strength += _LEXICON_SHARE * math.tanh(STEEPNESS * lexical)
    if likeliest == "positive":
        return min(_MOST, max(strength, _EDGE))
    if likeliest == "negative":
        return max(-_MOST, min(strength, -_EDGE))
    return max(-_EDGE + 0.001, min(strength, _EDGE - 0.001))


def _reason(said: Sequence[Statement], score: float) -> tuple[str, str]:
    """Returns (because, words): the lexicon's reason where it agrees, else none in particular."""
    agreeing = [item for item in said if item.value * score > 0 and item.words]
    strongest = max(agreeing, key=cause_first, default=None)
    if strongest is not None and abs(strongest.value) >= _LEAST_TELLING:
        return strongest.because, strongest.words
    return "the wording of the headline as a whole", ""


def _span(unit: Unit, said: Sequence[Statement], score: float) -> tuple[int, int]:
    agreeing = [item for item in said if item.value * score > 0]
    strongest = max(agreeing, key=cause_first, default=None)
    return (strongest.start, strongest.end) if strongest else (unit.start, unit.end)
