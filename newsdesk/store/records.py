"""Whole records for readers: the RecordStore over Postgres."""

from typing import TYPE_CHECKING, TypeVar

from newsdesk.contracts.analysis import Analysis, SentimentAnalysis
from newsdesk.contracts.base import Contract
from newsdesk.contracts.cleaning import ArticleHtml, ArticleText
from newsdesk.contracts.names import Step
from newsdesk.contracts.record import ArticleRecord, RecordStory, RunBlock
from newsdesk.errors import ArticleNotFoundError, OutputMissingError
from newsdesk.store.assembling import RecordParts, assemble
from newsdesk.store.outputs import read_output
from newsdesk.store.pool import StorePool
from newsdesk.store.queries import load_queries
from newsdesk.store.rows import Row, article_from
from newsdesk.store.summaries import block_of, status_of

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

_SQL = load_queries("records")
_OUTPUTS_SQL = load_queries("outputs")
OutputT = TypeVar("OutputT", bound=Contract)
_COLUMNS = {
    Step.CLEAN_RAW_ARTICLE: "html_hash",
    Step.CLEAN_MARKDOWN_ARTICLE: "text_hash",
    Step.ANALYZE_ARTICLE: "analysis_hash",
    Step.ANALYZE_SENTIMENT: "sentiment_hash",
}


class PostgresRecords:
    """Records, each read from one snapshot of the database."""

    def __init__(self, pool: StorePool) -> None:
        """Takes the pool it works on."""
        self._pool = pool

    async def load(self, article_id: int, run_number: int | None = None) -> ArticleRecord:
        """Returns the published record, or that of the latest run, or of the named run.

        Where no block is recorded, `run` is a skeleton: number, workflow id, status, outcome.

        Raises:
            ArticleNotFoundError: the article is unknown, or removed before it was received, or
                the run is not one of its runs.
            OutputMissingError: a version that was published is gone.
        """
        async with self._pool.snapshot(f"load the record of article {article_id}") as connection:
            article = await connection.fetchrow(_SQL["find_article"], article_id)
            if article is None:
                raise ArticleNotFoundError(f"article {article_id} is not stored")
            number = article["published_run"] if run_number is None else run_number
            if number is None:
                number = await connection.fetchval(_SQL["find_latest_run"], article_id)
            if number is None:
                raise ArticleNotFoundError(f"article {article_id} was removed unseen")
            run = await connection.fetchrow(_SQL["load_run"], number, article_id)
            if run is None:
                raise ArticleNotFoundError(f"article {article_id} has no run {number}")
            return assemble(await _parts(connection, article_id, article, run))


def run_block(run: Row, article: Row) -> RunBlock:
    """Returns a run's block, recorded or a skeleton, with what only the store knows for sure.

    A run that was published and is not shown any more names the revision that took its place.
    """
    block = block_of(run) or RunBlock(
        number=run["number"],
        workflow_id=run["workflow_id"],
        run_id=run["run_id"],
        status=status_of(run),
    )
    published = article["published_run"] == run["number"]
    superseded_by = run["superseded_by"]
    if run["outcome"] == "published" and not published:
        superseded_by = article["published_revision"]
    return block.model_copy(
        update={
            "published": published,
            "outcome": run["outcome"] or block.outcome,
            "superseded_by": superseded_by,
        }
    )


def output_digests(run: Row, block: RunBlock) -> dict[Step, str | None]:
    """Returns the hash of each step's output.

    What was given to publish is what the run stands for. A run that never got there shows how
    far it came: its recorded block names what its own steps stored.
    """
    published = {step: run[column] for step, column in _COLUMNS.items()}
    if any(published.values()):
        return published
    own: dict[Step, str | None] = {step.name: step.output for step in block.steps}
    return {step: own.get(step) for step in _COLUMNS}


async def _parts(
    connection: "PoolConnectionProxy", article_id: int, article: Row, run: Row
) -> RecordParts:
    # Unpacked: a run has a revision, by a foreign key.
    [revision] = await connection.fetch(_SQL["load_article"], article_id, run["revision"])
    stories = await connection.fetch(_SQL["list_stories"], run["number"])
    block = run_block(run, article)
    digests = output_digests(run, block)
    return RecordParts(
        article=article_from(revision),
        revision=run["revision"],
        run=block,
        removed=run["revision"] <= article["removed_revision"],
        removed_at=article["removed_at"],
        html=await _output(connection, digests[Step.CLEAN_RAW_ARTICLE], ArticleHtml),
        text=await _output(connection, digests[Step.CLEAN_MARKDOWN_ARTICLE], ArticleText),
        analysis=await _output(connection, digests[Step.ANALYZE_ARTICLE], Analysis),
        sentiments=await _output(connection, digests[Step.ANALYZE_SENTIMENT], SentimentAnalysis),
        stories=tuple(RecordStory.model_validate(dict(story)) for story in stories),
    )


async def _output(
    connection: "PoolConnectionProxy", digest: str | None, kind: type[OutputT]
) -> OutputT | None:
    if digest is None:
        return None
    payload = await connection.fetchval(_OUTPUTS_SQL["load_output"], digest, kind.__name__)
    if payload is None:
        raise OutputMissingError(f"no {kind.__name__} is stored under {digest}")
    return read_output(payload, digest, kind)
