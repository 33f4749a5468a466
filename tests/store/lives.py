"""Shorthands for the life of a run: enqueue, save outputs, link, publish, record."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from newsdesk.contracts.analysis import Analysis, SentimentAnalysis, not_assessed
from newsdesk.contracts.articles import Incoming
from newsdesk.contracts.names import Step
from newsdesk.contracts.record import RunBlock, RunStatus, StepRecord, StepStatus
from newsdesk.contracts.steps import PublishInput, PublishResult
from newsdesk.contracts.stories import (
    Relation,
    StoryCandidate,
    StoryLink,
    StoryLinks,
    StorySignature,
)
from newsdesk.store.articles import PostgresArticles
from newsdesk.store.outputs import PostgresOutputs
from newsdesk.store.pool import StorePool
from newsdesk.store.publishing import PostgresPublisher
from newsdesk.store.records import PostgresRecords
from newsdesk.store.runs import PostgresRuns
from newsdesk.store.stories import PostgresStories
from tests.store.samples import (
    HTML,
    NOON,
    OPTIONS,
    TEXT,
    at,
    make_analysis,
    make_sentiments,
)


def start_story(_: StorySignature, candidates: Sequence[StoryCandidate]) -> list[StoryLink]:
    """Decides to start a story, whatever there is."""
    why = f"none of {len(candidates)}"
    return [StoryLink(story_id=None, relation=Relation.MEMBER, similarity=1.0, why=why)]


def join_first(_: StorySignature, candidates: Sequence[StoryCandidate]) -> list[StoryLink]:
    """Decides for the first candidate, or to start a story where there is none."""
    story_id = candidates[0].story_id if candidates else None
    return [StoryLink(story_id=story_id, relation=Relation.MEMBER, similarity=0.75, why="alike")]


def make_signature(minutes: float = 0) -> StorySignature:
    """Returns the signature of an article published so many minutes after noon."""
    return StorySignature(
        terms={"quarry": 2.5, "outlook": 1.0}, tickers=("QRY",), published_at=at(minutes)
    )


def make_block(
    number: int, closed: float = 10, executions: Sequence[str] = ("e1",), **changes: object
) -> RunBlock:
    """Returns the block of a run that closed so many minutes after noon."""
    step = StepRecord(
        name=Step.ANALYZE_ARTICLE,
        status=StepStatus.COMPLETED,
        attempts=len(executions),
        started_at=NOON,
        completed_at=at(closed - 1),
        duration_ms=5,
    )
    block = RunBlock(
        number=number,
        workflow_id=f"benzinga-{number}-r1",
        run_id=executions[-1],
        executions=tuple(executions),
        status=RunStatus.COMPLETED,
        started_at=NOON,
        completed_at=at(closed),
        duration_seconds=closed * 60,
        steps=(step,),
    )
    return block.model_copy(update=changes)


@dataclass(frozen=True)
class Lives:
    """The stores over one pool, and what a worker does with them."""

    pool: StorePool
    articles: PostgresArticles = field(init=False)
    runs: PostgresRuns = field(init=False)
    outputs: PostgresOutputs = field(init=False)
    stories: PostgresStories = field(init=False)
    publisher: PostgresPublisher = field(init=False)
    records: PostgresRecords = field(init=False)

    def __post_init__(self) -> None:
        """Makes the stores."""
        for name, kind in (
            ("articles", PostgresArticles),
            ("runs", PostgresRuns),
            ("outputs", PostgresOutputs),
            ("stories", PostgresStories),
            ("publisher", PostgresPublisher),
            ("records", PostgresRecords),
        ):
            object.__setattr__(self, name, kind(self.pool))

    async def enqueue(self, incoming: Incoming) -> int:
        """Enqueues and returns the number of the run that was stored."""
        enqueued = await self.articles.enqueue(incoming, OPTIONS)
        assert enqueued.pending is not None
        return enqueued.pending.run_number

    async def request(
        self,
        run_number: int,
        article_id: int = 1,
        revision: int = 1,
        analysis: Analysis | None = None,
        sentiments: SentimentAnalysis | None = None,
        links: StoryLinks | None = None,
    ) -> PublishInput:
        """Saves the outputs of a run and returns what publish is given."""
        analysis = analysis or make_analysis("QRY")
        sentiments = sentiments or make_sentiments(
            *(not_assessed("named in passing") for _ in analysis.companies)
        )
        save = self.outputs.save
        return PublishInput(
            run_number=run_number,
            article_id=article_id,
            revision=revision,
            html_hash=await save(article_id, HTML),
            text_hash=await save(article_id, TEXT),
            analysis_hash=await save(article_id, analysis),
            sentiment_hash=await save(article_id, sentiments),
            links_hash=None if links is None else await save(article_id, links),
        )

    async def publish(
        self, run_number: int, article_id: int = 1, revision: int = 1, *, linked: bool = True
    ) -> PublishResult:
        """Publishes a run; its links are those that are stored, or a story of its own."""
        links = None
        if linked:
            links = await self.stories.link(run_number, "A story", make_signature(), start_story)
        request = await self.request(run_number, article_id, revision, links=links)
        return await self.publisher.publish(request)

    async def membership_states(self) -> dict[int, str]:
        """Returns the state of memberships by run number (where each run has one)."""
        async with self.pool.connection("look") as connection:
            rows = await connection.fetch("SELECT run_number, state FROM memberships")
        return {row["run_number"]: row["state"] for row in rows}
