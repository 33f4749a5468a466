"""The article between parsing and rendering: blocks of formatted runs, free of HTML's accidents."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Run(NamedTuple):
    """A stretch of text in one format. `ticker`: the publisher marked it as a ticker link.

    A tuple, for speed: a large body has hundreds of thousands of them.
    """

    text: str
    strong: bool = False
    emphasis: bool = False
    href: str = ""
    ticker: bool = False

    def saying(self, text: str) -> "Run":
        """Returns other text in the same format."""
        return Run(text, self.strong, self.emphasis, self.href, self.ticker)

    def plain(self) -> "Run":
        """Returns the same text, strong no more."""
        return Run(self.text, False, self.emphasis, self.href, self.ticker)


Line = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that only a line break parts. `hint`: what the mark-up said it is, e.g. a caption."""

    lines: tuple[Line, ...]
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; `level` 1 to 6."""

    level: int
    line: Line


@dataclass(frozen=True, slots=True)
class Listing:
    """A list; each item holds blocks. `start`: the first number of an ordered one."""

    ordered: bool
    items: tuple[tuple["Block", ...], ...]
    start: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of equal length. `header`: the first row names the columns."""

    rows: tuple[tuple[Line, ...], ...]
    header: bool


@dataclass(frozen=True, slots=True)
class Quote:
    """Quoted blocks. `post`: an embedded post of a social network, so third-party speech."""

    blocks: tuple["Block", ...]
    post: bool = False


@dataclass(frozen=True, slots=True)
class Preformatted:
    """Text whose line breaks and columns count."""

    text: str


Block = Paragraph | Heading | Listing | Table | Quote | Preformatted
Blocks = tuple[Block, ...]


def line_text(line: Iterable[Run]) -> str:
    """Returns the visible text of a line."""
    return "".join(run.text for run in line)


def runs_of(block: Block) -> Iterator[Run]:
    """Yields the runs of a block in reading order; separators between parts are not runs."""
    match block:
        case Paragraph(lines=lines):
            yield from (run for line in lines for run in line)
        case Heading(line=line):
            yield from line
        case Listing(items=items):
            yield from (run for item in items for inner in item for run in runs_of(inner))
        case Table(rows=rows):
            yield from (run for row in rows for cell in row for run in cell)
        case Quote(blocks=blocks):
            yield from (run for inner in blocks for run in runs_of(inner))
        case Preformatted(text=text):
            yield Run(text)


def block_text(block: Block) -> str:
    """Returns the visible text of a block on one line, parts parted by single spaces."""
    match block:
        case Paragraph(lines=lines):
            parts = [line_text(line) for line in lines]
        case Heading(line=line):
            parts = [line_text(line)]
        case Listing(items=items):
            parts = [block_text(inner) for item in items for inner in item]
        case Table(rows=rows):
            parts = [line_text(cell) for row in rows for cell in row]
        case Quote(blocks=blocks):
            parts = [block_text(inner) for inner in blocks]
        case Preformatted(text=text):
            parts = text.split()
    return " ".join(part for part in parts if part)


def blocks_text(blocks: Iterable[Block]) -> str:
    """Returns the visible text of blocks on one line."""
    return " ".join(block_text(block) for block in blocks)


def merged_lists(blocks: Iterable[Block]) -> Blocks:
    """Returns blocks with bulleted lists that follow each other joined, as Markdown reads them."""
    out: list[Block] = []
    items: list[Blocks] = []
    for block in [*blocks, None]:
        if isinstance(block, Listing) and not block.ordered:
            items += block.items
            continue
        if items:
            out.append(Listing(ordered=False, items=tuple(items)))
            items = []
        if block is not None:
            out.append(block)
    return tuple(out)
