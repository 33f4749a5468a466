"""Names that several processes must spell alike."""

from enum import StrEnum

TASK_QUEUE = "newsdesk-articles"
ANALYSIS_QUEUE_SUFFIX = "-analysis"
"""The analyzing steps of a queue's runs have one of their own: its name and this. They may wait for
a model, and must not keep other steps waiting."""
WORKFLOW_TYPE = "ArticleProcessing"
WORKFLOW_TITLE = "Benzinga Article Processing"
RESUME_SIGNAL = "resume"
"""Signal that ends a run's wait for a budget, for its turn, or for a paused step."""
SKIP_LINKING_SIGNAL = "skip_linking"
"""Signal that has a run skip link_article_to_stories; its argument is the operator's reason."""
GIVEN_UP = " (tried until the step's time was up)"
"""Ends the message of a step that was tried again and again, and given up."""
TITLE_MEMO_KEY = "title"
"""Memo field that holds the article's title from a run's start."""
SKIPS_MEMO_KEY = "skips"
"""Memo field in which a run keeps why it skipped steps: {step: {"code", "reason"}}."""


class Step(StrEnum):
    """The five steps of a run, named like their activities, in the order of the graph."""

    CLEAN_RAW_ARTICLE = "clean_raw_article"
    CLEAN_MARKDOWN_ARTICLE = "clean_markdown_article"
    ANALYZE_ARTICLE = "analyze_article"
    LINK_ARTICLE_TO_STORIES = "link_article_to_stories"
    ANALYZE_SENTIMENT = "analyze_sentiment"


PUBLISH = "publish"
"""The activity that makes a run's record visible. Not a step."""

ACTIVITIES: tuple[str, ...] = (*(step.value for step in Step), PUBLISH)
"""Every activity of a run, in the order of the graph: what can fail, be paused and be replayed."""

SEARCH_ATTRIBUTES: dict[str, str] = {
    "Source": "Keyword",
    "FailedStep": "Keyword",
    "ErrorType": "Keyword",
    "Origin": "Keyword",
    "Outcome": "Keyword",
    "WaitingFor": "Keyword",
    "Tickers": "KeywordList",
    "Channels": "KeywordList",
    "SkippedSteps": "KeywordList",
    "ArticleId": "Int",
    "Revision": "Int",
    "RunNumber": "Int",
    "CostUsd": "Double",
    "PublishedAt": "Datetime",
}
"""Name -> type. SQL visibility allows 10 Keyword and 3 of each other type in a namespace."""


WAITING_RUNS = (
    f"WorkflowType = '{WORKFLOW_TYPE}' AND ExecutionStatus = 'Running' AND WaitingFor IS NOT NULL"
)
"""Query for the runs that wait for a budget, or for a step that an operator has paused."""


def workflow_id(article_id: int, revision: int, restart: int = 1) -> str:
    """Returns the workflow id of a run; `restart` counts fresh starts of one revision from 1."""
    suffix = "" if restart == 1 else f"-{restart}"
    return f"benzinga-{article_id}-r{revision}{suffix}"
