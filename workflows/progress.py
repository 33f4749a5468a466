"""The steps of a run as a table: what the Web UI shows as its current details. No commands."""

from dataclasses import dataclass
from datetime import datetime

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from newsdesk.contracts.names import ACTIVITIES

MAX_NOTE_CHARS = 300
GAP = "\N{NO-BREAK SPACE}" * 2
"""Parts the columns: the Web UI sets them side by side without any space."""


@dataclass
class _Row:
    status: str = "pending"
    at: datetime | None = None
    note: str = ""


class Progress:
    """Where each step stands; every change is shown at once."""

    def __init__(self) -> None:
        """Begins with every step pending."""
        self._rows = {name: _Row() for name in ACTIVITIES}

    def show(self, step: str, status: str, note: str = "") -> None:
        """Shows a step in a new state: since when, and a remark."""
        self._rows[step] = _Row(status, workflow.now(), note)
        workflow.set_current_details(self.table())

    def table(self) -> str:
        """Returns the steps as a table in Markdown."""
        lines = [
            f"| {name}{GAP} | {row.status}{GAP} | {_time(row.at)}{GAP} | {_cell(row.note)} |"
            for name, row in self._rows.items()
        ]
        return "\n".join(["| Step | Status | Since (UTC) | |", "|---|---|---|---|", *lines])


def _time(at: datetime | None) -> str:
    return "" if at is None else f"{at:%H:%M:%S}"


def _cell(text: str) -> str:
    """Returns text that fills one cell, whatever stands in it."""
    line = " ".join(text.split())[:MAX_NOTE_CHARS]
    return "".join(f"\\{char}" if char in "\\`*_[]<>|$~" else char for char in line)
