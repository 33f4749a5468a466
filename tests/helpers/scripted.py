"""Activities of the graph's names that answer as a test tells them, and a worker with them."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from activities.failures import FailureInterceptor
from activities.heartbeats import HeartbeatInterceptor
from newsdesk.contracts.analysis import Usage
from newsdesk.contracts.cleaning import ContentKind
from newsdesk.contracts.models import Pause
from newsdesk.contracts.names import ANALYSIS_QUEUE_SUFFIX, PUBLISH, Step
from newsdesk.contracts.steps import (
    AnalyzeArticleInput,
    AnalyzeArticleResult,
    AnalyzeSentimentInput,
    AnalyzeSentimentResult,
    CleanMarkdownArticleInput,
    CleanMarkdownArticleResult,
    CleanRawArticleInput,
    CleanRawArticleResult,
    LinkArticleToStoriesInput,
    LinkArticleToStoriesResult,
    PublishInput,
    PublishOutcome,
    PublishResult,
)
from newsdesk.temporal.sandbox import workflow_runner
from workflows.article_processing import ArticleProcessing

TEXT = CleanMarkdownArticleResult(
    text_hash="text", content=ContentKind.FULL, language="en", words=300
)
ANALYSIS = AnalyzeArticleResult(
    analysis_hash="analysis",
    categories=("Earnings",),
    subjects=("TDWX",),
    companies=1,
    usage=Usage(model="builtin"),
)
PUBLISHED = PublishResult(outcome=PublishOutcome.PUBLISHED)
USAGE = Usage(
    model="some/model", input_tokens=900, cached_input_tokens=400, output_tokens=60, cost_usd=0.25
)


@dataclass
class Script:
    """What the activities answer.

    `failures` are raised first, one a call; then steps answer with their `pauses`, one a call; then
    comes the answer. `all_requests` keeps every call's request, in order.
    """

    text: CleanMarkdownArticleResult = TEXT
    analysis: AnalyzeArticleResult = ANALYSIS
    published: PublishResult = PUBLISHED
    sentiment_usage: Usage = USAGE
    pauses: dict[str, list[Pause]] = field(default_factory=dict[str, list[Pause]])
    failures: dict[str, list[Exception]] = field(default_factory=dict[str, list[Exception]])
    holds: dict[str, asyncio.Event] = field(default_factory=dict[str, asyncio.Event])
    calls: Counter[str] = field(default_factory=Counter[str])
    ended: list[str] = field(default_factory=list[str])
    requests: dict[str, Any] = field(default_factory=dict[str, Any])
    all_requests: list[Any] = field(default_factory=list[Any])

    async def play(self, step: str, request: object) -> None:
        """Notes the call, waits where told to, and raises what is due."""
        self.calls[step] += 1
        self.requests[step] = request
        self.all_requests.append(request)
        if step in self.holds:
            await self.holds[step].wait()
        if self.failures.get(step):
            raise self.failures[step].pop(0)
        self.ended.append(step)

    def pause(self, step: str) -> Pause | None:
        """Returns the pause that is due."""
        return self.pauses[step].pop(0) if self.pauses.get(step) else None

    def activities(self) -> list[Callable[..., Any]]:
        """Returns activities of the graph's names and signatures."""
        script = self

        @activity.defn
        async def clean_raw_article(request: CleanRawArticleInput) -> CleanRawArticleResult:
            await script.play(Step.CLEAN_RAW_ARTICLE, request)
            pause = script.pause(Step.CLEAN_RAW_ARTICLE)
            return CleanRawArticleResult(html_hash="html", content=script.text.content, pause=pause)

        @activity.defn
        async def clean_markdown_article(
            request: CleanMarkdownArticleInput,
        ) -> CleanMarkdownArticleResult:
            await script.play(Step.CLEAN_MARKDOWN_ARTICLE, request)
            pause = script.pause(Step.CLEAN_MARKDOWN_ARTICLE)
            return script.text.model_copy(update={"pause": pause})

        @activity.defn
        async def analyze_article(request: AnalyzeArticleInput) -> AnalyzeArticleResult:
            await script.play(Step.ANALYZE_ARTICLE, request)
            pause = script.pause(Step.ANALYZE_ARTICLE)
            return script.analysis.model_copy(update={"pause": pause})

        @activity.defn
        async def link_article_to_stories(
            request: LinkArticleToStoriesInput,
        ) -> LinkArticleToStoriesResult:
            await script.play(Step.LINK_ARTICLE_TO_STORIES, request)
            pause = script.pause(Step.LINK_ARTICLE_TO_STORIES)
            return LinkArticleToStoriesResult(links_hash="links", story_ids=(7,), pause=pause)

        @activity.defn
        async def analyze_sentiment(request: AnalyzeSentimentInput) -> AnalyzeSentimentResult:
            await script.play(Step.ANALYZE_SENTIMENT, request)
            return AnalyzeSentimentResult(
                sentiment_hash="sentiment",
                scored=1,
                not_assessed=0,
                usage=script.sentiment_usage,
                pause=script.pause(Step.ANALYZE_SENTIMENT),
            )

        @activity.defn
        async def publish(request: PublishInput) -> PublishResult:
            await script.play(PUBLISH, request)
            return script.published.model_copy(update={"pause": script.pause(PUBLISH)})

        return [
            clean_raw_article,
            clean_markdown_article,
            analyze_article,
            link_article_to_stories,
            analyze_sentiment,
            publish,
        ]


def scripted_worker(
    client: Client, script: Script, task_queue: str | None = None
) -> tuple[AbstractAsyncContextManager[Worker], str]:
    """Returns a worker over the script, to be entered, and its task queue.

    Its analyzing steps have a queue of their own, as in the real one.
    """
    queue = task_queue or f"test-{uuid4()}"
    return _both_workers(client, script, queue), queue


@asynccontextmanager
async def _both_workers(client: Client, script: Script, queue: str) -> AsyncGenerator[Worker, None]:
    interceptors = [HeartbeatInterceptor(), FailureInterceptor()]
    activities = script.activities()
    worker = Worker(
        client,
        task_queue=queue,
        workflows=[ArticleProcessing],
        activities=activities,
        workflow_runner=workflow_runner(),
        interceptors=interceptors,
    )
    analyzing = Worker(
        client,
        task_queue=queue + ANALYSIS_QUEUE_SUFFIX,
        activities=activities,
        interceptors=interceptors,
    )
    async with analyzing, worker:
        yield worker
