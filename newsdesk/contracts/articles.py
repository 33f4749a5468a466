"""Articles as sources deliver them, and what enqueueing them answers."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from newsdesk.contracts.base import Contract, UtcDatetime, content_hash
from newsdesk.contracts.options import ProcessingOptions

MAX_ARTICLE_ID = 2**63 - 1


class Stock(Contract):
    """A security that Benzinga tagged. Only the ticker is always there."""

    ticker: str = Field(min_length=1)
    exchange: str | None = None
    name: str | None = None
    isin: str | None = None
    primary: bool | None = None


class BodyKind(StrEnum):
    """What the raw body is: an API's fragment, or a whole saved page."""

    FRAGMENT = "fragment"
    PAGE = "page"


class Article(Contract):
    """One version of an article as a source delivered it, in our words.

    `body` is the raw HTML, untouched. `title`, `teaser` are plain text: unescaped once, NFC.
    `source_revision` is the stream's revision number where there is one.
    """

    article_id: int = Field(gt=0, le=MAX_ARTICLE_ID)
    source: str = "benzinga"
    source_revision: int | None = None
    title: str = ""
    teaser: str = ""
    author: str = ""
    url: str = ""
    image_url: str = ""
    published_at: UtcDatetime
    updated_at: UtcDatetime
    fetched_at: UtcDatetime
    channels: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    stocks: tuple[Stock, ...] = ()
    body: str = ""
    body_kind: BodyKind = BodyKind.FRAGMENT


class Removal(Contract):
    """Word from the source that an article is gone."""

    article_id: int = Field(gt=0, le=MAX_ARTICLE_ID)
    source: str = "benzinga"
    removed_at: UtcDatetime
    fetched_at: UtcDatetime


Incoming = Article | Removal
"""What a source yields."""


class _Substance(Contract):
    title: str
    teaser: str
    body: str
    stocks: tuple[Stock, ...]
    channels: tuple[str, ...]
    tags: tuple[str, ...]


def substance_hash(article: Article) -> str:
    """Returns the hash of what makes a new revision: words and tags, not times or links.

    Benzinga moves `updated` for invisible reasons; equal hashes mean a touch, not an edit.
    """
    return content_hash(
        _Substance(
            title=article.title,
            teaser=article.teaser,
            body=article.body,
            stocks=article.stocks,
            channels=article.channels,
            tags=article.tags,
        )
    )


class EnqueueOutcome(StrEnum):
    """What became of a received item. With `rejected` they add up to what was received."""

    STARTED = "started"
    UNCHANGED = "unchanged"
    TOUCHED = "touched"
    OLDER = "older"
    REMOVED = "removed"


class PendingRun(Contract):
    """A stored run that Temporal has not acknowledged yet, with all that starting it takes."""

    run_number: int
    workflow_id: str
    article_id: int
    revision: int
    source: str = "benzinga"
    title: str = ""
    url: str = ""
    tickers: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    published_at: UtcDatetime
    options: ProcessingOptions


class Enqueued(Contract):
    """The store's answer to one received item.

    `pending` is the run to start: a new one, or an earlier one of the same content that was never
    acknowledged. `run_number` and `revision` name the run that stands for this content, if any.
    """

    article_id: int
    outcome: EnqueueOutcome
    reason: str = ""
    revision: int | None = None
    run_number: int | None = None
    pending: PendingRun | None = None


class StoredRevision(Contract):
    """A revision as the activities read it."""

    article: Article
    revision: int
    state: Literal["active", "removed"] = "active"
