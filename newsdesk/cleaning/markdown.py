"""Blocks to tidy Markdown (CommonMark with GitHub's tables).

An own renderer: it sees a whole line at once, so it escapes only what would be taken for a mark
and places emphasis only where Markdown can read it; a general converter works element by element
and leaves stray marks or a backslash before every other bracket.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from newsdesk.cleaning.escaping import (
    escape_line_start,
    escape_link_text,
    escape_text,
    escape_url,
)
from newsdesk.cleaning.inline import Span, nested
from newsdesk.cleaning.model import (
    Block,
    Heading,
    Line,
    Listing,
    Paragraph,
    Preformatted,
    Quote,
    Run,
    Table,
)

_BACKTICKS = re.compile(r"`+")
_CLOSING_HASHES = re.compile(r"(?<= )(#+)$|^(#+)$")
_MARKS = {"strong": "**", "emphasis": "*"}


def write_markdown(blocks: Iterable[Block]) -> str:
    """Returns Markdown: one blank line between blocks, no trailing spaces or line breaks."""
    return "\n\n".join(_block(block) for block in blocks)


def write_plain(text: str) -> str:
    """Returns plain words as a Markdown paragraph."""
    return write_markdown([Paragraph(((Run(text),),))])


def _block(block: Block) -> str:
    match block:
        case Paragraph(lines=lines):
            # A paragraph each: Markdown's own line break is an invisible or a stray mark.
            return "\n\n".join(escape_line_start(_line(line)) for line in lines)
        case Heading(level=level, line=line):
            text = _CLOSING_HASHES.sub(lambda found: f"\\{found[0]}", _line(line))
            return f"{'#' * level} {text}"
        case Listing():
            return _listing(block)
        case Table():
            return _table(block)
        case Quote(blocks=blocks):
            return _indented(write_markdown(blocks), "> ", "> ")
        case Preformatted(text=text):
            longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
            fence = "`" * max(3, longest + 1)
            return f"{fence}\n{text}\n{fence}"


def _listing(listing: Listing) -> str:
    items: list[str] = []
    for index, item in enumerate(listing.items):
        mark = f"{listing.start + index}. " if listing.ordered else "- "
        items.append(_indented(_item(item), mark, " " * len(mark)))
    return "\n".join(items)


def _item(item: Sequence[Block]) -> str:
    out = _block(item[0])
    for block in item[1:]:
        # A list right under the item's text keeps the outer list tight.
        out += ("\n" if isinstance(block, Listing) else "\n\n") + _block(block)
    return out


def _indented(text: str, first: str, rest: str) -> str:
    lines = text.split("\n")
    out = [first + lines[0]]
    out += [(rest + line).rstrip() if not line else rest + line for line in lines[1:]]
    return "\n".join(out)


def _table(table: Table) -> str:
    width = len(table.rows[0])
    rows = list(table.rows)
    head = rows.pop(0) if table.header else ((),) * width
    lines = [_row(head), "|" + " --- |" * width, *map(_row, rows)]
    return "\n".join(lines)


def _row(cells: Sequence[Line]) -> str:
    texts = (_line(cell).replace("|", "\\|") for cell in cells)
    return "|" + "".join(f" {text} |" if text else " |" for text in texts)


@dataclass(frozen=True, slots=True)
class _Around:
    """What a span stands in."""

    link: bool = False
    mark: bool = False


def _line(line: Line) -> str:
    return _spans(nested(line), "", "", _Around())


def _spans(spans: Sequence[Span], before: str, after: str, around: _Around) -> str:
    out: list[str] = []
    last = before
    for index, span in enumerate(spans):
        following = _opening(spans[index + 1]) if index + 1 < len(spans) else after
        out.append(_span(span, last, following, around))
        last = out[-1][-1:] or last
    return "".join(out)


def _opening(span: Span) -> str:
    """Returns the character that a span's rendering starts with, as far as neighbours care."""
    if span.kind == "link":
        return "["
    return "*" if span.kind in _MARKS else span.run.text[:1]


def _span(span: Span, before: str, after: str, around: _Around) -> str:
    if span.kind == "text":
        escaped = escape_text(span.run.text, before, after)
        return escape_link_text(escaped) if around.link else escaped
    if span.kind == "link":
        inner = _spans(span.children, "[", "]", _Around(link=True, mark=around.mark))
        return f"[{inner}]({escape_url(span.run.href)})"
    return _emphasized(span, before, after, around)


def _emphasized(span: Span, before: str, after: str, around: _Around) -> str:
    mark = _MARKS[span.kind]
    # A mark within a mark reads well right at its ends (***both***) and between spaces only.
    if not around.mark or not (before.strip() or after.strip()):
        inner = _spans(span.children, "", "", _Around(link=around.link, mark=True))
        head, core, tail = _core(inner, before, after)
        opens = core and _can_open(head[-1:] or before, core[0])
        if opens and _can_open(tail[:1] or after, core[-1]):
            return f"{head}{mark}{core}{mark}{tail}"
    return _spans(span.children, before, after, around)


def _core(inner: str, before: str, after: str) -> tuple[str, str, str]:
    """Parts off punctuation at the ends that would keep the marks from being read as such.

    `**Price:**up` is not bold to Markdown, `**Price**:up` is.
    """
    start, end = 0, len(inner)
    if after.isalnum():
        while end > start and inner[end - 1] in ".,:;!?-–—" and inner[end - 2 : end - 1] != "\\":
            end -= 1
    if before.isalnum():
        while start < end and inner[start] in ".,:;?-–—":
            start += 1
    return inner[:start], inner[start:end], inner[end:]


def _can_open(outside: str, inside: str) -> bool:
    """Tells whether a mark between these two is read as emphasis (CommonMark's flanking rule)."""
    if inside.isspace() or outside == "*":
        return False
    if not _is_punctuation(inside):
        return True
    return not outside or outside.isspace() or _is_punctuation(outside)


def _is_punctuation(char: str) -> bool:
    return unicodedata.category(char)[0] in "PS"
