"""Messages of the WebSocket stream and of webhooks: an envelope around an article.

Two forms of the article are documented (`authors`, `created_at`, `securities` in the older one;
`author`, `created`, `stocks` in the newer); one model reads both.
"""

from datetime import datetime

from newsdesk.benzinga.fields import as_object
from newsdesk.benzinga.quoting import found
from newsdesk.benzinga.shapes.base import (
    ArticleId,
    Author,
    ImageUrl,
    Moment,
    Names,
    Number,
    Payload,
    PlainText,
    RawText,
    Source,
    Stocks,
    Url,
    read,
    resolve_times,
)
from newsdesk.contracts.articles import Article, Incoming, Removal
from newsdesk.errors import ArticleRejectedError

_WRITTEN = ("created", "updated")
_REMOVED = ("removed", "deleted")


class StreamContent(Payload):
    """The `content` of a message: the article itself, in either form."""

    id: ArticleId
    revision_id: Number | None = None
    authors: Author = ""
    author: Author = ""
    created_at: Moment = None
    created: Moment = None
    updated_at: Moment = None
    updated: Moment = None
    title: PlainText = ""
    teaser: PlainText = ""
    body: RawText = ""
    url: Url = ""
    image: ImageUrl = ""
    channels: Names = ()
    tags: Names = ()
    securities: Stocks = ()
    stocks: Stocks = ()
    source: Source = "benzinga"

    def to_article(self, fetched_at: datetime) -> Article:
        """Returns the article in our words. Raises ArticleRejectedError where it has no time."""
        published_at, updated_at = resolve_times(
            self.created_at or self.created, self.updated_at or self.updated, "created_at"
        )
        return Article(
            article_id=self.id,
            source=self.source,
            source_revision=self.revision_id,
            title=self.title,
            teaser=self.teaser,
            author=self.authors or self.author,
            url=self.url,
            image_url=self.image,
            published_at=published_at,
            updated_at=updated_at,
            fetched_at=fetched_at,
            channels=self.channels,
            tags=self.tags,
            stocks=self.securities or self.stocks,
            body=self.body,
        )


class RemovedContent(Payload):
    """What of a removed article's `content` matters: which one, and its last known times."""

    id: ArticleId
    created_at: Moment = None
    created: Moment = None
    updated_at: Moment = None
    updated: Moment = None
    source: Source = "benzinga"


class StreamData(Payload):
    """The `data` of a message. Its `id` is the event's, so only the content names an article."""

    action: PlainText = ""
    timestamp: Moment = None
    content: object = None


def read_envelope(envelope: dict[str, object], fetched_at: datetime) -> Incoming:
    """Returns what a message brings. Raises ArticleRejectedError, naming the bad field."""
    data = as_object(envelope.get("data"))
    if data is None:
        raise ArticleRejectedError(f"data: expected an object, found {found(envelope.get('data'))}")
    return read_data(data, fetched_at)


def read_data(data: dict[str, object], fetched_at: datetime) -> Incoming:
    """Returns what the `data` of a message brings, as `read_envelope` does."""
    message = read(StreamData, data, "data.")
    action = message.action.casefold()
    if action not in (*_WRITTEN, *_REMOVED):
        raise ArticleRejectedError(f"data.action: no known action: {found(data.get('action'))}")
    content = as_object(message.content)
    if action in _REMOVED:
        return _removal(message, content, fetched_at)
    if content is None:
        raise ArticleRejectedError(f"data.content: expected an object, {_there(message.content)}")
    return read(StreamContent, content, "data.content.").to_article(fetched_at)


def _removal(
    message: StreamData, content: dict[str, object] | None, fetched_at: datetime
) -> Removal:
    if content is None:
        raise ArticleRejectedError(
            "data.content: missing, so this removal names no article (data.id is the event's)"
        )
    gone = read(RemovedContent, content, "data.content.")
    # Never before the version it takes away, or it would look like old news of that article.
    known = (message.timestamp, gone.updated_at, gone.updated)
    removed_at = max((at for at in known if at), default=fetched_at)
    published_at = gone.created_at or gone.created or removed_at
    return Removal(
        article_id=gone.id,
        source=gone.source,
        removed_at=max(removed_at, published_at),
        fetched_at=fetched_at,
    )


def _there(value: object) -> str:
    return "found nothing" if value is None else f"found {found(value)}"
