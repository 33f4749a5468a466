"""Servers and workers that a killed `newsdesk dev` left behind."""

import signal
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import psutil

from newsdesk.dev.state import StateFolder

GRACE_SECONDS = 10.0


@dataclass(frozen=True)
class Orphan:
    """A process that works on a state folder which nobody holds."""

    name: str
    process: psutil.Process
    stop_signal: signal.Signals = signal.SIGTERM


def find_orphans(state: StateFolder) -> list[Orphan]:
    """Returns what still runs on a state folder; call it with the folder claimed.

    They are known by their command line alone, so there is no list that could be out of date.
    """
    marks = {
        ("--ready-file", str(state.worker_ready)): ("worker", signal.SIGTERM),
        ("--db-filename", str(state.path / "temporal.db")): ("Temporal", signal.SIGTERM),
        ("-D", str(state.path / "postgres")): ("Postgres", signal.SIGINT),
    }
    orphans: list[Orphan] = []
    for process in psutil.process_iter():
        words = _command_line(process)
        for pair in pairwise(words):
            if pair in marks:
                name, stop_signal = marks[pair]
                orphans.append(Orphan(name, process, stop_signal))
    return orphans


def end_orphans(orphans: Iterable[Orphan]) -> None:
    """Asks them to end, and kills those that do not."""
    processes: list[psutil.Process] = []
    for orphan in orphans:
        _signal(orphan.process, orphan.stop_signal)
        processes.append(orphan.process)
    _, alive = psutil.wait_procs(processes, timeout=GRACE_SECONDS)
    for process in alive:
        _signal(process, signal.SIGKILL)
    psutil.wait_procs(alive, timeout=GRACE_SECONDS)


def _command_line(process: psutil.Process) -> list[str]:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return []
        return process.cmdline()
    except psutil.Error:
        return []


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.Error:
        return
