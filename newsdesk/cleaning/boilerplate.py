"""Takes boilerplate out of blocks, and reports each piece that goes."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from newsdesk.cleaning.credits import is_image_credit
from newsdesk.cleaning.disclosures import (
    is_ai_disclosure,
    is_contributor_disclaimer,
    is_disclaimer,
)
from newsdesk.cleaning.model import (
    Block,
    Blocks,
    Heading,
    Line,
    Listing,
    Paragraph,
    Quote,
    block_text,
    blocks_text,
    line_text,
    merged_lists,
)
from newsdesk.cleaning.press_release import next_tail
from newsdesk.cleaning.promotions import (
    is_options_primer,
    is_options_term,
    is_promotion_block,
    is_site_chrome,
)
from newsdesk.cleaning.reader import SAMPLE_CHARS
from newsdesk.cleaning.related import (
    is_label_alone,
    is_links_only,
    is_related_link,
    is_unlabelled_pointer,
)
from newsdesk.cleaning.unit import Unit, unit_of
from newsdesk.contracts.cleaning import CleaningRemoval

_RULES: tuple[tuple[str, Callable[[Unit], bool]], ...] = (
    ("ai-disclosure", is_ai_disclosure),
    ("contributor-disclaimer", is_contributor_disclaimer),
    ("disclaimer", is_disclaimer),
    ("image-credit", is_image_credit),
    ("options-primer", is_options_primer),
    ("site-chrome", is_site_chrome),
    ("promotion", is_promotion_block),
)
_MAX_ROUNDS = 8
"""What a removal uncovers may be boilerplate in its turn; beyond this something is odd."""
_MAX_POINTERS = 12
_SEPARATORS = frozenset("_*-–—=~•·.|#…")


class BoilerplateRemover:
    """One article's cleaning; `removals` reports what went, in the order it was found."""

    def __init__(self, *, press_release: bool) -> None:
        """`press_release`: also take out the tails that releases carry."""
        self.removals: list[CleaningRemoval] = []
        self._press_release = press_release

    def clean(self, blocks: Blocks) -> Blocks:
        """Returns the blocks of the story itself; again on its own result, changes nothing."""
        for _ in range(_MAX_ROUNDS):
            kept = self._sequence(blocks, top=True)
            if self._press_release:
                kept = self._without_tails(kept)
            if kept == blocks:
                break
            blocks = kept
        return blocks

    def report(self, rule: str, text: str) -> None:
        """Reports a removed piece by its visible text."""
        sample = text[:SAMPLE_CHARS].strip()
        self.removals.append(CleaningRemoval(rule=rule, removed_chars=len(text), sample=sample))

    def _without_tails(self, blocks: Blocks) -> Blocks:
        while (tail := next_tail(blocks)) is not None:
            self.report(tail.rule, blocks_text(blocks[tail.start : tail.end]))
            blocks = (*blocks[: tail.start], *blocks[tail.end :])
        return blocks

    def _sequence(self, blocks: Blocks, *, top: bool) -> Blocks:
        kept: list[Block] = []
        index = 0
        while index < len(blocks):
            taken = self._boilerplate_at(blocks, index, kept, top=top)
            if taken:
                rule, count = taken
                self.report(rule, blocks_text(blocks[index : index + count]))
                index += count
                continue
            inner = self._inside(blocks[index])
            if inner is not None:
                kept.append(inner)
            index += 1
        return merged_lists(kept)

    def _boilerplate_at(
        self, blocks: Blocks, index: int, kept: Sequence[Block], *, top: bool
    ) -> tuple[str, int] | None:
        """Returns the rule for the block at `index`, and how many blocks go with it."""
        unit = unit_of(blocks[index])
        if unit is None:
            return None
        if is_related_link(unit) or (unit.heading and is_label_alone(unit)):
            return _related(blocks, index, unit)
        rule = _rule_for(unit)
        if rule == "options-primer":
            return rule, _count(blocks, index, is_options_term)
        if rule is None and top and is_unlabelled_pointer(unit):
            rule = "related-link" if _stands_alone(kept, blocks) else None
        return (rule, 1) if rule else None

    def _inside(self, block: Block) -> Block | None:
        """Returns a block without the boilerplate in it; None where nothing is left."""
        match block:
            case Listing(items=items):
                cleaned = tuple(inner for item in items if (inner := self._item(item)))
                return replace(block, items=cleaned) if cleaned else None
            case Quote(blocks=blocks, post=False):
                inner = self._sequence(blocks, top=False)
                return replace(block, blocks=inner) if inner else None
            case Paragraph(lines=lines) if len(lines) > 1:
                left = tuple(line for line in lines if not self._drops(line))
                return replace(block, lines=left) if left else None
            case _:
                return block

    def _item(self, item: Blocks) -> Blocks:
        return self._sequence(item, top=False)

    def _drops(self, line: Line) -> bool:
        unit = Unit(line)
        rule = "related-link" if is_related_link(unit) else _rule_for(unit)
        if rule is None:
            return False
        self.report(rule, line_text(line))
        return True


def _rule_for(unit: Unit) -> str | None:
    if unit.text and all(char in _SEPARATORS or char.isspace() for char in unit.text):
        return "separator"
    return next((rule for rule, holds in _RULES if holds(unit)), None)


def _related(blocks: Blocks, index: int, unit: Unit) -> tuple[str, int] | None:
    count = 1
    if is_label_alone(unit):
        while index + count < len(blocks) and count <= _MAX_POINTERS:
            if not _only_links(blocks[index + count]):
                break
            count += 1
        if unit.heading and count == 1:
            # A heading that happens to read like a label, over text of the story.
            return ("related-link", 1) if index + 1 == len(blocks) else None
    return "related-link", count


def _only_links(block: Block) -> bool:
    if isinstance(block, Listing):
        return all(_only_links(inner) for item in block.items for inner in item)
    unit = unit_of(block)
    return unit is not None and not unit.heading and is_links_only(unit)


def _count(blocks: Blocks, index: int, holds: Callable[[Unit], bool]) -> int:
    count = 1
    while index + count < len(blocks):
        block = blocks[index + count]
        inner = [b for item in block.items for b in item] if isinstance(block, Listing) else [block]
        units = [unit_of(b) for b in inner]
        if not all(unit is not None and holds(unit) for unit in units):
            break
        count += 1
    return count


def _stands_alone(kept: Sequence[Block], blocks: Blocks) -> bool:
    """Tells whether a linked title stands between story blocks that do not lead up to it."""
    if len(blocks) < 3 or not kept:
        return False
    before = kept[-1]
    return not isinstance(before, Heading) and not block_text(before).rstrip().endswith(":")
