"""What the analyzing activities make of a model's failures and pauses."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.analysis import AnalysisActivities
from activities.analyzers import AnalyzerList
from activities.failures import SPREAD, application_error
from newsdesk.contracts.analysis import Analysis, ArticleForAnalysis, Usage
from newsdesk.contracts.cleaning import ArticleHtml, ArticleText, ContentKind
from newsdesk.contracts.models import Assignment, ModelTrouble, Pause
from newsdesk.contracts.steps import AnalyzeArticleInput, AnalyzeArticleResult
from newsdesk.errors import (
    ModelAccessError,
    ModelAnswerInvalidError,
    ModelError,
    ModelRateLimitedError,
    ModelUnavailableError,
    StepPaused,
)
from tests.helpers.fakes import ARTICLE, FakeAnalyzer, FakeArticles, FakeOutputs

TROUBLE = ModelTrouble(model="first", status=503)
PATIENCE = timedelta(seconds=60)
TURN = datetime(2026, 3, 4, tzinfo=UTC)
TWO = AnalyzerList([FakeAnalyzer(name="first"), FakeAnalyzer(name="second")], PATIENCE)


def test_what_the_provider_asks_for_is_the_next_delay() -> None:
    delay = timedelta(seconds=40)
    error = application_error(ModelRateLimitedError("slow down", TROUBLE, delay), 1)
    assert error.next_retry_delay is not None
    assert delay <= error.next_retry_delay <= delay * SPREAD
    assert list(error.details) == [TROUBLE]
    assert application_error(ModelUnavailableError("gone", TROUBLE), 1).next_retry_delay is None


@pytest.mark.parametrize(
    ("error", "attempt", "waited", "exhausted"),
    [
        (ModelUnavailableError("gone", TROUBLE), 1, 0, False),
        (ModelUnavailableError("gone", TROUBLE), 1, 60, True),
        (ModelAccessError("no", TROUBLE), 1, 0, True),
        (ModelAnswerInvalidError("what", TROUBLE), 2, 0, False),
        (ModelAnswerInvalidError("what", TROUBLE), 3, 0, True),
    ],
)
def test_when_the_next_model_is_asked(
    error: ModelError, attempt: int, waited: int, exhausted: bool
) -> None:
    TWO.offer_fallback(error, 0, attempt, timedelta(seconds=waited))
    assert (error.trouble.fallback, error.trouble.fallback_model) == (1, "second")
    assert error.exhausted is exhausted
    assert application_error(error, attempt).non_retryable is exhausted


@pytest.mark.parametrize("position", [1, 2, 9])
def test_behind_the_last_model_there_is_none(position: int) -> None:
    error = ModelUnavailableError("gone", TROUBLE)
    TWO.offer_fallback(error, position, 1, PATIENCE)
    assert error.trouble.fallback is None
    assert not error.exhausted
    assert TWO.at(position).name == "second"


class Reluctant(FakeAnalyzer):
    """May not ask yet; keeps what it was told."""

    def __init__(self) -> None:
        super().__init__(name="vendor/model")
        self.assignments: list[Assignment] = []

    async def analyze_article(
        self, article: ArticleForAnalysis, assignment: Assignment
    ) -> tuple[Analysis, Usage]:
        self.assignments.append(assignment)
        raise StepPaused(Pause(code="rate_limit", reason="Later.", until=TURN, turn=TURN))


async def asked(attempt: int) -> tuple[Reluctant, AnalyzeArticleResult, FakeOutputs]:
    """Runs analyze_article with a reserved turn, as this attempt."""
    analyzer, outputs = Reluctant(), FakeOutputs()
    chain = AnalyzerList([analyzer])
    activities = AnalysisActivities(FakeArticles({(5, 1): ARTICLE}), outputs, chain, chain)
    html = await outputs.save(5, ArticleHtml(html="<p>x</p>", content=ContentKind.FULL))
    made = ArticleText(markdown="x", text="x", content=ContentKind.FULL, language="en", words=1)
    text = await outputs.save(5, made)
    request = AnalyzeArticleInput(
        article_id=5, revision=1, html_hash=html, text_hash=text, run_number=9, turn=TURN
    )
    environment = ActivityEnvironment()
    environment.info = replace(ActivityEnvironment.default_info(), attempt=attempt)
    return analyzer, await environment.run(activities.analyze_article, request), outputs


async def test_a_pause_is_an_answer_and_stores_nothing() -> None:
    analyzer, answer, outputs = await asked(attempt=1)
    assert (answer.analysis_hash, answer.usage.model) == ("", "vendor/model")
    assert answer.pause is not None
    assert answer.pause.until == TURN
    assert len(outputs.stored) == 2
    assert analyzer.assignments[0].run_number == 9


@pytest.mark.parametrize(("attempt", "turn"), [(1, TURN), (2, None)])
async def test_a_reserved_turn_is_for_one_question(attempt: int, turn: datetime | None) -> None:
    analyzer, _, _ = await asked(attempt)
    assert analyzer.assignments[0].turn == turn
