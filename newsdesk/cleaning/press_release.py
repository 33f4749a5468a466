"""Tails of press releases: sections about the sender that every release of theirs repeats."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from newsdesk.cleaning.model import (
    Block,
    Heading,
    Paragraph,
    Run,
    block_text,
    line_text,
    runs_of,
)
from newsdesk.cleaning.unit import Unit, unit_of

_MAX_TITLE_CHARS = 120
_MAX_SECTION_CHARS = {"press-release-about": 4000, "press-release-contact": 1500}
_MAX_STATEMENT_CHARS = 12000
_TOPICS = (
    "deal|transaction|offering|merger|acquisition|study|studies|trial|phase|report|survey|results?"
    "|award|partnership|collaboration|agreement|program|project|event|conference|call|webcast|data"
)
_ABOUT = re.compile(
    rf"\W*about (?!half|\d|one|two|three|the (?:same|only))(?!(?:[\w'-]+ ){{0,6}}(?:{_TOPICS})\b)\S"
)
_SECTIONS = (
    ("press-release-about", _ABOUT),
    (
        "press-release-forward-looking",
        re.compile(
            r"\W*(?:(?:cautionary|special) (?:statement|note|language)"
            r"|(?:cautionary |note |notice )?(?:regarding |concerning |on |about )?"
            r"forward[- ]looking"
            r"|safe harbou?r|caution(?:ary)? (?:regarding|concerning)|disclosure regarding forward)"
        ),
    ),
    (
        "press-release-contact",
        re.compile(
            r"\W*(?:(?:for )?(?:media|press|investors?|company|corporate|pr|ir)?(?: and \w+| &"
            r" \w+| relations)?(?: relations)? ?(?:contacts?|inquiries|enquiries)"
            r"|(?:for )?(?:more|further|additional) information\b.{0,60}(?:contact|visit)?"
            r"|investor relations|media relations)"
        ),
    ),
)
_FORWARD = re.compile(
    r"\W*(?:this|the|certain|some|all|statements|except|forward).{0,300}"
    r"forward[- ]looking statements"
)
_SOURCE = re.compile(
    r"(?:source:? .{2,80}|view (?:original|the original|source).{0,300}"
    r"|copyright \(?c?\)?.{0,200}(?:newswire|business wire|newsfile|accesswire).{0,60}"
    r"|(?:https?://\S*(?:prnewswire|globenewswire|businesswire|newsfilecorp|accesswire)\S*)"
    r"|to view the source version .{0,200}|logo - https?://\S+|photo - https?://\S+)"
)
_VISIT = re.compile(
    r"\W*for (?:more|further|additional) information\b[^.]{0,80}\b(?:visit|contact|see|call|email"
    r"|go to)\b"
)
_REACH = re.compile(
    r"@\S+\.\w|https?://|www\.|\+?\(?\d{2,4}\)?[-. ]\d{3}|[\w-]+\.(?:com|net|org)\b"
)
_DATELINE = re.compile(
    r"/\s?(?:prnewswire|cnw|pr newswire)\b[^/]{0,40}/"
    r"|\((?:business wire|globe ?newswire|accesswire|newsfile corp\.?|prnewswire|marketwired)\)"
    r"|\b(?:globe newswire|business wire|accesswire|newsfile corp\.?)\b.{0,80}(?:--|-|/)"
)


@dataclass(frozen=True, slots=True)
class Tail:
    """Blocks `start` to `end` of an article that go, and the rule."""

    rule: str
    start: int
    end: int


def has_dateline(blocks: Sequence[Block]) -> bool:
    """Tells whether an article opens with a wire's dateline, e.g. (GLOBE NEWSWIRE)."""
    opening = (block_text(block)[:250].lower() for block in blocks[:4])
    return any(_DATELINE.search(text) for text in opening)


def next_tail(blocks: Sequence[Block]) -> Tail | None:
    """Returns the first tail section of a press release, if there is one.

    A section counts only with a title of its own (a heading, a bold line, or a bold lead), after
    the first third of the release, and when it is not long enough to be the story itself.
    """
    lengths = [len(block_text(block)) for block in blocks]
    before = 0
    for index, block in enumerate(blocks):
        if index and before * 3 >= sum(lengths):
            tail = _tail_at(blocks, lengths, index, block)
            if tail is not None:
                return tail
        before += lengths[index]
    return None


def _tail_at(
    blocks: Sequence[Block], lengths: Sequence[int], index: int, block: Block
) -> Tail | None:
    unit = unit_of(block)
    if unit is None:
        return None
    if len(unit.text) <= 400 and _SOURCE.fullmatch(unit.folded):
        return Tail("press-release-source", index, index + 1)
    if len(unit.text) <= 400 and _VISIT.match(unit.folded):
        return Tail("press-release-contact", index, index + 1)
    if _FORWARD.match(unit.folded) and not _has_facts(unit):
        return Tail("press-release-forward-looking", index, index + 1)
    lead = _lead(block, unit)
    for rule, pattern in _SECTIONS:
        if lead and pattern.match(lead):
            return _section(blocks, lengths, index, rule)
    return None


def _has_facts(unit: Unit) -> bool:
    return re.search(r"[$€£]\s?\d|\d\s?%", unit.text) is not None


def _section(blocks: Sequence[Block], lengths: Sequence[int], index: int, rule: str) -> Tail | None:
    end = index + 1
    limit = _MAX_SECTION_CHARS.get(rule, _MAX_STATEMENT_CHARS)
    while end < len(blocks) and not _is_title(blocks[end]) and not isinstance(blocks[end], Heading):
        end += 1
    if sum(lengths[index:end]) > limit:
        return None
    if rule == "press-release-contact":
        said = " ".join(block_text(block) for block in blocks[index:end])
        if not _REACH.search(said):
            return None
    return Tail(rule, index, end)


def _is_title(block: Block) -> bool:
    unit = unit_of(block)
    if unit is None:
        return False
    if len(unit.text) <= 400 and _SOURCE.fullmatch(unit.folded):
        return True
    lead = _lead(block, unit)
    return bool(lead) and (
        _is_strong(unit.runs) or any(pattern.match(lead) for _, pattern in _SECTIONS)
    )


def _lead(block: Block, unit: Unit) -> str:
    """Returns the title of a section in lower case: a heading, a first line, or a bold lead."""
    if isinstance(block, Heading):
        return unit.folded if len(unit.text) <= _MAX_TITLE_CHARS else ""
    if not isinstance(block, Paragraph):
        return ""
    first_line = block.lines[0]
    first = line_text(first_line)
    alone = len(first) <= _MAX_TITLE_CHARS and not first.rstrip().endswith(".")
    if alone and (len(block.lines) > 1 or _is_strong(first_line) or first.endswith(":")):
        return unit.folded[: len(first)]
    bold = ""
    for run in runs_of(block):
        if not run.strong:
            break
        bold += run.text
    return unit.folded[: len(bold)] if 0 < len(bold) <= _MAX_TITLE_CHARS else ""


def _is_strong(runs: Sequence[Run]) -> bool:
    return all(run.strong for run in runs if any(char.isalnum() for char in run.text))
