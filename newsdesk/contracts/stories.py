"""Stories: groups of articles on one event."""

from enum import StrEnum

from newsdesk.contracts.base import Contract, UtcDatetime


class Relation(StrEnum):
    """How an article belongs to a story: it tells the event, or is close to it."""

    MEMBER = "member"
    RELATED = "related"


class StorySignature(Contract):
    """What matching needs of an article: weighted terms, companies, time. Small, stored."""

    terms: dict[str, float]
    tickers: tuple[str, ...] = ()
    published_at: UtcDatetime


class StoryCandidate(Contract):
    """A story that an article may belong to, with its other articles' signatures."""

    story_id: int
    title: str
    signatures: tuple[StorySignature, ...]


class StoryLink(Contract):
    """One decision: the article belongs to `story_id`, or, where that is None, starts a story."""

    story_id: int | None
    relation: Relation
    similarity: float
    why: str


class StoryMembership(Contract):
    """A stored link, with the story's title as it stood."""

    story_id: int
    title: str
    relation: Relation
    similarity: float
    why: str


class StoryLinks(Contract):
    """The output of link_article_to_stories."""

    memberships: tuple[StoryMembership, ...]
