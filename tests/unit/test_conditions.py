"""The skip conditions, each by itself and in their order."""

import pytest

from newsdesk.contracts.analysis import Usage
from newsdesk.contracts.cleaning import ContentKind
from newsdesk.contracts.options import LinkingOptions
from newsdesk.contracts.steps import AnalyzeArticleResult, CleanMarkdownArticleResult
from workflows.conditions import LINKING_CONDITIONS, skip_linking

TEXT = CleanMarkdownArticleResult(text_hash="t", content=ContentKind.FULL, language="en", words=200)
HEADLINE = TEXT.model_copy(update={"content": ContentKind.HEADLINE})
ANALYSIS = AnalyzeArticleResult(
    analysis_hash="a",
    categories=("Earnings",),
    subjects=("TDWX",),
    companies=1,
    usage=Usage(model="builtin"),
)


def analysis(**changes: object) -> AnalyzeArticleResult:
    return ANALYSIS.model_copy(update=changes)


def code(
    options: LinkingOptions,
    text: CleanMarkdownArticleResult = TEXT,
    answer: AnalyzeArticleResult = ANALYSIS,
) -> str | None:
    skip = skip_linking(options, text, answer)
    return None if skip is None else skip.code


def test_an_article_about_one_company_is_linked() -> None:
    assert code(LinkingOptions()) is None


def test_linking_off() -> None:
    assert code(LinkingOptions(enabled=False)) == "linking_off"


def test_headline_only() -> None:
    assert code(LinkingOptions(), HEADLINE) == "headline_only"
    assert code(LinkingOptions(skip_headline_only=False), HEADLINE) is None


def test_language_not_read() -> None:
    unread = analysis(language_read=False)
    assert code(LinkingOptions(), TEXT, unread) == "language_not_read"
    assert code(LinkingOptions(skip_unread_language=False), TEXT, unread) is None


def test_the_language_is_named() -> None:
    german = TEXT.model_copy(update={"language": "de"})
    skip = skip_linking(LinkingOptions(), german, analysis(language_read=False))
    assert skip is not None
    assert "(de)" in skip.reason


def test_automated_alert() -> None:
    alert = analysis(automated_alert=True)
    assert code(LinkingOptions(), TEXT, alert) == "automated_alert"
    assert code(LinkingOptions(skip_automated_alerts=False), TEXT, alert) is None


@pytest.mark.parametrize(("subjects", "peers", "expected"), [(2, 2, None), (3, 2, "roundup")])
def test_roundup_counts_subjects_and_peers(subjects: int, peers: int, expected: str | None) -> None:
    named = analysis(subjects=("S",) * subjects, peers=("P",) * peers)
    assert code(LinkingOptions(max_companies=4), TEXT, named) == expected


def test_no_subject_company() -> None:
    assert code(LinkingOptions(), TEXT, analysis(subjects=())) == "no_subject_company"
    assert code(LinkingOptions(require_subject=False), TEXT, analysis(subjects=())) is None


def test_no_company_at_all_is_said() -> None:
    skip = skip_linking(LinkingOptions(), TEXT, analysis(subjects=(), companies=0))
    assert skip is not None
    assert "names none" in skip.reason


def test_the_first_condition_that_holds_is_the_reason() -> None:
    every = analysis(language_read=False, automated_alert=True, subjects=())
    assert code(LinkingOptions(enabled=False), HEADLINE, every) == "linking_off"
    assert code(LinkingOptions(), HEADLINE, every) == "headline_only"
    assert len(LINKING_CONDITIONS) == 6
