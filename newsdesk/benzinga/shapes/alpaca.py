"""Alpaca's redistribution: its REST items and its stream's `n` messages, which lack images."""

from datetime import datetime

from newsdesk.benzinga.shapes.base import (
    ArticleId,
    Author,
    ImageUrl,
    Moment,
    Payload,
    PlainText,
    RawText,
    Source,
    Stocks,
    Url,
    resolve_times,
)
from newsdesk.contracts.articles import Article


class AlpacaItem(Payload):
    """One item; crypto symbols come rewritten (`BTCUSD` for `$BTC`) and are kept so."""

    id: ArticleId
    headline: PlainText = ""
    author: Author = ""
    created_at: Moment = None
    updated_at: Moment = None
    summary: PlainText = ""
    content: RawText = ""
    url: Url = ""
    images: ImageUrl = ""
    symbols: Stocks = ()
    source: Source = "benzinga"

    def to_article(self, fetched_at: datetime) -> Article:
        """Returns the item in our words. Raises ArticleRejectedError where it has no time."""
        published_at, updated_at = resolve_times(self.created_at, self.updated_at, "created_at")
        return Article(
            article_id=self.id,
            source=self.source,
            title=self.headline,
            teaser=self.summary,
            author=self.author,
            url=self.url,
            image_url=self.images,
            published_at=published_at,
            updated_at=updated_at,
            fetched_at=fetched_at,
            stocks=self.symbols,
            body=self.content,
        )
