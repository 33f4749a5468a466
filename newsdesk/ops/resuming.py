"""`newsdesk resume`: lets runs go on at once that wait for a budget, say after it was raised."""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from newsdesk.contracts.names import RESUME_SIGNAL, WAITING_RUNS
from newsdesk.errors import TemporalUnavailableError
from newsdesk.settings import STATE_DEFAULT, Settings, current_environment

if TYPE_CHECKING:
    from temporalio.client import Client

AT_ONCE = 16
"""Runs that are signalled side by side."""

NOTE = (
    "A run that still may not ask its model waits again: raise NEWSDESK_DAILY_BUDGET_USD and"
    " restart the worker first."
)


@dataclass(frozen=True)
class WaitingRun:
    """A run that waits, and for what."""

    workflow_id: str
    run_id: str
    waits_for: str


def configure_parser(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `newsdesk resume`."""
    parser.epilog = NOTE
    parser.add_argument(
        "articles", nargs="*", type=int, metavar="ID", help="articles whose runs are to go on"
    )
    parser.add_argument("--all", action="store_true", help="every run that waits")
    parser.add_argument(
        "--state",
        type=Path,
        default=STATE_DEFAULT,
        metavar="DIR",
        help="folder of `newsdesk dev`, whose addresses are used where the environment sets none"
        " (default: %(default)s)",
    )


def run(args: argparse.Namespace) -> int:
    """Resumes runs, or, told none, lists those that wait; returns the exit code."""
    settings = Settings.load(current_environment(), args.state)
    return asyncio.run(_run(settings, args.articles, everything=args.all))


async def _run(settings: Settings, articles: Sequence[int], *, everything: bool) -> int:
    from newsdesk.temporal.connect import connect

    client = await connect(settings.temporal_environment, "resume")
    waiting = await waiting_runs(client, articles)
    if not waiting:
        print("no run waits" if not articles else "no run of these articles waits")
        return 1 if articles else 0
    if not articles and not everything:
        for one in waiting:
            print(f"{one.workflow_id}  waits for: {one.waits_for}")
        print(f"{len(waiting)} wait; resume them with `newsdesk resume --all`. {NOTE}")
        return 0
    return await _resume(client, waiting)


async def waiting_runs(client: "Client", articles: Sequence[int] = ()) -> list[WaitingRun]:
    """Returns the runs that wait for a budget, all or those of some articles.

    Raises TemporalUnavailableError.
    """
    from temporalio.service import RPCError

    from newsdesk.temporal.search_attributes import WAITING_FOR

    query = WAITING_RUNS
    if articles:
        query += f" AND ArticleId IN ({', '.join(str(number) for number in articles)})"
    try:
        return [
            WaitingRun(
                execution.id,
                execution.run_id,
                execution.typed_search_attributes.get(WAITING_FOR) or "-",
            )
            async for execution in client.list_workflows(query)
        ]
    except RPCError as error:
        raise TemporalUnavailableError(f"runs cannot be listed: {error.message}") from error


async def _resume(client: "Client", waiting: Sequence[WaitingRun]) -> int:
    told: list[str | None] = []
    for at in range(0, len(waiting), AT_ONCE):
        group = waiting[at : at + AT_ONCE]
        told += await asyncio.gather(*(_signal(client, one) for one in group))
    for one, trouble in zip(waiting, told, strict=True):
        print(f"{one.workflow_id}  {'resumed' if trouble is None else f'not resumed: {trouble}'}")
    return 1 if any(told) else 0


async def _signal(client: "Client", one: WaitingRun) -> str | None:
    """Signals a run; returns why it could not be, or None."""
    from temporalio.service import RPCError

    try:
        handle = client.get_workflow_handle(one.workflow_id, run_id=one.run_id)
        await handle.signal(RESUME_SIGNAL)
    except RPCError as error:
        return error.message
    return None
