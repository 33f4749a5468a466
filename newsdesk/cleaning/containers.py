"""The open containers of an article while it is read: lists, quotes, tables."""

from dataclasses import dataclass, field

from newsdesk.cleaning.markup import LISTS
from newsdesk.cleaning.model import Block, Blocks, Listing, Quote, merged_lists
from newsdesk.cleaning.tables import RawCell, table_blocks

_MAX_OPEN = 24
"""Deeper containers are read as if they were not there: their text stays, their nesting goes."""
_MAX_SPAN = 100


@dataclass(slots=True)
class _Open:
    kind: str
    blocks: list[Block] = field(default_factory=list[Block])
    items: list[list[Block]] = field(default_factory=list[list[Block]])
    rows: list[list[RawCell]] = field(default_factory=list[list[RawCell]])
    start: int = 1
    post: bool = False
    cell: RawCell | None = None


class Containers:
    """A stack of open containers; blocks go to the innermost one that can hold them."""

    def __init__(self) -> None:
        self._stack = [_Open("root")]

    def open(self, tag: str, attributes: dict[str, str]) -> bool:
        """Opens the container that an element stands for; False where it stands for none."""
        if len(self._stack) >= _MAX_OPEN:
            return False
        made = _made(tag, attributes)
        if made is None or (made.kind in ("row", "cell") and not self._in_table()):
            return False
        if made.cell is not None:
            table = next(o for o in reversed(self._stack) if o.kind == "table")
            if not table.rows:
                table.rows.append([])
            table.rows[-1].append(made.cell)
        self._stack.append(made)
        return True

    def add(self, block: Block) -> None:
        """Adds a finished block."""
        for holder in reversed(self._stack):
            if holder.kind in ("bullets", "numbers"):
                _add_to_list(holder, block)
                return
            if holder.kind not in ("table", "row"):
                # Text of a table outside its cells is shown before the table, as browsers do.
                holder.blocks.append(block)
                return

    def close(self) -> None:
        """Closes the innermost container and adds what it became."""
        done = self._stack.pop()
        if done.cell is not None:
            done.cell.blocks = list(merged_lists(done.blocks))
        elif done.kind == "row":
            next(o for o in reversed(self._stack) if o.kind == "table").rows.append([])
        elif done.kind == "item":
            self._close_item(done)
        else:
            for block in _became(done):
                self.add(block)

    def finish(self) -> list[Block]:
        """Closes what is still open and returns the article's blocks."""
        while len(self._stack) > 1:
            self.close()
        return list(merged_lists(self._stack[0].blocks))

    def _close_item(self, done: _Open) -> None:
        if not done.blocks:
            return
        parent = self._stack[-1]
        if parent.kind in ("bullets", "numbers"):
            parent.items.append(done.blocks)
        else:
            self.add(Listing(ordered=False, items=(merged_lists(done.blocks),)))

    def _in_table(self) -> bool:
        for holder in reversed(self._stack):
            if holder.kind == "table":
                return True
            if holder.kind not in ("row", "cell"):
                return False
        return False


def _became(done: _Open) -> Blocks:
    """Returns the blocks that a closed quote, list or table stands for."""
    if done.kind == "quote":
        return (Quote(merged_lists(done.blocks), done.post),) if done.blocks else ()
    if done.kind == "table":
        return merged_lists(table_blocks([row for row in done.rows if row]))
    items = tuple(merged_lists(item) for item in done.items)
    return (Listing(done.kind == "numbers", items, done.start),) if items else ()


def _made(tag: str, attributes: dict[str, str]) -> _Open | None:
    if tag in LISTS:
        kind = "numbers" if tag == "ol" else "bullets"
        return _Open(kind, start=_number(attributes.get("start"), 999_999_999))
    if tag == "blockquote":
        return _Open("quote", post="twitter-tweet" in attributes.get("class", ""))
    if tag in ("td", "th"):
        columns = _number(attributes.get("colspan"), _MAX_SPAN)
        rows = _number(attributes.get("rowspan"), _MAX_SPAN)
        return _Open("cell", cell=RawCell(tag == "th", columns, rows))
    kind = {"li": "item", "table": "table", "tr": "row"}.get(tag)
    return _Open(kind) if kind else None


def _number(value: str | None, most: int) -> int:
    # isascii: int() would take, and isdigit() pass, digits that no browser counts with.
    if value is None or not (value.isascii() and value.isdigit()):
        return 1
    return max(1, min(int(value[:10]), most))


def _add_to_list(holder: _Open, block: Block) -> None:
    # A list right inside a list belongs to the item before it; other text is an item of its own.
    if isinstance(block, Listing) and holder.items:
        holder.items[-1].append(block)
    else:
        holder.items.append([block])
