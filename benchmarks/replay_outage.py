"""A model's outage and its replay: every run completes, and nothing is paid or done twice.

    python -m benchmarks.replay_outage [--articles 200] [--give-up 30] [--kill]

The test suite's model server answers analyze_article and refuses analyze_sentiment until all runs
have failed. Then it answers again, and one `newsdesk failures replay --all-matching` lets them go
on; with --kill it is killed (SIGKILL) after half of its lines, and called once more. Tells its
progress on stderr, and prints one JSON object. Exit code 1: a promise does not hold, see `broken`.

`--give-up` travels with each run: so many seconds a step is tried. Waiting in the queue is part of
it, also after the reset, when all runs ask at once; too short, and runs fail of that instead.
"""

import argparse
import asyncio
import json
import re
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowFailureError

from benchmarks.load import Stack, made_articles, stack
from benchmarks.model_load import model_server, settings_for, told
from benchmarks.pipeline import commit
from newsdesk.contracts.articles import Article
from newsdesk.contracts.names import Step
from newsdesk.contracts.options import AnalysisOptions, ProcessingOptions
from newsdesk.contracts.record import RunStatus

WARM_UP = 8
AT_ONCE = 64
"""Runs under way while the model is away: what comes must not wait in the queue for long."""

LATENCY_SECONDS = 0.05
LISTED_WITHIN_SECONDS = 60.0
CAUSE = (Step.ANALYZE_SENTIMENT.value, "ModelUnavailableError")
FILTER = f"step={CAUSE[0]},error={CAUSE[1]}"
_NAMED = re.compile(r"\(NYSE: \w+\)")
_GROUP = re.compile(r" *(\d+)  again: ")
_REPEATED = re.compile(r" *done again too, .*: ([a-z_, ]+)")


@dataclass
class Command:
    """A replay that has ended, or was killed: its lines, its talk, and how long it took.

    `reset_seconds`: from the first run that was reset to the last.
    """

    code: int = 0
    lines: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    talk: str = ""
    seconds: float = 0.0
    reset_seconds: float = 0.0


@dataclass(frozen=True)
class Outage:
    """What is measured: a stack, its model server, and the runs."""

    running: Stack
    model_url: str
    ids: Sequence[str]

    @property
    def environment(self) -> Mapping[str, str]:
        """What a command has to know, as the worker was told it."""
        return self.running.worker.environ()


def articles_to_score(count: int) -> list[Article]:
    """Returns made articles in which the model server finds a company: others ask for no score."""
    made = made_articles(2 * count + WARM_UP)
    return list(islice((each for each in made if _NAMED.search(each.body)), count))


async def refuse(model_url: str, fault: str | None) -> None:
    """Has the model server refuse analyze_sentiment, or, with None, answer it again."""
    order = {"step": CAUSE[0], "fault": fault, "arguments": {"status_code": 503} if fault else {}}
    request = urllib.request.Request(  # noqa: S310 - on loopback, http
        model_url.removesuffix("/v1") + "/control/always", json.dumps(order).encode()
    )
    await asyncio.to_thread(lambda: urllib.request.urlopen(request).close())  # noqa: S310


async def fail_all(running: Stack, articles: Sequence[Article], give_up: int) -> list[str]:
    """Enqueues the articles, some at once; returns the runs' ids when all have ended."""
    options = ProcessingOptions(analysis=AnalysisOptions(give_up_after_seconds=give_up))
    slots = asyncio.Semaphore(AT_ONCE)

    async def fail(article: Article) -> str:
        async with slots:
            enqueued = await running.intake.receive(article, options)
            workflow_id = f"benzinga-{enqueued.article_id}-r{enqueued.revision}"
            try:
                await running.client.get_workflow_handle(workflow_id).result()
            except WorkflowFailureError:
                pass  # what is listed tells
            return workflow_id

    return list(await asyncio.gather(*map(fail, articles)))


async def listed(outage: Outage) -> Counter[tuple[str, str]]:
    """Returns what `failures list` has, by step and type of error, once it has every run."""
    deadline = time.monotonic() + LISTED_WITHIN_SECONDS
    while True:
        command = await call(outage, "list", "--json")
        found = Counter((str(line["step"]), str(line["error_type"])) for line in command.lines)
        if found.total() >= len(outage.ids) or time.monotonic() > deadline:
            return found


async def call(outage: Outage, *argv: str, kill_after: int | None = None) -> Command:
    """Runs `newsdesk failures ARGV` as a process; kills it after so many lines, where told to."""
    began, command, at = time.monotonic(), Command(), list[float]()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "newsdesk.cli", "failures", *argv),
        env=outage.environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None  # noqa: S101 - both are piped
    assert process.stderr is not None  # noqa: S101
    talk = asyncio.create_task(process.stderr.read())
    async for line in process.stdout:
        command.lines.append(json.loads(line))
        at.append(time.monotonic())
        if len(at) == kill_after:
            process.kill()
    command.talk = (await talk).decode()
    command.code = await process.wait()
    command.seconds = time.monotonic() - began
    command.reset_seconds = at[-1] - at[0] if at else 0.0
    return command


def named_as_repeated(talk: str) -> Counter[str]:
    """Returns how many runs the plan said would do a completed activity again, by activity."""
    found, runs = Counter[str](), 0
    for line in talk.splitlines():
        if group := _GROUP.match(line):
            runs = int(group[1])
        elif repeated := _REPEATED.match(line):
            found.update(dict.fromkeys(repeated[1].split(", "), runs))
    return found


async def done_twice(client: Client, ids: Sequence[str]) -> tuple[Counter[str], Counter[int]]:
    """Returns how often completed activities were done again, and how many executions runs had.

    Read from the histories of all executions. An event that a reset copied keeps its time, so one
    moment is one execution of an activity.
    """
    repeated, executions = Counter[str](), Counter[int]()
    for workflow_id in ids:
        moments, count = set[tuple[str, int]](), 0
        async for execution in client.list_workflows(f"WorkflowId = '{workflow_id}'"):
            handle = client.get_workflow_handle(workflow_id, run_id=execution.run_id)
            moments |= completions((await handle.fetch_history()).events)
            count += 1
        executions[count] += 1
        times = Counter(name for name, _ in moments)
        repeated.update({name: done - 1 for name, done in times.items() if done > 1})
    return repeated, executions


def completions(events: Sequence[HistoryEvent]) -> set[tuple[str, int]]:
    """Returns which activities were completed in a history, and when, in nanoseconds."""
    names: dict[int, str] = {}
    found = set[tuple[str, int]]()
    for event in events:
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            scheduled = event.activity_task_scheduled_event_attributes
            names[event.event_id] = scheduled.activity_type.name
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
            completed = event.activity_task_completed_event_attributes
            name = names[completed.scheduled_event_id]
            found.add((name, event.event_time.ToNanoseconds()))
    return found


async def replay_all(outage: Outage, *, kill: bool) -> tuple[Command, Counter[str], int]:
    """Replays all; returns the last command, the planned repeats, the lines before a kill."""
    argv = ("replay", "--all-matching", FILTER, "--yes", "--wait", "--json")
    planned, killed_after = Counter[str](), 0
    if kill:
        first = await call(outage, *argv, kill_after=len(outage.ids) // 2)
        planned, killed_after = named_as_repeated(first.talk), len(first.lines)
        say(f"killed after {killed_after} lines; called again")
    last = await call(outage, *argv)
    # The second plan leaves out what the first command did; what both name, only one does.
    return last, planned | named_as_repeated(last.talk), killed_after


async def statuses(running: Stack, ids: Sequence[str]) -> Counter[str]:
    """Returns how the runs ended, as recorded, once every end is."""
    while (await running.store.runs.counts()).open:  # noqa: ASYNC110 - it ends in a database
        await asyncio.sleep(0.2)
    numbers = [await running.store.runs.find(workflow_id) for workflow_id in ids]
    blocks = await running.store.runs.blocks([number for number in numbers if number is not None])
    return Counter(block.status.value for block in blocks.values())


async def measure(articles: int, give_up: int, *, kill: bool) -> dict[str, Any]:
    """Returns the figures."""
    made = articles_to_score(articles + WARM_UP)
    async with (
        model_server(LATENCY_SECONDS) as url,
        stack(settings=settings_for(url, 16)) as running,
    ):
        await running.process(made[:WARM_UP])
        asked = (await told(url))["calls"]
        await refuse(url, "status")
        began = time.monotonic()
        outage = Outage(running, url, await fail_all(running, made[WARM_UP:], give_up))
        failing_seconds = time.monotonic() - began
        causes = await listed(outage)
        say(f"listed: {dict(causes)}")
        await refuse(url, None)
        failed_calls = (await told(url))["calls"]
        command, planned, killed_after = await replay_all(outage, kill=kill)
        say(command.talk)
        calls = (await told(url))["calls"]
        ended = await statuses(running, outage.ids)
        repeated, executions = await done_twice(running.client, outage.ids)
    figures = {
        "articles": articles,
        "give_up_seconds": give_up,
        "failing_seconds": round(failing_seconds, 1),
        "listed": {f"{step} {error}": count for (step, error), count in causes.items()},
        "replay_exit_code": command.code,
        "ended": dict(ended),
        "completed": ended[RunStatus.COMPLETED.value],
        "analyze_article_calls": calls[Step.ANALYZE_ARTICLE] - asked[Step.ANALYZE_ARTICLE],
        "analyze_sentiment_calls_after": calls[CAUSE[0]] - failed_calls[CAUSE[0]],
        "done_twice": dict(repeated),
        "named_by_the_plan": dict(planned),
        "executions_of_runs": {str(count): runs for count, runs in sorted(executions.items())},
        "killed_after_lines": killed_after,
        "reset_seconds": round(command.reset_seconds, 2),
        "replay_seconds": round(command.seconds, 2),
        "reset_share": round(command.reset_seconds / command.seconds, 3),
        "commit": commit(),
    }
    return figures | {"broken": broken(figures)}


def broken(figures: Mapping[str, Any]) -> list[str]:
    """Returns the promises that do not hold."""
    count = figures["articles"]
    planned: Mapping[str, int] = figures["named_by_the_plan"]
    promises = {
        "every run is listed under its cause": figures["listed"] == {" ".join(CAUSE): count},
        "every run completes": (figures["completed"], figures["replay_exit_code"]) == (count, 0),
        "analyze_article is paid once": figures["analyze_article_calls"] == count,
        "analyze_sentiment is paid once": figures["analyze_sentiment_calls_after"] == count,
        "only what the plan names is done twice": all(
            done <= planned.get(name, 0) for name, done in figures["done_twice"].items()
        ),
        "every run is reset once": figures["executions_of_runs"] == {"2": count},
    }
    return [promise for promise, holds in promises.items() if not holds]


def say(text: str) -> None:
    """Tells how far it is."""
    print(text, file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints; returns the exit code."""
    parser = argparse.ArgumentParser(description="a model's outage, and its replay")
    parser.add_argument("--articles", type=int, default=200)
    parser.add_argument("--give-up", type=int, default=30, metavar="SECONDS")
    parser.add_argument("--kill", action="store_true", help="kill the replay half-way")
    options = parser.parse_args(arguments)
    if options.articles < 2 or options.give_up < 4:
        parser.error("--articles must be 2 or more, --give-up 4 or more")
    figures = asyncio.run(measure(options.articles, options.give_up, kill=options.kill))
    print(json.dumps(figures))
    return 1 if figures["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
