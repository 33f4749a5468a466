"""What every analyzer has to hold, whichever answers: the builtin one and a model's over HTTP.

The model is newsdesk.llm's, and a server on loopback answers it; only the ledger is a fake.
"""

import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio

from newsdesk.analysis import BuiltinAnalyzer
from newsdesk.analysis.model import ModelAnalyzer
from newsdesk.analysis.names import normalize_ticker
from newsdesk.contracts.analysis import (
    CATEGORIES,
    Analysis,
    ArticleForAnalysis,
    Evidence,
    EvidenceState,
    Role,
    SentimentAnalysis,
    SentimentState,
    Usage,
    label_for,
)
from newsdesk.contracts.models import Assignment
from newsdesk.contracts.names import Step
from newsdesk.llm import close_litellm, open_models
from newsdesk.ports import Analyzer
from newsdesk.settings import ModelSettings, Price
from tests.helpers.model_server import ModelServer
from tests.helpers.model_server.answers import sensible_answer, texts_of
from tests.unit.analysis.model.contract_articles import ARTICLES, BANK, LONG_CHARS
from tests.unit.analysis.model.fakes import LIMITS, MemoryLedger

MODEL = "openai/test-model"
MAX_INPUT_CHARS = 10_000
PARTS = [(kind, name) for kind in ("builtin", "model") for name in ARTICLES]


@dataclass(frozen=True)
class Outcome:
    """What both steps answered about an article, and what they took."""

    article: ArticleForAnalysis
    analysis: Analysis
    sentiment: SentimentAnalysis
    usages: tuple[Usage, Usage]


Outcomes = Mapping[tuple[str, str], tuple[Outcome, Outcome]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def outcomes() -> AsyncGenerator[Outcomes, None]:
    """Every article, twice, by every analyzer; nothing is kept from the first time."""
    async with ModelServer() as server:
        server.answer = _answer
        settings = ModelSettings(
            analyze=(MODEL,),
            sentiment=(MODEL,),
            api_base=server.url,
            prices={MODEL: Price(1.0, 0.1, 4.0)},
        )
        model = open_models(settings, lambda: datetime(2026, 3, 4, tzinfo=UTC))[MODEL]

        def analyzer(kind: str) -> Analyzer:
            if kind == "builtin":
                return BuiltinAnalyzer()
            return ModelAnalyzer(model, MemoryLedger(), LIMITS, MAX_INPUT_CHARS)

        found = {
            (kind, name): (
                await _processed(analyzer(kind), ARTICLES[name]),
                await _processed(analyzer(kind), ARTICLES[name]),
            )
            for kind, name in PARTS
        }
        await close_litellm()
        yield found


def _answer(step: str, body: Mapping[str, Any]) -> str:
    """Returns a sensible answer that knows the bank, too, as one who comments on others."""
    told = json.loads(sensible_answer(step, body))
    if step == Step.ANALYZE_ARTICLE and BANK in texts_of(body, "user")[0]:
        told["companies"].append({"name": BANK, "ticker": "", "role": "commentator"})
    return json.dumps(told)


async def _processed(analyzer: Analyzer, article: ArticleForAnalysis) -> Outcome:
    first, second = (
        Assignment(run_number=1, article_id=article.article_id, step=step)
        for step in (Step.ANALYZE_ARTICLE, Step.ANALYZE_SENTIMENT)
    )
    analysis, usage = await analyzer.analyze_article(article, first)
    sentiment, further = await analyzer.analyze_sentiment(article, analysis, second)
    for info in (analysis.analyzer, sentiment.analyzer):
        assert info.name == usage.model == further.model == analyzer.name
    return Outcome(article, analysis, sentiment, (usage, further))


@pytest.fixture(params=PARTS, ids="-".join)
def outcome(request: pytest.FixtureRequest, outcomes: Outcomes) -> Outcome:
    """Each outcome in turn."""
    return outcomes[request.param][0]


def test_categories_are_one_to_three_of_the_list(outcome: Outcome) -> None:
    categories = outcome.analysis.categories
    assert set(categories) <= set(CATEGORIES)
    assert len(set(categories)) == len(categories)
    assert len(categories) in ((1, 2, 3) if outcome.analysis.language_read else (0,))


def test_there_is_always_a_gist_and_what_is_not_read_is_noted(outcome: Outcome) -> None:
    analysis = outcome.analysis
    assert analysis.gist.strip()
    assert "\n" not in analysis.gist
    assert bool(analysis.summary) == analysis.language_read
    assert analysis.language_read or analysis.note


def test_mentions_are_in_the_text_and_in_their_sentence(outcome: Outcome) -> None:
    text = outcome.article.text
    for company in outcome.analysis.companies:
        assert bool(company.mentions) == (company.role is not Role.TAGGED_ONLY)
        ends = 0
        for mention in company.mentions:
            named = text[mention.start : mention.end]
            assert ends <= mention.start < mention.end <= len(text)
            assert named == named.strip()
            assert not _cuts_word(text, mention.start)
            assert not _cuts_word(text, mention.end)
            assert named in mention.sentence
            assert mention.sentence in text
            ends = mention.end


def test_every_company_is_in_the_text_or_tagged(outcome: Outcome) -> None:
    tagged = _tags(outcome.article)
    for company in outcome.analysis.companies:
        assert company.name.strip()
        assert company.mentions or company.ticker in tagged


def test_tagged_companies_are_there_once(outcome: Outcome) -> None:
    tickers = [company.ticker for company in outcome.analysis.companies if company.ticker]
    assert len(tickers) == len(set(tickers))
    assert _tags(outcome.article) <= set(tickers)


def test_each_company_has_its_sentiment(outcome: Outcome) -> None:
    assert len(outcome.sentiment.sentiments) == len(outcome.analysis.companies)
    for company, sentiment in zip(
        outcome.analysis.companies, outcome.sentiment.sentiments, strict=True
    ):
        assert sentiment.reason.strip()
        if sentiment.state is SentimentState.NOT_ASSESSED:
            assert (sentiment.score, sentiment.label) == (None, None)
            assert sentiment.evidence == Evidence()
        else:
            assert company.role in (Role.SUBJECT, Role.PEER)
            assert sentiment.score is not None
            assert -1 <= sentiment.score <= 1
            assert sentiment.label is label_for(sentiment.score)


def test_alerts_and_unread_languages_are_not_scored(outcome: Outcome) -> None:
    if outcome.analysis.automated_alert or not outcome.analysis.language_read:
        states = {sentiment.state for sentiment in outcome.sentiment.sentiments}
        assert states <= {SentimentState.NOT_ASSESSED}


def test_a_quote_that_is_shown_is_in_the_text(outcome: Outcome) -> None:
    for sentiment in outcome.sentiment.sentiments:
        evidence = sentiment.evidence
        if evidence.state is not EvidenceState.NONE:
            assert evidence.quote
            assert outcome.article.text[evidence.start : evidence.end] == evidence.quote


@pytest.mark.parametrize(("kind", "name"), PARTS)
def test_the_same_article_gets_the_same_answer(kind: str, name: str, outcomes: Outcomes) -> None:
    first, second = outcomes[kind, name]
    assert first.analysis == second.analysis
    assert first.sentiment == second.sentiment


def test_the_articles_are_as_varied_as_they_should_be(outcomes: Outcomes) -> None:
    for kind in ("builtin", "model"):
        found = {name: outcomes[kind, name][0] for name in ARTICLES}
        roles = {one.role for each in found.values() for one in each.analysis.companies}
        assert roles >= {Role.SUBJECT, Role.PEER, Role.COMMENTATOR, Role.TAGGED_ONLY, Role.PASSING}
        states = {one.state for each in found.values() for one in each.sentiment.sentiments}
        assert states == set(SentimentState)
        proven = {
            one.evidence.state for each in found.values() for one in each.sentiment.sentiments
        }
        assert EvidenceState.VERIFIED in proven
        assert found["german"].analysis.language_read is (kind == "model")
        assert found["automated alert"].analysis.automated_alert
        assert found["nobody"].analysis.companies == ()
        assert len(found["very long"].article.text) > LONG_CHARS
        assert found["very long"].analysis.note
        # A builtin answer is free, a model's is not; nobody is asked about no company.
        assert bool(found["plain"].usages[0].cost_usd) == (kind == "model")
        assert found["nobody"].usages[1].cost_usd == 0.0


def _cuts_word(text: str, at: int) -> bool:
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()


def _tags(article: ArticleForAnalysis) -> set[str]:
    return {normalize_ticker(stock.ticker) for stock in article.stocks}
