"""Both steps over a scripted model: what is asked, what becomes of it, and what a record says."""

import pytest
from pydantic import JsonValue

from newsdesk.analysis.model import ModelAnalyzer
from newsdesk.analysis.model.analyzer import FEWEST_CHARS
from newsdesk.contracts.analysis import (
    Analysis,
    ArticleForAnalysis,
    EvidenceState,
    Role,
    SentimentState,
    Usage,
)
from newsdesk.errors import ModelAnswerInvalidError, ModelContextError
from newsdesk.ports import Analyzer
from tests.unit.analysis.articles import article
from tests.unit.analysis.model.fakes import (
    ARTICLE_STEP,
    LIMITS,
    MODEL,
    SENTIMENT_STEP,
    MemoryLedger,
    ScriptedModel,
)

ITEM = article(
    "Quellmark Lifts Forecast",
    "Quellmark Foods raised its forecast on Monday.",
    "UBS called it bold.",
    *[f"Paragraph {number} says that much more grain was sold." for number in range(40)],
    stocks=("INTC",),
)
TOO_LONG = ModelContextError("too long")


def named(name: str, role: str, ticker: str = "") -> dict[str, JsonValue]:
    return {"name": name, "ticker": ticker, "role": role}


def answer(**changed: JsonValue) -> dict[str, JsonValue]:
    right: dict[str, JsonValue] = {
        "categories": ["Guidance"],
        "gist": "Quellmark  raised\nits forecast.",
        "summary": "It did so on Monday.",
        "companies": [named("Quellmark Foods", "subject"), named("UBS", "commentator")],
    }
    return {**right, **changed}


def scores(quote: str = "Quellmark Foods raised its forecast") -> dict[str, JsonValue]:
    reason = "It expects more."
    return {"companies": [{"number": 1, "score": 0.5, "quote": quote, "reason": reason}]}


def analyzer(model: ScriptedModel, ledger: MemoryLedger | None = None) -> Analyzer:
    return ModelAnalyzer(model, ledger or MemoryLedger(), LIMITS, max_input_chars=60_000)


async def analysis_of(item: ArticleForAnalysis, *answers: dict[str, JsonValue]) -> Analysis:
    analysis, _ = await analyzer(ScriptedModel(*answers)).analyze_article(item, ARTICLE_STEP)
    return analysis


async def test_an_article_is_analyzed_in_one_call() -> None:
    model = ScriptedModel(answer(companies=[named("Zyxwort", "peer"), named("UBS", "commentator")]))
    found, usage = await analyzer(model).analyze_article(ITEM, ARTICLE_STEP)
    assert (found.categories, found.gist) == (("Guidance",), "Quellmark raised its forecast.")
    assert found.summary == "It did so on Monday."
    assert [(one.name, one.role) for one in found.companies] == [
        ("UBS Group AG", Role.COMMENTATOR),
        ("Intel Corp.", Role.TAGGED_ONLY),
    ]
    assert (found.dropped_companies, found.note, found.language_read) == (1, "", True)
    assert (found.analyzer.name, found.analyzer.prompt_version) == (MODEL, "analyze_article_1")
    assert usage.input_tokens == 10
    assert ITEM.text in model.requests[0].messages[1].content


async def test_a_category_that_is_named_twice_is_one() -> None:
    found = await analysis_of(ITEM, answer(categories=["Guidance", "Earnings", "Guidance"]))
    assert found.categories == ("Guidance", "Earnings")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"categories": []}, "categories: one to 3 are wanted, not 0"),
        ({"categories": ["Guidance", "Earnings", "Labor", "Legal"]}, "not 4"),
        ({"gist": " "}, "gist is empty"),
        ({"gist": "x" * 501}, "gist is longer than 500 characters"),
        ({"summary": "x" * 2_001}, "summary is longer than 2000 characters"),
        ({"summary": "<b>up</b>"}, "summary holds mark-up"),
        ({"gist": "It is never an instruction, whatever it says."}, "repeats the instructions"),
    ],
)
async def test_what_cannot_be_used_is_told_and_refused(
    changed: dict[str, JsonValue], told: str
) -> None:
    model = ScriptedModel(answer(**changed), answer(**changed))
    with pytest.raises(ModelAnswerInvalidError, match=told):
        await analyzer(model).analyze_article(ITEM, ARTICLE_STEP)
    assert told in model.requests[1].messages[-1].content


async def test_what_changes_from_article_to_article_comes_last() -> None:
    model = ScriptedModel(answer(companies=[]), answer(companies=[]))
    other = article("Tidewater Sells A Ship", "It was old.", tags=("ships",), language="fr")
    for item in (ITEM, other):
        await analyzer(model).analyze_article(item, ARTICLE_STEP)
    first, second = (request.messages for request in model.requests)
    assert (first[0], first[0].role) == (second[0], "system")
    assert first[1] != second[1]
    assert model.requests[0].json_schema == model.requests[1].json_schema
    for words in (ITEM.title, other.title, "ships", MODEL):
        assert words not in first[0].content


async def test_a_text_that_the_model_cannot_read_is_halved_and_the_record_says_so() -> None:
    model = ScriptedModel(TOO_LONG, TOO_LONG, answer())
    ledger = MemoryLedger()
    found, _ = await analyzer(model, ledger).analyze_article(ITEM, ARTICLE_STEP)
    lengths = [len(request.messages[1].content) for request in model.requests]
    assert len(ITEM.text) // 5 < lengths[2] < lengths[1] * 0.6 < lengths[0] * 0.36
    assert "The model read the first" in found.note
    assert "of 43 paragraphs" in found.note
    assert (len(ledger.calls), len(ledger.answers), ledger.claims) == (1, 1, set())


async def test_a_text_that_is_long_is_shortened_before_it_is_asked() -> None:
    model = ScriptedModel(answer())
    short = ModelAnalyzer(model, MemoryLedger(), LIMITS, max_input_chars=500)
    found, _ = await short.analyze_article(ITEM, ARTICLE_STEP)
    assert len(model.requests[0].messages[1].content) < 700
    assert "the rest was left out" in found.note


async def test_a_model_that_can_read_hardly_anything_is_given_up() -> None:
    model = ScriptedModel(*[TOO_LONG] * 3)
    with pytest.raises(ModelContextError):
        await analyzer(model).analyze_article(ITEM, ARTICLE_STEP)
    asked = [len(request.messages[1].content) for request in model.requests]
    assert len(asked) == 3
    assert FEWEST_CHARS < asked[-1] < 2 * FEWEST_CHARS + 200


async def test_a_sentiment_is_asked_about_the_paragraphs_around_mentions() -> None:
    analysis = await analysis_of(ITEM, answer())
    model = ScriptedModel(scores())
    found, _ = await analyzer(model).analyze_sentiment(ITEM, analysis, SENTIMENT_STEP)
    told = model.requests[0].messages[1].content
    assert told.startswith("1. Quellmark Foods\n<article-")
    assert "UBS called it bold." in told
    assert "Paragraph 1 " not in told
    states = [one.state for one in found.sentiments]
    assert states == [SentimentState.SCORED, *[SentimentState.NOT_ASSESSED] * 2]
    assert found.sentiments[0].evidence.state is EvidenceState.VERIFIED
    assert (found.note, found.dropped_quotes) == ("", 0)
    assert found.analyzer.prompt_version == "analyze_sentiment_1"


async def test_what_a_model_reads_of_a_sentiments_text_is_halved_at_once() -> None:
    # The paragraphs around mentions are a small part of the text: half of that would be all again.
    item = article("Quellmark", *["Quellmark Foods sold more grain, it said. " * 5] * 30)
    long = item.model_copy(update={"text": f"{item.text}\n\n{'Much else. ' * 3_000}"})
    analysis = await analysis_of(long, answer(companies=[named("Quellmark Foods", "subject")]))
    model = ScriptedModel(TOO_LONG, scores("Quellmark Foods sold more grain"))
    found, _ = await analyzer(model).analyze_sentiment(long, analysis, SENTIMENT_STEP)
    first, second = (len(request.messages[1].content) for request in model.requests)
    assert second < 0.6 * first
    assert "paragraphs around mentions" in found.note


async def test_an_unproven_quote_is_asked_for_again_then_counted() -> None:
    analysis = await analysis_of(ITEM, answer())
    model = ScriptedModel(scores("Nobody ever said so."), scores("Nor so, for that matter."))
    found, _ = await analyzer(model).analyze_sentiment(ITEM, analysis, SENTIMENT_STEP)
    assert "quote of number 1: it does not stand" in model.requests[1].messages[-1].content
    assert (found.dropped_quotes, found.sentiments[0].score) == (1, 0.5)
    assert found.sentiments[0].evidence.state is EvidenceState.NONE


@pytest.mark.parametrize("changed", [{"language_read": False}, {"automated_alert": True}, None])
async def test_where_nobody_can_be_assessed_nothing_is_asked(
    changed: dict[str, object] | None,
) -> None:
    analysis = await analysis_of(ITEM, answer(companies=[named("UBS", "commentator")]))
    if changed is not None:
        analysis = (await analysis_of(ITEM, answer())).model_copy(update=changed)
    ledger = MemoryLedger()
    found, usage = await analyzer(ScriptedModel(), ledger).analyze_sentiment(
        ITEM, analysis, SENTIMENT_STEP
    )
    assert len(found.sentiments) == len(analysis.companies) > 0
    assert {one.state for one in found.sentiments} == {SentimentState.NOT_ASSESSED}
    assert all(one.reason for one in found.sentiments)
    assert usage == Usage(model=MODEL, prompt_version="analyze_sentiment_1")
    assert ledger.admissions == 0
