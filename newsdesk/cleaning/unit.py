"""What the boilerplate rules look at: one short block, or one line of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from newsdesk.cleaning.chars import folded
from newsdesk.cleaning.model import Block, Heading, Line, Paragraph, Preformatted, Run, line_text


@dataclass(frozen=True)
class Unit:
    """A paragraph, a heading or a line, with what the rules ask of it."""

    runs: tuple[Run, ...]
    heading: bool = False
    hint: str = ""

    @cached_property
    def text(self) -> str:
        """The visible text."""
        return line_text(self.runs)

    @cached_property
    def folded(self) -> str:
        """The text in lower case with straight quotes and hyphens."""
        return folded(self.text)

    @cached_property
    def links(self) -> tuple[str, ...]:
        """The addresses it links to."""
        return tuple(run.href for run in self.runs if run.href)

    def linked_share(self, start: int = 0) -> float:
        """Returns which part of the letters and digits from `start` on stands in links."""
        linked = total = position = 0
        for run in self.runs:
            kept = run.text[max(0, start - position) :]
            letters = sum(char.isalnum() for char in kept)
            total += letters
            linked += letters if run.href else 0
            position += len(run.text)
        return linked / total if total else 0.0


def unit_of(block: Block) -> Unit | None:
    """Returns the unit of a paragraph or heading; None for blocks that rules look into."""
    match block:
        case Paragraph(lines=lines, hint=hint):
            return Unit(_joined(lines), hint=hint)
        case Heading(line=line):
            return Unit(line, heading=True)
        case Preformatted(text=text) if len(text) < 400:
            return Unit((Run(" ".join(text.split())),))
        case _:
            return None


def _joined(lines: Iterable[Line]) -> tuple[Run, ...]:
    runs = [run for line in lines for run in (*line, Run(" "))]
    return tuple(runs[:-1])
