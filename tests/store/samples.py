"""Articles and outputs as the store's tests need them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from newsdesk.contracts.analysis import (
    Analysis,
    AnalyzerInfo,
    Company,
    Role,
    Sentiment,
    SentimentAnalysis,
    not_assessed,
)
from newsdesk.contracts.articles import Article, Removal
from newsdesk.contracts.cleaning import ArticleHtml, ArticleText, CleaningRemoval, ContentKind
from newsdesk.contracts.options import ProcessingOptions

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
OPTIONS = ProcessingOptions()


def at(minutes: float) -> datetime:
    """Returns a moment so many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def make_article(article_id: int = 1, updated: float = 0, **changes: Any) -> Article:
    """Returns an article that was updated so many minutes after noon."""
    facts: dict[str, Any] = {
        "article_id": article_id,
        "title": "Quarry lifts its outlook",
        "body": "<p>Quarry lifts its outlook.</p>",
        "published_at": NOON,
        "updated_at": at(updated),
        "fetched_at": at(updated + 1),
    }
    return Article.model_validate(facts | changes)


def make_removal(article_id: int = 1, removed: float = 0) -> Removal:
    """Returns word that an article went so many minutes after noon."""
    return Removal(article_id=article_id, removed_at=at(removed), fetched_at=at(removed + 1))


ANALYZER = AnalyzerInfo(name="builtin", version="1")
HTML = ArticleHtml(
    html="<p>Quarry lifts its outlook.</p>",
    content=ContentKind.FULL,
    removals=(CleaningRemoval(rule="credit", removed_chars=12, sample="Photo: nobody"),),
)
TEXT = ArticleText(
    markdown="Quarry lifts its outlook.",
    text="Quarry lifts its outlook\n\nQuarry lifts its outlook.",
    content=ContentKind.FULL,
    language="en",
    words=4,
)


def make_analysis(*tickers: str, gist: str = "Quarry lifts its outlook.") -> Analysis:
    """Returns an analysis with a company for each ticker, the first one as subject."""
    companies = tuple(
        Company(name=f"{ticker} Inc.", ticker=ticker, role=Role.PEER if i else Role.SUBJECT)
        for i, ticker in enumerate(tickers)
    )
    return Analysis(
        categories=("Guidance",), gist=gist, summary=gist, companies=companies, analyzer=ANALYZER
    )


def make_sentiments(*sentiments: Sentiment) -> SentimentAnalysis:
    """Returns these sentiments; without any, one company that is not assessed."""
    chosen = sentiments or (not_assessed("named in passing"),)
    return SentimentAnalysis(sentiments=chosen, analyzer=ANALYZER)
