"""The steps analyze_article and analyze_sentiment."""

import asyncio

from temporalio import activity

from activities.reading import article_for_analysis
from newsdesk.contracts.analysis import (
    Analysis,
    ArticleForAnalysis,
    Company,
    Role,
    SentimentState,
)
from newsdesk.contracts.cleaning import ArticleHtml, ArticleText
from newsdesk.contracts.steps import (
    AnalyzeArticleInput,
    AnalyzeArticleResult,
    AnalyzeSentimentInput,
    AnalyzeSentimentResult,
)
from newsdesk.ports import Analyzer, ArticleStore, OutputStore


class AnalysisActivities:
    """Puts an article before the analyzer and stores the answers under their hashes."""

    def __init__(self, articles: ArticleStore, outputs: OutputStore, analyzer: Analyzer) -> None:
        """Takes the ports that the steps use."""
        self._articles = articles
        self._outputs = outputs
        self._analyzer = analyzer

    @activity.defn
    async def analyze_article(self, request: AnalyzeArticleInput) -> AnalyzeArticleResult:
        """Finds categories, gist, summary and companies with their roles."""
        article = await self._read(request)
        analysis, usage = await self._analyzer.analyze_article(article)
        return AnalyzeArticleResult(
            analysis_hash=await self._outputs.save(request.article_id, analysis),
            categories=analysis.categories,
            subjects=_names(analysis, Role.SUBJECT),
            peers=_names(analysis, Role.PEER),
            companies=len(analysis.companies),
            language_read=analysis.language_read,
            automated_alert=analysis.automated_alert,
            usage=usage,
        )

    @activity.defn
    async def analyze_sentiment(self, request: AnalyzeSentimentInput) -> AnalyzeSentimentResult:
        """Scores what the article means for each company, with the quote that proves it."""
        article = await self._read(request)
        analysis = await self._outputs.load(request.analysis_hash, Analysis)
        answer, usage = await self._analyzer.analyze_sentiment(article, analysis)
        scored = sum(item.state is SentimentState.SCORED for item in answer.sentiments)
        return AnalyzeSentimentResult(
            sentiment_hash=await self._outputs.save(request.article_id, answer),
            scored=scored,
            not_assessed=len(answer.sentiments) - scored,
            usage=usage,
        )

    async def _read(
        self, request: AnalyzeArticleInput | AnalyzeSentimentInput
    ) -> ArticleForAnalysis:
        stored, html, text = await asyncio.gather(
            self._articles.load_revision(request.article_id, request.revision),
            self._outputs.load(request.html_hash, ArticleHtml),
            self._outputs.load(request.text_hash, ArticleText),
        )
        return article_for_analysis(stored.article, html, text)


def _names(analysis: Analysis, role: Role) -> tuple[str, ...]:
    """Returns short names, for people who read the activity's result in the Web UI."""

    def short(company: Company) -> str:
        return company.ticker or company.name

    return tuple(short(company) for company in analysis.companies if company.role is role)
