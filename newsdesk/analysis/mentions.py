"""Finds the places where a text names companies, in one pass over its words."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise

from newsdesk.analysis.names import common_names, core_words, is_generic
from newsdesk.analysis.sentences import Unit, UnitKind
from newsdesk.analysis.tokens import Token, tokenize, words_of

MAX_MENTIONS = 100
"""A company's further mentions are not kept: they would only repeat what is known."""

_LEGAL_END = frozenset("inc corp co ltd".split())
_TICKER_WORDS = frozenset(
    "A ALL AM AN AND ANY ARE AS AT BE BEST BIG BILL BOX BY CAN CAR CASH CEO CFO COO CTO CPI DAY DO "
    "EPS ETF EU EV EVER FAST FBI FDA FOR FUN FY GDP GO GOOD HAS HE HIGH HOPE IPO IRS IT KEY LIFE "
    "LOVE LOW MAN NASA NEW NEXT NOW OF OLD ON ONE OPEN OR OUT PLAY PM POST PPI PUT CALL Q QE REAL "
    "RUN SAFE SEC SEE SO TECH THE TO TRUE TV TWO UK UN UP US USA USD VERY WELL WORK YOU AI API APP "
    "BULL BEAR BUY SELL HOLD EDIT HUGE NICE OPEC WTO IMF NATO DOJ FTC FCC EPA CIA".split()
)
_CUES = frozenset(
    "s stock stocks shares share said says inc corp co ltd reports reported reporting beats beat "
    "misses missed raises raised cuts cut lowers lowered posts posted announces announced unveils "
    "launches launched sees expects expected plans ceo cfo earnings q1 q2 q3 q4 revenue sales "
    "profit surges surged jumps jumped falls fell rises rose slips slides gains drops dropped "
    "plunges plunged tumbles climbs rallies soars sinks will has is was names named appoints "
    "acquires buys agrees signs wins faces stores store customers investors shareholders".split()
)


class NameKind(Enum):
    """How much a name proves by itself."""

    FULL = "full"
    SHORT = "short"
    WEAK = "weak"
    TICKER = "ticker"


@dataclass(frozen=True, slots=True)
class Name:
    """A way to write a company. `spelled`: exactly so, for tickers and names of odd case."""

    words: tuple[str, ...]
    spelled: str
    kind: NameKind
    company: int


@dataclass(frozen=True, slots=True)
class Span:
    """A mention: text[start:end] names `company` within the unit of index `unit`."""

    start: int
    end: int
    unit: int
    company: int


@dataclass(slots=True)
class NameIndex:
    """Names by their first word, the longest first."""

    by_first: dict[str, list[Name]] = field(default_factory=dict[str, list[Name]])

    def add(self, names: Iterable[Name]) -> None:
        """Adds names; a name that is known already keeps its first company."""
        for name in names:
            entries = self.by_first.setdefault(name.words[0], [])
            if all((entry.words, entry.spelled) != (name.words, name.spelled) for entry in entries):
                entries.append(name)

    def sort(self) -> None:
        """Puts the longest names first; must be called before matching."""
        for entries in self.by_first.values():
            entries.sort(key=lambda name: (-len(name.words), name.company))


def short_names(company: int, names: Sequence[str], taken: set[str]) -> list[Name]:
    """Returns how a text may write a company that is tagged or anchored.

    `taken`: first words that several companies of the article share, which mean neither alone.
    """
    found: list[Name] = []
    for name in names:
        core = core_words(name)
        if not core:
            continue
        full = words_of(name)
        variants = [full, core]
        if len(core) > 2 and not is_generic(core[:2]):
            variants.append(core[:2])
        found += [_name(company, words, name) for words in variants if len(words) > 1]
        first = next(iter(core))
        if len(core) == 1 or (first not in common_names() and first not in taken):
            found += _single(company, first, name)
    return found


def ticker_name(company: int, ticker: str) -> list[Name]:
    """Returns the ticker as a name of its company, where it can be no other word."""
    if len(ticker) < 3 or ticker in _TICKER_WORDS or not ticker.isalnum():
        return []
    return [Name((ticker.lower(),), ticker, NameKind.TICKER, company)]


def _name(company: int, words: tuple[str, ...], name: str) -> Name:
    return Name(words, name, NameKind.FULL, company)


def _single(company: int, word: str, name: str) -> list[Name]:
    if len(word) < 2 or word.isdigit():
        return []
    kind = NameKind.WEAK if word in common_names() or len(word) < 3 else NameKind.SHORT
    return [Name((word,), name, kind, company)]


def find_spans(text: str, units: Sequence[Unit], index: NameIndex) -> list[Span]:
    """Returns the places where names of the index stand, in order, none overlapping another."""
    counts: dict[int, int] = {}
    spans: list[Span] = []
    for number, unit in enumerate(units):
        tokens = tokenize(unit.text, unit.start)
        position = 0
        while position < len(tokens):
            hit = _longest(text, unit, tokens, position, index)
            if hit is None:
                position += 1
                continue
            counts[hit.company] = counts.get(hit.company, 0) + 1
            if counts[hit.company] <= MAX_MENTIONS:
                start, end = tokens[position].start, tokens[position + len(hit.words) - 1].end
                spans.append(Span(start, _with_stop(text, end, unit), number, hit.company))
            position += len(hit.words)
    return spans


def _longest(
    text: str, unit: Unit, tokens: Sequence[Token], position: int, index: NameIndex
) -> Name | None:
    for name in index.by_first.get(tokens[position].lower, ()):
        stop = position + len(name.words)
        if tuple(token.lower for token in tokens[position:stop]) != name.words:
            continue
        if _gaps_fit(text, tokens[position:stop]) and _is_name(text, unit, tokens, position, name):
            return name
    return None


_GAP = re.compile(r"[ \u00a0,.&'’\-–/]{0,4}")


def _gaps_fit(text: str, tokens: Sequence[Token]) -> bool:
    return all(
        _GAP.fullmatch(text, left.end, right.start) is not None for left, right in pairwise(tokens)
    )


def _is_name(text: str, unit: Unit, tokens: Sequence[Token], position: int, name: Name) -> bool:
    first = tokens[position]
    if name.kind is NameKind.TICKER:
        return first.text == name.spelled and not (unit.text.isupper() and " " in unit.text)
    last = tokens[position + len(name.words) - 1]
    as_spelled = text[first.start : last.end] == name.spelled[: last.end - first.start]
    if not (first.text[0].isupper() or first.text[0].isdigit() or as_spelled):
        return False
    if name.kind is NameKind.FULL:
        return any(token.text[0].isupper() for token in tokens[position : position + 2]) or (
            as_spelled
        )
    return _single_is_name(unit, tokens, position, name)


def _single_is_name(unit: Unit, tokens: Sequence[Token], position: int, name: Name) -> bool:
    if name.kind is not NameKind.WEAK:
        return True
    before = tokens[position - 1].lower if position else ""
    after = tokens[position + 1].lower if position + 1 < len(tokens) else ""
    if before in ("price", "the", "a", "an") or after in ("price", "prices"):
        return False
    if unit.kind is UnitKind.ROW:
        return True
    if unit.kind is UnitKind.TITLE and _listed(unit, tokens[position]):
        return True
    says_nothing = unit.title_case or position == 0
    return not says_nothing or after in _CUES or (position == 0 and unit.kind is UnitKind.TITLE)


def _listed(unit: Unit, token: Token) -> bool:
    """Tells whether a word of a title stands in a list, as in "To Watch: Target, Gap"."""
    start, end = token.start - unit.start, token.end - unit.start
    before, after = unit.text[:start].rstrip()[-1:], unit.text[end : end + 1]
    return (bool(before) and before in ":,;") or after == ","


def _with_stop(text: str, end: int, unit: Unit) -> int:
    """Takes the full stop of "Inc." into the name, unless it ends the sentence as well."""
    word = re.search(r"[^\W_]+$", text[max(unit.start, end - 5) : end])
    has_stop = end + 1 < unit.end and text[end] == "."
    return end + 1 if has_stop and word and word.group().lower() in _LEGAL_END else end
