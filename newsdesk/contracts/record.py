"""The record: everything known about an article after a run. DESIGN's JSON, field by field."""

from enum import StrEnum
from typing import Literal

from newsdesk.contracts.analysis import AnalyzerInfo, Mention, Role, Sentiment
from newsdesk.contracts.base import Contract, UtcDatetime
from newsdesk.contracts.cleaning import CleaningRemoval, ContentKind, Origin
from newsdesk.contracts.names import WORKFLOW_TITLE, Step
from newsdesk.contracts.stories import Relation


class RunStatus(StrEnum):
    """Temporal's word for a run, in ours."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"
    TERMINATED = "terminated"
    TIMED_OUT = "timed_out"


UNSUCCESSFUL = (
    RunStatus.FAILED,
    RunStatus.TIMED_OUT,
    RunStatus.TERMINATED,
    RunStatus.CANCELED,
)
"""How a run stands that ended and did not complete."""


class StepStatus(StrEnum):
    """Where a step stands."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    SKIPPED = "skipped"
    FAILED = "failed"


class Tokens(Contract):
    """Tokens that a model was sent and gave back; `cached_input` is part of `input`."""

    input: int = 0
    cached_input: int = 0
    output: int = 0


class StepError(Contract):
    """Why a step failed, or why its latest attempt did."""

    type: str
    message: str


class StepRecord(Contract):
    """One step as the Temporal server recorded it.

    `started_at`: when it was scheduled; `duration_ms`: scheduled to closed, retries included.
    `attempts`: None where the server kept no count. `error` on a running step: its last attempt's.
    `output`: the hash under which the step's result is stored. `reason_code` and `reason` of a step
    that is not skipped: why it waits ("daily_budget", "rate_limit"), or that another model than
    the first answered ("fallback"). `answer_reused`: another run had paid for the model's answer.
    """

    name: Step
    status: StepStatus = StepStatus.PENDING
    attempts: int | None = 0
    started_at: UtcDatetime | None = None
    completed_at: UtcDatetime | None = None
    duration_ms: int | None = None
    reason_code: str | None = None
    reason: str | None = None
    error: StepError | None = None
    model: str | None = None
    tokens: Tokens | None = None
    cost_usd: float | None = None
    output: str | None = None
    prompt_version: str | None = None
    answer_reused: bool = False


class Replay(Contract):
    """An operator let the run go on from an earlier point: a new execution under its number."""

    at: UtcDatetime
    reason: str


class RunBlock(Contract):
    """The record's `run`: what the Temporal server knows of a run, and its number.

    `error`: why the run did not complete; of a running one, why publish's last attempt failed, or
    why publish waits.
    `replays`: oldest first. Steps that a replay kept have their own times, from before it.
    """

    number: int
    workflow: str = WORKFLOW_TITLE
    workflow_id: str
    run_id: str | None = None
    executions: tuple[str, ...] = ()
    published: bool = False
    superseded_by: int | None = None
    outcome: str | None = None
    status: RunStatus
    error: StepError | None = None
    started_at: UtcDatetime | None = None
    completed_at: UtcDatetime | None = None
    duration_seconds: float | None = None
    temporal_url: str | None = None
    cost_usd: float | None = None
    tokens: Tokens = Tokens()
    replays: tuple[Replay, ...] = ()
    steps: tuple[StepRecord, ...] = ()


class OpenRun(Contract):
    """A run that Temporal acknowledged and whose end is not recorded yet."""

    run_number: int
    workflow_id: str


class RecordStock(Contract):
    """A tagged security as the record shows it."""

    ticker: str
    exchange: str | None = None
    name: str | None = None


class RecordArticle(Contract):
    """The article itself. In state removed, the words are withheld: text and Markdown are empty."""

    id: int
    revision: int
    source: str
    title: str
    author: str
    url: str
    teaser: str
    image_url: str
    published_at: UtcDatetime
    updated_at: UtcDatetime
    fetched_at: UtcDatetime
    channels: tuple[str, ...]
    tags: tuple[str, ...]
    stocks: tuple[RecordStock, ...]
    tickers: tuple[str, ...]
    content: ContentKind | None
    language: str | None
    origin: tuple[Origin, ...]
    state: Literal["active", "removed"]
    removed_at: UtcDatetime | None = None
    markdown: str
    text: str
    cleaning: tuple[CleaningRemoval, ...]


class RecordAnalysis(Contract):
    """The analysis as the record shows it.

    `note`: what was not looked at. `dropped_companies`, `dropped_quotes`: how many the analyzer
    gave that are not in the text; they are not shown.
    """

    categories: tuple[str, ...]
    gist: str
    summary: str
    analyzed_at: UtcDatetime | None
    analyzer: AnalyzerInfo
    language_read: bool = True
    note: str = ""
    dropped_companies: int = 0
    dropped_quotes: int = 0


class RecordCompany(Contract):
    """A company with its sentiment; None while a run that was never published is shown."""

    name: str
    ticker: str | None
    exchange: str | None
    role: Role
    mentions: tuple[Mention, ...]
    sentiment: Sentiment | None


class RecordStory(Contract):
    """A story that the article belongs to; `article_count` counts what readers can see."""

    id: int
    title: str
    relation: Relation
    similarity: float
    why: str
    article_count: int


class ArticleRecord(Contract):
    """All of it. `analysis` is None until a run got so far."""

    article: RecordArticle
    analysis: RecordAnalysis | None
    companies: tuple[RecordCompany, ...]
    stories: tuple[RecordStory, ...]
    run: RunBlock
