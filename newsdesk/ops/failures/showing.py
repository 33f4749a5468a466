"""`newsdesk failures show ID`: the whole story of one run."""

import json
import sys
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.text import Text
from temporalio.client import Client

from newsdesk.contracts.advice import advice
from newsdesk.contracts.record import RunBlock, RunStatus
from newsdesk.errors import NotReplayableError
from newsdesk.ops.failures.finding import require_client
from newsdesk.ops.failures.planning import to_replay, unknown_because
from newsdesk.ops.record_view import print_replays, print_step, when
from newsdesk.ops.services import Services, open_services
from newsdesk.ops.tables import stdout_console
from newsdesk.ops.targets import Target, find_run
from newsdesk.ops.text import one_line
from newsdesk.settings import Settings
from newsdesk.store.operations import KnownRun, PaidCalls
from newsdesk.temporal.reading import TemporalRunReader
from newsdesk.temporal.replays import HistoryGoneError, plan_replay, retention
from newsdesk.temporal.reset_points import ResetPoint


@dataclass(frozen=True)
class Story:
    """One run: how it went, what it took, and what a replay would do.

    `block`: None where nothing is known but that it was enqueued. `gone`: Temporal keeps no
    history of it. `refusal`: why it cannot be replayed, where it cannot.
    """

    known: KnownRun
    block: RunBlock | None
    paid: list[PaidCalls]
    point: ResetPoint | None
    gone: bool
    refusal: str | None


async def show_failure(settings: Settings, target: Target, *, as_json: bool) -> int:
    """Shows a run; returns the exit code.

    Raises ArticleNotFoundError, or what Temporal or the database refuse.
    """
    async with open_services(settings, "failures") as services:
        story = await _story(services, settings, require_client(services), target)
    if as_json:
        sys.stdout.write(json.dumps(_as_json(story)) + "\n")
    else:
        print_story(story, stdout_console())
    return 0


async def _story(services: Services, settings: Settings, client: Client, target: Target) -> Story:
    operations = services.store.operations
    known = await find_run(operations, target)
    reader = TemporalRunReader(client, settings.temporal_ui_url)
    block = await reader.read(known.number, known.workflow_id)
    if block is None:
        block = (await services.store.runs.blocks([known.number])).get(known.number)
    point, gone, refusal = None, False, None
    try:
        point = (await plan_replay(client, known.workflow_id, None)).point
    except HistoryGoneError:
        refusal = unknown_because(to_replay(known), await retention(client), restart=False)
        gone = refusal is None
    except NotReplayableError as error:
        refusal = str(error)
    return Story(known, block, await operations.paid(known.number), point, gone, refusal)


def print_story(story: Story, console: Console) -> None:
    """Prints it for people."""
    known, block = story.known, story.block
    console.print(Text(f"{known.workflow_id}, run #{known.number}", style="bold"))
    console.print(Text(one_line(known.title) or "(no title)"))
    if block is not None:
        _print_block(block, known, console)
    _print_paid(story.paid, console)
    for line in _prospects(story):
        console.print(Text(line), soft_wrap=True)
    if block is not None and block.temporal_url is not None and not story.gone:
        console.print(Text(block.temporal_url, style="dim"), soft_wrap=True)


def _print_block(block: RunBlock, known: KnownRun, console: Console) -> None:
    style = "green" if block.status is RunStatus.COMPLETED else "red"
    ended = "" if block.completed_at is None else f" at {when(block.completed_at)}"
    console.print(
        Text(f"{block.status.value}{ended}, enqueued at {when(known.enqueued_at)}", style)
    )
    if block.error is not None:
        console.print(Text(f"{block.error.type}: {block.error.message}", "red"), soft_wrap=True)
        console.print(Text(f"to do: {advice(block.error.type, known.article_id)}"), soft_wrap=True)
    for step in block.steps:
        print_step(step, console)
    print_replays(block, console)


def _print_paid(paid: list[PaidCalls], console: Console) -> None:
    for item in paid:
        unusable = f", {item.unusable} of them unusable" if item.unusable else ""
        console.print(
            Text(
                f"paid: {item.step} by {item.model}: {item.calls} call"
                f"{'' if item.calls == 1 else 's'}{unusable}, {_dollars(item)}"
            )
        )


def _dollars(item: PaidCalls) -> str:
    if item.cost_usd is None:
        return "price unknown"
    return f"{item.cost_usd:.4f} USD" + (f" + {item.unpriced} unpriced" if item.unpriced else "")


def _prospects(story: Story) -> list[str]:
    """Returns what a replay would do, or why there is none."""
    if story.gone:
        return [
            "a replay: Temporal keeps no history of it any more; it would be enqueued again as a"
            " run of its own, in which all steps are done again"
        ]
    if story.point is None:
        return [f"no replay: {story.refusal}"]
    lines = [f"a replay does again: {', '.join(story.point.again)}"]
    if story.point.repeated:
        lines.append(
            "  and, for they ended in the same workflow task or later:"
            f" {', '.join(story.point.repeated)}"
        )
    lines.append(f"  and keeps: {', '.join(story.point.kept) or 'nothing'}")
    lines.append(f"  the same in the Temporal Web UI: Reset, to event {story.point.event_id}")
    if story.known.overtaken:
        lines.append("  readers would see nothing of it: a newer revision or run is published")
    return lines


def _as_json(story: Story) -> dict[str, object]:
    return {
        "workflow_id": story.known.workflow_id,
        "run_number": story.known.number,
        "article_id": story.known.article_id,
        "revision": story.known.revision,
        "title": story.known.title,
        "overtaken": story.known.overtaken,
        "run": None if story.block is None else story.block.model_dump(mode="json"),
        "paid": [asdict(item) for item in story.paid],
        "replay": None if story.point is None else asdict(story.point),
        "history": not story.gone,
        "refusal": story.refusal,
    }
