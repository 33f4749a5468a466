"""Which run block a record gets: the recorded one, or the server's."""

from newsdesk.contracts.names import Step
from newsdesk.contracts.record import ArticleRecord, RunBlock, RunStatus, StepRecord
from newsdesk.errors import TemporalUnavailableError
from newsdesk.ops.reading import read_record
from tests.unit.ops.test_record_view import AT, record

WORKFLOW = "benzinga-5-r2"


class Records:
    """A record store with one record."""

    def __init__(self, stored: ArticleRecord) -> None:
        self._stored = stored

    async def load(self, article_id: int, run_number: int | None = None) -> ArticleRecord:
        return self._stored


class Server:
    """A run reader that answers with a block, with nothing, or not at all."""

    def __init__(self, answer: RunBlock | None = None, *, away: bool = False) -> None:
        self._answer = answer
        self._away = away
        self.asked = 0

    async def read(self, run_number: int, workflow_id: str) -> RunBlock | None:
        self.asked += 1
        if self._away:
            raise TemporalUnavailableError
        return self._answer


def block(status: RunStatus, *, steps: bool = True, **changes: object) -> RunBlock:
    step = StepRecord(name=Step.ANALYZE_ARTICLE, completed_at=AT)
    made = RunBlock(number=7, workflow_id=WORKFLOW, status=status, steps=(step,) if steps else ())
    return made.model_copy(update=changes)


async def read(stored: ArticleRecord, server: Server | None) -> ArticleRecord:
    return await read_record(Records(stored), server, 5, None)


async def test_a_completed_run_is_not_asked_for_again() -> None:
    stored = record(block(RunStatus.COMPLETED))
    server = Server(block(RunStatus.RUNNING))
    assert await read(stored, server) is stored
    assert server.asked == 0


async def test_any_other_run_is_the_servers_to_tell() -> None:
    for stored in (block(RunStatus.FAILED), block(RunStatus.RUNNING, steps=False)):
        live = block(RunStatus.RUNNING, run_id="second", published=True, superseded_by=9)
        shown = await read(record(stored), Server(live))
        assert shown.run.run_id == "second"
        # What readers see is the store's to say.
        assert (shown.run.published, shown.run.superseded_by) == (False, None)


async def test_what_is_recorded_stays_where_the_server_does_not_know_or_answer() -> None:
    stored = record(block(RunStatus.FAILED))
    for server in (Server(None), Server(away=True), None):
        assert await read(stored, server) is stored


async def test_the_time_of_the_analysis_comes_with_the_live_steps() -> None:
    stored = record(block(RunStatus.RUNNING, steps=False))
    assert stored.analysis is not None
    bare = stored.analysis.model_copy(update={"analyzed_at": None})
    stored = stored.model_copy(update={"analysis": bare})
    shown = await read(stored, Server(block(RunStatus.RUNNING)))
    assert shown.analysis is not None
    assert shown.analysis.analyzed_at == AT
