"""The builtin analyzer: deterministic, no network, no key. The default."""

import asyncio
from collections.abc import Sequence

from newsdesk.analysis.alerts import is_automated_alert
from newsdesk.analysis.categories import categorize
from newsdesk.analysis.companies import MAX_COMPANIES, Found, find_companies
from newsdesk.analysis.roles import Cast, assign_roles, is_broker_name, is_source_at
from newsdesk.analysis.sentences import MAX_CHARS, Unit, split_units
from newsdesk.analysis.sentiment import assess, says_something
from newsdesk.analysis.statements import Place, collect
from newsdesk.analysis.summary import make_gist, make_summary
from newsdesk.contracts.analysis import (
    Analysis,
    AnalyzerInfo,
    ArticleForAnalysis,
    Company,
    Mention,
    Role,
    SentimentAnalysis,
    Usage,
)
from newsdesk.contracts.models import Assignment

NAME = "builtin"
VERSION = "2"
"""Raised by one whenever equal input may give another answer: rules, tables, weights."""

_INFO = AnalyzerInfo(name=NAME, version=VERSION)
_USAGE = Usage(model=NAME)
_LATIN_SHARE = 0.8


class BuiltinAnalyzer:
    """Answers both analyzing steps by rules and shipped tables.

    It reads English, and text of unknown language that is written in Latin letters. Of a very long
    text only the first MAX_CHARS code points are looked at, and the analysis' note says so.
    """

    @property
    def name(self) -> str:
        """`builtin`."""
        return NAME

    async def analyze_article(
        self, article: ArticleForAnalysis, assignment: Assignment
    ) -> tuple[Analysis, Usage]:
        """Returns categories, gist, summary and companies; runs beside the event loop."""
        return await asyncio.to_thread(analyze, article), _USAGE

    async def analyze_sentiment(
        self, article: ArticleForAnalysis, analysis: Analysis, assignment: Assignment
    ) -> tuple[SentimentAnalysis, Usage]:
        """Returns one sentiment for each of the analysis' companies, in their order."""
        return await asyncio.to_thread(score, article, analysis), _USAGE


def analyze(article: ArticleForAnalysis) -> Analysis:
    """Returns the analysis of an article."""
    units = split_units(article.text, article.title)
    if not reads(article):
        return _unread(article, units)
    found = find_companies(article, units, read_names=True)
    cast = assign_roles(article.text, units, found, told=_told(article.text, units, found))
    subjects = {
        span.unit for member in cast if member.role is Role.SUBJECT for span in member.found.spans
    }
    return Analysis(
        categories=categorize(article),
        gist=make_gist(article, units, subjects),
        summary=make_summary(article, units, subjects),
        companies=tuple(_company(units, article.text, member) for member in cast),
        analyzer=_INFO,
        note=_limits_note(article.text, found),
        automated_alert=is_automated_alert(article),
    )


def score(article: ArticleForAnalysis, analysis: Analysis) -> SentimentAnalysis:
    """Returns the sentiments of an analysis' companies; the analysis may be a model's."""
    if not reads(article):
        analysis = analysis.model_copy(update={"language_read": False})
    units = split_units(article.text, article.title)
    return SentimentAnalysis(sentiments=assess(article.text, units, analysis), analyzer=_INFO)


def reads(article: ArticleForAnalysis) -> bool:
    """Returns whether the analyzer reads the article's language."""
    language = article.language.strip().lower()
    if language in ("und", ""):
        letters = [char for char in article.text[:4_000] if char.isalpha()]
        latin = sum(1 for char in letters if char < "ɐ")
        return bool(letters) and latin >= _LATIN_SHARE * len(letters)
    return language.split("-")[0] == "en"


def _unread(article: ArticleForAnalysis, units: Sequence[Unit]) -> Analysis:
    found = find_companies(article, units, read_names=False)
    members = [
        Cast(company, Role.PASSING if company.spans else Role.TAGGED_ONLY, 0.0) for company in found
    ]
    return Analysis(
        categories=(),
        gist=article.title,
        summary="",
        companies=tuple(_company(units, article.text, member) for member in members),
        analyzer=_INFO,
        language_read=False,
        note=f"The builtin analyzer reads English; this text's language is {article.language!r}.",
        automated_alert=is_automated_alert(article),
    )


def _told(text: str, units: Sequence[Unit], found: Sequence[Found]) -> list[bool]:
    places: dict[int, list[Place]] = {}
    marks = sorted(
        (span.start, span.end, span.unit, number)
        for number, company in enumerate(found)
        for span in company.spans
    )
    for start, end, unit, number in marks:
        broker = found[number].broker or is_broker_name(found[number].name)
        source = is_source_at(text, start, end, broker=broker)
        places.setdefault(unit, []).append(Place(start, end, number, source))
    statements = collect(text, units, places)
    return [says_something(statements, number) for number in range(len(found))]


def _company(units: Sequence[Unit], text: str, member: Cast) -> Company:
    found = member.found
    return Company(
        name=found.name,
        ticker=found.ticker,
        exchange=found.exchange,
        role=member.role,
        mentions=tuple(
            Mention(start=span.start, end=span.end, sentence=units[span.unit].text)
            for span in found.spans
        ),
    )


def _limits_note(text: str, found: Sequence[Found]) -> str:
    notes: list[str] = []
    if len(text) > MAX_CHARS:
        notes.append(f"Only the first {MAX_CHARS:,} of {len(text):,} characters were analyzed.")
    if len(found) >= MAX_COMPANIES:
        notes.append(f"Only the first {MAX_COMPANIES} companies were looked at.")
    return " ".join(notes)
