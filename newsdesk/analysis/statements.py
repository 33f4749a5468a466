"""What the text says of each company: clause by clause, with the words that count."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from newsdesk.analysis.clauses import Clause, split_clauses
from newsdesk.analysis.lexicon import OTHER_COMPANY, THIS_COMPANY, Weighed, weigh
from newsdesk.analysis.sentences import Unit, UnitKind
from newsdesk.analysis.tokens import Token, tokenize

_PRICE_HEADING = re.compile(r"^(?:[\w&]+ ){0,3}price action\b", re.IGNORECASE)
_PRICE_HISTORY = re.compile(
    r"\b(?:shares?|stock)\b.{0,40}\b(?:up|down|higher|lower|rose|fell|gained|lost|closed|traded|"
    r"trading|climbed|slipped|declined|surged|plunged|jumped|dropped|dipped|slid|tumbled|sank|"
    r"soared|recovered)\b.{0,60}\d(?:\.\d+)?%|"
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
_BACKGROUND = re.compile(
    r"\bover the (?:past |last )?(?:few |several )?(?:years|decades)\b|\bin recent years\b|"
    r"\b(?:years|decades?) (?:ago|earlier)\b|\b(?:was|were) founded\b|"
    r"\blast (?:spring|summer|autumn|winter)\b|\bhad (?:hoped|planned|wanted|expected|counted)\b|"
    r"\b\w{1,20}(?:ed|ose|ell|ut) (?:\w{1,20} ){0,8}in (?:January|February|March|April|May|June|"
    r"July|August|September|October|November|December)\b",
)
_BACKGROUND_FACTOR = 0.4
"""What happened long ago, or was only hoped for, is no news."""
_MOVES = re.compile(
    r"(?:\s?\([^()]{1,40}\))*(?:,[^,]{1,120},)?(?: (?:shares?|stock)| has| have)? (?:rose|fell|"
    r"gained|lost|dropped|slipped|climbed|dipped|jumped|slid|tumbled|surged|soared|plunged|sank|added|"
    r"shed|advanced|declined|recovered|(?:was|were|is|are|closed|ended|traded)? ?(?:up|down))"
    r"(?:, (?:gaining|rising|adding))?(?: (?:by|about|another|a further|as much as|nearly|almost|"
    r"more than)){0,2} \d[\d.]*%",
)
_CAUSE = frozenset("after as amid because following since when once".split())
_OWN_SHARES = frozenset("shares stock it its they".split())
_CAUSE_FACTOR = 0.15
_MOVED = frozenset(("a rise", "a fall", "a strong rise", "a strong fall"))
_MOVED_SHARE = 0.5
"""Of equal words, those that give a cause are shown before those that tell of a movement."""
_MARK = re.compile(r"[,;:()?!\"“”—–]")
_FIGURE_GOES_ON = re.compile(r"(?:[.,]\d+)*%?(?: (?:million|billion|percent)\b)?")
_SHOWN = 4
_PHRASE_ENDS = frozenset(
    "after as amid while and but or which who that because since with when though despite".split()
)
_LOOSE_END = frozenset(
    "a an the its their his her of to in on at by for from over into than more about up down "
    "it".split()
)


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

    `start`, `end`: the clause. `words`: the telling ones, as the text has them, and `because` what
    they mean. `price`: it only tells what the share price did; `moved`: and begins with it.
    """

    unit: int
    start: int
    end: int
    value: float
    because: str
    words: str
    price: bool
    moved: bool = False


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
        for said in _unit_says(text, unit, mentioned):
            statement = _statement(text, number, said, number in price)
            statements.setdefault(said.company, []).append(statement)
    return statements


@dataclass(frozen=True, slots=True)
class _Said:
    """A clause as one company sees it; `breaks` as in weigh().

    `moved`: where the words end that tell of its share price, or 0.
    """

    company: int
    clause: Clause
    tokens: Sequence[Token]
    breaks: Collection[int]
    weighed: Sequence[Weighed]
    factor: float
    moved: int


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


def _unit_says(text: str, unit: Unit, mentioned: Sequence[Place]) -> Iterator[_Said]:
    clauses = split_clauses(text, unit.start, unit.end)
    speakers = {place.company for place in mentioned if place.source}
    within = [_within(clause, mentioned) for clause in clauses]
    for index, clause in enumerate(clauses):
        groups = _groups(text, within[index])
        factor = 1.0
        if not groups:
            groups, factor = _borrowed(text, clauses, within, index)
        tokens = tokenize(text[clause.start : clause.end], clause.start)
        breaks = _breaks(text, tokens)
        in_title = unit.kind is UnitKind.TITLE
        past = not in_title and _BACKGROUND.search(text, clause.start, clause.end) is not None
        for company in dict.fromkeys(place.company for group in groups for place in group):
            if company in speakers and all(place.source for place in mentioned):
                continue
            words = _masked(tokens, mentioned, company)
            weighed = [
                replace(item, weight=item.weight * _cause(words, item))
                for item in weigh(words, breaks)
                if THIS_COMPANY in words[item.start : item.end]
                or _falls_to(tokens[item.start].start, company, groups)
            ]
            weighed = [item for item in weighed if not _compound(text, tokens, item)]
            moved = 0 if in_title else _moved(text, groups, company)
            counts = factor * _BACKGROUND_FACTOR if past and not moved else factor
            yield _Said(company, clause, tokens, breaks, weighed, counts, moved)


def _breaks(text: str, tokens: Sequence[Token]) -> set[int]:
    """Returns the indexes of the tokens before which a comma or another mark parts the words."""
    return {
        number
        for number, (left, right) in enumerate(pairwise(tokens), start=1)
        if _MARK.search(text, left.end, right.start) and text[left.end : right.start] != ","
    }


def _cause(words: Sequence[str], item: Weighed) -> float:
    """Returns how far words count that stand before the first name and its "after".

    "Copper jumps after a flood at X" says nothing good of X; "Shares jump after X …" does.
    """
    named = next((place for place, word in enumerate(words) if word == THIS_COMPANY), 0)
    if item.end > named or _CAUSE.isdisjoint(words[item.end : named]):
        return 1.0
    opening = words[0] if words[0] not in ("the", "its") else words[min(1, len(words) - 1)]
    return 1.0 if opening in _OWN_SHARES or OTHER_COMPANY in words[: item.start] else _CAUSE_FACTOR


def _compound(text: str, tokens: Sequence[Token], item: Weighed) -> bool:
    """Tells whether a movement is but a part of another word: "narrow-body", "slow-release"."""
    end = tokens[item.end - 1].end
    single = item.end - item.start == 1 and item.because in _MOVED
    return single and text[end : end + 1] == "-" and text[end + 1 : end + 2].isalpha()


def _moved(text: str, groups: Sequence[Sequence[Place]], company: int) -> int:
    """Returns where "X (NYSE: X) rose 2%" ends, 0 where a clause has no such words."""
    found = [
        _MOVES.match(text, place.end)
        for group in groups
        for place in group
        if place.company == company
    ]
    return max((match.end() for match in found if match is not None), default=0)


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


def _statement(text: str, unit: int, said: _Said, price: bool) -> Statement:
    ranked = sorted(said.weighed, key=lambda item: (-abs(item.weight), item.start))
    value = sum(item.weight * factor for item, factor in zip(ranked, _FALLOFF, strict=False))
    best = max((item for item in ranked if item.weight * value > 0), key=_tells, default=None)
    words = _shown(text, said, best) if best else ""
    because = best.because if best else ""
    moves = all(said.tokens[item.start].start < said.moved for item in ranked)
    return Statement(
        unit,
        said.clause.start,
        said.clause.end,
        round(value * said.factor, 4),
        because,
        words,
        price or (moves and said.moved > 0),
        said.moved > 0,
    )


def _tells(item: Weighed) -> float:
    return abs(item.weight) * (_MOVED_SHARE if item.because in _MOVED else 1.0)


def cause_first(statement: Statement) -> float:
    """Returns how much a statement tells: a cause more than a movement of equal strength."""
    return abs(statement.value) * (_MOVED_SHARE if statement.because in _MOVED else 1.0)


def _shown(text: str, said: _Said, item: Weighed) -> str:
    """Returns the telling words with the few that follow them, up to a mark or a conjunction."""
    tokens, last = said.tokens, item.end
    while (
        last < min(item.end + _SHOWN, len(tokens))
        and last not in said.breaks
        and tokens[last].lower not in _PHRASE_ENDS
    ):
        last += 1
    while last > item.end and tokens[last - 1].lower in _LOOSE_END:
        last -= 1
    start, end = tokens[item.opens].start, tokens[last - 1].end
    figure = _FIGURE_GOES_ON.match(text, end) if text[end - 1].isdigit() else None
    return text[start : figure.end() if figure else end]
