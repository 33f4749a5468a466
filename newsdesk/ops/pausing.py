"""`newsdesk pause`: has every run wait that comes to a step, say while a provider is out."""

import argparse
import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from newsdesk.contracts.names import ACTIVITIES, WAITING_RUNS
from newsdesk.contracts.operations import StepPause
from newsdesk.errors import NewsdeskError, UsageError
from newsdesk.ops.moments import ago
from newsdesk.ops.text import one_line
from newsdesk.settings import STATE_DEFAULT, Settings, current_environment

MAX_REASON_CHARS = 160
"""It is shown at each run that waits, where there is room for a line."""

PAUSED_RUNS = f"{WAITING_RUNS} AND WaitingFor != 'daily_budget'"
"""Query for the runs that wait for a paused step, and perhaps for the budget as well."""

MEANING = """\
Workers see it within a second. What is under way goes on; a run that comes to
the step waits: no attempt fails, no model is asked. Enqueueing and all other
steps go on."""

_EPILOG = f"""\
steps: {", ".join(ACTIVITIES[:3])},
       {", ".join(ACTIVITIES[3:])}

{MEANING}
`newsdesk resume STEP` lifts the pause, and all that waits goes on at once.
"""


def configure_parser(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `newsdesk pause`."""
    parser.epilog = _EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "steps",
        nargs="*",
        type=parse_step,
        metavar="STEP",
        help="steps to pause for everybody; none: list what is paused",
    )
    parser.add_argument(
        "--reason",
        type=_parse_reason,
        metavar="TEXT",
        help="why, in a few words; shown at every run that waits",
    )
    parser.add_argument(
        "--state",
        type=Path,
        default=STATE_DEFAULT,
        metavar="DIR",
        help="folder of `newsdesk dev`, whose addresses are used where the environment sets none"
        " (default: %(default)s)",
    )


def parse_step(text: str) -> str:
    """Returns the step that is named. Raises ArgumentTypeError, which names all of them."""
    if text not in ACTIVITIES:
        raise argparse.ArgumentTypeError(f"no step: {text!r}; choose from {', '.join(ACTIVITIES)}")
    return text


def _parse_reason(text: str) -> str:
    reason = one_line(text)
    if not 0 < len(reason) <= MAX_REASON_CHARS:
        raise argparse.ArgumentTypeError(f"write 1 to {MAX_REASON_CHARS} characters")
    return reason


def run(args: argparse.Namespace) -> int:
    """Pauses steps, or, told none, lists what is paused; returns the exit code.

    Raises what the settings or the database refuse.
    """
    if args.reason and not args.steps:
        raise UsageError("--reason is for a step: name the one that is to be paused")
    settings = Settings.load(current_environment(), args.state)
    if not args.steps:
        return asyncio.run(_list(settings))
    paused = asyncio.run(_pause(settings, list(dict.fromkeys(args.steps)), args.reason or ""))
    for pause in paused:
        print(pause_line(pause, datetime.now(UTC)))
    print(f"{MEANING}\nresume with: newsdesk resume {' '.join(pause.step for pause in paused)}")
    return 0


async def _pause(settings: Settings, steps: Sequence[str], reason: str) -> Sequence[StepPause]:
    from newsdesk.store.opening import open_store

    async with open_store(settings.require_database_url()) as store:
        return [await store.pauses.pause(step, reason) for step in steps]


async def _list(settings: Settings) -> int:
    paused = await load_pauses(settings)
    if not paused:
        print("no step is paused")
        return 0
    for pause in paused:
        print(pause_line(pause, datetime.now(UTC)))
    print(await _waiting(settings))
    return 0


async def load_pauses(settings: Settings) -> Sequence[StepPause]:
    """Returns what is paused, the oldest first. Raises what settings or database refuse."""
    from newsdesk.store.opening import open_store

    async with open_store(settings.require_database_url()) as store:
        return await store.pauses.list()


async def _waiting(settings: Settings) -> str:
    """Returns how many runs wait for a paused step, in words; Temporal may be away."""
    from temporalio.service import RPCError

    from newsdesk.temporal.connect import connect

    try:
        client = await connect(settings.temporal_environment, "pause")
        count = (await client.count_workflows(PAUSED_RUNS)).count
    except (NewsdeskError, RPCError) as error:
        return f"how many runs wait is not known: {error}"
    runs = "1 run waits" if count == 1 else f"{count:,} runs wait"
    return f"{runs} for a paused step; `newsdesk resume STEP` lets them go on"


def pause_line(pause: StepPause, now: datetime) -> str:
    """Returns one line: what is paused, since when, why."""
    whose = f" of run #{pause.run_number}" if pause.run_number else ""
    why = f": {one_line(pause.reason)}" if pause.reason else ""
    since = f"{pause.paused_at:%Y-%m-%d %H:%M:%S} UTC"
    return f"{pause.step}{whose}  paused since {since}, {ago(pause.paused_at, now)} ago{why}"
