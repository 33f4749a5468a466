"""Tables: from cells as the mark-up has them to rows of equal length, or to plain blocks."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from newsdesk.cleaning.inline import normal_line
from newsdesk.cleaning.model import (
    Block,
    Heading,
    Line,
    Paragraph,
    Run,
    Table,
    block_text,
)

_MAX_COLUMNS = 60
_MAX_CELL_BLOCKS = 4
_MAX_CELL_CHARS = 1500


@dataclass(slots=True)
class RawCell:
    """A cell as read. `heading`: it was a th."""

    heading: bool
    columns: int
    rows: int
    blocks: list[Block] = field(default_factory=list[Block])


def table_blocks(rows: Sequence[Sequence[RawCell]]) -> list[Block]:
    """Returns a Table, or the cells' blocks in reading order where a table only does layout.

    A table does layout where it has one column, or a cell holds more than a cell of data would.
    """
    if any(_is_layout(cell) for row in rows for cell in row):
        return [block for row in rows for cell in row for block in cell.blocks]
    grid = _without_empty(_grid(rows))
    if not grid or len(grid[0]) < 2:
        return [Paragraph((cell,)) for row in grid for cell in row if cell]
    first = next(row for row in rows if any(cell.blocks for cell in row))
    header = _names_columns(first, grid[0])
    if header:
        grid[0] = [_plain(cell) for cell in grid[0]]
    return [Table(tuple(tuple(row) for row in grid), header)]


def _is_layout(cell: RawCell) -> bool:
    if len(cell.blocks) > _MAX_CELL_BLOCKS:
        return True
    if not all(isinstance(block, Paragraph | Heading) for block in cell.blocks):
        return True
    return sum(len(block_text(block)) for block in cell.blocks) > _MAX_CELL_CHARS


def _grid(rows: Sequence[Sequence[RawCell]]) -> list[list[Line]]:
    width = min(_MAX_COLUMNS, max((sum(c.columns for c in row) for row in rows), default=0))
    width = max(width, max((len(row) for row in rows), default=0))
    reserved: dict[int, int] = {}
    grid: list[list[Line]] = []
    for row in rows:
        line: list[Line] = []
        for cell in row:
            _skip_reserved(line, reserved)
            for column in range(len(line), len(line) + cell.columns):
                if cell.rows > 1:
                    reserved[column] = cell.rows
            line += [_cell_line(cell), *[()] * (cell.columns - 1)]
        reserved = {column: left - 1 for column, left in reserved.items() if left > 1}
        grid.append(line)
    width = max(width, max((len(line) for line in grid), default=0))
    return [line + [()] * (width - len(line)) for line in grid]


def _skip_reserved(line: list[Line], reserved: dict[int, int]) -> None:
    while reserved.get(len(line), 0) > 0:
        line.append(())


def _cell_line(cell: RawCell) -> Line:
    runs: list[Run] = []
    for block in cell.blocks:
        lines = block.lines if isinstance(block, Paragraph) else ()
        for line in (block.line,) if isinstance(block, Heading) else lines:
            runs += [*line, Run(" ")]
    return normal_line(runs)


def _without_empty(grid: list[list[Line]]) -> list[list[Line]]:
    """Drops rows and columns without any text: financial tables are full of spacers."""
    rows = [row for row in grid if any(row)]
    width = len(rows[0]) if rows else 0
    columns = [column for column in range(width) if any(row[column] for row in rows)]
    return [[row[column] for column in columns] for row in rows]


def _names_columns(cells: Sequence[RawCell], first: Sequence[Line]) -> bool:
    filled = [cell for cell in cells if cell.blocks]
    if all(cell.heading for cell in filled):
        return True
    return all(_is_strong(line) for line in first if line)


def _is_strong(line: Line) -> bool:
    return all(run.strong for run in line if any(char.isalnum() for char in run.text))


def _plain(line: Line) -> Line:
    return normal_line(run.plain() for run in line)
