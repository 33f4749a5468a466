import math

import pytest

from newsdesk.analysis.model.answers import ScoreAnswer, SentimentAnswer
from newsdesk.analysis.model.checks import Source
from newsdesk.analysis.model.prompts import companies_data, prompt_for
from newsdesk.analysis.model.scores import (
    MAX_ASSESSED,
    Scores,
    assessable,
    checked_scores,
    unassessed,
)
from newsdesk.contracts.analysis import (
    Analysis,
    AnalyzerInfo,
    Company,
    Evidence,
    EvidenceState,
    Label,
    Mention,
    Role,
    SentimentState,
)
from newsdesk.contracts.names import Step

TEXT = "Quellmark raised its forecast. Vextrol’s sales fell 12%, and Quellmark raised its forecast."
FELL = "Vextrol’s sales fell 12%"


def company(name: str, role: Role, *, mentioned: bool = True) -> Company:
    at = TEXT.find(name)
    mention = Mention(start=max(at, 0), end=max(at, 0) + len(name), sentence=TEXT)
    return Company(name=name, role=role, mentions=(mention,) if mentioned else ())


def analysis(*companies: Company, read: bool = True, alert: bool = False) -> Analysis:
    return Analysis(
        categories=("Earnings",),
        gist="G",
        summary="S",
        companies=companies,
        analyzer=AnalyzerInfo(name="test", version="1"),
        language_read=read,
        note="Nobody here reads it." if not read else "",
        automated_alert=alert,
    )


BANK = company("Bank", Role.COMMENTATOR)
MIXED = analysis(
    BANK,
    company("Quellmark", Role.SUBJECT),
    company("Passing", Role.PASSING),
    company("Vextrol", Role.PEER),
    company("Tagged", Role.TAGGED_ONLY, mentioned=False),
)
CHOSEN = [1, 3]
SOURCE = Source(prompt_for(Step.ANALYZE_SENTIMENT), companies_data(MIXED.companies, TEXT))


def score(
    number: int, value: float = 0.5, quote: str = FELL, reason: str = "It fell."
) -> ScoreAnswer:
    return ScoreAnswer(number=number, score=value, quote=quote, reason=reason)


def checked(*scores: ScoreAnswer, spans: tuple[tuple[int, int], ...] = ()) -> Scores:
    answer = SentimentAnswer(companies=list(scores))
    return checked_scores(TEXT, spans, MIXED, CHOSEN, answer, SOURCE)


def test_scores_get_their_companies_labels_and_proofs() -> None:
    found = checked(score(2, -0.4567, "Vextrol's sales fell 12%"), score(1, 0.2, TEXT[:30]))
    assert (found.fatal, found.flaws, found.dropped_quotes) == ((), (), 0)
    states = [one.state is SentimentState.SCORED for one in found.sentiments]
    assert states == [False, True, False, True, False]
    quellmark, vextrol = found.sentiments[1], found.sentiments[3]
    assert (quellmark.score, quellmark.label) == (0.2, Label.SOMEWHAT_BULLISH)
    assert quellmark.evidence == Evidence(
        state=EvidenceState.VERIFIED, quote=TEXT[:30], start=0, end=30
    )
    assert (vextrol.score, vextrol.label) == (-0.457, Label.BEARISH)
    assert (vextrol.evidence.state, vextrol.evidence.quote) == (EvidenceState.REPAIRED, FELL)


def test_a_proof_is_looked_for_in_what_the_model_read() -> None:
    again = TEXT.rindex("Quellmark")
    quote = "Quellmark raised its forecast."
    found = checked(score(1, 0.5, quote), score(2), spans=((31, len(TEXT)),))
    assert found.sentiments[1].evidence.start == again


@pytest.mark.parametrize(
    "quote", ["", "Vextrol’s sales fell 13%", "Quellmark […] forecast", "fell 12%"]
)
def test_a_quote_that_is_not_in_the_text_is_dropped_counted_and_the_score_kept(quote: str) -> None:
    found = checked(score(1, quote=TEXT[:30]), score(2, -0.8, quote))
    sentiment = found.sentiments[3]
    assert (sentiment.score, sentiment.evidence) == (-0.8, Evidence())
    assert sentiment.reason == "It fell. No passage of the text was found that proves it."
    assert found.dropped_quotes == 1
    assert [flaw.split(":")[0] for flaw in found.flaws] == ["quote of number 2"]
    assert found.sentiments[1].evidence.quote is not None


@pytest.mark.parametrize("value", [1.01, -1.01, 1.7, 50.0, math.inf, -math.inf, math.nan])
def test_a_score_out_of_range_is_refused(value: float) -> None:
    found = checked(score(1), score(2, value))
    assert found == Scores(fatal=("score of number 2: it must lie between -1.0 and 1.0",))


@pytest.mark.parametrize("value", [-1.0, 1.0, 0.0])
def test_the_ends_of_the_range_are_in_it(value: float) -> None:
    assert checked(score(1, value), score(2)).sentiments[1].score == value


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ((), "number 1, 2 is missing"),
        ((1,), "number 2 is missing"),
        ((1, 2, 3), "there is no number 3"),
        ((0, 1, 2), "there is no number 0"),
        ((1, 2, -1), "there is no number -1"),
        ((1, 2, 2), "a number is there twice"),
        ((2, 3), "number 1 is missing"),
        ((1, 2, 10**4000), "there is no number 1000"),
    ],
)
def test_each_number_is_wanted_once_and_no_other(numbers: tuple[int, ...], told: str) -> None:
    found = checked(*(score(number) for number in numbers))
    assert told in "; ".join(found.fatal)
    assert found.sentiments == ()


def test_a_reasons_words_are_checked() -> None:
    for reason, told in (("", "empty"), ("x" * 501, "longer"), ("<b>up</b>", "mark-up")):
        found = checked(score(1, reason=reason), score(2))
        assert told in "; ".join(found.fatal)
        assert "number 1" in found.fatal[0]


def test_only_subjects_and_peers_that_the_text_names_are_put_before_the_model() -> None:
    assert assessable(MIXED) == CHOSEN
    tagged = company("Tagged", Role.SUBJECT, mentioned=False)
    assert assessable(analysis(tagged, BANK)) == []
    assert assessable(analysis(*MIXED.companies, read=False)) == []
    assert assessable(analysis(*MIXED.companies, alert=True)) == []


def test_of_a_long_roundup_the_first_are_assessed_and_the_others_say_so() -> None:
    long = analysis(*[company("Quellmark", Role.SUBJECT)] * (MAX_ASSESSED + 2))
    assert assessable(long) == list(range(MAX_ASSESSED))
    assert f"first {MAX_ASSESSED} companies" in unassessed(long.companies[-1], long).reason


def test_who_is_not_assessed_says_why() -> None:
    reasons = [unassessed(one, MIXED).reason for one in (MIXED.companies[n] for n in (0, 2, 4))]
    for reason, words in zip(reasons, ("about others", "in passing", "Tagged by"), strict=True):
        assert words in reason
    unread, alert = analysis(BANK, read=False), analysis(BANK, alert=True)
    assert unassessed(BANK, unread).reason == "Nobody here reads it."
    assert "describe trades" in unassessed(BANK, alert).reason
    assert unassessed(BANK, unread).score is None
