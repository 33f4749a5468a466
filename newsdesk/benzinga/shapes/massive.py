"""Massive's (once Polygon's) redistribution: `GET /benzinga/v2/news` and its predecessor."""

from datetime import datetime

from newsdesk.benzinga.shapes.base import (
    ArticleId,
    Author,
    ImageUrl,
    Moment,
    Names,
    Payload,
    PlainText,
    RawText,
    Stocks,
    Url,
    resolve_times,
)
from newsdesk.contracts.articles import Article


class MassiveItem(Payload):
    """One item; channels and tags come in lower case and are kept so."""

    benzinga_id: ArticleId
    author: Author = ""
    published: Moment = None
    last_updated: Moment = None
    title: PlainText = ""
    teaser: PlainText = ""
    body: RawText = ""
    url: Url = ""
    images: ImageUrl = ""
    channels: Names = ()
    tags: Names = ()
    tickers: Stocks = ()

    def to_article(self, fetched_at: datetime) -> Article:
        """Returns the item in our words. Raises ArticleRejectedError where it has no time."""
        published_at, updated_at = resolve_times(self.published, self.last_updated, "published")
        return Article(
            article_id=self.benzinga_id,
            title=self.title,
            teaser=self.teaser,
            author=self.author,
            url=self.url,
            image_url=self.images,
            published_at=published_at,
            updated_at=updated_at,
            fetched_at=fetched_at,
            channels=self.channels,
            tags=self.tags,
            stocks=self.tickers,
            body=self.body,
        )
