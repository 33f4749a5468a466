"""Which companies a model is asked to score, and what becomes of its scores and quotes.

Roles decide by code, as with the builtin analyzer: only subjects and peers that the text names are
scored. A quote that is not in the text is never shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from newsdesk.analysis.model.answers import ScoreAnswer, SentimentAnswer
from newsdesk.analysis.model.checks import MAX_REASON, Source, listed, tidy
from newsdesk.analysis.model.evidence import find_evidence
from newsdesk.analysis.sentiment import ALERT, UNREAD, why_not
from newsdesk.contracts.analysis import (
    Analysis,
    Company,
    EvidenceState,
    Role,
    Sentiment,
    not_assessed,
    scored,
)

MAX_ASSESSED = 25
"""A roundup of more than these is not scored to its end: answers have a bounded length."""

_UNPROVEN = "No passage of the text was found that proves it."


@dataclass(frozen=True)
class Scores:
    """Sentiments in the analysis' order, and what is wrong with the answer."""

    sentiments: tuple[Sentiment, ...] = ()
    fatal: tuple[str, ...] = ()
    flaws: tuple[str, ...] = ()
    dropped_quotes: int = 0


def assessable(analysis: Analysis) -> list[int]:
    """Returns the numbers of the companies that are put before the model, at most MAX_ASSESSED."""
    if analysis.automated_alert or not analysis.language_read:
        return []
    return [
        number
        for number, company in enumerate(analysis.companies)
        if company.role in (Role.SUBJECT, Role.PEER) and company.mentions
    ][:MAX_ASSESSED]


def unassessed(company: Company, analysis: Analysis) -> Sentiment:
    """Returns the sentiment of a company that is not put before the model, with the reason."""
    if not analysis.language_read:
        return not_assessed(analysis.note or UNREAD)
    if analysis.automated_alert:
        return not_assessed(ALERT)
    if company.role in (Role.SUBJECT, Role.PEER) and company.mentions:
        return not_assessed(
            f"Only the first {MAX_ASSESSED} companies of so long a list are assessed."
        )
    return not_assessed(why_not(company))


def checked_scores(
    text: str,
    spans: Sequence[tuple[int, int]],
    analysis: Analysis,
    chosen: Sequence[int],
    answer: SentimentAnswer,
    source: Source,
) -> Scores:
    """Returns the sentiments of an answer, each quote found in the text or dropped.

    Args:
        text: the record's plain text.
        spans: the parts of it that the model was given.
        analysis: whose companies they are.
        chosen: the numbers, in the analysis, of the companies that the model was asked for; it
            knows them as 1, 2, …
        answer: what it answered.
        source: what it was sent.
    """
    by_number = {item.number: item for item in answer.companies}
    wanted = range(1, len(chosen) + 1)
    fatal = _numbers_wrong(answer, wanted)
    fatal += listed(_problems(by_number[n], source) for n in wanted if n in by_number)
    if fatal:
        return Scores(fatal=tuple(fatal))
    found = {
        number: _sentiment(text, spans, by_number[place])
        for place, number in zip(wanted, chosen, strict=True)
    }
    lost = [place for place, number in zip(wanted, chosen, strict=True) if _unproven(found[number])]
    return Scores(
        sentiments=tuple(
            found[number] if number in found else unassessed(company, analysis)
            for number, company in enumerate(analysis.companies)
        ),
        flaws=tuple(_not_in_text(place) for place in lost),
        dropped_quotes=len(lost),
    )


def _numbers_wrong(answer: SentimentAnswer, wanted: range) -> list[str]:
    given = [item.number for item in answer.companies]
    missing = [str(number) for number in wanted if number not in given]
    other = sorted({str(number) for number in given if number not in wanted})
    found: list[str] = []
    if missing:
        found.append(f"companies: number {', '.join(missing)} is missing")
    if other:
        found.append(f"companies: there is no number {', '.join(other[:5])}")
    if len(set(given)) < len(given):
        found.append("companies: a number is there twice")
    return found


def _problems(item: ScoreAnswer, source: Source) -> list[str]:
    found = source.problems_of(f"reason of number {item.number}", item.reason, MAX_REASON)
    if not -1.0 <= item.score <= 1.0:
        found.append(f"score of number {item.number}: it must lie between -1.0 and 1.0")
    return found


def _not_in_text(place: int) -> str:
    return (
        f"quote of number {place}: it does not stand in the article; copy one sentence exactly,"
        " character by character"
    )


def _unproven(sentiment: Sentiment) -> bool:
    return sentiment.evidence.state is EvidenceState.NONE


def _sentiment(text: str, spans: Sequence[tuple[int, int]], item: ScoreAnswer) -> Sentiment:
    evidence = find_evidence(text, item.quote, spans)
    reason = tidy(item.reason)
    if evidence.state is EvidenceState.NONE:
        reason = f"{reason} {_UNPROVEN}"
    return scored(item.score, reason, evidence)
