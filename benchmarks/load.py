"""A stack of one's own under load: made articles, embedded servers, a worker process.

    python -m benchmarks.load [--articles 16] [--megabytes 4]

Alone it puts that many very long articles to a worker at once and prints, as one JSON object,
how long it took and how many attempts timed out: whether heartbeats keep up while the processors
do not.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from newsdesk.contracts.articles import Article, Stock
from newsdesk.contracts.options import LinkingOptions, ProcessingOptions
from newsdesk.contracts.record import RunBlock
from newsdesk.dev.ports import free_ports
from newsdesk.dev.postgres import PostgresServer
from newsdesk.dev.processes import Child, Launch, log_tail, running
from newsdesk.dev.temporal import NAMESPACE, TemporalServer
from newsdesk.store.migrations import migrate
from newsdesk.store.opening import Store, open_store
from newsdesk.temporal.starting import Intake, TemporalRunStarter

AT = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
POLL_SECONDS = 0.2
STOP_SECONDS = 60.0
_PLACES = "Amber Birch Cobalt Delta Ember Fjord Granite Harbor Indigo Juniper Kestrel Larch".split()
_TRADES = "Logistics Robotics Foods Energy Semiconductor Airlines Mining Biotech Retail".split()
_SENTENCES = (
    "{name} ({exchange}: {ticker}) raised its forecast after revenue climbed {n}% to ${m} million.",
    "Shares of {name} fell {n}% in early trading as the company cut its dividend.",
    "Analysts at a regional broker lifted their price target on {ticker} to ${m} from ${n}.",
    "The board approved a buyback of ${m} million, which runs until the end of the year.",
    "Orders grew for the {n}th quarter in a row, the company said in a filing on Wednesday.",
    "Management warned that freight costs would weigh on margins in the second half.",
    "Regulators in {n} states opened an investigation into billing practices of the unit.",
    "The chief executive said that demand was steady and that hiring would slow.",
    "Net income was ${m} million, or {n} cents a share, against a loss a year earlier.",
    "A plant with {m} workers is to open near the river before the winter.",
)


def made_articles(count: int, words: int = 400, seed: int = 1) -> Iterator[Article]:
    """Yields articles on invented companies, some on one event; the same seed, the same words."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    for number in range(1, count + 1):
        place, trade = chance.choice(_PLACES), chance.choice(_TRADES)
        ticker = f"{place[:2]}{trade[:2]}".upper()
        paragraphs: list[str] = []
        while len(paragraphs) * 14 < words:
            facts = {"name": f"{place} {trade}", "ticker": ticker, "exchange": "NYSE"}
            numbers = {"n": chance.randint(2, 90), "m": chance.randint(100, 9000)}
            paragraphs.append(chance.choice(_SENTENCES).format(**facts, **numbers))
        at = AT + timedelta(minutes=number)
        yield Article(
            article_id=number,
            title=f"{place} {trade} {chance.choice(('Rises', 'Falls', 'Plans'))} No. {number}",
            body="".join(f"<p>{text}</p>\n" for text in paragraphs),
            published_at=at,
            updated_at=at,
            fetched_at=at,
            channels=("News",),
            stocks=(Stock(ticker=ticker, exchange="NYSE"),),
        )


@dataclass
class Stack:
    """Running servers and a worker, with a way in."""

    store: Store
    client: Client
    intake: Intake
    worker: psutil.Process
    temporal: psutil.Process
    postgres: psutil.Process

    def cpu_seconds(self) -> dict[str, float]:
        """Returns what each has used so far."""
        family = [self.postgres, *self.postgres.children(recursive=True)]
        return {
            "worker": _used(self.worker),
            "temporal": _used(self.temporal),
            "postgres": sum(_used(process) for process in family)
            + self.postgres.cpu_times().children_user
            + self.postgres.cpu_times().children_system,
        }

    async def process(
        self, articles: Sequence[Article], at_once: int = 32, *, linking: bool = True
    ) -> list[RunBlock]:
        """Enqueues the articles and waits until the ends of their runs are recorded."""
        options = ProcessingOptions(linking=LinkingOptions(enabled=linking))
        numbers: list[int] = []
        for start in range(0, len(articles), at_once):
            group = articles[start : start + at_once]
            answers = await asyncio.gather(
                *(self.intake.receive(article, options) for article in group)
            )
            numbers += [answer.run_number for answer in answers if answer.run_number is not None]
        while (await self.store.runs.counts()).open:  # noqa: ASYNC110 - it ends in a database
            await asyncio.sleep(POLL_SECONDS)
        return list((await self.store.runs.blocks(numbers)).values())


def _used(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return times.user + times.system
    return 0.0


@contextlib.asynccontextmanager
async def stack(
    worker_command: Sequence[str] = ("-m", "worker"), settings: Mapping[str, str] | None = None
) -> AsyncGenerator[Stack, None]:
    """Runs servers and a worker on a folder of their own, as durable as `newsdesk dev`.

    `settings`: further NEWSDESK_* values of the worker.
    """
    with _state_folder() as path:
        temporal, postgres = TemporalServer(path, free_ports(1)[0]), PostgresServer(path)
        async with running(temporal), running(postgres):
            await migrate(postgres.url)
            client = await Client.connect(
                temporal.address, namespace=NAMESPACE, data_converter=pydantic_data_converter
            )
            environment = {
                "NEWSDESK_DATABASE_URL": postgres.url,
                "TEMPORAL_ADDRESS": temporal.address,
                "NEWSDESK_LOG_LEVEL": "warning",
                **(settings or {}),
            }
            async with (
                _worker(worker_command, environment, path) as pid,
                open_store(postgres.url) as store,
            ):
                yield Stack(
                    store=store,
                    client=client,
                    intake=Intake(store.articles, store.runs, TemporalRunStarter(client)),
                    worker=psutil.Process(pid),
                    temporal=psutil.Process(temporal.pid),
                    postgres=psutil.Process(postgres.pid),
                )


@contextlib.contextmanager
def _state_folder() -> Generator[Path, None, None]:
    with tempfile.TemporaryDirectory(prefix="nb-", ignore_cleanup_errors=True) as folder:
        path = Path(folder)
        path.chmod(0o755)  # as root, Postgres runs as another user
        yield path


@contextlib.asynccontextmanager
async def _worker(
    command: Sequence[str], environment: dict[str, str], folder: Path
) -> AsyncGenerator[int, None]:
    ready = folder / "ready"
    flags = ("--ready-file", str(ready), "--state", str(folder))
    environ = {**os.environ, **environment}
    command = (sys.executable, *command, *flags)
    child = await Child.start(Launch("worker", command, folder / "worker.log", environ))
    try:
        while not ready.exists():
            if not child.running:
                raise RuntimeError(f"the worker ended: {log_tail(folder / 'worker.log')}")
            await asyncio.sleep(POLL_SECONDS)
        yield child.pid
    finally:
        await child.stop(STOP_SECONDS)


async def measure(articles: int, megabytes: float) -> dict[str, object]:
    """Returns how very long articles fared that came all at once."""
    words = int(megabytes * 1_000_000 / 6.2)
    made = list(made_articles(articles, words))
    size = sum(len(article.body) for article in made) / len(made) / 1_000_000
    async with stack() as running_stack:
        began = time.perf_counter()
        blocks = await running_stack.process(made)
        seconds = time.perf_counter() - began
        cpu = running_stack.cpu_seconds()
        retries = await _retries(running_stack.client, blocks)
    steps = [step for block in blocks for step in block.steps]
    return {
        "articles": articles,
        "megabytes_each": round(size, 2),
        "seconds": round(seconds, 1),
        "completed": sum(block.status == "completed" for block in blocks),
        "retried_steps": dict(retries),
        "longest_step_seconds": max((step.duration_ms or 0) / 1000 for step in steps),
        "cpu_seconds": {name: round(used, 1) for name, used in cpu.items()},
    }


async def _retries(client: Client, blocks: Sequence[RunBlock]) -> Counter[str]:
    """Returns why steps were tried again, by the failure before their last attempt."""
    causes: Counter[str] = Counter()
    for block in blocks:
        history = await client.get_workflow_handle(block.workflow_id).fetch_history()
        for event in history.events:
            if event.HasField("activity_task_started_event_attributes"):
                started = event.activity_task_started_event_attributes
                if started.attempt > 1:
                    causes[started.last_failure.message] += 1
    return causes


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description="very long articles, all at once")
    parser.add_argument("--articles", type=int, default=16)
    parser.add_argument("--megabytes", type=float, default=4.0)
    arguments = parser.parse_args()
    print(json.dumps(asyncio.run(measure(arguments.articles, arguments.megabytes))))


if __name__ == "__main__":
    main()
