"""Which companies a model's answer may name: those in the text, and those that were tagged.

Places are found by code, with the same means as the builtin analyzer's. A company that is neither
in the text nor tagged is dropped, and counted. One that is tagged or marked up and that the model
left out is kept all the same, as named in passing or as tagged only.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from newsdesk.analysis.companies import Found, find_companies
from newsdesk.analysis.mentions import (
    MAX_MENTIONS,
    NameIndex,
    find_spans,
    short_names,
    ticker_name,
)
from newsdesk.analysis.model.answers import CompanyAnswer
from newsdesk.analysis.model.evidence import Folded, find_words, fold
from newsdesk.analysis.names import core_words, normalize_ticker, same_company
from newsdesk.analysis.sentences import Unit
from newsdesk.contracts.analysis import ArticleForAnalysis, Company, Mention, Role

Place = tuple[int, int]
MAX_NAME = 200


@dataclass(slots=True)
class _Member:
    """A company on the way into the record."""

    name: str
    ticker: str | None
    exchange: str | None
    role: Role
    places: list[Place] = field(default_factory=list[Place])


def checked_companies(
    article: ArticleForAnalysis,
    units: Sequence[Unit],
    answers: Sequence[CompanyAnswer],
    *,
    read_names: bool,
) -> tuple[tuple[Company, ...], int]:
    """Returns the companies of an answer that are there, subjects first, and how many are not.

    Args:
        article: the article, whose text and tags decide.
        units: its text's sentences.
        answers: what the model named.
        read_names: whether names can be told from other words, which takes a language in Latin
            letters that the code knows.
    """
    known = find_companies(article, units, read_names=read_names)
    named = _Named(fold(article.text), known)
    named.add(answers)
    if read_names:
        _add_short_names(article.text, units, named.others, known)
    members = [
        *named.members,
        *(
            _left_out(found)
            for number, found in enumerate(known)
            if number not in named.taken and (found.tagged or found.anchored)
        ),
    ]
    order = list(Role)
    members.sort(key=lambda member: order.index(member.role))
    return tuple(_company(units, article.text, member) for member in members), named.dropped


class _Named:
    """The companies that a model named: those that code found too (`taken`), and `others`."""

    def __init__(self, text: Folded, known: Sequence[Found]) -> None:
        self.members: list[_Member] = []
        self.taken: set[int] = set()
        self.others: list[_Member] = []
        self.dropped = 0
        self._text = text
        self._known = known

    def add(self, answers: Sequence[CompanyAnswer]) -> None:
        """Adds what is there, each company once, and counts what is not."""
        by_name = [_by_name(self._known, answer) for answer in answers]
        for answer, number in zip(answers, by_name, strict=True):
            if number is not None:
                self._take(number, answer)
                continue
            number = self._by_ticker(answer, by_name)
            if number is None:
                self._add_other(answer)
            elif number not in by_name:  # where it is, that answer says what it does
                self._take(number, answer)

    def _by_ticker(self, answer: CompanyAnswer, by_name: Sequence[int | None]) -> int | None:
        """Returns the company of the answer's ticker, unless the text names another one so.

        That is where the ticker's company was answered by itself, or the text does not name it;
        the answer's name stands in the text; and the two names have nothing in common.
        """
        ticker = normalize_ticker(answer.ticker)
        for number, found in enumerate(self._known):
            if ticker and ticker in found.tickers:
                apart = number in by_name or not found.spans
                other = apart and not _may_be_called(found, answer.name)
                return None if other and _places(self._text, answer.name) else number
        return None

    def _take(self, number: int, answer: CompanyAnswer) -> None:
        if number not in self.taken:
            self.taken.add(number)
            self.members.append(_known(self._text, self._known[number], answer))

    def _add_other(self, answer: CompanyAnswer) -> None:
        member = _unknown(self._text, self._known, answer)
        if member is None:
            self.dropped += 1
        elif all(core_words(other.name) != core_words(member.name) for other in self.members):
            self.members.append(member)
            self.others.append(member)


def _by_name(known: Sequence[Found], answer: CompanyAnswer) -> int | None:
    core = core_words(answer.name)
    for number, found in enumerate(known):
        if core and any(core_words(name) == core for name in (found.name, *found.names)):
            return number
    return None


def _may_be_called(found: Found, name: str) -> bool:
    """Returns whether a name is like the company's; of one known by ticker alone, any may be."""
    names = [known for known in (found.name, *found.names) if known not in found.tickers]
    return not names or any(same_company(known, name) for known in names)


def _known(text: Folded, found: Found, answer: CompanyAnswer) -> _Member:
    member = _left_out(found)
    if not member.places:
        # Tags and tables spell it in full, or know its ticker only; the text may not.
        member.places = _places(text, answer.name)[:MAX_MENTIONS]
        if member.places and found.name in found.tickers:
            member.name = _spelled(text, member.places[0])
    member.role = Role(answer.role) if member.places else Role.TAGGED_ONLY
    return member


def _left_out(found: Found) -> _Member:
    places = [(span.start, span.end) for span in found.spans]
    role = Role.PASSING if places else Role.TAGGED_ONLY
    return _Member(found.name, found.ticker, found.exchange, role, places)


def _unknown(text: Folded, known: Sequence[Found], answer: CompanyAnswer) -> _Member | None:
    """Returns a company that only the model found, with the places of its name; None: nowhere."""
    places = _places(text, answer.name)
    if not places:
        return None
    name, ticker = _spelled(text, places[0]), _ticker_in(text, known, answer)
    return _Member(name, ticker, None, Role(answer.role), places[:MAX_MENTIONS])


def _places(text: Folded, name: str) -> list[Place]:
    """Returns where a name stands whole: on one line, and within one cell of a table."""
    if not any(char.isalnum() for char in name) or len(name) > MAX_NAME:
        return []
    return [
        place
        for place in find_words(text, name)
        if not any(mark in _spelled(text, place) for mark in "\n\t")
    ]


def _spelled(text: Folded, place: Place) -> str:
    return text.original[place[0] : place[1]]


def _ticker_in(text: Folded, known: Sequence[Found], answer: CompanyAnswer) -> str | None:
    """Returns the answer's ticker where the text has it as a ticker, and not another's."""
    ticker = normalize_ticker(answer.ticker)
    if len(ticker) < 2 or any(ticker in found.tickers for found in known):
        return None
    plain = not ticker_name(0, ticker)
    for start, end in find_words(text, ticker):
        marked = text.original[:start].rstrip(" ")[-1:] in ("(", "$", ":")
        if _spelled(text, (start, end)).isupper() and (marked or not plain):
            return ticker
    return None


def _add_short_names(
    text: str, units: Sequence[Unit], members: Sequence[_Member], known: Sequence[Found]
) -> None:
    """Adds the places where the text calls companies by the beginning of their names only."""
    names = [name for found in known for name in (found.names or [found.name])]
    cores = {core_words(name) for name in (*names, *(member.name for member in members))}
    firsts = Counter(core[0] for core in cores if core)
    shared = {word for word, count in firsts.items() if count > 1}
    index = NameIndex()
    for number, member in enumerate(members):
        index.add(short_names(number, [member.name], shared))
    index.sort()
    for span in find_spans(text, units, index):
        members[span.company].places.append((span.start, span.end))
    for member in members:
        member.places = _apart(sorted(member.places, key=lambda place: (place[0], -place[1])))


def _apart(places: Sequence[Place]) -> list[Place]:
    kept: list[Place] = []
    for start, end in places:
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept[:MAX_MENTIONS]


def _company(units: Sequence[Unit], text: str, member: _Member) -> Company:
    return Company(
        name=member.name,
        ticker=member.ticker,
        exchange=member.exchange,
        role=member.role,
        mentions=tuple(
            Mention(start=start, end=end, sentence=_sentence(units, text, start, end))
            for start, end in member.places
        ),
    )


def _sentence(units: Sequence[Unit], text: str, start: int, end: int) -> str:
    for unit in units:
        if unit.start <= start and end <= unit.end:
            return unit.text
    line = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", end)
    return text[line : stop if stop >= 0 else len(text)]
