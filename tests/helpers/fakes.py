"""In-memory ports for tests of single activities."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from newsdesk.contracts.analysis import (
    Analysis,
    AnalyzerInfo,
    ArticleForAnalysis,
    Company,
    Role,
    SentimentAnalysis,
    Usage,
    not_assessed,
)
from newsdesk.contracts.articles import Article, Enqueued, Incoming, StoredRevision
from newsdesk.contracts.base import Contract, content_hash
from newsdesk.contracts.cleaning import ArticleHtml, ArticleText, CleaningRemoval, ContentKind
from newsdesk.contracts.models import Assignment
from newsdesk.contracts.options import ProcessingOptions
from newsdesk.errors import ArticleNotFoundError, OutputMissingError
from newsdesk.ports import OutputT

AT = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
ARTICLE = Article(
    article_id=5,
    title="Tidewater Lifts Its Dividend",
    published_at=AT,
    updated_at=AT,
    fetched_at=AT,
    body="<p>Tidewater raised its dividend.</p>",
)


@dataclass
class FakeArticles:
    """Revisions by (article id, revision)."""

    revisions: dict[tuple[int, int], Article] = field(
        default_factory=dict[tuple[int, int], Article]
    )

    async def enqueue(self, incoming: Incoming, options: ProcessingOptions) -> Enqueued:
        raise NotImplementedError("no activity enqueues")

    async def load_revision(self, article_id: int, revision: int) -> StoredRevision:
        try:
            return StoredRevision(article=self.revisions[article_id, revision], revision=revision)
        except KeyError:
            raise ArticleNotFoundError(f"no revision {revision} of {article_id}") from None


@dataclass
class FakeOutputs:
    """Outputs by hash."""

    stored: dict[str, Contract] = field(default_factory=dict[str, Contract])

    async def save(self, article_id: int, output: Contract) -> str:
        digest = content_hash(output)
        self.stored[digest] = output
        return digest

    async def load(self, digest: str, kind: type[OutputT]) -> OutputT:
        output = self.stored.get(digest)
        if not isinstance(output, kind):
            raise OutputMissingError(f"no {kind.__name__} {digest}")
        return output


class FakeCleaner:
    """Keeps the body as it is and says that it dropped a credit."""

    def clean_html(self, article: Article) -> ArticleHtml:
        return ArticleHtml(
            html=article.body,
            content=ContentKind.FULL,
            removals=(CleaningRemoval(rule="image-credit", removed_chars=12, sample="Photo: X"),),
        )

    def to_markdown(self, article: Article, html: ArticleHtml) -> ArticleText:
        text = f"{article.title}\n\n{html.html}"
        return ArticleText(
            markdown=html.html, text=text, content=html.content, language="en", words=4
        )


INFO = AnalyzerInfo(name="fake", version="1")


@dataclass
class FakeAnalyzer:
    """Finds one subject and one peer, and assesses neither."""

    name: str = "fake"
    seen: list[ArticleForAnalysis] = field(default_factory=list[ArticleForAnalysis])

    async def analyze_article(
        self, article: ArticleForAnalysis, assignment: Assignment
    ) -> tuple[Analysis, Usage]:
        self.seen.append(article)
        companies = (
            Company(name="Tidewater", ticker="TDWX", role=Role.SUBJECT),
            Company(name="North Quay", role=Role.PEER),
        )
        analysis = Analysis(
            categories=("Dividends & Buybacks",),
            gist="g",
            summary="s",
            companies=companies,
            analyzer=INFO,
        )
        return analysis, Usage(model="fake", input_tokens=3)

    async def analyze_sentiment(
        self, article: ArticleForAnalysis, analysis: Analysis, assignment: Assignment
    ) -> tuple[SentimentAnalysis, Usage]:
        self.seen.append(article)
        sentiments = tuple(not_assessed("a fake") for _ in analysis.companies)
        return SentimentAnalysis(sentiments=sentiments, analyzer=INFO), Usage(model="fake")
