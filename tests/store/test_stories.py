"""Linking on a real Postgres: who is a candidate, one story an event, hidden until publish."""

import asyncio
from collections.abc import Sequence

import pytest

from newsdesk.contracts.stories import (
    Relation,
    StoryCandidate,
    StoryLink,
    StorySignature,
)
from newsdesk.errors import ArticleNotFoundError, StoreUnavailableError
from newsdesk.store.stories import LINKING_LOCK
from tests.store.kills import kill_the_waiting_one
from tests.store.lives import Lives, join_first, make_signature, start_story
from tests.store.samples import OPTIONS, make_article, make_removal

DAY = 24 * 60


class Deciding:
    """Decides as told and keeps what it was shown."""

    def __init__(self) -> None:
        self.shown: list[list[StoryCandidate]] = []

    def __call__(
        self, signature: StorySignature, candidates: Sequence[StoryCandidate]
    ) -> list[StoryLink]:
        self.shown.append(list(candidates))
        return start_story(signature, candidates)


async def test_the_first_article_founds_a_story_that_stays_hidden(lives: Lives) -> None:
    run = await lives.enqueue(make_article())
    links = await lives.stories.link(run, "Quarry's outlook", make_signature(), start_story)
    [membership] = links.memberships
    assert (membership.title, membership.relation) == ("Quarry's outlook", Relation.MEMBER)
    assert (membership.similarity, membership.why) == (1.0, "none of 0")
    assert await lives.membership_states() == {run: "hidden"}
    assert (await lives.records.load(1)).stories == ()


async def test_two_linkings_at_once_end_in_one_story(lives: Lives) -> None:
    runs = [await lives.enqueue(make_article(n)) for n in range(1, 9)]
    links = await asyncio.gather(
        *(lives.stories.link(run, f"Title {run}", make_signature(), join_first) for run in runs)
    )
    assert len({link.memberships[0].story_id for link in links}) == 1


async def test_a_repeated_linking_returns_what_was_stored(lives: Lives) -> None:
    first, second = [await lives.enqueue(make_article(n)) for n in (1, 2)]
    once = await lives.stories.link(first, "A", make_signature(), start_story)
    await lives.stories.link(second, "B", make_signature(), start_story)
    again = await lives.stories.link(first, "C", make_signature(3), join_first)
    assert again == once


async def test_candidates_are_those_within_the_window_newest_first(lives: Lives) -> None:
    published = {1: 0.0, 2: -6.5 * DAY, 3: 6.5 * DAY, 4: -7.5 * DAY, 5: 7.5 * DAY}
    story_of: dict[int, int] = {}
    for article_id, minutes in published.items():
        run = await lives.enqueue(make_article(article_id))
        links = await lives.stories.link(run, f"S{run}", make_signature(minutes), start_story)
        story_of[article_id] = links.memberships[0].story_id
    deciding = Deciding()
    run = await lives.enqueue(make_article(6))
    await lives.stories.link(run, "T", make_signature(0), deciding)
    [shown] = deciding.shown
    assert [candidate.story_id for candidate in shown] == [story_of[n] for n in (3, 1, 2)]
    assert shown[1].title == "S1"
    assert shown[1].signatures == (make_signature(0),)


async def test_a_story_shows_all_its_members_and_not_the_merely_related(lives: Lives) -> None:
    first, second, third, fourth = [await lives.enqueue(make_article(n)) for n in (1, 2, 3, 4)]
    await lives.stories.link(first, "S", make_signature(1), start_story)
    await lives.stories.link(second, "S", make_signature(2), join_first)

    def relate(_: StorySignature, candidates: Sequence[StoryCandidate]) -> list[StoryLink]:
        return [
            StoryLink(story_id=None, relation=Relation.MEMBER, similarity=1.0, why="new"),
            StoryLink(
                story_id=candidates[0].story_id,
                relation=Relation.RELATED,
                similarity=0.4,
                why="close",
            ),
        ]

    both = await lives.stories.link(third, "T", make_signature(-3), relate)
    assert [one.relation for one in both.memberships] == [Relation.MEMBER, Relation.RELATED]
    deciding = Deciding()
    await lives.stories.link(fourth, "U", make_signature(4), deciding)
    assert [candidate.signatures for candidate in deciding.shown[0]] == [
        (make_signature(1), make_signature(2)),
        (make_signature(-3),),
    ]


async def test_an_earlier_revision_is_no_candidate_and_its_lone_story_goes_on(
    lives: Lives,
) -> None:
    first = await lives.enqueue(make_article())
    before = await lives.stories.link(first, "Old", make_signature(), start_story)
    second = await lives.enqueue(make_article(updated=5, body="<p>edited</p>"))
    deciding = Deciding()
    after = await lives.stories.link(second, "New", make_signature(), deciding)
    assert deciding.shown == [[]]
    assert after.memberships[0].story_id == before.memberships[0].story_id


async def test_a_story_that_others_joined_is_not_taken_over(lives: Lives) -> None:
    first, other = [await lives.enqueue(make_article(n)) for n in (1, 2)]
    shared = await lives.stories.link(first, "Old", make_signature(), start_story)
    await lives.stories.link(other, "Other", make_signature(), join_first)
    edited = await lives.enqueue(make_article(updated=5, body="<p>edited</p>"))
    own = await lives.stories.link(edited, "New", make_signature(), start_story)
    assert own.memberships[0].story_id != shared.memberships[0].story_id
    assert own.memberships[0].why == "none of 1"


async def test_the_removed_and_the_withdrawn_are_no_candidates(lives: Lives) -> None:
    gone = await lives.enqueue(make_article(1))
    await lives.stories.link(gone, "S", make_signature(), start_story)
    late = await lives.enqueue(make_article(2))
    for article_id in (1, 2):
        removal = make_removal(article_id, removed=5)
        await lives.articles.enqueue(removal, OPTIONS)
    await lives.stories.link(late, "T", make_signature(), start_story)  # was under way
    deciding = Deciding()
    run = await lives.enqueue(make_article(3))
    await lives.stories.link(run, "U", make_signature(), deciding)
    assert deciding.shown == [[]]


async def test_a_run_that_is_not_there_is_named(lives: Lives) -> None:
    with pytest.raises(ArticleNotFoundError, match="run 7"):
        await lives.stories.link(7, "S", make_signature(), start_story)


def choose(*story_ids: int | None) -> list[StoryLink]:
    return [
        StoryLink(story_id=story_id, relation=Relation.MEMBER, similarity=1.0, why="so")
        for story_id in story_ids
    ]


@pytest.mark.parametrize("links", [[], choose(99), choose(None, None)])
async def test_a_decision_outside_the_candidates_is_refused(
    lives: Lives, links: list[StoryLink]
) -> None:
    run = await lives.enqueue(make_article())
    with pytest.raises(ValueError, match="a decision links to"):
        await lives.stories.link(run, "S", make_signature(), lambda _, __: links)
    assert await lives.membership_states() == {}


async def test_killed_while_it_waits_it_leaves_nothing_and_goes_again(lives: Lives) -> None:
    run = await lives.enqueue(make_article())
    async with lives.pool.transaction("block") as blocker:
        await blocker.execute("SELECT pg_advisory_xact_lock($1)", LINKING_LOCK)
        linking = asyncio.create_task(lives.stories.link(run, "S", make_signature(), start_story))
        await kill_the_waiting_one(lives.pool)
        with pytest.raises(StoreUnavailableError):
            await linking
    assert await lives.membership_states() == {}
    await lives.stories.link(run, "S", make_signature(), start_story)
    assert await lives.membership_states() == {run: "hidden"}
