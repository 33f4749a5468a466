"""Protocols between the parts. Activities, web and operators see these, never an adapter."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from pydantic import JsonValue

from newsdesk.contracts.analysis import (
    Analysis,
    ArticleForAnalysis,
    SentimentAnalysis,
    Usage,
)
from newsdesk.contracts.articles import Article, Enqueued, Incoming, PendingRun, StoredRevision
from newsdesk.contracts.base import Contract
from newsdesk.contracts.cleaning import ArticleHtml, ArticleText
from newsdesk.contracts.models import (
    Admission,
    Assignment,
    ModelLimits,
    ModelQuestion,
    ModelReply,
    ModelRequest,
    Pause,
    Turn,
)
from newsdesk.contracts.operations import StepPause
from newsdesk.contracts.options import ProcessingOptions
from newsdesk.contracts.record import ArticleRecord, OpenRun, RunBlock
from newsdesk.contracts.steps import PublishInput, PublishResult
from newsdesk.contracts.stories import StoryCandidate, StoryLink, StoryLinks, StorySignature

OutputT = TypeVar("OutputT", bound=Contract)
StoryDecision = Callable[[StorySignature, Sequence[StoryCandidate]], Sequence[StoryLink]]


class ArticleCleaner(Protocol):
    """HTML to article HTML to Markdown; pure, may take seconds of CPU for a large body."""

    def clean_html(self, article: Article) -> ArticleHtml:
        """Returns the article's own HTML. Raises ArticleUnusableError where there is nothing."""
        ...

    def to_markdown(self, article: Article, html: ArticleHtml) -> ArticleText:
        """Returns Markdown, plain text, language and ticker anchors."""
        ...


class Analyzer(Protocol):
    """Answers analyze_article and analyze_sentiment."""

    @property
    def name(self) -> str:
        """Who answers: `builtin`, or a model's name."""
        ...

    async def analyze_article(
        self, article: ArticleForAnalysis, assignment: Assignment
    ) -> tuple[Analysis, Usage]:
        """Returns categories, gist, summary and companies.

        Raises a ModelError where a model fails it, and StepPaused where it may not be asked.
        """
        ...

    async def analyze_sentiment(
        self, article: ArticleForAnalysis, analysis: Analysis, assignment: Assignment
    ) -> tuple[SentimentAnalysis, Usage]:
        """Returns one sentiment for each of the analysis' companies, in their order.

        Raises like analyze_article.
        """
        ...


class LanguageModel(Protocol):
    """One model of one provider. Every call is a single request: no retries of its own."""

    @property
    def name(self) -> str:
        """The model's name, as settings and records call it."""
        ...

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Returns the model's answer, unchecked, and what it took. Raises a ModelError."""
        ...


class ModelLedger(Protocol):
    """What models answered and took, and who may ask next; one for all workers.

    A question is asked by one at a time: `admit` claims it where it answers a Turn, and `keep` or
    `release` ends the claim.
    """

    async def admit(
        self, question: ModelQuestion, assignment: Assignment, limits: ModelLimits
    ) -> Admission:
        """Returns the kept answer, a turn to ask, a pause, or that another asks just now."""
        ...

    async def take_turn(self, question: ModelQuestion, limits: ModelLimits) -> Turn | Pause:
        """Returns a further turn for a question that is claimed, or the pause it would take."""
        ...

    async def note_unusable(
        self, question: ModelQuestion, assignment: Assignment, usage: Usage
    ) -> None:
        """Books a call whose answer cannot be used."""
        ...

    async def keep(
        self,
        question: ModelQuestion,
        assignment: Assignment,
        usage: Usage,
        answer: JsonValue,
    ) -> Usage:
        """Books a call, keeps its validated answer and ends the claim, all at once.

        Returns what the run has paid for this step, unusable answers included.
        """
        ...

    async def release(self, question: ModelQuestion, assignment: Assignment) -> None:
        """Ends the claim without an answer; somebody else may ask."""
        ...


class StoryMatcher(Protocol):
    """Pure scoring of an article against stories."""

    def signature(
        self, article: ArticleForAnalysis, analysis: Analysis, at: datetime
    ) -> StorySignature:
        """Returns what matching needs of an article that was published `at`."""
        ...

    def decide(
        self, signature: StorySignature, candidates: Sequence[StoryCandidate]
    ) -> Sequence[StoryLink]:
        """Returns at least one link: to stories that fit, or one that starts a story."""
        ...


class OutputStore(Protocol):
    """Outputs of steps, stored under the hash of their content; never changed afterwards."""

    async def save(self, article_id: int, output: Contract) -> str:
        """Stores an output once and returns its hash (64 hex digits)."""
        ...

    async def load(self, digest: str, kind: type[OutputT]) -> OutputT:
        """Returns a stored output. Raises OutputMissingError."""
        ...


class ArticleStore(Protocol):
    """Articles and their revisions."""

    async def enqueue(self, incoming: Incoming, options: ProcessingOptions) -> Enqueued:
        """Stores article, revision and a pending run in one transaction; idempotent."""
        ...

    async def load_revision(self, article_id: int, revision: int) -> StoredRevision:
        """Returns a revision. Raises ArticleNotFoundError."""
        ...


class StoryStore(Protocol):
    """Stories and who belongs to them."""

    async def link(
        self,
        run_number: int,
        title: str,
        signature: StorySignature,
        decide: StoryDecision,
    ) -> StoryLinks:
        """Decides and stores a run's memberships, hidden until publish; one linking at a time.

        Called again for the same run it returns what was stored. An article's earlier revision
        is no candidate for itself, but a story it started alone goes on under the new revision.
        """
        ...


class RecordPublisher(Protocol):
    """Makes a run's record visible at once."""

    async def publish(self, request: PublishInput) -> PublishResult:
        """Publishes exactly the named versions in one transaction, or refuses as superseded."""
        ...


class RunStore(Protocol):
    """Runs: their numbers, their start, and the snapshot of how they went."""

    async def mark_started(self, run_number: int, run_id: str | None) -> None:
        """Notes that Temporal has acknowledged the run."""
        ...

    async def pending(self, older_than: timedelta, limit: int) -> Sequence[PendingRun]:
        """Returns runs never acknowledged, enqueued longer ago than `older_than`."""
        ...

    async def open_runs(self, after_number: int, limit: int) -> Sequence[OpenRun]:
        """Returns runs whose end is not recorded, by number, above `after_number`."""
        ...

    async def find(self, workflow_id: str) -> int | None:
        """Returns the number of the run with this workflow id."""
        ...

    async def record(self, block: RunBlock) -> None:
        """Stores a closed run's block and steps; again for a replay, the newest snapshot wins."""
        ...

    async def reopen(self, run_number: int) -> None:
        """Makes a run pending again that Temporal does not know and whose end is not recorded."""
        ...

    async def blocks(self, run_numbers: Sequence[int]) -> dict[int, RunBlock]:
        """Returns the recorded blocks of closed runs among these."""
        ...


class RecordStore(Protocol):
    """Whole records, for readers."""

    async def load(self, article_id: int, run_number: int | None = None) -> ArticleRecord:
        """Returns the published record, or that of the latest run, or of the named run.

        Where no block is recorded yet, `run` is a skeleton: number, workflow id, status.
        Raises ArticleNotFoundError.
        """
        ...


class StepGate(Protocol):
    """Who says whether a step may be done just now, or has been paused by an operator."""

    async def find_pause(self, step: str, run_number: int) -> StepPause | None:
        """Returns the pause that holds an activity back: everybody's, or that of its run."""
        ...


class RunStarter(Protocol):
    """Starts runs on Temporal."""

    async def start(self, run: PendingRun) -> str | None:
        """Starts the workflow; an id that exists already counts as started. Returns its run id.

        Raises TemporalUnavailableError.
        """
        ...


class RunReader(Protocol):
    """Reads runs from Temporal."""

    async def read(self, run_number: int, workflow_id: str) -> RunBlock | None:
        """Returns the run block of the current execution, made from its history; None: unknown."""
        ...
