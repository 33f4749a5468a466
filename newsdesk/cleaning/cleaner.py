"""The two cleaning steps over one article."""

import re
from collections.abc import Sequence
from itertools import chain

from newsdesk.cleaning.boilerplate import BoilerplateRemover
from newsdesk.cleaning.chars import letters, tidy
from newsdesk.cleaning.language import language_of
from newsdesk.cleaning.links import base_of
from newsdesk.cleaning.markdown import write_markdown, write_plain
from newsdesk.cleaning.model import Block, Blocks, Heading, Paragraph, block_text, runs_of
from newsdesk.cleaning.origin import origin_of
from newsdesk.cleaning.page import extract_article
from newsdesk.cleaning.plaintext import PlainText
from newsdesk.cleaning.reader import read_html
from newsdesk.cleaning.tickers import anchors_in
from newsdesk.cleaning.writer import write_html
from newsdesk.contracts.articles import Article, BodyKind
from newsdesk.contracts.cleaning import ArticleHtml, ArticleText, ContentKind, Origin
from newsdesk.errors import ArticleUnusableError

_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_MAX_LINK_WORDS = 40


class Cleaner:
    """HTML to article HTML to Markdown and text: newsdesk.ports.ArticleCleaner.

    Pure and deterministic; safe to call from several threads at once.
    """

    def clean_html(self, article: Article) -> ArticleHtml:
        """Returns the article's own HTML, what was removed from it, and how it came to be.

        A body without words, and one that is nothing but a link or an address (a pointer to
        another outlet), makes a headline-only article; the pointer stays in the HTML.

        Raises:
            ArticleUnusableError: no title, no teaser, and no text in the body.
        """
        base = base_of(article.url)
        reading = read_html(article.body, base)
        said = reading.blocks
        if article.body_kind is BodyKind.PAGE:
            reading = read_html(extract_article(article.body), base)
            # Extraction may have dropped a disclosure; a dateline opens the article, not the page.
            said = (*reading.blocks, *said)
        origin = origin_of(article, said)
        remover = BoilerplateRemover(press_release=Origin.PRESS_RELEASE in origin)
        blocks = remover.clean(_without_title(reading.blocks, article.title, remover))
        content = _content_of(blocks)
        if content is ContentKind.HEADLINE and not _has_words(article, blocks):
            raise ArticleUnusableError(
                f"article {article.article_id} has no title, no teaser and no text in its body"
            )
        return ArticleHtml(
            html=write_html(blocks),
            content=content,
            origin=origin,
            removals=(*reading.removals, *remover.removals),
        )

    def to_markdown(self, article: Article, html: ArticleHtml) -> ArticleText:
        """Returns Markdown of the body, plain text with the title, language and ticker anchors.

        The Markdown leaves the title out, as a page shows it on its own; where an article is its
        headline only, it is the teaser, else a pointer in the body, else the title.
        """
        blocks = read_html(html.html, base_of(article.url)).blocks
        if blocks and _repeats(blocks[0], article.title):
            blocks = blocks[1:]
        plain = PlainText()
        plain.add_title(tidy(article.title))
        if html.content is ContentKind.FULL:
            plain.add_blocks(blocks)
        else:
            plain.add_title(_teaser_of(article))
        text = plain.text or tidy(article.teaser) or " ".join(map(block_text, blocks))
        return ArticleText(
            markdown=_markdown_of(article, blocks, html.content),
            text=text,
            content=html.content,
            language=language_of(text),
            words=sum(any(map(str.isalnum, word)) for word in text.split()),
            anchors=anchors_in(text, plain.runs),
        )


def _without_title(blocks: Blocks, title: str, remover: BoilerplateRemover) -> Blocks:
    if blocks and _repeats(blocks[0], title):
        remover.report("repeated-title", block_text(blocks[0]))
        return blocks[1:]
    return blocks


def _repeats(block: Block, title: str) -> bool:
    if not isinstance(block, Paragraph | Heading):
        return False
    said = letters(block_text(block))
    return bool(said) and said == letters(title)


def _content_of(blocks: Sequence[Block]) -> ContentKind:
    runs = list(chain.from_iterable(runs_of(block) for block in blocks))
    unlinked = _ADDRESS.sub("", " ".join(run.text for run in runs if not run.href))
    if letters(unlinked):
        return ContentKind.FULL
    # Links alone: one of them is a pointer, a list of them is what the article is about.
    pointers = {run.href for run in runs if run.href}
    words = sum(len(run.text.split()) for run in runs)
    is_pointer = len(pointers) <= 1 and words <= _MAX_LINK_WORDS
    return ContentKind.HEADLINE if is_pointer else ContentKind.FULL


def _has_words(article: Article, blocks: Sequence[Block]) -> bool:
    body = "".join(map(block_text, blocks))
    return bool(letters(article.title) or letters(article.teaser) or letters(body))


def _teaser_of(article: Article) -> str:
    """Returns the teaser where it tells more than the title does, else ""."""
    teaser = tidy(article.teaser)
    if not letters(_ADDRESS.sub("", teaser)) or letters(teaser) == letters(article.title):
        return ""
    is_label = teaser.endswith(":") and len(teaser.split()) <= 3
    return "" if is_label else teaser


def _markdown_of(article: Article, blocks: Blocks, content: ContentKind) -> str:
    teaser = _teaser_of(article) if content is ContentKind.HEADLINE else ""
    parts = [write_plain(teaser) if teaser else "", write_markdown(blocks)]
    said = "\n\n".join(part for part in parts if part)
    fallback = tidy(article.title) or tidy(article.teaser)
    return said or (write_plain(fallback) if fallback else "")
