"""What the two cleaning steps make of a raw body."""

from enum import StrEnum

from newsdesk.contracts.base import Contract


class ContentKind(StrEnum):
    """Whether the article has a body of its own or its headline is all there is."""

    FULL = "full"
    HEADLINE = "headline"


class Origin(StrEnum):
    """How a text came to be, read off before the disclosure is dropped."""

    CONTRIBUTOR = "contributor"
    AI_ASSISTED = "ai_assisted"
    PRESS_RELEASE = "press_release"


class CleaningRemoval(Contract):
    """One removed block: by which rule, how many visible characters, how it began."""

    rule: str
    removed_chars: int
    sample: str


class ArticleHtml(Contract):
    """The article's own HTML: boilerplate, widgets and credits out."""

    html: str
    content: ContentKind
    origin: tuple[Origin, ...] = ()
    removals: tuple[CleaningRemoval, ...] = ()


class TickerAnchor(Contract):
    """A ticker that the publisher marked up in the text, e.g. the CSCO of `(NASDAQ: CSCO)`.

    `start`, `end`: code-point offsets of the visible ticker in ArticleText.text.
    """

    ticker: str
    exchange: str | None = None
    start: int
    end: int


class ArticleText(Contract):
    """The article as Markdown and as plain text.

    `text`: the title, a blank line, then the blocks as a reader sees them, a blank line between
    two blocks; items of one list and rows of one table on lines of their own, cells parted by a
    tab. Headline-only: the title, and the teaser where there is one. Offsets in a record count
    code points in `text`. `language`: ISO 639-1, or "und" where it cannot be told.
    """

    markdown: str
    text: str
    content: ContentKind
    language: str
    words: int
    anchors: tuple[TickerAnchor, ...] = ()
