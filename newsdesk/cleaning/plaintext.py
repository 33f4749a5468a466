"""Blocks to plain text as a reader sees it; offsets in a record count its code points."""

import re
from collections.abc import Iterable

from newsdesk.cleaning.model import (
    Block,
    Heading,
    Line,
    Listing,
    Paragraph,
    Preformatted,
    Quote,
    Table,
)
from newsdesk.cleaning.tickers import Placed

_COLUMN_GAP = re.compile(r"[ \t]{3,}|\t+")
_GAP = re.compile(r" {2,}")


class PlainText:
    """Plain text under construction; knows where each run came to stand."""

    def __init__(self) -> None:
        self.runs: list[Placed] = []
        self._parts: list[str] = []
        self._length = 0

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self._parts)

    def add_title(self, title: str) -> None:
        """Adds a block of plain words."""
        if title:
            self._separate("\n\n")
            self._put(title)

    def add_blocks(self, blocks: Iterable[Block]) -> None:
        """Adds blocks, a blank line before each."""
        for block in blocks:
            self._separate("\n\n")
            self._block(block)

    def _block(self, block: Block) -> None:
        match block:
            case Paragraph(lines=lines):
                self._lines(lines)
            case Heading(line=line):
                self._line(line)
            case Listing(items=items):
                self._joined((inner for item in items for inner in item), "\n")
            case Quote(blocks=blocks):
                self._joined(blocks, "\n\n")
            case Table(rows=rows):
                for index, row in enumerate(rows):
                    self._separate("\n" if index else "")
                    self._row(row)
            case Preformatted(text=text):
                self._put(_preformatted(text))

    def _joined(self, blocks: Iterable[Block], separator: str) -> None:
        for index, block in enumerate(blocks):
            self._separate(separator if index else "")
            self._block(block)

    def _lines(self, lines: Iterable[Line]) -> None:
        for index, line in enumerate(lines):
            self._separate("\n" if index else "")
            self._line(line)

    def _row(self, row: Iterable[Line]) -> None:
        for index, cell in enumerate(row):
            self._separate("\t" if index else "")
            self._line(cell)

    def _line(self, line: Line) -> None:
        for run in line:
            self.runs.append(Placed(run, self._length))
            self._put(run.text)

    def _separate(self, separator: str) -> None:
        if self._length:
            self._put(separator)

    def _put(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)


def _preformatted(text: str) -> str:
    """Returns preformatted lines with a tab where wide gaps part columns."""
    lines = (_GAP.sub(" ", _COLUMN_GAP.sub("\t", line.strip())) for line in text.splitlines())
    return "\n".join(lines)
