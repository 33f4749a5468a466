"""Stories and who belongs to them: the StoryStore over Postgres."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from newsdesk.contracts.stories import (
    StoryCandidate,
    StoryLink,
    StoryLinks,
    StoryMembership,
    StorySignature,
)
from newsdesk.errors import ArticleNotFoundError
from newsdesk.ports import StoryDecision
from newsdesk.store.pool import StorePool
from newsdesk.store.queries import load_queries
from newsdesk.store.rows import Row

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

LINKING_LOCK = 7_203_110_002
"""Key of the advisory lock that a linking holds until its transaction ends."""

WINDOW = timedelta(days=7)
"""How long before or after an article others may be published to be on the same event."""

MAX_CANDIDATES = 500
"""The most stories that are compared with an article, those with the newest articles first."""

_SQL = load_queries("stories")


class PostgresStories:
    """Links runs to stories, one linking at a time."""

    def __init__(self, pool: StorePool) -> None:
        """Takes the pool it works on."""
        self._pool = pool
        # Linkings of one process queue here, or each would hold a connection while it waits for
        # the database's lock, and leave none to the other steps.
        self._turn = asyncio.Lock()

    async def link(
        self, run_number: int, title: str, signature: StorySignature, decide: StoryDecision
    ) -> StoryLinks:
        """Decides and stores a run's memberships, hidden until publish; one linking at a time.

        Called again for the same run it returns what was stored. `decide` runs within the
        transaction, in a thread; it has to be quick and pure.

        Args:
            run_number: The run; its article is no candidate for itself.
            title: What a story is called that this article founds.
            signature: What matching knows of the article.
            decide: Chooses among the candidates, those with the newest articles first.

        Raises:
            ArticleNotFoundError: there is no such run.
            ValueError: `decide` chose no story, or one that was no candidate.
        """
        doing = f"link run {run_number}"
        async with self._turn, self._pool.transaction(doing) as connection:
            await connection.execute(_SQL["lock_linking"], LINKING_LOCK)
            run = await connection.fetchrow(_SQL["find_linking_run"], run_number)
            if run is None:
                raise ArticleNotFoundError(f"run {run_number} is not stored")
            stored = await _memberships(connection, run_number)
            if stored.memberships:
                return stored
            rows = await _candidate_rows(connection, run["article_id"], signature)
            # Hundreds of stories take long enough to hold up heartbeats on the event loop.
            links = await asyncio.to_thread(_decided, rows, signature, decide)
            stories = await _stories(connection, run_number, run["article_id"], title, links)
            values = _values(run_number, run, title, signature, stories)
            await connection.executemany(_SQL["insert_membership"], values)
            return await _memberships(connection, run_number)


async def _memberships(connection: "PoolConnectionProxy", run_number: int) -> StoryLinks:
    rows = await connection.fetch(_SQL["list_memberships"], run_number)
    return StoryLinks(memberships=tuple(StoryMembership.model_validate(dict(row)) for row in rows))


async def _candidate_rows(
    connection: "PoolConnectionProxy", article_id: int, signature: StorySignature
) -> Sequence[Row]:
    at = signature.published_at
    return await connection.fetch(
        _SQL["list_candidates"], article_id, at - WINDOW, at + WINDOW, MAX_CANDIDATES
    )


def _decided(
    rows: Sequence[Row], signature: StorySignature, decide: StoryDecision
) -> Sequence[StoryLink]:
    candidates = _candidates(rows)
    return _checked(decide(signature, candidates), candidates)


def _candidates(rows: Sequence[Row]) -> list[StoryCandidate]:
    # The rows of a story stand together; groupby keeps their order.
    return [
        StoryCandidate(
            story_id=story_id,
            title=title,
            signatures=tuple(
                StorySignature.model_validate_json(row["signature"]) for row in members
            ),
        )
        for (story_id, title), members in groupby(
            rows, key=lambda row: (row["story_id"], row["title"])
        )
    ]


def _checked(
    links: Sequence[StoryLink], candidates: Sequence[StoryCandidate]
) -> Sequence[StoryLink]:
    if not links:
        raise ValueError("a decision links to at least one story")
    known = {candidate.story_id for candidate in candidates} | {None}
    chosen = [link.story_id for link in links]
    if len(set(chosen)) != len(chosen) or not known.issuperset(chosen):
        raise ValueError(f"a decision links to candidates, each once, not to {chosen}")
    return links


async def _stories(
    connection: "PoolConnectionProxy",
    run_number: int,
    article_id: int,
    title: str,
    links: Sequence[StoryLink],
) -> list[tuple[int, StoryLink]]:
    """Returns each link with its story; the one that starts a story gets it here."""
    stories: list[tuple[int, StoryLink]] = []
    for link in links:
        story_id = link.story_id
        if story_id is None:
            story_id = await connection.fetchval(_SQL["find_lone_story"], article_id)
        if story_id is None:
            story_id = await connection.fetchval(_SQL["found_story"], title, run_number)
        stories.append((story_id, link))
    return stories


def _values(
    run_number: int,
    run: Row,
    title: str,
    signature: StorySignature,
    stories: Sequence[tuple[int, StoryLink]],
) -> list[tuple[object, ...]]:
    """Returns the parameters of `insert_membership`, in its order, for each link."""
    stored = signature.model_dump_json()
    return [
        (
            story_id,
            run_number,
            run["article_id"],
            run["revision"],
            title,
            position,
            link.relation.value,
            link.similarity,
            link.why,
            stored,
            signature.published_at,
        )
        for position, (story_id, link) in enumerate(stories)
    ]
