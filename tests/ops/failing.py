"""A pipeline whose runs fail as a test tells them, and `newsdesk failures` called in this process.

The worker is the real one, recorder and sweeper included, on the test's own event loop. A command
is called as from a shell, in a thread with an event loop of its own.
"""

import asyncio
import contextlib
import io
import json
import logging
import os
import uuid
from collections import Counter
from collections.abc import AsyncGenerator, Generator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from temporalio import activity
from temporalio.client import Client, WorkflowFailureError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

import worker
from newsdesk import cli
from newsdesk.contracts.articles import Article, PendingRun
from newsdesk.contracts.names import ACTIVITIES, Step
from newsdesk.contracts.options import AnalysisOptions, LinkingOptions, ProcessingOptions
from newsdesk.contracts.record import RunBlock, RunStatus, StepRecord
from newsdesk.dev.databases import create_database, drop_database
from newsdesk.errors import ArticleUnusableError
from newsdesk.ops.failures import replaying
from newsdesk.settings import Settings
from newsdesk.store.opening import Store
from newsdesk.temporal.reading import TemporalRunReader
from newsdesk.temporal.starting import TemporalRunStarter, start_pending
from tests.helpers.eventually import eventually
from tests.helpers.model_house import model_worker
from tests.helpers.pipeline import Pipeline, new_pipeline

RAW, MARKDOWN, ARTICLE, LINK, SENTIMENT = (step.value for step in Step)
BEFORE_BOTH = (RAW, MARKDOWN, ARTICLE)
"""What is done when the two steps side by side begin."""

ENDS_SECONDS = 20.0
"""What a run takes at most, on a busy machine."""

OFTEN_SECONDS = 0.1
"""How often recorder and commands look, so that tests wait less."""

ONCE = dict.fromkeys(ACTIVITIES, 1)


class Watch(Interceptor):
    """Counts what activities really did, by (workflow id, activity), and troubles them.

    It sits within all of the worker's own interceptors: an activity that is answered "paused" never
    comes here. By (article id, activity): `failures` are raised each time, `late` ones once the
    work is done, `holds` are waited for.
    """

    def __init__(self) -> None:
        self.begun: Counter[tuple[str, str]] = Counter()
        self.done: Counter[tuple[str, str]] = Counter()
        self.failures: dict[tuple[int, str], Exception] = {}
        self.late: dict[tuple[int, str], Exception] = {}
        self.holds: dict[tuple[int, str], asyncio.Future[None]] = {}

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _Watched(next, self)

    def done_of(self, workflow_id: str) -> dict[str, int]:
        """Returns how often each activity of a run was done, over all its executions."""
        return {step: count for (run, step), count in self.done.items() if run == workflow_id}

    def hold(self, article_id: int, *steps: str) -> None:
        """Has every attempt of these steps wait until they are let go."""
        for step in steps:
            self.holds[article_id, step] = asyncio.get_running_loop().create_future()

    def let_go(self, article_id: int, step: str, *, lost: bool = False) -> None:
        """Ends a hold; `lost`: whoever waited does nothing any more, like a worker that died."""
        held = self.holds.pop((article_id, step))
        if lost:
            held.set_exception(ArticleUnusableError("its run was closed"))
            held.exception()  # there may be nobody who waits
        else:
            held.set_result(None)


class _Watched(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, watch: Watch) -> None:
        super().__init__(next)
        self._watch = watch

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        info, request = activity.info(), input.args[0]
        key = str(info.workflow_id), info.activity_type
        trouble = request.article_id, info.activity_type
        self._watch.begun[key] += 1
        if trouble in self._watch.holds:
            await asyncio.shield(self._watch.holds[trouble])
        if trouble in self._watch.failures:
            raise self._watch.failures[trouble]
        result = await self.next.execute_activity(input)
        if trouble in self._watch.late:
            raise self._watch.late[trouble]
        self._watch.done[key] += 1
        return result


@dataclass(frozen=True)
class Called:
    """A command that has ended. `err` as one text: a console may have broken its lines."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Returns what stdout has as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    def has(self, *sentences: str) -> bool:
        """Returns whether stdout and stderr together tell all of these, however broken."""
        told = " ".join(f"{self.out} {self.err}".split())
        missing = [sentence for sentence in sentences if sentence not in told]
        assert not missing, f"{missing} not in {told}"
        return True


async def called(environment: dict[str, str], *argv: str) -> Called:
    """Runs `newsdesk ARGV` in this process: in a thread, with an event loop of its own."""

    def main() -> int:
        try:
            return cli.main([*argv, "--state", "/nonexistent"])
        except SystemExit as end:  # argparse refuses a call so
            return int(end.code or 0)

    out, err = io.StringIO(), io.StringIO()
    with patch.dict(os.environ, environment):
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = await asyncio.to_thread(main)
    return Called(code, out.getvalue(), err.getvalue())


@dataclass
class House:
    """A pipeline under way: a way to enqueue, to call commands, and to look."""

    pipeline: Pipeline
    store: Store
    watch: Watch = field(default_factory=Watch)

    @property
    def client(self) -> Client:
        """Returns a client of the tests' event loop."""
        return self.pipeline.client

    @property
    def environment(self) -> dict[str, str]:
        """Returns what a command has to know to work here."""
        names = ("NEWSDESK_DATABASE_URL", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE")
        return {name: self.pipeline.environment[name] for name in names}

    async def failures(self, *argv: str, **environment: str) -> Called:
        """Runs `newsdesk failures ARGV` in this process."""
        return await called(self.environment | environment, "failures", *argv)

    async def enqueue(self, made: Article, **options: Any) -> PendingRun:
        """Enqueues an article; see `enqueue` for the options."""
        return await enqueue(self.store, self.client, made, **options)

    async def ended(self, workflow_id: str) -> RunStatus:
        """Waits until a run has ended; returns how."""
        return (await self.ended_block(workflow_id)).status

    async def ended_block(self, workflow_id: str) -> RunBlock:
        """Waits until a run has ended; returns its block as Temporal tells it."""
        result = self.client.get_workflow_handle(workflow_id).result()
        try:
            await asyncio.wait_for(result, ENDS_SECONDS)
        except WorkflowFailureError:
            pass  # how it ended stands in its block
        except TimeoutError:
            raise AssertionError(f"still under way: {await self.block(workflow_id)}") from None
        return await self.block(workflow_id)

    async def block(self, workflow_id: str) -> RunBlock:
        """Returns a run's block as Temporal tells it now."""
        number = await self.store.runs.find(workflow_id)
        assert number is not None
        block = await TemporalRunReader(self.client, None).read(number, workflow_id)
        assert block is not None
        return block

    async def recorded(self, run: PendingRun, status: RunStatus) -> RunBlock:
        """Waits until the recorder has written that a run ended like this; returns the block."""

        async def written() -> RunBlock | None:
            block = (await self.store.runs.blocks([run.run_number])).get(run.run_number)
            return block if block is not None and block.status is status else None

        block = await eventually(written)
        assert block is not None
        return block

    async def fails(
        self,
        made: Article,
        *steps: str,
        error: Exception,
        after: str | None = None,
        **options: Any,
    ) -> PendingRun:
        """Enqueues an article in whose run these steps fail for good; returns when it has failed.

        The steps are mended then. `after`: they fail once the run has taken note of this one's end.
        """
        if after is not None:
            self.watch.hold(made.article_id, *steps)
        for name in steps:
            self.watch.failures[made.article_id, name] = error
        run = await self.enqueue(made, **options)
        if after is not None:
            await self.settled(run, after)
            for name in steps:
                self.watch.let_go(made.article_id, name)
        assert await self.ended(run.workflow_id) is RunStatus.FAILED
        for name in steps:
            del self.watch.failures[made.article_id, name]
        return run

    async def settled(self, run: PendingRun, *steps: str) -> None:
        """Waits until these steps of a run have ended and it has taken note of that."""
        await self.reached(run, *steps)
        handle = self.client.get_workflow_handle(run.workflow_id)

        async def noted() -> bool:
            raw = (await handle.describe()).raw_description
            pending = {each.activity_type.name for each in raw.pending_activities}
            return not raw.HasField("pending_workflow_task") and not pending & set(steps)

        await eventually(noted)

    async def listed(self, *filters: str, count: int) -> list[dict[str, Any]]:
        """Waits until the list has so many lines, for visibility is a little behind."""
        found = Called(0, "", "")

        async def so_many() -> bool:
            nonlocal found
            found = await self.failures("list", "--json", *filters)
            assert (found.code, found.err) == (0, "")
            assert len(found.lines) == count, found.out
            return True

        await eventually(so_many, timeout=20)
        return found.lines

    async def reached(self, run: PendingRun, *steps: str) -> None:
        """Waits until these steps of a run have begun."""
        begun = self.watch.begun
        await eventually(lambda: all(begun[run.workflow_id, name] for name in steps))

    async def executions(self, workflow_id: str) -> int:
        """Returns how many executions a run has had."""
        return len((await self.block(workflow_id)).executions)


async def enqueue(
    store: Store,
    client: Client,
    made: Article,
    *,
    linking: bool = True,
    give_up_after_seconds: int = 60,
    start: bool = True,
) -> PendingRun:
    """Stores an article and starts its run, unless told to leave it pending."""
    options = ProcessingOptions(
        linking=LinkingOptions(enabled=linking),
        analysis=AnalysisOptions(give_up_after_seconds=give_up_after_seconds),
    )
    enqueued = await store.articles.enqueue(made, options)
    assert enqueued.pending is not None
    if start:
        await start_pending(store.runs, TemporalRunStarter(client), enqueued.pending)
    return enqueued.pending


def step(block: RunBlock, name: str) -> StepRecord:
    """Returns a step of a run."""
    return next(one for one in block.steps if one.name == name)


def times(block: RunBlock, names: Sequence[str]) -> list[object]:
    """Returns when these steps began and ended."""
    return [(step(block, name).started_at, step(block, name).completed_at) for name in names]


@contextlib.asynccontextmanager
async def own_database(postgres_url: str, template: str) -> AsyncGenerator[str, None]:
    """A migrated database for the tests of one file; yields its URL."""
    name = f"test_{uuid.uuid4().hex}"
    admin = await asyncpg.connect(postgres_url)
    try:
        await create_database(admin, name, template)
        yield urlunsplit(urlsplit(postgres_url)._replace(path=f"/{name}"))
        await drop_database(admin, name)
    finally:
        await admin.close()


@contextlib.asynccontextmanager
async def own_pipeline(
    postgres_url: str, template: str, address: str
) -> AsyncGenerator[Pipeline, None]:
    """A database and a namespace for the tests of one file."""
    async with own_database(postgres_url, template) as url:
        yield await new_pipeline(url, address)


@contextlib.contextmanager
def _quiet() -> Generator[None, None, None]:
    """Keeps the SDK from logging every failure that was ordered, with its traceback.

    Formatted in the worker's threads while pytest formats one of its own, they end Python 3.11's
    parser with a SystemError, and pytest with it.
    """
    logger = logging.getLogger("temporalio")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


@contextlib.asynccontextmanager
async def failing_house(
    pipeline: Pipeline, settings: Settings | None = None
) -> AsyncGenerator[House, None]:
    """Runs the worker with a watch; without settings it has the builtin analyzer."""
    own = settings or Settings.load({"NEWSDESK_DATABASE_URL": pipeline.database_url}, None)
    watch, build = Watch(), worker.build_interceptors
    with (
        patch.object(worker, "build_interceptors", lambda gate: [*build(gate), watch]),
        patch.object(worker, "RECORD_EVERY", timedelta(seconds=OFTEN_SECONDS)),
        patch.object(replaying, "POLL_SECONDS", OFTEN_SECONDS),
        _quiet(),
    ):
        async with model_worker(pipeline, own) as store:
            async with worker.background_jobs(pipeline.client, store.runs, own):
                yield House(pipeline, store, watch)
