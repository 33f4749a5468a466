"""Each activity by itself: what it reads, what it stores, what it returns; twice alike."""

from collections.abc import Sequence

import pytest
from temporalio.testing import ActivityEnvironment

from activities.analysis import AnalysisActivities
from activities.analyzers import AnalyzerList
from activities.cleaning import CleaningActivities
from activities.stories import StoryActivities
from newsdesk.contracts.analysis import Analysis, ArticleForAnalysis, SentimentAnalysis
from newsdesk.contracts.cleaning import ArticleHtml, ArticleText
from newsdesk.contracts.steps import (
    AnalyzeArticleInput,
    AnalyzeArticleResult,
    AnalyzeSentimentInput,
    CleanMarkdownArticleInput,
    CleanMarkdownArticleResult,
    CleanRawArticleInput,
    CleanRawArticleResult,
    LinkArticleToStoriesInput,
)
from newsdesk.contracts.stories import (
    Relation,
    StoryCandidate,
    StoryLink,
    StoryLinks,
    StoryMembership,
    StorySignature,
)
from newsdesk.errors import ArticleNotFoundError, OutputMissingError
from newsdesk.ports import StoryDecision
from tests.helpers.fakes import ARTICLE, AT, FakeAnalyzer, FakeArticles, FakeCleaner, FakeOutputs


class Bench:
    """Activities over fakes, with one stored revision."""

    def __init__(self) -> None:
        self.articles = FakeArticles({(5, 1): ARTICLE})
        self.outputs = FakeOutputs()
        self.analyzer = FakeAnalyzer()
        self.cleaning = CleaningActivities(self.articles, self.outputs, FakeCleaner())
        self.analysis = AnalysisActivities(
            self.articles,
            self.outputs,
            AnalyzerList([self.analyzer]),
            AnalyzerList([self.analyzer]),
        )

    async def cleaned(self) -> tuple[CleanRawArticleResult, CleanMarkdownArticleResult]:
        raw = await self.cleaning.clean_raw_article(CleanRawArticleInput(article_id=5, revision=1))
        text = await self.cleaning.clean_markdown_article(
            CleanMarkdownArticleInput(article_id=5, revision=1, html_hash=raw.html_hash)
        )
        return raw, text

    async def analyzed(self) -> tuple[CleanRawArticleResult, str, AnalyzeArticleResult]:
        raw, text = await self.cleaned()
        request = AnalyzeArticleInput(
            article_id=5, revision=1, html_hash=raw.html_hash, text_hash=text.text_hash
        )
        return raw, text.text_hash, await self.analysis.analyze_article(request)


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_clean_raw_article_stores_html_and_counts_what_was_removed(bench: Bench) -> None:
    raw, _ = await bench.cleaned()
    stored = await bench.outputs.load(raw.html_hash, ArticleHtml)
    assert stored.html == ARTICLE.body
    assert (raw.removed_blocks, raw.removed_chars) == (1, 12)


async def test_clean_markdown_article_stores_the_text(bench: Bench) -> None:
    _, text = await bench.cleaned()
    stored = await bench.outputs.load(text.text_hash, ArticleText)
    assert stored.text.startswith("Tidewater Lifts Its Dividend\n\n")
    assert (text.language, text.words) == ("en", 4)


async def test_a_step_done_twice_gives_the_same_hashes(bench: Bench) -> None:
    assert await bench.cleaned() == await bench.cleaned()
    assert await bench.analyzed() == await bench.analyzed()


async def test_analyze_article_stores_the_analysis_and_returns_facts(bench: Bench) -> None:
    _, _, result = await bench.analyzed()
    stored = await bench.outputs.load(result.analysis_hash, Analysis)
    assert stored.gist == "g"
    assert (result.subjects, result.peers, result.companies) == (("TDWX",), ("North Quay",), 2)
    assert result.usage.input_tokens == 3
    assert bench.analyzer.seen[0].title == ARTICLE.title


async def test_analyze_sentiment_scores_the_companies_of_the_named_analysis(bench: Bench) -> None:
    raw, text_hash, analysis = await bench.analyzed()
    request = AnalyzeSentimentInput(
        article_id=5,
        revision=1,
        html_hash=raw.html_hash,
        text_hash=text_hash,
        analysis_hash=analysis.analysis_hash,
    )
    result = await bench.analysis.analyze_sentiment(request)
    stored = await bench.outputs.load(result.sentiment_hash, SentimentAnalysis)
    assert len(stored.sentiments) == 2
    assert (result.scored, result.not_assessed) == (0, 2)


async def test_a_missing_revision_is_no_success(bench: Bench) -> None:
    with pytest.raises(ArticleNotFoundError):
        await bench.cleaning.clean_raw_article(CleanRawArticleInput(article_id=5, revision=2))


async def test_a_missing_output_is_no_success(bench: Bench) -> None:
    with pytest.raises(OutputMissingError):
        await bench.cleaning.clean_markdown_article(
            CleanMarkdownArticleInput(article_id=5, revision=1, html_hash="gone")
        )


class FakeMatcher:
    """Starts a story, whatever there is."""

    def signature(
        self, article: ArticleForAnalysis, analysis: Analysis, at: object
    ) -> StorySignature:
        assert at == AT
        return StorySignature(terms={article.title: 1.0}, published_at=AT)

    def decide(
        self, signature: StorySignature, candidates: Sequence[StoryCandidate]
    ) -> Sequence[StoryLink]:
        return [StoryLink(story_id=None, relation=Relation.MEMBER, similarity=1.0, why="new")]


class FakeStories:
    """Keeps what the matcher decides over no candidates."""

    async def link(
        self, run_number: int, title: str, signature: StorySignature, decide: StoryDecision
    ) -> StoryLinks:
        assert (run_number, title) == (41, ARTICLE.title)
        memberships = tuple(
            StoryMembership(
                story_id=9, title=title, relation=link.relation, similarity=1.0, why=link.why
            )
            for link in decide(signature, [])
        )
        return StoryLinks(memberships=memberships)


async def test_link_article_to_stories_stores_what_was_decided(bench: Bench) -> None:
    raw, text_hash, analysis = await bench.analyzed()
    stories = StoryActivities(bench.articles, bench.outputs, FakeStories(), FakeMatcher())
    request = LinkArticleToStoriesInput(
        run_number=41,
        article_id=5,
        revision=1,
        html_hash=raw.html_hash,
        text_hash=text_hash,
        analysis_hash=analysis.analysis_hash,
    )
    result = await ActivityEnvironment().run(stories.link_article_to_stories, request)
    assert result.story_ids == (9,)
    links = await bench.outputs.load(result.links_hash, StoryLinks)
    assert links.memberships[0].why == "new"
