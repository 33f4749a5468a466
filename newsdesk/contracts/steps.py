"""Inputs and results of the workflow and its activities: ids, hashes and small facts only."""

from enum import StrEnum

from pydantic import Field

from newsdesk.contracts.analysis import Usage
from newsdesk.contracts.base import Contract, UtcDatetime
from newsdesk.contracts.cleaning import ContentKind, Origin
from newsdesk.contracts.models import Pause
from newsdesk.contracts.options import ProcessingOptions


class ProcessArticleInput(Contract):
    """What a run is told: which revision to process, and what decides its branches."""

    run_number: int
    article_id: int
    revision: int
    options: ProcessingOptions = ProcessingOptions()


class CleanRawArticleInput(Contract):
    """Names the revision whose raw body is to be cleaned."""

    article_id: int
    revision: int


class CleanRawArticleResult(Contract):
    """The hash of the stored ArticleHtml, and what it is like."""

    html_hash: str
    content: ContentKind
    origin: tuple[Origin, ...] = ()
    removed_blocks: int = 0
    removed_chars: int = 0


class CleanMarkdownArticleInput(Contract):
    """Names the ArticleHtml that is to become Markdown and text."""

    article_id: int
    revision: int
    html_hash: str


class CleanMarkdownArticleResult(Contract):
    """The hash of the stored ArticleText, and what it is like."""

    text_hash: str
    content: ContentKind
    language: str
    words: int


class AnalyzeArticleInput(Contract):
    """Names the text that is to be analyzed, and for which run.

    `position`: which analyzer of the list is to answer, 0 the first, then the fallbacks. `turn`: a
    moment within the rate limit that an earlier answer reserved.
    """

    article_id: int
    revision: int
    html_hash: str
    text_hash: str
    run_number: int = 0
    position: int = 0
    turn: UtcDatetime | None = None


class AnalyzeArticleResult(Contract):
    """The hash of the stored Analysis, and what branches and operators need of it.

    `automated_alert`: the text is one of Benzinga's automated option or block-trade alerts.
    With `pause` the step has to wait and come back: nothing is stored, the hash is empty.
    """

    analysis_hash: str
    categories: tuple[str, ...]
    subjects: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()
    companies: int = 0
    language_read: bool = True
    automated_alert: bool = False
    dropped_companies: int = 0
    usage: Usage
    pause: Pause | None = None


class LinkArticleToStoriesInput(Contract):
    """Names the analyzed text that is to be linked, for one run."""

    run_number: int
    article_id: int
    revision: int
    html_hash: str
    text_hash: str
    analysis_hash: str


class LinkArticleToStoriesResult(Contract):
    """The hash of the stored StoryLinks, and the stories' ids."""

    links_hash: str
    story_ids: tuple[int, ...] = ()


class AnalyzeSentimentInput(Contract):
    """Names the text and the analysis whose companies are to be scored, and for which run.

    `position`, `turn`: see AnalyzeArticleInput.
    """

    article_id: int
    revision: int
    html_hash: str
    text_hash: str
    analysis_hash: str
    run_number: int = 0
    position: int = 0
    turn: UtcDatetime | None = None


class AnalyzeSentimentResult(Contract):
    """The hash of the stored SentimentAnalysis, and how many companies got a score.

    `pause`: see AnalyzeArticleResult.
    """

    sentiment_hash: str
    scored: int
    not_assessed: int
    dropped_quotes: int = 0
    usage: Usage
    pause: Pause | None = None


class PublishInput(Contract):
    """The exact versions that this run's steps returned; `links_hash` is None after a skip."""

    run_number: int
    article_id: int
    revision: int
    html_hash: str
    text_hash: str
    analysis_hash: str
    sentiment_hash: str
    links_hash: str | None = None


class PublishOutcome(StrEnum):
    """Whether readers see this run's record now."""

    PUBLISHED = "published"
    SUPERSEDED = "superseded"


class PublishResult(Contract):
    """`superseded_by`: the newer published revision; None with `superseded` means removed."""

    outcome: PublishOutcome
    superseded_by: int | None = None


class Skip(Contract):
    """Why a step was not done: a code for programs, a sentence for people."""

    code: str
    reason: str


class StepFailure(Contract):
    """Why a step failed for good."""

    step: str
    type: str
    message: str


class ProcessArticleResult(Contract):
    """How a run ended, for whoever awaits it."""

    run_number: int
    article_id: int
    revision: int
    outcome: PublishOutcome
    superseded_by: int | None = None
    skips: dict[str, Skip] = Field(default_factory=dict)
