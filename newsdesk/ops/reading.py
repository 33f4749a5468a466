"""A whole record for readers: what Postgres holds, with the run block live where it must be."""

from newsdesk.contracts.names import Step
from newsdesk.contracts.record import ArticleRecord, RunBlock, RunStatus
from newsdesk.errors import TemporalUnavailableError
from newsdesk.ports import RecordStore, RunReader


async def read_record(
    records: RecordStore, reader: RunReader | None, article_id: int, run_number: int | None
) -> ArticleRecord:
    """Returns the record of an article, or of one of its runs.

    A completed run's recorded block is final. Any other is asked of the Temporal server, for the
    run may go on or may have been replayed; where no server answers, what is recorded is shown.

    Raises:
        ArticleNotFoundError: no such article or run is stored.
    """
    record = await records.load(article_id, run_number)
    if record.run.steps and record.run.status is RunStatus.COMPLETED:
        return record
    live = await _live(reader, record.run)
    return record if live is None else with_run(record, live)


async def _live(reader: RunReader | None, run: RunBlock) -> RunBlock | None:
    if reader is None:
        return None
    try:
        return await reader.read(run.number, run.workflow_id)
    except TemporalUnavailableError:
        return None


def with_run(record: ArticleRecord, live: RunBlock) -> ArticleRecord:
    """Returns the record with a live run block; what readers see is the store's to say."""
    run = live.model_copy(
        update={"published": record.run.published, "superseded_by": record.run.superseded_by}
    )
    analysis = record.analysis
    if analysis is not None and analysis.analyzed_at is None:
        done = {step.name: step.completed_at for step in live.steps}
        analysis = analysis.model_copy(update={"analyzed_at": done.get(Step.ANALYZE_ARTICLE)})
    return record.model_copy(update={"run": run, "analysis": analysis})
