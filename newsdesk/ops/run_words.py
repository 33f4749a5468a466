"""What a run is doing, or how it ended, in a few words; narrow tables get fewer."""

from collections.abc import Iterator
from datetime import datetime

from newsdesk.contracts.record import UNSUCCESSFUL, RunStatus
from newsdesk.ops.run_lines import RunLine
from newsdesk.temporal.current import CurrentRun, PendingStep

_FROM_OUTSIDE = ("Canceled", "Terminated", "TimedOut")
"""Endings whose message says all that their type does."""


def what(line: RunLine, now: datetime, *, narrow: bool) -> str:
    """Returns what a running run is doing or waits for; of any other, how it ended."""
    if line.run.status in UNSUCCESSFUL:
        return _ending(line)
    if line.run.status is RunStatus.COMPLETED:
        return ", ".join(_results(line, narrow=narrow))
    return "; ".join(_doings(line.current, now, narrow=narrow)) or _idle(line.current)


def is_troubled(line: RunLine) -> bool:
    """Returns whether a running run has something for an operator to look at."""
    current = line.current
    held = current.run.waiting_for is not None or current.task_attempt > 1
    return held or any(step.error or step.paused for step in current.pending)


def _ending(line: RunLine) -> str:
    error, step = line.error, line.step
    if error is None:
        return " ".join(part for part in (step, line.run.error_type) if part) or "-"
    if error.type in _FROM_OUTSIDE:
        return error.message if step is None else f"{error.message} (during {step})"
    # The message of a run's error begins with the step, for the Web UI.
    cause = f"{error.type}: {error.message.removeprefix(f'{step} failed: ')}"
    return cause if step is None else f"{step} {cause}"


def _results(line: RunLine, *, narrow: bool) -> Iterator[str]:
    yield line.run.outcome or "-"
    for step, code in line.current.skips.items():
        yield f"⊘ {code}" if narrow else f"skipped {step} ({code})"
    if line.run.cost_usd:
        yield f"${line.run.cost_usd:.4f}"


def _doings(current: CurrentRun, now: datetime, *, narrow: bool) -> Iterator[str]:
    if current.task_attempt > 1:
        yield f"workflow task, attempt {current.task_attempt}: see the worker's log"
    if current.run.waiting_for is not None:
        yield f"waits: {current.run.waiting_for}"
    for step in current.pending:
        yield _under_way(step, now, narrow=narrow)


def _idle(current: CurrentRun) -> str:
    """Returns what a run does that has no activity under way."""
    if not current.task_attempt:
        return "waits on a timer"  # for its turn, say: no operator needs to be told
    return "waits for a worker" if current.unclaimed else "between steps"


def _under_way(step: PendingStep, now: datetime, *, narrow: bool) -> str:
    words = [step.name]
    if step.attempt > 1:
        words.append(f"×{step.attempt}" if narrow else f"attempt {step.attempt}")
    # A narrow table needs the room for the error.
    if not narrow or step.error is None or step.paused:
        words += _when(step, now)
    text = " ".join(words)
    return text if step.error is None else f"{text}: {step.error.type}: {step.error.message}"


def _when(step: PendingStep, now: datetime) -> Iterator[str]:
    """Yields why a step is not being tried just now, or nothing."""
    if step.paused:
        yield "paused"
    elif step.next_try_at is not None and step.next_try_at > now:
        yield f"in {length((step.next_try_at - now).total_seconds())}"
    elif not step.started:
        yield "queued"


def length(seconds: float) -> str:
    """Returns how long something took: 5.3s, 4m10s, 3h05m, 2d04h."""
    if seconds < 60:
        return f"{seconds:.1f}s"
    whole = int(seconds)
    if whole < 3_600:
        return f"{whole // 60}m{whole % 60:02}s"
    if whole < 86_400:
        return f"{whole // 3_600}h{whole % 3_600 // 60:02}m"
    return f"{whole // 86_400}d{whole % 86_400 // 3_600:02}h"
