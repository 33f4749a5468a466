"""The newsfeed's REST items, and the entries of its list of removed news."""

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
    Source,
    Stocks,
    Url,
    resolve_times,
)
from newsdesk.contracts.articles import Article, Removal


class NewsfeedItem(Payload):
    """One item of `GET /api/v2/news`."""

    id: ArticleId
    author: Author = ""
    created: Moment = None
    updated: Moment = None
    title: PlainText = ""
    teaser: PlainText = ""
    body: RawText = ""
    url: Url = ""
    image: ImageUrl = ""
    channels: Names = ()
    tags: Names = ()
    stocks: Stocks = ()
    source: Source = "benzinga"

    def to_article(self, fetched_at: datetime) -> Article:
        """Returns the item in our words. Raises ArticleRejectedError where it has no time."""
        published_at, updated_at = resolve_times(self.created, self.updated, "created")
        return Article(
            article_id=self.id,
            source=self.source,
            title=self.title,
            teaser=self.teaser,
            author=self.author,
            url=self.url,
            image_url=self.image,
            published_at=published_at,
            updated_at=updated_at,
            fetched_at=fetched_at,
            channels=self.channels,
            tags=self.tags,
            stocks=self.stocks,
            body=self.body,
        )


class RemovedEntry(Payload):
    """One entry of `GET /api/v2/news-removed`; older answers give nothing but the id."""

    id: ArticleId
    updated: Moment = None

    def to_removal(self, fetched_at: datetime) -> Removal:
        """Returns the removal; where no time is given, it was removed by `fetched_at`."""
        return Removal(
            article_id=self.id, removed_at=self.updated or fetched_at, fetched_at=fetched_at
        )
