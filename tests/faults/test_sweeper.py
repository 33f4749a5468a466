"""What stayed pending is started once, whoever else starts it, and whatever else is refused."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest
import pytest_asyncio

from newsdesk.contracts.articles import PendingRun
from newsdesk.contracts.options import ProcessingOptions
from newsdesk.errors import ConfigurationError, StoreUnavailableError, TemporalUnavailableError
from newsdesk.store.opening import Store, open_store
from newsdesk.store.runs import PostgresRuns
from newsdesk.temporal import sweeping
from newsdesk.temporal.starting import Intake, TemporalRunStarter
from newsdesk.temporal.sweeping import sweep
from tests.helpers.pipeline import Pipeline, article

NO_GRACE = timedelta(0)
OPTIONS = ProcessingOptions()


@pytest_asyncio.fixture
async def store(database_url: str) -> AsyncGenerator[Store, None]:
    async with open_store(database_url) as store:
        yield store


class Starter:
    """Notes what it starts; refuses some articles, and is away after so many."""

    def __init__(self, refused: set[int] | None = None, away_after: int | None = None) -> None:
        self.refused = refused or set()
        self.away_after = away_after
        self.started: Counter[str] = Counter()

    async def start(self, run: PendingRun) -> str | None:
        if self.away_after is not None and self.started.total() >= self.away_after:
            raise TemporalUnavailableError
        if run.article_id in self.refused:
            raise ConfigurationError(f"no {run.article_id}")
        self.started[run.workflow_id] += 1
        return f"execution of {run.workflow_id}"


async def test_all_that_is_pending_is_started_not_one_batch(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "BATCH", 3)
    for article_id in range(1, 9):
        await store.articles.enqueue(article(article_id), OPTIONS)
    starter = Starter()
    assert await sweep(store.runs, starter, NO_GRACE) == 8
    assert await sweep(store.runs, starter, NO_GRACE) == 0
    assert starter.started == {f"benzinga-{n}-r1": 1 for n in range(1, 9)}


async def test_runs_that_are_refused_hold_no_other_back(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "BATCH", 2)
    for article_id in range(1, 7):
        await store.articles.enqueue(article(article_id), OPTIONS)
    starter = Starter(refused={1, 2, 4})
    with pytest.raises(ConfigurationError, match="no 1"):
        await sweep(store.runs, starter, NO_GRACE)
    assert sorted(starter.started) == ["benzinga-3-r1", "benzinga-5-r1", "benzinga-6-r1"]
    left = await store.runs.pending(NO_GRACE, 10)
    assert [run.article_id for run in left] == [1, 2, 4]


async def test_an_outage_ends_the_sweep(store: Store) -> None:
    for article_id in range(1, 31):
        await store.articles.enqueue(article(article_id), OPTIONS)
    starter = Starter(away_after=4)
    with pytest.raises(TemporalUnavailableError):
        await sweep(store.runs, starter, NO_GRACE)
    assert starter.started.total() == 4
    assert len(await store.runs.pending(NO_GRACE, 100)) == 26


async def test_what_an_enqueuer_is_just_starting_is_left_to_it(store: Store) -> None:
    await store.articles.enqueue(article(1), OPTIONS)
    assert await sweep(store.runs, Starter()) == 0


async def test_two_sweepers_and_an_enqueuer_start_a_run_once(pipeline: Pipeline) -> None:
    starter = TemporalRunStarter(pipeline.client)
    async with open_store(pipeline.database_url) as store:
        intake = Intake(store.articles, store.runs, starter)
        for article_id in range(1, 11):
            await store.articles.enqueue(article(article_id), OPTIONS)
        again = (intake.receive(article(article_id), OPTIONS) for article_id in range(1, 11))
        await asyncio.gather(
            sweep(store.runs, starter, NO_GRACE), sweep(store.runs, starter, NO_GRACE), *again
        )
        counts = await store.runs.counts()
    assert (counts.pending, counts.running) == (0, 10)
    await _each_once(pipeline, 10)


class Forgetful(PostgresRuns):
    """Loses the database between a start and the note of it."""

    async def mark_started(self, run_number: int, run_id: str | None) -> None:
        raise StoreUnavailableError


async def test_a_start_that_was_never_noted_is_noted_without_another(pipeline: Pipeline) -> None:
    starter = TemporalRunStarter(pipeline.client)
    async with open_store(pipeline.database_url) as store:
        forgetful = Forgetful(None)  # pyright: ignore[reportArgumentType]  # never reaches its pool
        with pytest.raises(StoreUnavailableError):
            await Intake(store.articles, forgetful, starter).receive(article(1), OPTIONS)
        assert (await store.runs.counts()).pending == 1
        assert await sweep(store.runs, starter, NO_GRACE) == 1
        assert (await store.runs.counts()).pending == 0
    await _each_once(pipeline, 1)


async def _each_once(pipeline: Pipeline, articles: int) -> None:
    for article_id in range(1, articles + 1):
        handle = pipeline.client.get_workflow_handle(f"benzinga-{article_id}-r1")
        history = await handle.fetch_history()
        started = history.events[0].workflow_execution_started_event_attributes
        assert started.original_execution_run_id == (await handle.describe()).run_id
