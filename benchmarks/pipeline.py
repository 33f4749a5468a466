"""Throughput of the whole pipeline: servers, worker and sandbox as `newsdesk dev` runs them.

    python -m benchmarks.pipeline [--articles 200] [--profile FILE]

Made articles are enqueued all at once; prints one JSON object. `run_seconds` are those of a run
amid all others; `alone_seconds` those of runs that have the worker to themselves. `cpu_seconds`
are per article. With --profile the worker's event loop runs under cProfile, which slows it.
"""

import argparse
import asyncio
import json
import platform
import shutil
import statistics
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from benchmarks.load import made_articles, stack
from newsdesk.contracts.articles import Article
from newsdesk.contracts.record import RunBlock, RunStatus

ALONE = 3
"""Articles that are processed one by one before all others, warming everything up."""


async def measure(articles: int, profile: Path | None = None) -> dict[str, object]:
    """Returns the figures of so many articles, beside those that go alone."""
    command = ("-m", "worker")
    if profile is not None:
        command = ("-m", "cProfile", "-o", str(profile), *command)
    first, rest = _split(list(made_articles(articles + ALONE)))
    async with stack(command) as running:
        alone = [block for article in first for block in await running.process([article])]
        before, began = running.cpu_seconds(), time.perf_counter()
        blocks = await running.process(rest)
        seconds = time.perf_counter() - began
        after = running.cpu_seconds()
    return {
        "articles": articles,
        "completed": sum(block.status is RunStatus.COMPLETED for block in blocks),
        "articles_per_second": round(articles / seconds, 2),
        "run_seconds": _spread(blocks),
        "alone_seconds": _spread(alone),
        "cpu_seconds": {
            name: round((after[name] - before[name]) / articles, 4) for name in sorted(after)
        },
        "python": platform.python_version(),
        "commit": commit(),
    }


def _split(made: list[Article]) -> tuple[list[Article], list[Article]]:
    return made[:ALONE], made[ALONE:]


def _spread(blocks: Sequence[RunBlock]) -> dict[str, float]:
    seconds = [block.duration_seconds or 0.0 for block in blocks]
    seconds = seconds * 2 if len(seconds) == 1 else seconds  # one value has no quantiles
    cuts = statistics.quantiles(seconds, n=20, method="inclusive")
    return {"p50": round(cuts[9], 3), "p95": round(cuts[18], 3)}


def commit() -> str:
    """Returns the commit that was measured, marked where the files differ from it."""
    git = shutil.which("git")
    if git is None:
        return "unknown"
    answer = subprocess.run(
        [git, "describe", "--always", "--dirty"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout.strip() or "unknown"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description="throughput of the whole pipeline")
    parser.add_argument("--articles", type=int, default=200)
    parser.add_argument("--profile", type=Path, help="where to write the worker's profile")
    options = parser.parse_args(arguments)
    if options.articles < 1:
        parser.error("--articles must be 1 or more")
    figures = asyncio.run(measure(options.articles, cast("Path | None", options.profile)))
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
