"""Puts a record together from what is stored. Pure."""

from dataclasses import dataclass
from datetime import datetime

from newsdesk.contracts.analysis import Analysis, SentimentAnalysis
from newsdesk.contracts.articles import Article
from newsdesk.contracts.cleaning import ArticleHtml, ArticleText
from newsdesk.contracts.names import Step
from newsdesk.contracts.record import (
    ArticleRecord,
    RecordAnalysis,
    RecordArticle,
    RecordCompany,
    RecordStock,
    RecordStory,
    RunBlock,
)


@dataclass(frozen=True)
class RecordParts:
    """What a record is made of. Outputs are None until the run was given to publish."""

    article: Article
    revision: int
    run: RunBlock
    removed: bool = False
    removed_at: datetime | None = None
    html: ArticleHtml | None = None
    text: ArticleText | None = None
    analysis: Analysis | None = None
    sentiments: SentimentAnalysis | None = None
    stories: tuple[RecordStory, ...] = ()


def assemble(parts: RecordParts) -> ArticleRecord:
    """Returns the record.

    Of a removed article its words are withheld, and whatever quotes or retells them: teaser,
    text, Markdown, samples of what cleaning removed, analysis, companies and stories.
    """
    withheld = parts.removed
    return ArticleRecord(
        article=_article(parts),
        analysis=None if withheld or parts.analysis is None else _analysis(parts.analysis, parts),
        companies=() if withheld else _companies(parts),
        stories=() if withheld else parts.stories,
        run=parts.run,
    )


def _article(parts: RecordParts) -> RecordArticle:
    article, text, html = parts.article, parts.text, parts.html
    shown = text if not parts.removed else None
    return RecordArticle(
        id=article.article_id,
        revision=parts.revision,
        source=article.source,
        title=article.title,
        author=article.author,
        url=article.url,
        teaser="" if parts.removed else article.teaser,
        image_url=article.image_url,
        published_at=article.published_at,
        updated_at=article.updated_at,
        fetched_at=article.fetched_at,
        channels=article.channels,
        tags=article.tags,
        stocks=tuple(
            RecordStock(ticker=stock.ticker, exchange=stock.exchange, name=stock.name)
            for stock in article.stocks
        ),
        tickers=tuple(dict.fromkeys(stock.ticker for stock in article.stocks)),
        content=text.content if text else None,
        language=text.language if text else None,
        origin=html.origin if html else (),
        state="removed" if parts.removed else "active",
        removed_at=parts.removed_at if parts.removed else None,
        markdown=shown.markdown if shown else "",
        text=shown.text if shown else "",
        cleaning=html.removals if html and not parts.removed else (),
    )


def _analysis(analysis: Analysis, parts: RecordParts) -> RecordAnalysis:
    return RecordAnalysis(
        categories=analysis.categories,
        gist=analysis.gist,
        summary=analysis.summary,
        analyzed_at=_analyzed_at(parts.run),
        analyzer=analysis.analyzer,
        language_read=analysis.language_read,
        note=" ".join(note for note in (analysis.note, _sentiment_note(parts)) if note),
        dropped_companies=analysis.dropped_companies,
        dropped_quotes=0 if parts.sentiments is None else parts.sentiments.dropped_quotes,
    )


def _sentiment_note(parts: RecordParts) -> str:
    note = "" if parts.sentiments is None else parts.sentiments.note
    return f"Sentiment: {note}" if note else ""


def _analyzed_at(run: RunBlock) -> datetime | None:
    return next(
        (step.completed_at for step in run.steps if step.name is Step.ANALYZE_ARTICLE), None
    )


def _companies(parts: RecordParts) -> tuple[RecordCompany, ...]:
    if parts.analysis is None:
        return ()
    companies = parts.analysis.companies
    sentiments = parts.sentiments.sentiments if parts.sentiments else (None,) * len(companies)
    return tuple(
        RecordCompany(
            name=company.name,
            ticker=company.ticker,
            exchange=company.exchange,
            role=company.role,
            mentions=company.mentions,
            sentiment=sentiment,
        )
        for company, sentiment in zip(companies, sentiments, strict=True)
    )
