"""`newsdesk histories check`: does every history replay on the workflow code at hand?"""

import json
import sys
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from temporalio.client import Client, WorkflowHistory

from newsdesk.contracts.names import WORKFLOW_TYPE
from newsdesk.errors import UsageError
from newsdesk.ops.text import one_line
from newsdesk.ops.waiting import progress_bar
from newsdesk.temporal.histories import (
    Choice,
    HistoryUnreadableError,
    chosen_runs,
    count_chosen,
    fetch_histories,
    history_from_json,
    is_running,
    run_id_of,
)
from newsdesk.temporal.replaying import TEACHING, Replay, Replayed, Standing, open_replayer
from workflows.article_processing import ArticleProcessing

WORKFLOWS = {WORKFLOW_TYPE: ArticleProcessing}
"""What a worker of ours runs."""


@dataclass(frozen=True)
class Candidate:
    """A history to be checked, from a file or from the server; or why it cannot be read."""

    file: Path | None = None
    run_id: str | None = None
    history: WorkflowHistory | None = None
    trouble: str = ""


async def check_files(paths: Sequence[Path], *, as_json: bool) -> int:
    """Checks the histories in files and folders; returns the exit code.

    Raises UsageError for a path that is not there, and WorkflowCodeError.
    """
    files = _files(paths)
    told = ", ".join(str(path) for path in paths)
    return await _check(_read(files), len(files), f"no .json file in {told}", as_json)


async def check_server(client: Client, choice: Choice, *, as_json: bool) -> int:
    """Checks the histories of the chosen runs; returns the exit code.

    Raises TemporalUnavailableError and WorkflowCodeError.
    """
    total = await count_chosen(client, choice)
    return await _check(_fetched(client, choice), total, choice.none_found, as_json)


def _files(paths: Sequence[Path]) -> list[Path]:
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise UsageError(f"no such file or folder: {', '.join(missing)}")
    found: list[Path] = []
    for path in paths:
        found += sorted(path.rglob("*.json")) if path.is_dir() else [path]
    return list(dict.fromkeys(found))


async def _read(files: Iterable[Path]) -> AsyncGenerator[Candidate, None]:
    for file in files:
        try:
            history = history_from_json(file.stem, file.read_text(encoding="utf-8"))
        except (OSError, UnicodeError, HistoryUnreadableError) as error:
            yield Candidate(file, trouble=str(error))
            continue
        yield Candidate(file, run_id_of(history), history)


async def _fetched(client: Client, choice: Choice) -> AsyncGenerator[Candidate, None]:
    async for listed, history in fetch_histories(client, chosen_runs(client, choice)):
        yield Candidate(run_id=listed.run_id, history=history)


async def _check(
    candidates: AsyncIterable[Candidate], total: int, nothing: str, as_json: bool
) -> int:
    console = Console(stderr=True, highlight=False)
    sums: Counter[Standing] = Counter()
    with progress_bar(console, "replayed", total) as step:
        async with open_replayer(WORKFLOWS) as replay:
            async for candidate in candidates:
                replayed = await _replayed(candidate, replay)
                sums[replayed.standing] += 1
                _tell(candidate, replayed, as_json)
                step()
    print(verdict(sums) or f"nothing to check: {nothing}", file=sys.stderr if as_json else None)
    return 0 if sums.total() == sums[Standing.REPLAYS] else 1


async def _replayed(candidate: Candidate, replay: Replay) -> Replayed:
    if candidate.history is None:
        return Replayed(Standing.UNREADABLE, candidate.trouble)
    return await replay(candidate.history)


def _tell(candidate: Candidate, replayed: Replayed, as_json: bool) -> None:
    """Prints a line where a history does not replay; for programs, one for each history."""
    if as_json:
        sys.stdout.write(_json_line(candidate, replayed) + "\n")
    elif replayed.standing is not Standing.REPLAYS:
        sys.stdout.write(one_line(f"{_name(candidate, replayed)}: {replayed.reason}") + "\n")
    sys.stdout.flush()


def _name(candidate: Candidate, replayed: Replayed) -> str:
    """Returns which history it is; where it differs, also whether its run is under way."""
    history = candidate.history
    if history is None:
        return str(candidate.file)
    name = str(candidate.file or f"{history.workflow_id} {candidate.run_id}")
    under_way = replayed.standing is Standing.DIFFERS and is_running(history)
    return f"{name} (running)" if under_way else name


def _json_line(candidate: Candidate, replayed: Replayed) -> str:
    history = candidate.history
    told = {
        "file": None if candidate.file is None else str(candidate.file),
        "workflow_id": None if history is None else history.workflow_id,
        "run_id": candidate.run_id,
        "running": None if history is None else is_running(history),
        "events": None if history is None else len(history.events),
        "standing": replayed.standing.value,
        "reason": replayed.reason,
    }
    return json.dumps(told)


def verdict(sums: Counter[Standing]) -> str | None:
    """Returns whether this code may be deployed, from how the histories stand; None without any."""
    total, differ = sums.total(), sums[Standing.DIFFERS]
    unchecked = sums[Standing.UNREADABLE] + sums[Standing.OTHER_TYPE]
    if not total:
        return None
    if differ:
        verb = "does" if differ == 1 else "do"
        return f"{differ} of {total} histories {verb} not replay: {TEACHING}"
    if unchecked:
        return (
            f"{total - unchecked} of {total} histories replay on this code, {unchecked} could not"
            " be checked: look at what is named above before you deploy it"
        )
    replay = "1 history replays" if total == 1 else f"{total} histories replay"
    return f"{replay} on this code: it may be deployed"
