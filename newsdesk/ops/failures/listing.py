"""`newsdesk failures list`: what failed, grouped by step and cause."""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from rich.console import Console
from rich.text import Text
from temporalio.client import Client

from newsdesk.contracts.advice import advice
from newsdesk.contracts.names import Step
from newsdesk.ops.failures.filters import FAILED, FailureFilter
from newsdesk.ops.failures.finding import (
    FailedRun,
    Failures,
    find_failures,
    grouped,
    require_client,
)
from newsdesk.ops.moments import ago
from newsdesk.ops.services import open_services
from newsdesk.ops.tables import stdout_console
from newsdesk.ops.text import one_line
from newsdesk.settings import Settings
from newsdesk.temporal.endings import closing_error
from newsdesk.temporal.links import list_url, run_url

LINK = Step.LINK_ARTICLE_TO_STORIES.value
SKIP = "newsdesk failures skip-link"
MAX_NAMED = 5
"""Articles of a group that are named; --json names all."""


async def list_failures(settings: Settings, wanted: FailureFilter, *, as_json: bool) -> int:
    """Lists what failed; returns the exit code. Raises what Temporal or the database refuse."""
    async with open_services(settings, "failures") as services:
        client = require_client(services)
        failures = await find_failures(services, wanted)
        if as_json:
            _print_json(failures, settings, client)
            return 0
        groups = grouped(failures.runs)
        examples = [await _message(client, group[0]) for group in groups]
        _print(failures, list(zip(groups, examples, strict=True)), wanted, stdout_console())
        url = list_url(settings.temporal_ui_url, client.namespace, wanted.query())
        if url is not None and failures.runs:
            sys.stdout.write(f"{url}\n")
    return 0


async def _message(client: Client, run: FailedRun) -> str:
    if run.run_id is None:
        return run.message or ""
    cause = await closing_error(client, run.workflow_id, run.run_id)
    return "" if cause is None else cause.message


def _print_json(failures: Failures, settings: Settings, client: Client) -> None:
    listed = [(run, False) for run in failures.runs] + [(run, True) for run in failures.overtaken]
    for run, overtaken in listed:
        url = None
        if run.run_id is not None:
            url = run_url(settings.temporal_ui_url, client.namespace, run.workflow_id, run.run_id)
        closed = None if run.closed_at is None else run.closed_at.astimezone(UTC)
        line = {
            "workflow_id": run.workflow_id,
            "run_id": run.run_id,
            "run_number": run.run_number,
            "article_id": run.article_id,
            "revision": run.revision,
            "status": run.status.value,
            "step": run.step,
            "error_type": run.error_type,
            "tickers": list(run.tickers),
            "closed_at": closed and closed.isoformat().replace("+00:00", "Z"),
            "overtaken": overtaken,
            "history": run.run_id is not None,
            "temporal_url": url,
        }
        sys.stdout.write(json.dumps(line) + "\n")


def _print(
    failures: Failures,
    groups: Sequence[tuple[list[FailedRun], str]],
    listed: FailureFilter,
    console: Console,
) -> None:
    if not failures.runs:
        console.print("no such run has failed, or it has gone on since")
    for group, message in groups:
        _print_group(group, message, listed, console)
    if failures.runs:
        count = len(failures.runs)
        console.print(
            f"{count} run{'' if count == 1 else 's'}; one in full: newsdesk failures show ID",
            soft_wrap=True,
        )
    if failures.overtaken:
        count = len(failures.overtaken)
        console.print(
            f"{count} more {'is' if count == 1 else 'are'} left out: readers would see nothing of"
            " what came of them (a newer revision or run, or the article was removed)",
            style="dim",
        )


def _print_group(
    group: list[FailedRun], message: str, listed: FailureFilter, console: Console
) -> None:
    run, now = group[0], datetime.now(UTC)
    gone = run.run_id is None
    line = Text.assemble(
        (f"{len(group):>5}  ", "bold red"),
        (run.step or "closed from outside", "bold"),
        f"  {run.cause}  ",
        (_since(group, now), "dim"),
        ("  history gone: a replay enqueues it again" if gone else "", "yellow"),
    )
    console.print(line, soft_wrap=True)
    named = ", ".join(str(item.article_id) for item in group[:MAX_NAMED])
    more = f" and {len(group) - MAX_NAMED} more" if len(group) > MAX_NAMED else ""
    told = {
        "cause": one_line(message).removeprefix(f"{run.step} failed: "),
        "articles": named + more,
        "to do": advice(run.cause, _named(group, listed)),
        "or": f"without linking: {SKIP} ID" if run.step == LINK else "",
    }
    for name, text in told.items():
        if text:
            console.print(Text.assemble((f"{name:>15} ", "dim"), text), soft_wrap=True)


def _named(group: Sequence[FailedRun], listed: FailureFilter) -> str:
    """Returns how the runs of a group are named to `newsdesk failures replay`."""
    run = group[0]
    if len(group) == 1:
        return str(run.article_id)
    statuses = FAILED if run.step is not None else (run.status,)
    wanted = replace(listed, statuses=statuses, step=run.step, error=run.error_type)
    return f"--all-matching {wanted.words()}"


def _since(group: Sequence[FailedRun], now: datetime) -> str:
    times = [run.closed_at for run in group if run.closed_at is not None]
    if not times:
        return ""
    first, last = ago(min(times), now), ago(max(times), now)
    return f"{last} ago" if first == last else f"{first} to {last} ago"
