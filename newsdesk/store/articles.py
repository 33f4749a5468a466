"""Articles and their revisions: the ArticleStore over Postgres."""

from typing import TYPE_CHECKING

from newsdesk.contracts.articles import (
    Article,
    Enqueued,
    EnqueueOutcome,
    Incoming,
    PendingRun,
    Removal,
    StoredRevision,
    substance_hash,
)
from newsdesk.contracts.names import workflow_id
from newsdesk.contracts.options import ProcessingOptions
from newsdesk.errors import ArticleNotFoundError
from newsdesk.store.ordering import KnownArticle, Verdict, judge_article, judge_removal
from newsdesk.store.pool import StorePool
from newsdesk.store.queries import load_queries
from newsdesk.store.rows import (
    article_from,
    pending_run_from,
    revision_values,
)

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

_SQL = load_queries("articles")
_PUBLISHING_SQL = load_queries("publishing")
_RUNS_SQL = load_queries("runs")


class PostgresArticles:
    """Articles, one at a time: what comes in about an article is judged under its row's lock.

    A touch (the same content with a newer `updated`) makes no revision: it moves the dates, the
    links and the author of the latest one, so that the record shows the newest facts.
    """

    def __init__(self, pool: StorePool) -> None:
        """Takes the pool it works on."""
        self._pool = pool

    async def enqueue(self, incoming: Incoming, options: ProcessingOptions) -> Enqueued:
        """Stores article, revision and a pending run in one transaction; idempotent."""
        article_id = incoming.article_id
        async with self._pool.transaction(f"enqueue article {article_id}") as connection:
            known = await _lock(connection, incoming)
            if isinstance(incoming, Removal):
                return await _remove(connection, incoming, known)
            return await _take_in(connection, incoming, known, options)

    async def load_revision(self, article_id: int, revision: int) -> StoredRevision:
        """Returns a revision. Raises ArticleNotFoundError."""
        doing = f"load revision {revision} of article {article_id}"
        async with self._pool.connection(doing) as connection:
            row = await connection.fetchrow(_SQL["load_revision"], article_id, revision)
        if row is None:
            raise ArticleNotFoundError(f"article {article_id} has no revision {revision}")
        return StoredRevision(article=article_from(row), revision=revision, state=row["state"])


async def insert_run(
    connection: "PoolConnectionProxy",
    article_id: int,
    revision: int,
    options: ProcessingOptions,
    restart: int = 1,
) -> PendingRun:
    """Stores a pending run of a stored revision and returns it."""
    # Unpacked, so that anything but one row is an error here.
    [row] = await connection.fetch(
        _RUNS_SQL["insert_run"],
        article_id,
        revision,
        restart,
        workflow_id(article_id, revision, restart),
        options.model_dump_json(),
    )
    return pending_run_from(row)


async def _lock(connection: "PoolConnectionProxy", incoming: Incoming) -> KnownArticle:
    article_id = incoming.article_id
    await connection.execute(_SQL["claim_article"], article_id, incoming.source)
    await connection.execute(_SQL["lock_article"], article_id)
    row = await connection.fetchrow(_SQL["read_article"], article_id)
    if row is None:  # nothing deletes articles; somebody's hand did
        raise ArticleNotFoundError(f"article {article_id} vanished while it was enqueued")
    return KnownArticle(
        removed=row["state"] == "removed",
        removed_at=row["removed_at"],
        latest_revision=row["latest_revision"],
        latest_updated_at=row["latest_updated_at"],
        latest_substance=row["substance_hash"],
        latest_source_revision=row["source_revision"],
    )


async def _remove(
    connection: "PoolConnectionProxy", removal: Removal, known: KnownArticle
) -> Enqueued:
    verdict = judge_removal(removal, known)
    article_id = removal.article_id
    if verdict.outcome is not EnqueueOutcome.OLDER:
        # Repeated, it moves nothing but the time up to which older creations stay out.
        await connection.execute(_SQL["remove_article"], article_id, removal.removed_at)
        await connection.execute(_PUBLISHING_SQL["withdraw_article"], article_id)
        await connection.execute(_PUBLISHING_SQL["forget_article_companies"], article_id)
    return Enqueued(article_id=article_id, outcome=verdict.outcome, reason=verdict.reason)


async def _take_in(
    connection: "PoolConnectionProxy",
    article: Article,
    known: KnownArticle,
    options: ProcessingOptions,
) -> Enqueued:
    substance = substance_hash(article)
    seen = await connection.fetchval(_SQL["find_substance"], article.article_id, substance)
    verdict = judge_article(article, substance, known, seen_before=seen is not None)
    if verdict.outcome is EnqueueOutcome.STARTED:
        return await _add_revision(connection, article, substance, known, options, verdict)
    if verdict.outcome is EnqueueOutcome.TOUCHED:
        await _touch(connection, article, known.latest_revision)
    return await _answer(connection, article.article_id, verdict, seen)


async def _add_revision(
    connection: "PoolConnectionProxy",
    article: Article,
    substance: str,
    known: KnownArticle,
    options: ProcessingOptions,
    verdict: Verdict,
) -> Enqueued:
    article_id, revision = article.article_id, known.latest_revision + 1
    await connection.execute(
        _SQL["insert_revision"], *revision_values(article, revision, substance)
    )
    await connection.execute(_SQL["move_article"], article_id, revision, article.updated_at)
    run = await insert_run(connection, article_id, revision, options)
    return Enqueued(
        article_id=article_id,
        outcome=verdict.outcome,
        reason=verdict.reason,
        revision=revision,
        run_number=run.run_number,
        pending=run,
    )


async def _touch(connection: "PoolConnectionProxy", article: Article, revision: int) -> None:
    article_id = article.article_id
    await connection.execute(
        _SQL["touch_revision"],
        article_id,
        revision,
        article.source_revision,
        article.author,
        article.url,
        article.image_url,
        article.published_at,
        article.updated_at,
        article.fetched_at,
    )
    await connection.execute(_SQL["move_article"], article_id, revision, article.updated_at)


async def _answer(
    connection: "PoolConnectionProxy", article_id: int, verdict: Verdict, revision: int | None
) -> Enqueued:
    """Returns the answer that names the run which stands for this content, where there is one."""
    answer = Enqueued(
        article_id=article_id, outcome=verdict.outcome, reason=verdict.reason, revision=revision
    )
    if revision is None:
        return answer
    run = await connection.fetchrow(_RUNS_SQL["latest_run_of_revision"], article_id, revision)
    if run is None:
        return answer
    pending = None
    if verdict.outcome is not EnqueueOutcome.OLDER:
        row = await connection.fetchrow(_RUNS_SQL["find_pending_run"], run["number"])
        pending = None if row is None else pending_run_from(row)
    return answer.model_copy(update={"run_number": run["number"], "pending": pending})
