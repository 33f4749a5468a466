"""Which of two sightings of an article is the newer one, and what a received one means. Pure."""

from dataclasses import dataclass
from datetime import datetime

from newsdesk.contracts.articles import Article, EnqueueOutcome, Removal


@dataclass(frozen=True)
class KnownArticle:
    """What the store knows of an article. `latest_revision` 0: nothing, or a tombstone.

    `latest_source_revision` is that of the latest revision's newest sighting; None where that
    came over a way in without such numbers.
    """

    removed: bool = False
    removed_at: datetime | None = None
    latest_revision: int = 0
    latest_updated_at: datetime | None = None
    latest_substance: str | None = None
    latest_source_revision: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What a received item means, and why in a sentence."""

    outcome: EnqueueOutcome
    reason: str


def judge_article(
    article: Article, substance: str, known: KnownArticle, seen_before: bool
) -> Verdict:
    """Returns started, touched, unchanged or older.

    Args:
        article: What was received.
        substance: Its substance hash.
        known: What the store knows of the article.
        seen_before: Whether an earlier revision had this substance.
    """
    if known.removed:
        return _after_removal(article, known)
    if known.latest_updated_at is None or known.latest_revision == 0:
        return Verdict(EnqueueOutcome.STARTED, "new article")
    if substance == known.latest_substance:
        return _same_substance(article, known, known.latest_updated_at)
    if _is_newer(article, known, known.latest_updated_at, seen_before):
        return Verdict(EnqueueOutcome.STARTED, "content changed")
    return Verdict(
        EnqueueOutcome.OLDER,
        f"revision {known.latest_revision} of {_when(known.latest_updated_at)} is newer",
    )


def judge_removal(removal: Removal, known: KnownArticle) -> Verdict:
    """Returns removed, unchanged (it was removed already) or older (it was updated since)."""
    if known.removed:
        return Verdict(EnqueueOutcome.UNCHANGED, "removed already")
    if known.latest_updated_at is not None and removal.removed_at < known.latest_updated_at:
        return Verdict(
            EnqueueOutcome.OLDER, f"the article was updated at {_when(known.latest_updated_at)}"
        )
    if known.latest_revision == 0:
        return Verdict(EnqueueOutcome.REMOVED, "removed before it was ever received")
    return Verdict(EnqueueOutcome.REMOVED, f"removed at {_when(removal.removed_at)}")


def _after_removal(article: Article, known: KnownArticle) -> Verdict:
    if known.removed_at is not None and article.updated_at > known.removed_at:
        return Verdict(EnqueueOutcome.STARTED, "back after a removal")
    return Verdict(EnqueueOutcome.OLDER, "the article was removed since")


def _same_substance(article: Article, known: KnownArticle, latest: datetime) -> Verdict:
    if article.updated_at > latest:
        return Verdict(EnqueueOutcome.TOUCHED, f"same content, updated {_when(article.updated_at)}")
    # The same moment over a way in that numbers its revisions: worth knowing, or a late message
    # with a lower number could not be told from a newer one.
    number = article.source_revision
    if article.updated_at == latest and number is not None:
        if known.latest_source_revision is None or number > known.latest_source_revision:
            return Verdict(EnqueueOutcome.TOUCHED, f"same content, source revision {number}")
    return Verdict(EnqueueOutcome.UNCHANGED, "same content")


def _is_newer(article: Article, known: KnownArticle, latest: datetime, seen_before: bool) -> bool:
    ours, theirs = known.latest_source_revision, article.source_revision
    if ours is not None and theirs is not None and ours != theirs:
        return theirs > ours
    if article.updated_at == latest:
        # Two contents of one moment: one that had its turn before is a late repetition.
        return not seen_before
    return article.updated_at > latest


def _when(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
