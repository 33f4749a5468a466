"""Messages of the TCP feed."""

from datetime import datetime

from newsdesk.benzinga.quoting import quoted
from newsdesk.benzinga.shapes.base import (
    ArticleId,
    Author,
    Moment,
    Names,
    Payload,
    PlainText,
    RawText,
    Stocks,
    Url,
    resolve_times,
)
from newsdesk.contracts.articles import Article, Incoming, Removal
from newsdesk.errors import ArticleRejectedError

_PUBLISHED = ("", "published", "updated")
_REMOVED = ("removed", "deleted")


class TcpMessage(Payload):
    """One message; an `updated` in 1970 says that there was no revision."""

    id: ArticleId
    title: PlainText = ""
    teaser: PlainText = ""
    body: RawText = ""
    authors: Author = ""
    published: Moment = None
    updated: Moment = None
    channels: Names = ()
    tags: Names = ()
    tickers: Stocks = ()
    status: PlainText = ""
    link: Url = ""

    def to_incoming(self, fetched_at: datetime) -> Incoming:
        """Returns article or removal. Raises ArticleRejectedError: no time, or unknown status."""
        status = self.status.casefold()
        if status in _REMOVED:
            return self._removal(fetched_at)
        if status not in _PUBLISHED:
            raise ArticleRejectedError(f"status: no known status: {quoted(self.status)}")
        return self._article(fetched_at)

    def _removal(self, fetched_at: datetime) -> Removal:
        removed_at = self.updated or fetched_at
        return Removal(
            article_id=self.id,
            removed_at=max(removed_at, self.published or removed_at),
            fetched_at=fetched_at,
        )

    def _article(self, fetched_at: datetime) -> Article:
        published_at, updated_at = resolve_times(self.published, self.updated, "published")
        return Article(
            article_id=self.id,
            title=self.title,
            teaser=self.teaser,
            author=self.authors,
            url=self.link,
            published_at=published_at,
            updated_at=updated_at,
            fetched_at=fetched_at,
            channels=self.channels,
            tags=self.tags,
            stocks=self.tickers,
            body=self.body,
        )
