"""`newsdesk resume`: lifts pauses of steps, and lets waiting runs go on at once."""

import argparse
import asyncio
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from newsdesk.contracts.names import ACTIVITIES
from newsdesk.contracts.operations import StepPause
from newsdesk.errors import ConfigurationError, NewsdeskError, TemporalUnavailableError, UsageError
from newsdesk.ops.pausing import load_pauses, pause_line
from newsdesk.settings import STATE_DEFAULT, Settings, current_environment

if TYPE_CHECKING:
    from temporalio.client import Client

    from newsdesk.temporal.listing import ListedRun

NOTE = (
    "A run that still may not ask its model waits again: raise NEWSDESK_DAILY_BUDGET_USD and"
    " restart the worker first."
)
BY_THEMSELVES = (
    "runs that wait for a paused step look again by themselves within 20 minutes; to have them go"
    " on at once, call this again"
)

_HIGHEST = 2**63 - 1
_ID = re.compile(r"\d{1,19}", re.ASCII)


def configure_parser(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `newsdesk resume`."""
    parser.epilog = (
        f"A step's pause (see `newsdesk pause`) is lifted, and all runs that wait go on. {NOTE}"
    )
    parser.add_argument(
        "names",
        nargs="*",
        type=parse_name,
        metavar="ID|STEP",
        help="articles whose waiting runs are to go on, or paused steps"
        f" ({', '.join(ACTIVITIES)}); none: list what is paused and what waits",
    )
    parser.add_argument(
        "--all", action="store_true", help="every step that is paused, every run that waits"
    )
    parser.add_argument(
        "--state",
        type=Path,
        default=STATE_DEFAULT,
        metavar="DIR",
        help="folder of `newsdesk dev`, whose addresses are used where the environment sets none"
        " (default: %(default)s)",
    )


def parse_name(text: str) -> int | str:
    """Returns an article's id or a step. Raises ArgumentTypeError for anything else."""
    if text in ACTIVITIES:
        return text
    if _ID.fullmatch(text) and 0 < int(text) <= _HIGHEST:
        return int(text)
    raise argparse.ArgumentTypeError(
        f"neither an article id nor a step: {text!r}; steps are {', '.join(ACTIVITIES)}"
    )


def run(args: argparse.Namespace) -> int:
    """Resumes steps and runs, or, told none, lists what waits; returns the exit code.

    Raises what settings, database or Temporal refuse.
    """
    articles = [name for name in args.names if isinstance(name, int)]
    steps = list(dict.fromkeys(name for name in args.names if isinstance(name, str)))
    if args.all and args.names:
        raise UsageError("--all is for everything: leave it out, or the names")
    settings = Settings.load(current_environment(), args.state)
    if args.all or steps:
        return asyncio.run(_resume_steps(settings, steps, articles, everything=args.all))
    if articles:
        return asyncio.run(_resume_articles(settings, articles))
    return asyncio.run(_list(settings))


async def _list(settings: Settings) -> int:
    from newsdesk.ops.waking import waiting_runs
    from newsdesk.temporal.connect import connect

    paused, code = await _paused(settings)
    for pause in paused:
        print(pause_line(pause, datetime.now(UTC)))
    waiting = await waiting_runs(await connect(settings.temporal_environment, "resume"))
    for one in waiting:
        print(f"{one.workflow_id}  waits for: {one.waiting_for or '-'}")
    if waiting:
        print(f"{len(waiting)} wait; resume them with `newsdesk resume --all`. {NOTE}")
    else:
        print("no run waits")
    if paused:
        print("resume a paused step, and all that waits for it, with `newsdesk resume STEP`")
    return code


async def _paused(settings: Settings) -> tuple[Sequence[StepPause], int]:
    """Returns what is paused, and 0; where that is not to be had, says so: runs can be listed.

    The code is 1 for a database that fails, not where none is known.
    """
    try:
        return await load_pauses(settings), 0
    except NewsdeskError as error:
        print(f"newsdesk resume: paused steps are not listed: {error}", file=sys.stderr)
        return (), 0 if isinstance(error, ConfigurationError) else 1


async def _resume_steps(
    settings: Settings, steps: Sequence[str], articles: Sequence[int], *, everything: bool
) -> int:
    """Lifts pauses, then has all that waits look again.

    All: what a run waits for is known to Temporal by its kind only, and a run that waits for
    something else finds that out at once.
    """
    from newsdesk.ops.waking import waiting_runs
    from newsdesk.temporal.connect import connect

    await _lift(settings, steps, everything=everything)
    try:
        client = await connect(settings.temporal_environment, "resume")
        if articles:
            await _lift_runs(settings, await waiting_runs(client, articles))
        return await _wake(client)
    except TemporalUnavailableError as error:
        raise TemporalUnavailableError(f"{error}; {BY_THEMSELVES}") from error


async def _lift(settings: Settings, steps: Sequence[str], *, everything: bool) -> None:
    """Lifts everybody's pauses of these steps, or every pause that there is."""
    from newsdesk.store.opening import open_store

    async with open_store(settings.require_database_url()) as store:
        pauses = await store.pauses.list()
        named = [pause for pause in pauses if not pause.run_number and pause.step in steps]
        for pause in pauses if everything else named:
            await store.pauses.resume(pause.step, pause.run_number)
            whose = f" of run #{pause.run_number}" if pause.run_number else ""
            print(f"{pause.step}{whose}  resumed")
        for step in steps:
            if step not in {pause.step for pause in named}:
                print(f"{step}  was not paused")


async def _lift_runs(settings: Settings, waiting: Sequence["ListedRun"]) -> None:
    """Lifts the pauses of these runs alone, which a command that was killed may have left."""
    numbers = [one.run_number for one in waiting if one.run_number is not None]
    paused = any("step_paused" in (one.waiting_for or "") for one in waiting)
    if not paused or settings.database_url is None:
        return
    from newsdesk.store.opening import open_store

    async with open_store(settings.database_url) as store:
        await store.pauses.resume_runs(numbers)
        left = [pause.step for pause in await store.pauses.list() if not pause.run_number]
    if left:
        print(
            f"newsdesk resume: {', '.join(left)}: paused for everybody; a run that comes there"
            " waits again until the step itself is resumed",
            file=sys.stderr,
        )


async def _resume_articles(settings: Settings, articles: Sequence[int]) -> int:
    from newsdesk.ops.waking import signal_all, waiting_runs
    from newsdesk.temporal.connect import connect

    client = await connect(settings.temporal_environment, "resume")
    waiting = await waiting_runs(client, articles)
    if not waiting:
        print("no run of these articles waits")
        return 1
    await _lift_runs(settings, waiting)
    told = await signal_all(client, waiting)
    for one, what in zip(waiting, told, strict=True):
        print(f"{one.workflow_id}  {what.words}")
    return 1 if any(what.failed for what in told) else 0


async def _wake(client: "Client") -> int:
    """Has every run that waits look again; names what could not be told so."""
    from newsdesk.ops.waking import wake_all

    told = await wake_all(client)
    for one, what in told:
        if what.failed:
            print(f"{one.workflow_id}  {what.words}")
    resumed = sum(what.words == "resumed" for _, what in told)
    print("1 waiting run resumed" if resumed == 1 else f"{resumed:,} waiting runs resumed")
    return 1 if any(what.failed for _, what in told) else 0
