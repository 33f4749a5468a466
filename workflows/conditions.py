"""When a step is skipped: pure functions of the workflow's input and of earlier results."""

from collections.abc import Callable

from newsdesk.contracts.cleaning import ContentKind
from newsdesk.contracts.options import LinkingOptions
from newsdesk.contracts.steps import AnalyzeArticleResult, CleanMarkdownArticleResult, Skip

_Condition = Callable[
    [LinkingOptions, CleanMarkdownArticleResult, AnalyzeArticleResult], "str | None"
]


def _off(
    options: LinkingOptions, text: CleanMarkdownArticleResult, analysis: AnalyzeArticleResult
) -> str | None:
    return None if options.enabled else "Linking was switched off when this run was enqueued."


def _headline_only(
    options: LinkingOptions, text: CleanMarkdownArticleResult, analysis: AnalyzeArticleResult
) -> str | None:
    if not options.skip_headline_only or text.content is not ContentKind.HEADLINE:
        return None
    return "The article is a headline without a body: too little to tell its event by."


def _language_not_read(
    options: LinkingOptions, text: CleanMarkdownArticleResult, analysis: AnalyzeArticleResult
) -> str | None:
    if not options.skip_unread_language or analysis.language_read:
        return None
    return f"The analyzer does not read the article's language ({text.language})."


def _automated_alert(
    options: LinkingOptions, text: CleanMarkdownArticleResult, analysis: AnalyzeArticleResult
) -> str | None:
    if not options.skip_automated_alerts or not analysis.automated_alert:
        return None
    return "The article is an automated trading alert: it reports trades, not an event."


def _roundup(
    options: LinkingOptions, text: CleanMarkdownArticleResult, analysis: AnalyzeArticleResult
) -> str | None:
    named = len(analysis.subjects) + len(analysis.peers)
    if named <= options.max_companies:
        return None
    return (
        f"The article is a roundup: {named} companies are its subjects or peers, more than"
        f" {options.max_companies}, so it belongs to no single event."
    )


def _no_subject_company(
    options: LinkingOptions, text: CleanMarkdownArticleResult, analysis: AnalyzeArticleResult
) -> str | None:
    if not options.require_subject or analysis.subjects:
        return None
    if analysis.companies == 0:
        return "Linking is for articles about a company; this one names none."
    return "Linking is for articles with a company as their subject; here none is."


LINKING_CONDITIONS: dict[str, _Condition] = {
    "linking_off": _off,
    "headline_only": _headline_only,
    "language_not_read": _language_not_read,
    "automated_alert": _automated_alert,
    "roundup": _roundup,
    "no_subject_company": _no_subject_company,
}
"""Reason code -> condition; the first that holds is the reason that the record gives."""


def skip_linking(
    options: LinkingOptions, text: CleanMarkdownArticleResult, analysis: AnalyzeArticleResult
) -> Skip | None:
    """Returns why link_article_to_stories is to be skipped, or None if it is to be done."""
    for code, condition in LINKING_CONDITIONS.items():
        reason = condition(options, text, analysis)
        if reason is not None:
            return Skip(code=code, reason=reason)
    return None
