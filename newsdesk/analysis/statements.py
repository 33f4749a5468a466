"""What the text says of each company: clause by clause, with the words that count."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from newsdesk.analysis.clauses import Clause, split_clauses
from newsdesk.analysis.lexicon import OTHER_COMPANY, THIS_COMPANY, Weighed, weigh
from newsdesk.analysis.sentences import Unit, UnitKind
from newsdesk.analysis.tokens import Token, tokenize

_PRICE_HEADING = re.compile(r"^(?:[\w&]+ ){0,3}price action\b", re.IGNORECASE)
_PRICE_HISTORY = re.compile(
    r"\b(?:shares?|stock)\b.{0,40}\b(?:up|down|higher|lower|rose|fell|gained|lost|closed|traded|"
    r"trading|climbed|slipped|declined|surged|plunged|jumped|dropped)\b.{0,60}\d(?:\.\d+)?%|"
    r"\b52-week (?:high|low) of\b|\b(?:year-to-date|over the past (?:year|month|12 months))\b|"
    r"\b(?:last )?(?:traded|closed|moved|rose|fell|slipped|gained) (?:up |down |by )?"
    r"[\d.]+% (?:at|to) \$",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"^(?:the (?:company|firm|stock|shares|chipmaker|automaker|retailer|drugmaker|lender|bank|"
    r"carrier|airline|maker|giant|group)|its|it|shares|the company['’]s)\b",
    re.IGNORECASE,
)
_OWN_SUBJECT = re.compile(r"^(?:while|whereas|meanwhile|as)\b", re.IGNORECASE)
_COORDINATED = re.compile(
    r"(?:['’]s?)?(?:\s?\([^()]{1,40}\)){0,3}[\s,/&]*(?:\b(?:and|or)\b)?[\s,/&]*", re.IGNORECASE
)
_FALLOFF = (1.0, 0.6, 0.4, 0.25)


@dataclass(frozen=True, slots=True)
class Place:
    """A mention of the company with this number. `source`: it names who speaks."""

    start: int
    end: int
    company: int
    source: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """What one clause says of a company: `value` is below 0 for bad, 0.0 for nothing of weight.

    `start`, `end`: the clause. `price`: it only tells what the share price did.
    """

    unit: int
    start: int
    end: int
    value: float
    because: str
    words: str
    price: bool


def collect(
    text: str, units: Sequence[Unit], places: Mapping[int, Sequence[Place]]
) -> dict[int, list[Statement]]:
    """Returns each company's statements in text order. `places`: unit -> its mentions in order."""
    price = _price_units(units)
    statements: dict[int, list[Statement]] = {}
    previous: Sequence[Place] = ()
    for number, unit in enumerate(units):
        mentioned = places.get(number, ())
        if not mentioned and _continues(units, number, previous):
            mentioned = [Place(unit.start, unit.start, place.company) for place in previous[:1]]
        previous = mentioned
        if not mentioned or unit.kind is UnitKind.ROW:
            continue
        for company, clause, weighed, words in _unit_says(text, unit, mentioned):
            statement = _statement(number, clause, weighed, words, number in price)
            statements.setdefault(company, []).append(statement)
    return statements


def _price_units(units: Sequence[Unit]) -> set[int]:
    """Returns the units that only tell what a price did. A title that does so is the news."""
    price: set[int] = set()
    under_heading = False
    for number, unit in enumerate(units):
        begins = _PRICE_HEADING.match(unit.text) is not None
        under_heading = begins or (under_heading and unit.kind is UnitKind.ITEM)
        told = unit.kind is not UnitKind.TITLE and _PRICE_HISTORY.search(unit.text) is not None
        if under_heading or told:
            price.add(number)
    return price


def _continues(units: Sequence[Unit], number: int, previous: Sequence[Place]) -> bool:
    """Tells whether "The company …" can only mean the one company of the sentence before."""
    companies = {place.company for place in previous if not place.source}
    same_block = number > 0 and units[number].block == units[number - 1].block
    return same_block and len(companies) == 1 and _GOES_ON.match(units[number].text) is not None


def _unit_says(
    text: str, unit: Unit, mentioned: Sequence[Place]
) -> Iterator[tuple[int, Clause, list[Weighed], list[str]]]:
    clauses = split_clauses(text, unit.start, unit.end)
    speakers = {place.company for place in mentioned if place.source}
    within = [_within(clause, mentioned) for clause in clauses]
    for index, clause in enumerate(clauses):
        groups = _groups(text, within[index])
        factor = 1.0
        if not groups:
            groups, factor = _borrowed(text, clauses, within, index)
        tokens = tokenize(text[clause.start : clause.end], clause.start)
        for company in dict.fromkeys(place.company for group in groups for place in group):
            if company in speakers and all(place.source for place in mentioned):
                continue
            words = _masked(tokens, mentioned, company)
            weighed = [
                Weighed(item.start, item.end, item.weight * factor, item.because)
                for item in weigh(words)
                if _falls_to(tokens[item.start].start, company, groups)
            ]
            yield company, clause, weighed, words


def _within(clause: Clause, mentioned: Sequence[Place]) -> list[Place]:
    return [
        place
        for place in mentioned
        if not place.source
        and clause.start <= place.start <= clause.end
        and place.end <= clause.end
    ]


def _groups(text: str, places: Sequence[Place]) -> list[list[Place]]:
    """Returns mentions in order, coordinated ones ("A, B and C") together."""
    groups: list[list[Place]] = []
    for place in places:
        if groups and _COORDINATED.fullmatch(text, groups[-1][-1].end, place.start):
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups


def _borrowed(
    text: str, clauses: Sequence[Clause], within: Sequence[list[Place]], index: int
) -> tuple[list[list[Place]], float]:
    """Returns whom a clause without a name of its own speaks of, and how surely."""
    clause = clauses[index]
    if _OWN_SUBJECT.match(text[clause.start : clause.end]):
        return [], 0.0
    for earlier in range(index - 1, -1, -1):
        if within[earlier]:
            return _groups(text, within[earlier])[:1], 0.8
    for later in range(index + 1, len(clauses)):
        if within[later]:
            return _groups(text, within[later])[:1], 0.7
    return [], 0.0


def _masked(tokens: Sequence[Token], mentioned: Sequence[Place], company: int) -> list[str]:
    words: list[str] = []
    for token in tokens:
        word = token.lower
        for place in mentioned:
            if place.start <= token.start < place.end:
                word = THIS_COMPANY if place.company == company else OTHER_COMPANY
                word = word if place.start == token.start else ""
                break
        words.append(word)
    return words


def _falls_to(offset: int, company: int, groups: Sequence[Sequence[Place]]) -> bool:
    """Tells whether the words at `offset` speak of the company: those of the name before them."""
    holder = groups[0]
    for group in groups:
        if group[0].start <= offset:
            holder = group
    return any(place.company == company for place in holder)


def _statement(
    unit: int, clause: Clause, weighed: Sequence[Weighed], words: Sequence[str], price: bool
) -> Statement:
    ranked = sorted(weighed, key=lambda item: (-abs(item.weight), item.start))
    value = sum(item.weight * factor for item, factor in zip(ranked, _FALLOFF, strict=False))
    best = ranked[0] if ranked else None
    said = " ".join(word for word in words[best.start : best.end] if word) if best else ""
    because = best.because if best else ""
    return Statement(unit, clause.start, clause.end, round(value, 4), because, said, price)
