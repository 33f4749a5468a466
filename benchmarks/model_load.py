"""Throughput with a language model that takes its time: what holds it back, and by how much.

    python -m benchmarks.model_load [--articles 500] [--latency 0.3] [--at-once 16] [--linking]

A model server on loopback answers after so many seconds; one worker asks it, so many calls at
once, for made articles that are enqueued all at once. Prints one JSON object: calls a second, and
the limits that each part sets, in calls a second too:

- model: at once / latency, what the model server allows;
- litellm: one core / its CPU a call, measured alone in a process of its own;
- worker: one core / the worker's CPU (litellm's is part of it), for Python runs on one;
- temporal: all cores / the embedded server's CPU;
- machine: all cores / the CPU of all processes together, for they share them.

`share_of_lowest` is what was reached of the lowest of them. Stories are linked only with --linking:
that goes one article at a time, and takes the longer the more stories there are.
"""

import argparse
import asyncio
import contextlib
import json
import os
import sys
import time
import urllib.request
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from typing import Any

import psutil

from benchmarks.load import made_articles, stack
from benchmarks.pipeline import commit
from newsdesk.analysis.model.prompts import marked, prompt_for
from newsdesk.contracts.models import ModelMessage, ModelRequest
from newsdesk.contracts.names import Step
from newsdesk.contracts.record import RunBlock, RunStatus
from newsdesk.llm import open_models
from newsdesk.settings import Settings

MODEL = "openai/test-model"
WARM_UP = 8
ALONE_CALLS = 300


def settings_for(url: str, at_once: int) -> dict[str, str]:
    """Returns the settings of a worker that asks the model server."""
    return {
        "NEWSDESK_MODEL": MODEL,
        "NEWSDESK_MODEL_API_BASE": url,
        "NEWSDESK_MODEL_PRICES": f"{MODEL}=1/4",
        "NEWSDESK_MODEL_CALLS_AT_ONCE": str(at_once),
    }


@contextlib.asynccontextmanager
async def model_server(latency: float) -> AsyncGenerator[str, None]:
    """Runs the test suite's model server as a process of its own; yields its base URL."""
    command = ("-m", "tests.helpers.model_server", "--latency", str(latency))
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=asyncio.subprocess.PIPE
    )
    try:
        output = process.stdout or asyncio.StreamReader()  # it is piped, so it is there
        yield str(json.loads(await output.readline())["url"])
    finally:
        process.terminate()
        await process.wait()


async def told(url: str) -> dict[str, Any]:
    """Returns what the model server says of itself: calls, most at once, CPU seconds."""

    def get() -> dict[str, Any]:
        address = url.removesuffix("/v1") + "/control"
        with urllib.request.urlopen(address) as answer:  # noqa: S310 - on loopback, http
            return json.loads(answer.read())

    return await asyncio.to_thread(get)


async def litellm_alone(url: str, calls: int, at_once: int) -> float:
    """Returns the CPU seconds of one call in this process, beside nothing else."""
    settings = Settings.load(settings_for(url, at_once), None)
    model = open_models(settings.models, lambda: datetime.now(UTC))[MODEL]
    prompt = prompt_for(Step.ANALYZE_ARTICLE)
    article = next(made_articles(1))
    request = ModelRequest(
        messages=(
            ModelMessage(role="system", content=prompt.instructions),
            ModelMessage(role="user", content=marked("{}", f"{article.title}\n\n{article.body}")),
        ),
        schema_name=prompt.step.value,
        json_schema=prompt.schema,
    )
    slots = asyncio.Semaphore(at_once)

    async def call() -> None:
        async with slots:
            await model.complete(request)

    await asyncio.gather(*(call() for _ in range(WARM_UP)))
    before = time.process_time()
    await asyncio.gather(*(call() for _ in range(calls)))
    return (time.process_time() - before) / calls


async def measure(
    articles: int, latency: float, at_once: int, *, linking: bool
) -> dict[str, object]:
    """Returns the figures."""
    made = list(made_articles(articles + WARM_UP))
    async with model_server(latency) as url:
        async with stack(settings=settings_for(url, at_once)) as running:
            await running.process(made[:WARM_UP], linking=linking)
            before, server, own = running.cpu_seconds(), await told(url), _own_cpu()
            began = time.perf_counter()
            blocks = await running.process(made[WARM_UP:], linking=linking)
            seconds = time.perf_counter() - began
            used = {name: cpu - before[name] for name, cpu in running.cpu_seconds().items()}
            after = await told(url)
            used |= {
                "model_server": after["cpu_seconds"] - server["cpu_seconds"],
                "enqueuer": _own_cpu() - own,
            }
    async with model_server(0.0) as url:
        alone = await litellm_alone(url, min(ALONE_CALLS, 4 * articles), at_once)
    calls = sum(after["calls"].values()) - sum(server["calls"].values())
    limits = _limits(used, calls, alone, at_once / latency)
    lowest = min(limits, key=lambda name: limits[name])
    return {
        "articles": articles,
        "linking": linking,
        "completed": sum(block.status is RunStatus.COMPLETED for block in blocks),
        "calls": calls,
        "most_calls_at_once": after["most_at_once"],
        "articles_per_second": round(articles / seconds, 2),
        "calls_per_second": round(calls / seconds, 2),
        "limits_in_calls_per_second": {name: round(value, 1) for name, value in limits.items()},
        "lowest": lowest,
        "share_of_lowest": round(calls / seconds / limits[lowest], 3),
        "cpu_milliseconds_a_call": {
            name: round(1000 * cpu / calls, 1) for name, cpu in sorted(used.items())
        }
        | {"litellm_alone": round(1000 * alone, 1)},
        "step_seconds_p50": _median_step(blocks),
        "cores": os.cpu_count(),
        "commit": commit(),
    }


def _limits(used: dict[str, float], calls: int, alone: float, model: float) -> dict[str, float]:
    cores = os.cpu_count() or 1
    return {
        "model": model,
        "litellm": 1 / alone,
        "worker": calls / used["worker"],
        "temporal": cores * calls / used["temporal"],
        "machine": cores * calls / sum(used.values()),
    }


def _own_cpu() -> float:
    times = psutil.Process().cpu_times()
    return times.user + times.system


def _median_step(blocks: Sequence[RunBlock]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name in (Step.ANALYZE_ARTICLE, Step.ANALYZE_SENTIMENT):
        took = sorted(
            step.duration_ms or 0 for block in blocks for step in block.steps if step.name is name
        )
        found[name.value] = round(took[len(took) // 2] / 1000, 3)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description="throughput with a language model")
    parser.add_argument("--articles", type=int, default=500)
    parser.add_argument("--latency", type=float, default=0.3)
    parser.add_argument("--at-once", type=int, default=16)
    parser.add_argument("--linking", action="store_true", help="link articles to stories, too")
    options = parser.parse_args(arguments)
    if options.articles < 1 or options.latency <= 0 or options.at_once < 1:
        parser.error("--articles, --latency and --at-once must be above 0")
    figures = measure(options.articles, options.latency, options.at_once, linking=options.linking)
    print(json.dumps(asyncio.run(figures)))


if __name__ == "__main__":
    main()
