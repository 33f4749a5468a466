"""The steps analyze_article and analyze_sentiment."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from temporalio import activity

from activities.analyzers import AnalyzerList
from activities.reading import article_for_analysis
from newsdesk.contracts.analysis import (
    Analysis,
    ArticleForAnalysis,
    Company,
    Role,
    SentimentState,
    Usage,
)
from newsdesk.contracts.cleaning import ArticleHtml, ArticleText
from newsdesk.contracts.models import Assignment
from newsdesk.contracts.names import Step
from newsdesk.contracts.steps import (
    AnalyzeArticleInput,
    AnalyzeArticleResult,
    AnalyzeSentimentInput,
    AnalyzeSentimentResult,
)
from newsdesk.errors import ModelError, StepPaused
from newsdesk.ports import ArticleStore, OutputStore

AnswerT = TypeVar("AnswerT")
Request = AnalyzeArticleInput | AnalyzeSentimentInput


class AnalysisActivities:
    """Puts an article before an analyzer and stores the answers under their hashes."""

    def __init__(
        self,
        articles: ArticleStore,
        outputs: OutputStore,
        article_analyzers: AnalyzerList,
        sentiment_analyzers: AnalyzerList,
    ) -> None:
        """Takes the ports that the steps use."""
        self._articles = articles
        self._outputs = outputs
        self._article_analyzers = article_analyzers
        self._sentiment_analyzers = sentiment_analyzers

    @activity.defn
    async def analyze_article(self, request: AnalyzeArticleInput) -> AnalyzeArticleResult:
        """Finds categories, gist, summary and companies with their roles."""
        article = await self._read(request)
        analyzer = self._article_analyzers.at(request.position)
        asking = analyzer.analyze_article(article, _assignment(request, Step.ANALYZE_ARTICLE))
        try:
            analysis, usage = await _told(self._article_analyzers, request, asking)
        except StepPaused as paused:
            return AnalyzeArticleResult(
                analysis_hash="",
                categories=(),
                usage=Usage(model=analyzer.name),
                pause=paused.pause,
            )
        return AnalyzeArticleResult(
            analysis_hash=await self._outputs.save(request.article_id, analysis),
            categories=analysis.categories,
            subjects=_names(analysis, Role.SUBJECT),
            peers=_names(analysis, Role.PEER),
            companies=len(analysis.companies),
            language_read=analysis.language_read,
            automated_alert=analysis.automated_alert,
            dropped_companies=analysis.dropped_companies,
            usage=usage,
        )

    @activity.defn
    async def analyze_sentiment(self, request: AnalyzeSentimentInput) -> AnalyzeSentimentResult:
        """Scores what the article means for each company, with the quote that proves it."""
        article = await self._read(request)
        analysis = await self._outputs.load(request.analysis_hash, Analysis)
        analyzer = self._sentiment_analyzers.at(request.position)
        assignment = _assignment(request, Step.ANALYZE_SENTIMENT)
        asking = analyzer.analyze_sentiment(article, analysis, assignment)
        try:
            answer, usage = await _told(self._sentiment_analyzers, request, asking)
        except StepPaused as paused:
            return AnalyzeSentimentResult(
                sentiment_hash="",
                scored=0,
                not_assessed=0,
                usage=Usage(model=analyzer.name),
                pause=paused.pause,
            )
        scored = sum(item.state is SentimentState.SCORED for item in answer.sentiments)
        return AnalyzeSentimentResult(
            sentiment_hash=await self._outputs.save(request.article_id, answer),
            scored=scored,
            not_assessed=len(answer.sentiments) - scored,
            dropped_quotes=answer.dropped_quotes,
            usage=usage,
        )

    async def _read(self, request: Request) -> ArticleForAnalysis:
        stored, html, text = await asyncio.gather(
            self._articles.load_revision(request.article_id, request.revision),
            self._outputs.load(request.html_hash, ArticleHtml),
            self._outputs.load(request.text_hash, ArticleText),
        )
        return article_for_analysis(stored.article, html, text)


def _assignment(request: Request, step: Step) -> Assignment:
    # A reserved turn is for one question: a retry, which has the same request, takes a new one.
    first = not activity.in_activity() or activity.info().attempt == 1
    return Assignment(
        run_number=request.run_number,
        article_id=request.article_id,
        step=step,
        turn=request.turn if first else None,
    )


async def _told(analyzers: AnalyzerList, request: Request, asking: Awaitable[AnswerT]) -> AnswerT:
    """Awaits an answer; a model's failure is told who could be asked instead."""
    try:
        return await asking
    except ModelError as error:
        info = activity.info()
        waited = info.started_time - info.scheduled_time
        analyzers.offer_fallback(error, request.position, info.attempt, waited)
        raise


def _names(analysis: Analysis, role: Role) -> tuple[str, ...]:
    """Returns short names, for people who read the activity's result in the Web UI."""

    def short(company: Company) -> str:
        return company.ticker or company.name

    return tuple(short(company) for company in analysis.companies if company.role is role)
