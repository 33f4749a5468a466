"""A whole pipeline with a language model: real servers, the worker in this process, a test model.

The worker is the real one but for its process: what `worker.py` puts together, on this event loop.
"""

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from temporalio.client import Client, WorkflowFailureError
from temporalio.contrib.pydantic import pydantic_data_converter

import worker
from newsdesk.cleaning import Cleaner
from newsdesk.contracts.articles import Article
from newsdesk.contracts.options import AnalysisOptions, LinkingOptions, ProcessingOptions
from newsdesk.contracts.record import ArticleRecord, RunStatus, StepRecord
from newsdesk.ops.reading import read_record
from newsdesk.ports import OutputStore
from newsdesk.settings import Settings
from newsdesk.store.gate import CachedGate
from newsdesk.store.opening import Store, open_store
from newsdesk.stories import Matcher
from newsdesk.temporal.reading import TemporalRunReader
from newsdesk.temporal.starting import Intake, TemporalRunStarter
from tests.helpers.model_server import ModelServer
from tests.helpers.pipeline import Pipeline

MODEL = "openai/test-model"
KEY = "sk-test-0123456789abcdef-secret"


@dataclass(frozen=True)
class ModelHouse:
    """A pipeline under way, with a way in and a way to look."""

    pipeline: Pipeline
    store: Store
    server: ModelServer

    async def start(self, article: Article, give_up_after_seconds: int = 60) -> str:
        """Enqueues an article; returns its run's workflow id."""
        intake = Intake(
            self.store.articles, self.store.runs, TemporalRunStarter(self.pipeline.client)
        )
        options = ProcessingOptions(
            linking=LinkingOptions(enabled=False),
            analysis=AnalysisOptions(give_up_after_seconds=give_up_after_seconds),
        )
        enqueued = await intake.receive(article, options)
        return f"benzinga-{enqueued.article_id}-r{enqueued.revision}"

    async def process(self, article: Article, give_up_after_seconds: int = 60) -> ArticleRecord:
        """Enqueues an article, waits until its run has ended, and returns its record."""
        workflow_id = await self.start(article, give_up_after_seconds)
        await self.ended(workflow_id)
        return await self.record(article.article_id)

    async def ended(self, workflow_id: str) -> None:
        """Waits until a run has ended, however."""
        try:
            await self.pipeline.client.get_workflow_handle(workflow_id).result()
        except WorkflowFailureError:
            pass  # how it ended stands in its record

    async def record(self, article_id: int) -> ArticleRecord:
        """Returns an article's record, its run block live."""
        reader = TemporalRunReader(self.pipeline.client, None)
        run = (await self.store.records.load(article_id)).run
        block = await reader.read(run.number, run.workflow_id)
        if block is not None and block.status is not RunStatus.RUNNING:
            # As the recorder would: a failed run's outputs are named by its recorded block.
            await self.store.runs.record(block)
        return await read_record(self.store.records, reader, article_id, None)


def step(record: ArticleRecord, name: str) -> StepRecord:
    """Returns a step of a record's run."""
    return next(one for one in record.run.steps if one.name == name)


def model_settings(pipeline: Pipeline, server: ModelServer, **changes: str) -> Settings:
    """Returns the settings of a worker that asks the test model; `changes` by NEWSDESK_ name."""
    own = {
        "NEWSDESK_DATABASE_URL": pipeline.database_url,
        "NEWSDESK_MODEL": MODEL,
        "NEWSDESK_MODEL_API_BASE": server.url,
        "NEWSDESK_MODEL_API_KEY": KEY,
        "NEWSDESK_MODEL_PRICES": f"{MODEL}=1/0.1/4",
        "NEWSDESK_MODEL_TIMEOUT_SECONDS": "2",
    }
    named = {f"NEWSDESK_{name}": value for name, value in changes.items()}
    return Settings.load({**own, **named}, None)


@asynccontextmanager
async def model_worker(
    pipeline: Pipeline,
    settings: Settings,
    outputs: Callable[[Store], OutputStore] = lambda store: store.outputs,
) -> AsyncGenerator[Store, None]:
    """Runs a worker's steps in this process, with a pool of its own, until the block ends."""
    async with open_store(pipeline.database_url) as store:
        article_analyzers, sentiment_analyzers = worker.build_analyzers(settings, store.ledger)
        adapters = worker.Adapters(
            articles=store.articles,
            outputs=outputs(store),
            stories=store.stories,
            publisher=store.publisher,
            runs=store.runs,
            cleaner=Cleaner(),
            article_analyzers=article_analyzers,
            sentiment_analyzers=sentiment_analyzers,
            matcher=Matcher(),
            gate=CachedGate(store.pauses, time.monotonic),
        )
        # A client of its own: two workers of one queue cannot share one.
        client = await Client.connect(
            pipeline.address,
            namespace=pipeline.client.namespace,
            data_converter=pydantic_data_converter,
        )
        runs, analyzing = worker.build_workers(client, adapters, settings)
        async with worker.models_closed(), runs, analyzing:
            yield store


@asynccontextmanager
async def model_house(
    pipeline: Pipeline, server: ModelServer, **changes: str
) -> AsyncGenerator[ModelHouse, None]:
    """Runs one worker that asks the test model."""
    settings = model_settings(pipeline, server, **changes)
    async with model_worker(pipeline, settings) as store:
        yield ModelHouse(pipeline, store, server)


def asked_about(server: ModelServer, words: str, step_name: str | None = None) -> Sequence[str]:
    """Returns the steps of the requests whose article holds these words, in order."""
    return [
        request.step
        for request in server.requests
        if any(words in str(message["content"]) for message in request.body["messages"])
        and step_name in (None, request.step)
    ]
