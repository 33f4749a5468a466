"""The worker: settings -> adapters -> activities -> Temporal Worker, recorder and sweeper."""

import argparse
import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from temporalio.client import Client
from temporalio.worker import Interceptor, Worker

from activities.analysis import AnalysisActivities
from activities.analyzers import AnalyzerList
from activities.cleaning import CleaningActivities
from activities.failures import FailureInterceptor
from activities.heartbeats import HeartbeatInterceptor
from activities.pausing import PauseInterceptor
from activities.publishing import PublishingActivities
from activities.reading import article_for_analysis
from activities.stories import StoryActivities
from newsdesk.analysis import BuiltinAnalyzer
from newsdesk.analysis.model import ModelAnalyzer
from newsdesk.cleaning import Cleaner
from newsdesk.contracts.articles import Article
from newsdesk.contracts.models import Assignment
from newsdesk.contracts.names import ANALYSIS_QUEUE_SUFFIX, TASK_QUEUE, Step
from newsdesk.llm import close_litellm, open_models
from newsdesk.ops.calls import leave, run_command
from newsdesk.ports import (
    Analyzer,
    ArticleCleaner,
    ArticleStore,
    ModelLedger,
    OutputStore,
    RecordPublisher,
    RunStore,
    StepGate,
    StoryMatcher,
    StoryStore,
)
from newsdesk.settings import BUILTIN, STATE_DEFAULT, Settings, current_environment
from newsdesk.store.gate import CachedGate
from newsdesk.store.opening import open_store
from newsdesk.stories import Matcher
from newsdesk.temporal.connect import connect
from newsdesk.temporal.reading import TemporalRunReader
from newsdesk.temporal.recorder import CATCH_UP_EVERY, RECORD_EVERY, Recorder
from newsdesk.temporal.repeating import repeatedly
from newsdesk.temporal.sandbox import workflow_runner
from newsdesk.temporal.search_attributes import register_search_attributes
from newsdesk.temporal.starting import TemporalRunStarter
from newsdesk.temporal.sweeping import SWEEP_EVERY, sweep
from workflows.article_processing import ArticleProcessing
from workflows.options import HEARTBEAT

ResultT = TypeVar("ResultT")
logger = logging.getLogger("newsdesk.worker")

CONNECT_PATIENCE_SECONDS = 60.0
"""A worker boots beside its server, which may take longer to come up."""

STICKY_TIMEOUT = timedelta(seconds=4)
"""How long a killed worker's workflow tasks wait for it; part of the 15 s in workflows/options."""

HEARTBEAT_EVERY = HEARTBEAT / 3
"""Left alone the SDK sends at most one heartbeat in four fifths of the timeout: no room for a busy
machine."""

GRACEFUL_SHUTDOWN = timedelta(seconds=10)
"""What a step under way gets to end in when the worker is told to stop."""


@dataclass(frozen=True)
class Adapters:
    """What the activities and the background jobs work with, behind their ports."""

    articles: ArticleStore
    outputs: OutputStore
    stories: StoryStore
    publisher: RecordPublisher
    runs: RunStore
    cleaner: ArticleCleaner
    article_analyzers: AnalyzerList
    sentiment_analyzers: AnalyzerList
    matcher: StoryMatcher
    gate: StepGate


def build_analyzers(settings: Settings, ledger: ModelLedger) -> tuple[AnalyzerList, AnalyzerList]:
    """Returns who analyzes articles and who scores sentiment, each in the order of the settings.

    Raises ConfigurationError where a model cannot be used as it is set.
    """
    models = settings.models
    analyzers: dict[str, Analyzer] = {BUILTIN: BuiltinAnalyzer()}
    for name, model in open_models(models, lambda: datetime.now(UTC), settings.secrets).items():
        limits = models.limits_of(name)
        analyzers[name] = ModelAnalyzer(model, ledger, limits, models.max_input_chars)
    patience = timedelta(seconds=models.fallback_after_seconds)
    return (
        AnalyzerList([analyzers[name] for name in models.analyze], patience),
        AnalyzerList([analyzers[name] for name in models.sentiment], patience),
    )


def build_activities(adapters: Adapters) -> list[Callable[..., Any]]:
    """Returns the bound activity methods: all but those of the analyzing steps."""
    cleaning = CleaningActivities(adapters.articles, adapters.outputs, adapters.cleaner)
    stories = StoryActivities(
        adapters.articles, adapters.outputs, adapters.stories, adapters.matcher
    )
    publishing = PublishingActivities(adapters.publisher)
    return [
        cleaning.clean_raw_article,
        cleaning.clean_markdown_article,
        stories.link_article_to_stories,
        publishing.publish,
    ]


def build_analyzing(adapters: Adapters) -> list[Callable[..., Any]]:
    """Returns the bound activity methods of the analyzing steps."""
    analysis = AnalysisActivities(
        adapters.articles,
        adapters.outputs,
        adapters.article_analyzers,
        adapters.sentiment_analyzers,
    )
    return [analysis.analyze_article, analysis.analyze_sentiment]


def build_interceptors(gate: StepGate) -> list[Interceptor]:
    """Returns what every activity is wrapped in, the outermost first.

    An activity beats while the gate is asked, too, and what the gate raises is translated.
    """
    return [
        HeartbeatInterceptor(),
        FailureInterceptor(),
        PauseInterceptor(gate, lambda: datetime.now(UTC)),
    ]


def build_workers(
    client: Client, adapters: Adapters, settings: Settings, task_queue: str = TASK_QUEUE
) -> tuple[Worker, Worker]:
    """Returns the Temporal workers, not yet running: of the runs, and of their analyzing steps.

    The latter have a queue and slots of their own: they may wait for a model, and cleaning,
    linking and publishing of other articles go on meanwhile.
    """
    interceptors = build_interceptors(adapters.gate)
    runs = Worker(
        client,
        task_queue=task_queue,
        workflows=[ArticleProcessing],
        # The analyzing ones too: runs that an older version began have scheduled them here.
        activities=[*build_activities(adapters), *build_analyzing(adapters)],
        workflow_runner=workflow_runner(),
        interceptors=interceptors,
        max_concurrent_activities=settings.activities_at_once,
        max_concurrent_workflow_tasks=settings.workflows_at_once,
        sticky_queue_schedule_to_start_timeout=STICKY_TIMEOUT,
        max_heartbeat_throttle_interval=HEARTBEAT_EVERY,
        graceful_shutdown_timeout=GRACEFUL_SHUTDOWN,
    )
    analyzing = Worker(
        client,
        task_queue=task_queue + ANALYSIS_QUEUE_SUFFIX,
        activities=build_analyzing(adapters),
        interceptors=interceptors,
        max_concurrent_activities=settings.models.calls_at_once,
        max_heartbeat_throttle_interval=HEARTBEAT_EVERY,
        graceful_shutdown_timeout=GRACEFUL_SHUTDOWN,
    )
    return runs, analyzing


async def warm_up(adapters: Adapters) -> None:
    """Puts a made-up article through cleaning and analysis, so that no real one waits for tables.

    Language identification, the reference of companies and the lexicons load on first use; all
    analyzers share them. No language model is asked.
    """
    now = datetime.now(UTC)
    article = Article(
        article_id=1,
        title="A Made-Up Article Warms The Worker Up",
        body="<p>Nothing of this is stored; it loads what the steps need.</p>",
        published_at=now,
        updated_at=now,
        fetched_at=now,
    )
    html = await asyncio.to_thread(adapters.cleaner.clean_html, article)
    text = await asyncio.to_thread(adapters.cleaner.to_markdown, article, html)
    readable = article_for_analysis(article, html, text)
    builtin = BuiltinAnalyzer()
    assignment = Assignment(run_number=0, article_id=article.article_id, step=Step.ANALYZE_ARTICLE)
    analysis, _ = await builtin.analyze_article(readable, assignment)
    await builtin.analyze_sentiment(readable, analysis, assignment)


@contextlib.asynccontextmanager
async def background_jobs(
    client: Client, runs: RunStore, settings: Settings
) -> AsyncGenerator[None, None]:
    """Runs recorder and sweeper beside the worker until the block ends."""
    reader = TemporalRunReader(client, settings.temporal_ui_url)
    recorder = Recorder(client, runs, reader, lambda: datetime.now(UTC))
    starter = TemporalRunStarter(client, settings.page_url)
    jobs = [
        asyncio.create_task(repeatedly(name, every, job))
        for name, every, job in (
            ("recorder", RECORD_EVERY, recorder.record_closed),
            ("recorder's second look", CATCH_UP_EVERY, recorder.catch_up),
            ("sweeper", SWEEP_EVERY, lambda: sweep(runs, starter)),
        )
    ]
    try:
        yield
    finally:
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)


@contextlib.asynccontextmanager
async def models_closed() -> AsyncGenerator[None, None]:
    """Closes the connections to models at the end, when no step asks one any more."""
    try:
        yield
    finally:
        await close_litellm()


async def run_worker(settings: Settings, ready_file: Path | None, stop: asyncio.Event) -> None:
    """Runs a worker until `stop` is set.

    Raises:
        NewsdeskError: a setting is missing, or Temporal or Postgres cannot be used.
    """
    database_url = settings.require_database_url()
    client = await _unless_stopped(
        connect(settings.temporal_environment, "worker", CONNECT_PATIENCE_SECONDS), stop
    )
    if client is None:
        return
    await register_search_attributes(client)
    async with open_store(database_url) as store:
        article_analyzers, sentiment_analyzers = await asyncio.to_thread(
            build_analyzers, settings, store.ledger
        )
        adapters = Adapters(
            articles=store.articles,
            outputs=store.outputs,
            stories=store.stories,
            publisher=store.publisher,
            runs=store.runs,
            cleaner=Cleaner(),
            article_analyzers=article_analyzers,
            sentiment_analyzers=sentiment_analyzers,
            matcher=Matcher(),
            gate=CachedGate(store.pauses, time.monotonic),
        )
        await warm_up(adapters)
        runs, analyzing = build_workers(client, adapters, settings)
        async with (
            models_closed(),
            runs,
            analyzing,
            background_jobs(client, store.runs, settings),
        ):
            logger.info("polling %s in namespace %s", TASK_QUEUE, client.namespace)
            logger.info(
                "analyze_article: %s; analyze_sentiment: %s",
                ", then ".join(settings.models.analyze),
                ", then ".join(settings.models.sentiment),
            )
            if ready_file is not None:
                await asyncio.to_thread(ready_file.touch)
            await stop.wait()
            logger.info("stopping; steps under way get %ss", GRACEFUL_SHUTDOWN.total_seconds())


async def _unless_stopped(
    work: Coroutine[Any, Any, ResultT], stop: asyncio.Event
) -> ResultT | None:
    """Returns what the work returns, or None when `stop` is set before."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if working.done():
        return working.result()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    return None


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a worker until SIGINT or SIGTERM; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="newsdesk worker", description="Processes articles until it is stopped (Ctrl-C)."
    )
    configure_parser(parser)
    return run(parser.parse_args(argv))


def configure_parser(parser: argparse.ArgumentParser) -> None:
    """Adds the worker's flags."""
    parser.add_argument(
        "--state",
        type=Path,
        default=STATE_DEFAULT,
        metavar="DIR",
        help="folder of `newsdesk dev`, whose addresses are used where the environment sets none"
        " (default: %(default)s)",
    )
    parser.add_argument(
        "--ready-file", type=Path, metavar="PATH", help="file to create once the worker polls"
    )


def run(args: argparse.Namespace) -> int:
    """Runs a worker with parsed flags; returns the exit code: 0 stopped, 1 failed, 2 wrong call."""
    return run_command("worker", lambda: _run(args))


def _run(args: argparse.Namespace) -> int:
    settings = Settings.load(current_environment(), args.state)
    logging.basicConfig(
        level=settings.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    asyncio.run(_until_signalled(settings, args.ready_file))
    return 0


async def _until_signalled(settings: Settings, ready_file: Path | None) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await run_worker(settings, ready_file, stop)


if __name__ == "__main__":
    leave(main())
