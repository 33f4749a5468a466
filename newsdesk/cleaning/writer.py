"""Blocks to the article's own HTML: a small, safe set of elements in one normal form."""

from collections.abc import Iterable
from html import escape

from newsdesk.cleaning.inline import Span, nested
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


def write_html(blocks: Iterable[Block]) -> str:
    """Returns HTML, one top-level block a line; reading it again gives the same blocks."""
    return "\n".join(_block(block) for block in blocks)


def _block(block: Block) -> str:
    match block:
        case Paragraph(lines=lines):
            return f"<p>{'<br>'.join(_line(line) for line in lines)}</p>"
        case Heading(level=level, line=line):
            return f"<h{level}>{_line(line)}</h{level}>"
        case Listing():
            return _listing(block)
        case Table():
            return _table(block)
        case Quote(blocks=blocks, post=post):
            css = ' class="twitter-tweet"' if post else ""
            return f"<blockquote{css}>{''.join(_block(inner) for inner in blocks)}</blockquote>"
        case Preformatted(text=text):
            # The parser drops a line break right after <pre>.
            return f"<pre>\n{escape(text, quote=False)}</pre>"


def _listing(listing: Listing) -> str:
    tag = "ol" if listing.ordered else "ul"
    start = f' start="{listing.start}"' if listing.ordered and listing.start != 1 else ""
    items = "".join(f"<li>{''.join(_item(item))}</li>" for item in listing.items)
    return f"<{tag}{start}>{items}</{tag}>"


def _item(item: tuple[Block, ...]) -> Iterable[str]:
    if len(item) == 1 and isinstance(item[0], Paragraph):
        return ("<br>".join(_line(line) for line in item[0].lines),)
    return (_block(inner) for inner in item)


def _table(table: Table) -> str:
    rows = [
        _row(row, "th" if table.header and index == 0 else "td")
        for index, row in enumerate(table.rows)
    ]
    return f"<table>{''.join(rows)}</table>"


def _row(row: tuple[Line, ...], tag: str) -> str:
    return f"<tr>{''.join(f'<{tag}>{_line(cell)}</{tag}>' for cell in row)}</tr>"


def _line(line: Line) -> str:
    return "".join(_span(span) for span in nested(line))


def _span(span: Span) -> str:
    if span.kind == "text":
        return escape(span.run.text, quote=False)
    inner = "".join(_span(child) for child in span.children)
    if span.kind == "link":
        css = ' class="ticker"' if span.run.ticker else ""
        return f'<a{css} href="{escape(span.run.href)}">{inner}</a>'
    tag = "strong" if span.kind == "strong" else "em"
    return f"<{tag}>{inner}</{tag}>"
