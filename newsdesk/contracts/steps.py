"""Inputs and results of the workflow and its activities: ids, hashes and small facts only."""

from enum import StrEnum

from pydantic import Field

from newsdesk.contracts.analysis import Usage
from newsdesk.contracts.base import Contract, UtcDatetime
from newsdesk.contracts.cleaning import ContentKind, Origin
from newsdesk.contracts.models import Pause
from newsdesk.contracts.names import PUBLISH, Step
from newsdesk.contracts.options import ProcessingOptions


class ProcessArticleInput(Contract):
    """What a run is told: which revision to process, and what decides its branches."""

    run_number: int
    article_id: int
    revision: int
    options: ProcessingOptions = ProcessingOptions()


class StepResult(Contract):
    """What the results of all activities share.

    With `pause` the activity did nothing: it has to be run again later. Its other fields, hashes
    among them, are empty then.
    """

    pause: Pause | None = None


class CleanRawArticleInput(Contract):
    """Names the revision whose raw body is to be cleaned."""

    article_id: int
    revision: int


class CleanRawArticleResult(StepResult):
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


class CleanMarkdownArticleResult(StepResult):
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


class AnalyzeArticleResult(StepResult):
    """The hash of the stored Analysis, and what branches and operators need of it.

    `automated_alert`: the text is one of Benzinga's automated option or block-trade alerts.
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


class LinkArticleToStoriesInput(Contract):
    """Names the analyzed text that is to be linked, for one run."""

    run_number: int
    article_id: int
    revision: int
    html_hash: str
    text_hash: str
    analysis_hash: str


class LinkArticleToStoriesResult(StepResult):
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


class AnalyzeSentimentResult(StepResult):
    """The hash of the stored SentimentAnalysis, and how many companies got a score."""

    sentiment_hash: str
    scored: int
    not_assessed: int
    dropped_quotes: int = 0
    usage: Usage


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


class PublishResult(StepResult):
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


def paused_result(activity: str, pause: Pause) -> StepResult:
    """Returns the result of an activity that did nothing, for it has to wait.

    Raises KeyError for an activity that is none of a run's.
    """
    nobody = Usage(model="")
    results: dict[str, StepResult] = {
        Step.CLEAN_RAW_ARTICLE: CleanRawArticleResult(
            html_hash="", content=ContentKind.HEADLINE, pause=pause
        ),
        Step.CLEAN_MARKDOWN_ARTICLE: CleanMarkdownArticleResult(
            text_hash="", content=ContentKind.HEADLINE, language="", words=0, pause=pause
        ),
        Step.ANALYZE_ARTICLE: AnalyzeArticleResult(
            analysis_hash="", categories=(), usage=nobody, pause=pause
        ),
        Step.LINK_ARTICLE_TO_STORIES: LinkArticleToStoriesResult(links_hash="", pause=pause),
        Step.ANALYZE_SENTIMENT: AnalyzeSentimentResult(
            sentiment_hash="", scored=0, not_assessed=0, usage=nobody, pause=pause
        ),
        PUBLISH: PublishResult(outcome=PublishOutcome.SUPERSEDED, pause=pause),
    }
    return results[activity]
