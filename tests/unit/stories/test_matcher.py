from datetime import timedelta

import pytest

from newsdesk.contracts.stories import Relation, StoryLink
from newsdesk.ports import StoryMatcher
from newsdesk.stories import Matcher
from newsdesk.stories.explain import duration
from newsdesk.stories.matcher import MEMBER_THRESHOLD, MOST_RELATED, RELATED_THRESHOLD
from tests.unit.stories import articles as a
from tests.unit.stories.articles import CASTEVAL, OBERLINE, signature, story

MATCHER: StoryMatcher = Matcher()
WEEKS = 24 * 7

Event = tuple[str, str]


def member(first: a.StorySignature, second: a.StorySignature) -> StoryLink:
    return MATCHER.decide(second, [story(1, first)])[0]


def test_a_follow_up_joins_its_story_and_says_why() -> None:
    link = member(
        signature(a.CRANE_FLASH, OBERLINE), signature(a.CRANE_FOLLOW_UP, OBERLINE, hours=5)
    )
    assert link.story_id == 1
    assert link.relation is Relation.MEMBER
    assert link.why.startswith("Both about OBRL, and both with “")
    needed = f"similarity {link.similarity:g}, {MEMBER_THRESHOLD:g} needed to belong to the story"
    assert link.why.endswith(f"; 5 hours apart; {needed}.")


def test_a_rating_that_answers_the_news_joins_it() -> None:
    news, rating = a.OBERLINE_GUIDANCE, a.OBERLINE_DOWNGRADE
    for first, second in ((news, rating), (rating, news)):
        link = member(signature(first, OBERLINE), signature(second, OBERLINE, hours=10))
        assert link.story_id == 1, link.why


def test_words_for_kinds_of_news_join_one_company_only() -> None:
    link = member(
        signature(a.OBERLINE_GUIDANCE, OBERLINE),
        signature(a.OBERLINE_DOWNGRADE, CASTEVAL, hours=10),
    )
    assert link.story_id is None, link.why


def test_words_alone_suffice_without_tickers() -> None:
    link = member(signature(a.CRANE_FLASH), signature(a.CRANE_FOLLOW_UP, hours=5))
    assert link.story_id == 1
    assert link.why.startswith("Both with “")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (a.PRICE_TARGET, a.LAWSUIT),
        (a.LAWSUIT, a.PRICE_TARGET),
        (a.CRANE_FLASH, a.LAWSUIT),
        (a.CRANE_FLASH, a.PRICE_TARGET),
        (a.CRANE_FLASH, a.OBERLINE_EARNINGS),
        (a.LAWSUIT, a.OBERLINE_EARNINGS),
    ],
)
def test_the_same_company_alone_does_not_join(first: Event, second: Event) -> None:
    link = member(signature(first, OBERLINE), signature(second, OBERLINE, hours=3))
    assert link.story_id is None, link.why


def test_earnings_of_two_quarters_do_not_join() -> None:
    link = member(
        signature(a.OBERLINE_EARNINGS, OBERLINE),
        signature(a.OBERLINE_NEXT_EARNINGS, OBERLINE, hours=12 * WEEKS),
    )
    assert link.story_id is None, link.why


def test_earnings_of_two_companies_do_not_join() -> None:
    link = member(
        signature(a.OBERLINE_EARNINGS, OBERLINE),
        signature(a.CASTEVAL_EARNINGS, CASTEVAL, hours=1),
    )
    assert link.story_id is None, link.why


def test_time_parts_what_words_join() -> None:
    first = signature(a.CRANE_FLASH, OBERLINE)
    near = member(first, signature(a.CRANE_FOLLOW_UP, OBERLINE, hours=24))
    far = member(first, signature(a.CRANE_FOLLOW_UP, OBERLINE, hours=6 * WEEKS))
    assert near.story_id == 1
    assert far.story_id is None


def test_the_nearest_story_wins_and_at_most_three_are_related() -> None:
    flash, follow_up = signature(a.CRANE_FLASH), signature(a.CRANE_FOLLOW_UP)
    links = MATCHER.decide(flash, [*(story(i, follow_up) for i in range(2, 8)), story(9, flash)])
    assert [link.story_id for link in links] == [9, 2, 3, 4]
    assert [link.relation for link in links] == [Relation.MEMBER] + [
        Relation.RELATED
    ] * MOST_RELATED
    assert links[0].similarity == 1.0
    assert all(link.similarity >= RELATED_THRESHOLD for link in links)


def test_an_article_may_start_a_story_that_is_related_to_another() -> None:
    first = signature(a.CRANE_FLASH)
    links = MATCHER.decide(signature(a.CRANE_FOLLOW_UP, hours=24 * 24), [story(4, first)])
    assert [(link.story_id, link.relation) for link in links] == [
        (None, Relation.MEMBER),
        (4, Relation.RELATED),
    ]
    needed = f"reached {links[1].similarity:g} of the {MEMBER_THRESHOLD:g} needed"
    assert links[0].why == f"Starts a story: the nearest, “Story 4”, {needed}."
    assert links[0].similarity == 1.0


def test_without_candidates_a_story_starts() -> None:
    (link,) = MATCHER.decide(signature(a.CRANE_FLASH), [])
    assert (link.story_id, link.relation, link.similarity) == (None, Relation.MEMBER, 1.0)
    assert link.why == "Starts a story: there is no other story near in time."


def test_nothing_shared_is_said_so() -> None:
    candidates = [story(1, signature(("Sunny weekend ahead", "Bring a hat."))), story(2)]
    (link,) = MATCHER.decide(signature(a.CRANE_FLASH), candidates)
    common = "too little in common with each of the 2 stories near in time"
    assert link.why == f"Starts a story: {common}."
    (link,) = MATCHER.decide(signature(a.CRANE_FLASH), candidates[:1])
    assert link.why == "Starts a story: too little in common with the one story near in time."


def test_an_article_without_words_starts_a_story() -> None:
    empty = signature(("", ""))
    assert empty.terms == {}
    assert MATCHER.decide(empty, [story(1, empty)])[0].story_id is None


@pytest.mark.parametrize(
    ("apart", "expected"),
    [
        (timedelta(0), "less than a minute"),
        (timedelta(seconds=61), "1 minute"),
        (timedelta(minutes=59), "59 minutes"),
        (timedelta(minutes=60), "1 hour"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(hours=49), "2 days"),
        (timedelta(days=9), "9 days"),
    ],
)
def test_duration(apart: timedelta, expected: str) -> None:
    assert duration(apart) == expected
