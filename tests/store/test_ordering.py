"""What a received item means, by clock, source revision and content."""

from typing import Any

import pytest

from newsdesk.contracts.articles import EnqueueOutcome as Outcome
from newsdesk.store.ordering import KnownArticle, judge_article, judge_removal
from tests.store.samples import at, make_article, make_removal


def known(**changes: Any) -> KnownArticle:
    facts: dict[str, Any] = {
        "latest_revision": 2,
        "latest_updated_at": at(10),
        "latest_substance": "latest",
    }
    return KnownArticle(**(facts | changes))


@pytest.mark.parametrize(
    ("substance", "updated", "seen_before", "outcome"),
    [
        ("latest", 11, True, Outcome.TOUCHED),
        ("latest", 10, True, Outcome.UNCHANGED),
        ("latest", 9, True, Outcome.UNCHANGED),
        ("other", 11, False, Outcome.STARTED),
        ("other", 10, False, Outcome.STARTED),
        ("other", 9, False, Outcome.OLDER),
        ("earlier", 9, True, Outcome.OLDER),
        ("earlier", 10, True, Outcome.OLDER),
        ("earlier", 11, True, Outcome.STARTED),  # taken back to how it was
    ],
)
def test_the_clock_decides_without_source_revisions(
    substance: str, updated: float, seen_before: bool, outcome: Outcome
) -> None:
    verdict = judge_article(make_article(updated=updated), substance, known(), seen_before)
    assert verdict.outcome is outcome
    assert verdict.reason


@pytest.mark.parametrize(
    ("stored", "received", "updated", "outcome"),
    [
        (3, 4, 9, Outcome.STARTED),
        (3, 4, 10, Outcome.STARTED),
        (3, 2, 10, Outcome.OLDER),
        (3, 2, 11, Outcome.OLDER),
        (3, 3, 11, Outcome.STARTED),
        (3, 3, 9, Outcome.OLDER),
        (None, 9, 9, Outcome.OLDER),
        (3, None, 9, Outcome.OLDER),
        (3, None, 11, Outcome.STARTED),
    ],
)
def test_source_revisions_decide_first_where_both_have_one(
    stored: int | None, received: int | None, updated: float, outcome: Outcome
) -> None:
    article = make_article(updated=updated, source_revision=received)
    verdict = judge_article(article, "other", known(latest_source_revision=stored), False)
    assert verdict.outcome is outcome


@pytest.mark.parametrize(
    ("stored", "received", "outcome"),
    [
        (None, 3, Outcome.TOUCHED),
        (2, 3, Outcome.TOUCHED),
        (3, 3, Outcome.UNCHANGED),
        (3, 2, Outcome.UNCHANGED),
        (3, None, Outcome.UNCHANGED),
    ],
)
def test_a_higher_source_revision_of_the_same_content_is_noted(
    stored: int | None, received: int | None, outcome: Outcome
) -> None:
    article = make_article(updated=10, source_revision=received)
    verdict = judge_article(article, "latest", known(latest_source_revision=stored), True)
    assert verdict.outcome is outcome


@pytest.mark.parametrize(
    ("updated", "outcome"),
    [(19, Outcome.OLDER), (20, Outcome.OLDER), (21, Outcome.STARTED)],
)
def test_only_what_is_newer_than_a_removal_brings_an_article_back(
    updated: float, outcome: Outcome
) -> None:
    gone = known(removed=True, removed_at=at(20))
    assert judge_article(make_article(updated=updated), "latest", gone, True).outcome is outcome


@pytest.mark.parametrize(
    ("removed", "outcome"), [(9, Outcome.OLDER), (10, Outcome.REMOVED), (11, Outcome.REMOVED)]
)
def test_a_removal_older_than_the_latest_update_changes_nothing(
    removed: float, outcome: Outcome
) -> None:
    assert judge_removal(make_removal(removed=removed), known()).outcome is outcome


def test_a_repeated_removal_is_unchanged() -> None:
    gone = known(removed=True, removed_at=at(20))
    assert judge_removal(make_removal(removed=30), gone).outcome is Outcome.UNCHANGED


def test_a_removal_of_something_unknown_says_so() -> None:
    verdict = judge_removal(make_removal(), KnownArticle())
    assert verdict.outcome is Outcome.REMOVED
    assert "before" in verdict.reason
