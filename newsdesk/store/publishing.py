"""Makes a run's record visible at once: the RecordPublisher over Postgres."""

from typing import TYPE_CHECKING

from newsdesk.contracts.analysis import Analysis, Company, Sentiment, SentimentAnalysis
from newsdesk.contracts.cleaning import ArticleHtml, ArticleText
from newsdesk.contracts.steps import PublishInput, PublishOutcome, PublishResult
from newsdesk.contracts.stories import StoryLinks
from newsdesk.errors import ArticleNotFoundError, OutputMissingError, StoreRejectedError
from newsdesk.store.outputs import read_output
from newsdesk.store.pool import StorePool
from newsdesk.store.queries import load_queries
from newsdesk.store.rows import Row

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

_SQL = load_queries("publishing")
_ARTICLES_SQL = load_queries("articles")
_OUTPUTS_SQL = load_queries("outputs")


class PostgresPublisher:
    """Publishes runs; the newest revision wins, and of one revision the latest run."""

    def __init__(self, pool: StorePool) -> None:
        """Takes the pool it works on."""
        self._pool = pool

    async def publish(self, request: PublishInput) -> PublishResult:
        """Publishes exactly the named versions in one transaction, or refuses as superseded.

        Repeated it answers alike, as long as nothing newer was published in between.

        Raises:
            ArticleNotFoundError: there is no such run of this revision.
            OutputMissingError: one of the named versions is not stored.
            StoreRejectedError: the sentiments are not those of the analysis' companies.
        """
        async with self._pool.transaction(f"publish run {request.run_number}") as connection:
            await connection.execute(_ARTICLES_SQL["lock_article"], request.article_id)
            await _check_run(connection, request)
            await _check_outputs(connection, request)
            row = await connection.fetchrow(_SQL["read_publication"], request.article_id)
            result = judge_publication(request, row or {})
            await _settle(connection, request, result)
            if result.outcome is PublishOutcome.SUPERSEDED:
                await connection.execute(_SQL["withdraw_run"], request.run_number)
            else:
                await _show(connection, request)
            return result


def judge_publication(request: PublishInput, publication: Row) -> PublishResult:
    """Returns whether a run may be shown.

    Args:
        request: What is to be published.
        publication: `removed_revision`: up to which revision the article was removed;
            `published_revision`, `published_number`: what is shown now, or None.
    """
    if request.revision <= publication["removed_revision"]:
        return PublishResult(outcome=PublishOutcome.SUPERSEDED)
    shown = publication["published_revision"], publication["published_number"]
    if None not in shown and shown > (request.revision, request.run_number):
        return PublishResult(outcome=PublishOutcome.SUPERSEDED, superseded_by=shown[0])
    return PublishResult(outcome=PublishOutcome.PUBLISHED)


async def _check_run(connection: "PoolConnectionProxy", request: PublishInput) -> None:
    found = await connection.fetchval(
        _SQL["find_run_of_article"], request.run_number, request.article_id, request.revision
    )
    if found is None:
        raise ArticleNotFoundError(
            f"article {request.article_id}, revision {request.revision}"
            f" has no run {request.run_number}"
        )


async def _check_outputs(connection: "PoolConnectionProxy", request: PublishInput) -> None:
    wanted = {
        ArticleHtml.__name__: request.html_hash,
        ArticleText.__name__: request.text_hash,
        Analysis.__name__: request.analysis_hash,
        SentimentAnalysis.__name__: request.sentiment_hash,
    }
    if request.links_hash is not None:
        wanted[StoryLinks.__name__] = request.links_hash
    missing = await connection.fetch(
        _SQL["find_missing_outputs"], list(wanted.values()), list(wanted)
    )
    if missing:
        named = ", ".join(f"{row['kind']} {row['hash']}" for row in missing)
        raise OutputMissingError(f"run {request.run_number} cannot be published without {named}")


async def _settle(
    connection: "PoolConnectionProxy", request: PublishInput, result: PublishResult
) -> None:
    await connection.execute(
        _SQL["settle_run"],
        request.run_number,
        result.outcome.value,
        result.superseded_by,
        request.html_hash,
        request.text_hash,
        request.analysis_hash,
        request.sentiment_hash,
        request.links_hash,
    )


async def _show(connection: "PoolConnectionProxy", request: PublishInput) -> None:
    number = request.run_number
    await connection.execute(_SQL["show_run"], request.article_id, number)
    # A run that skipped linking has no links, whatever an execution of it once stored.
    memberships = "withdraw_run" if request.links_hash is None else "show_memberships"
    await connection.execute(_SQL[memberships], number)
    await connection.execute(
        _SQL["withdraw_older_runs"], request.article_id, request.revision, number
    )
    if request.links_hash is not None:
        await connection.execute(_SQL["rename_founded_stories"], number)
    await _project_companies(connection, request)


async def _project_companies(connection: "PoolConnectionProxy", request: PublishInput) -> None:
    analysis = read_output(
        await connection.fetchval(
            _OUTPUTS_SQL["load_output"], request.analysis_hash, Analysis.__name__
        ),
        request.analysis_hash,
        Analysis,
    )
    sentiments = read_output(
        await connection.fetchval(
            _OUTPUTS_SQL["load_output"], request.sentiment_hash, SentimentAnalysis.__name__
        ),
        request.sentiment_hash,
        SentimentAnalysis,
    ).sentiments
    if len(analysis.companies) != len(sentiments):
        raise StoreRejectedError(
            f"run {request.run_number}: {len(sentiments)} sentiments"
            f" for {len(analysis.companies)} companies"
        )
    await connection.execute(_SQL["forget_companies"], request.run_number)
    await connection.executemany(
        _SQL["insert_company"],
        [
            _company_values(request, position, company, sentiment)
            for position, (company, sentiment) in enumerate(
                zip(analysis.companies, sentiments, strict=True)
            )
        ],
    )


def _company_values(
    request: PublishInput, position: int, company: Company, sentiment: Sentiment
) -> tuple[object, ...]:
    return (
        request.run_number,
        position,
        request.article_id,
        company.name,
        company.ticker,
        company.exchange,
        company.role.value,
        sentiment.state.value,
        sentiment.score,
        sentiment.label and sentiment.label.value,
    )
