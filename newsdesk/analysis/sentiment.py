"""A score, its reason and the quote that proves it, for each company of an analysis."""

import math
from collections.abc import Mapping, Sequence

from newsdesk.analysis.headline import STEEPNESS, weigh_headline
from newsdesk.analysis.roles import is_broker_name, is_source_at
from newsdesk.analysis.sentences import Unit, UnitKind
from newsdesk.analysis.statements import Place, Statement, collect
from newsdesk.contracts.analysis import (
    Analysis,
    Company,
    Evidence,
    EvidenceState,
    Label,
    Role,
    Sentiment,
    label_for,
    not_assessed,
    scored,
)

PRICE_WEIGHT = 0.3
"""What the share price did is history, not news: it counts for little."""

_TITLE_WEIGHT, _LEAD_WEIGHT, _HEADING_WEIGHT, _BODY_WEIGHT = 3.0, 1.6, 0.7, 0.8
_DOUBT = 0.25
"""Weight of saying nothing: a lone weak statement moves a score less than many."""
_PLAIN_TITLE = 1.2
"""What the body says by the way counts less under a headline that is plain about the company."""
_LEAST = 0.05
_LONGEST_QUOTE = 320
_MOST_BY_PRICE = 0.3
"""A share price that moved, and no word why, is never Bullish or Bearish."""
_WORTH_TELLING = 0.25


def assess(text: str, units: Sequence[Unit], analysis: Analysis) -> tuple[Sentiment, ...]:
    """Returns one sentiment a company, in the analysis' order."""
    if not analysis.language_read:
        return tuple(not_assessed(analysis.note or UNREAD) for _ in analysis.companies)
    if analysis.automated_alert:
        return tuple(not_assessed(ALERT) for _ in analysis.companies)
    places = places_of(text, units, analysis.companies)
    statements = collect(text, units, places)
    return tuple(
        _of_company(
            text, units, company, _with_headline(number, units, places, statements.get(number, []))
        )
        for number, company in enumerate(analysis.companies)
    )


def _with_headline(
    company: int,
    units: Sequence[Unit],
    places: Mapping[int, Sequence[Place]],
    statements: Sequence[Statement],
) -> Sequence[Statement]:
    """Returns the statements with those of the title's clauses made into one."""
    own = [place for place in places.get(0, ()) if place.company == company and not place.source]
    if not own or units[0].kind is not UnitKind.TITLE:
        return statements
    said = [statement for statement in statements if statement.unit == 0]
    whole = weigh_headline(0, units[0], own[0], said)
    rest = [statement for statement in statements if statement.unit != 0]
    return statements if whole is None else [whole, *rest]


UNREAD = "The article's language is not one that the builtin analyzer reads."
ALERT = (
    "An automated alert on trades: its bullish and bearish words describe trades, not the company."
)


def places_of(
    text: str, units: Sequence[Unit], companies: Sequence[Company]
) -> dict[int, list[Place]]:
    """Returns unit -> mentions in order; mentions that lie outside of every unit are left out."""
    places: dict[int, list[Place]] = {}
    marks = sorted(
        (mention.start, mention.end, number)
        for number, company in enumerate(companies)
        for mention in company.mentions
        if 0 <= mention.start < mention.end <= len(text)
    )
    unit = 0
    for start, end, number in marks:
        while unit < len(units) and units[unit].end <= start:
            unit += 1
        if unit < len(units) and units[unit].start <= start and end <= units[unit].end:
            # Of a subject it is settled that the article is about it, whatever it says itself.
            speaks = companies[number].role is not Role.SUBJECT
            broker = is_broker_name(companies[number].name)
            source = speaks and is_source_at(text, start, end, broker=broker)
            places.setdefault(unit, []).append(Place(start, end, number, source))
    return places


def _of_company(
    text: str, units: Sequence[Unit], company: Company, statements: Sequence[Statement]
) -> Sentiment:
    if company.role not in (Role.SUBJECT, Role.PEER):
        return not_assessed(why_not(company))
    telling = [statement for statement in statements if abs(statement.value) >= _LEAST]
    if not telling:
        return _plain(text, units, company, statements)
    lead = _lead_unit(units)
    weights = [_weight(units, statement, lead) for statement in telling]
    total = sum(weight * item.value for weight, item in zip(weights, telling, strict=True))
    # A headline's statement holds its own doubt; alone, it keeps its score.
    doubt = 0.0 if all(_is_title(units, item) for item in telling) else _DOUBT
    doubt += _PLAIN_TITLE * any(
        _is_title(units, item) for item in statements if abs(item.value) < _LEAST
    )
    mean = total / (sum(weights) + doubt)
    carrier = max(
        zip(weights, telling, strict=True),
        key=lambda pair: (pair[1].value * mean > 0, pair[0] * abs(pair[1].value), -pair[1].start),
    )[1]
    score = math.tanh(STEEPNESS * mean)
    if all(item.price for item in telling):
        score = max(-_MOST_BY_PRICE, min(_MOST_BY_PRICE, score))
    reason = _because(units, carrier, _other_side(weights, telling, carrier), score)
    return scored(score, reason, _quote(text, units, carrier))


def _other_side(
    weights: Sequence[float], telling: Sequence[Statement], carrier: Statement
) -> Statement | None:
    """Returns the strongest statement to the contrary, where it weighs enough to be told."""
    carried = max(
        weight * abs(item.value)
        for weight, item in zip(weights, telling, strict=True)
        if item is carrier
    )
    contrary = [
        (weight * abs(item.value), -item.start, item)
        for weight, item in zip(weights, telling, strict=True)
        if item.value * carrier.value < 0 and item.words
    ]
    strength, _, item = max(contrary, key=lambda one: one[:2], default=(0.0, 0, None))
    return item if strength >= _WORTH_TELLING * carried else None


def why_not(company: Company) -> str:
    """Returns why a company of this role is not assessed."""
    if company.role is Role.TAGGED_ONLY or not company.mentions:
        return "Tagged by Benzinga, but the text does not name it."
    if company.role is Role.COMMENTATOR:
        return "It speaks about others here; its views say nothing about itself."
    count = len(company.mentions)
    times = {1: "once", 2: "twice"}.get(count, f"{count} times")
    return f"Named {times} in passing; the text does not say how it fares."


def _lead_unit(units: Sequence[Unit]) -> int:
    kinds = (UnitKind.SENTENCE, UnitKind.ITEM)
    return next((number for number, unit in enumerate(units) if unit.kind in kinds), -1)


def _is_title(units: Sequence[Unit], statement: Statement) -> bool:
    return units[statement.unit].kind is UnitKind.TITLE


def _weight(units: Sequence[Unit], statement: Statement, lead: int) -> float:
    unit = units[statement.unit]
    if statement.price:
        return PRICE_WEIGHT
    if _is_title(units, statement):
        return _TITLE_WEIGHT
    if unit.kind is UnitKind.HEADING:
        return _HEADING_WEIGHT
    return _LEAD_WEIGHT if statement.unit == lead else _BODY_WEIGHT


def _plain(
    text: str, units: Sequence[Unit], company: Company, statements: Sequence[Statement]
) -> Sentiment:
    """Scores a subject of whom only plain facts are told as Neutral, with the plainest proof."""
    if company.role is Role.SUBJECT and statements:
        reason = "Plain facts only: no word of gain, loss, praise or blame."
        return scored(0.0, reason, _quote(text, units, statements[0]))
    if company.mentions:
        return not_assessed("The text names it, but says nothing good or bad of it.")
    return not_assessed(why_not(company))


def _because(
    units: Sequence[Unit], carrier: Statement, contrary: Statement | None, score: float
) -> str:
    """Returns what speaks most for the score, and what against it, in the words of the text."""
    good = carrier.value > 0
    weak = label_for(round(score, 3)) is Label.NEUTRAL
    sides = ("in its favor", "against it")
    first, second = sides if good else sides[::-1]
    main = _said(units, carrier)
    if contrary is not None:
        other = _said(units, contrary)
        return f"{'Mixed' if weak else 'Mostly ' + first}: {main}; {second}: {other}."
    if carrier.price:
        return f"Only the share price is told: {main}."
    if weak:
        return f"Of little weight {first}: {main}."
    return f"{first[0].upper()}{first[1:]}: {main}."


def _said(units: Sequence[Unit], statement: Statement) -> str:
    if not statement.words:
        return statement.because
    where = ", in the headline" if _is_title(units, statement) else ""
    return f"“{statement.words}” ({statement.because}){where}"


def _quote(text: str, units: Sequence[Unit], statement: Statement) -> Evidence:
    """Returns the whole sentence as proof, or only the clause of a long one."""
    unit = units[statement.unit]
    start, end = unit.start, unit.end
    if end - start > _LONGEST_QUOTE:
        start, end = statement.start, statement.end
    return Evidence(state=EvidenceState.VERIFIED, quote=text[start:end], start=start, end=end)


def says_something(statements: Mapping[int, Sequence[Statement]], company: int) -> bool:
    """Returns whether a company is spoken of with weight; of share prices, its own move counts."""
    return any(
        abs(statement.value) >= 0.3 and (statement.moved or not statement.price)
        for statement in statements.get(company, ())
    )
