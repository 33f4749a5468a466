"""The step link_article_to_stories."""

import asyncio

from temporalio import activity

from activities.reading import article_for_analysis
from newsdesk.contracts.analysis import Analysis
from newsdesk.contracts.cleaning import ArticleHtml, ArticleText
from newsdesk.contracts.steps import LinkArticleToStoriesInput, LinkArticleToStoriesResult
from newsdesk.ports import ArticleStore, OutputStore, StoryMatcher, StoryStore


class StoryActivities:
    """Lets the matcher decide, and the story store keep, where an article belongs."""

    def __init__(
        self,
        articles: ArticleStore,
        outputs: OutputStore,
        stories: StoryStore,
        matcher: StoryMatcher,
    ) -> None:
        """Takes the ports that the step uses."""
        self._articles = articles
        self._outputs = outputs
        self._stories = stories
        self._matcher = matcher

    @activity.defn
    async def link_article_to_stories(
        self, request: LinkArticleToStoriesInput
    ) -> LinkArticleToStoriesResult:
        """Joins the article to its stories, or starts one; hidden from readers until publish."""
        stored, html, text, analysis = await asyncio.gather(
            self._articles.load_revision(request.article_id, request.revision),
            self._outputs.load(request.html_hash, ArticleHtml),
            self._outputs.load(request.text_hash, ArticleText),
            self._outputs.load(request.analysis_hash, Analysis),
        )
        signature = await asyncio.to_thread(
            self._matcher.signature,
            article_for_analysis(stored.article, html, text),
            analysis,
            stored.article.published_at,
        )
        links = await self._stories.link(
            request.run_number, stored.article.title, signature, self._matcher.decide
        )
        return LinkArticleToStoriesResult(
            links_hash=await self._outputs.save(request.article_id, links),
            story_ids=tuple(membership.story_id for membership in links.memberships),
        )
