"""The steps clean_raw_article and clean_markdown_article."""

import asyncio

from temporalio import activity

from newsdesk.contracts.cleaning import ArticleHtml
from newsdesk.contracts.steps import (
    CleanMarkdownArticleInput,
    CleanMarkdownArticleResult,
    CleanRawArticleInput,
    CleanRawArticleResult,
)
from newsdesk.ports import ArticleCleaner, ArticleStore, OutputStore


class CleaningActivities:
    """Reads a revision, cleans it, stores what comes out under its hash."""

    def __init__(
        self, articles: ArticleStore, outputs: OutputStore, cleaner: ArticleCleaner
    ) -> None:
        """Takes the ports that the steps use."""
        self._articles = articles
        self._outputs = outputs
        self._cleaner = cleaner

    @activity.defn
    async def clean_raw_article(self, request: CleanRawArticleInput) -> CleanRawArticleResult:
        """Turns the raw body into the article's own HTML and reports what was removed."""
        stored = await self._articles.load_revision(request.article_id, request.revision)
        # A thread, for parsing must not hold up heartbeats and polls.
        html = await asyncio.to_thread(self._cleaner.clean_html, stored.article)
        return CleanRawArticleResult(
            html_hash=await self._outputs.save(request.article_id, html),
            content=html.content,
            origin=html.origin,
            removed_blocks=len(html.removals),
            removed_chars=sum(removal.removed_chars for removal in html.removals),
        )

    @activity.defn
    async def clean_markdown_article(
        self, request: CleanMarkdownArticleInput
    ) -> CleanMarkdownArticleResult:
        """Turns the article's HTML into Markdown and the plain text that offsets count in."""
        stored = await self._articles.load_revision(request.article_id, request.revision)
        html = await self._outputs.load(request.html_hash, ArticleHtml)
        text = await asyncio.to_thread(self._cleaner.to_markdown, stored.article, html)
        return CleanMarkdownArticleResult(
            text_hash=await self._outputs.save(request.article_id, text),
            content=text.content,
            language=text.language,
            words=text.words,
        )
