"""Options that decide branches. They travel in the workflow's input, so a replay decides alike."""

from pydantic import Field

from newsdesk.contracts.base import Contract


class LinkingOptions(Contract):
    """When linking an article to stories is skipped.

    `max_companies`: an article that names more companies than this as subjects or peers is a
    roundup, part of many events and so of none.
    """

    enabled: bool = True
    skip_headline_only: bool = True
    skip_unread_language: bool = True
    skip_automated_alerts: bool = True
    require_subject: bool = True
    max_companies: int = 12


class AnalysisOptions(Contract):
    """How long an analyzing step is tried before it fails (or its fallback is asked).

    Time spent waiting does not count; after a budget's or an operator's wait it begins anew.
    """

    give_up_after_seconds: int = Field(default=6 * 60 * 60, gt=0)


class ProcessingOptions(Contract):
    """All options of a run."""

    linking: LinkingOptions = LinkingOptions()
    analysis: AnalysisOptions = AnalysisOptions()
