"""Splits an article's plain text into title, headings, sentences and rows, with exact offsets.

Work is bounded: only the first MAX_CHARS code points are looked at, and a sentence is cut after
MAX_SENTENCE code points, so that a text without any full stop costs no more than another.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

MAX_CHARS = 200_000
MAX_SENTENCE = 1_000

_LINE = re.compile(r"[^\n]+")
# A run of stops is entered at its first character only: otherwise "....…" costs its length squared.
_STOP = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’)\]]*+\s++(?=\S)|[。！？]+")
_WORD = re.compile(r"[^\W\d_]+")
_LAST_WORD = re.compile(r"([^\W_][\w.&’']*)$")
_TERMINAL = re.compile(r"[.!?…:;,。！？][\"'”’)\]]*\s*$")

_NEVER_ENDS = frozenset(
    "mr mrs ms dr prof sen rep gov gen col lt sgt st vs v no nos fig dept est approx e.g i.e cf "
    "jan feb mar apr jun jul aug sep sept oct nov dec mt ft rs".split()
)
_MAY_END = frozenset(
    "inc corp co ltd cos bros plc llc l.p s.a n.v s.p.a u.s u.k e.u u.n u.s.a a.m p.m jr sr etc "
    "d.c ph.d m.d b.v a.g".split()
)
_STARTERS = frozenset(
    "the a an it its he his she her they their we our you i in on at as by for from with after "
    "before since while when if but and or however meanwhile this that these those there shares "
    "analysts investors also both what why how according last next earlier still more read see "
    "price during despite although because under over additionally moreover revenue sales".split()
)


class UnitKind(StrEnum):
    """What a unit of text is."""

    TITLE = "title"
    HEADING = "heading"
    SENTENCE = "sentence"
    ITEM = "item"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch of text without a line break; `start`, `end` count code points of the whole text.

    `block` counts the blocks between blank lines, from 0. `opens_line`: nothing precedes it on
    its line. `title_case`: its words begin with capitals throughout, so capitals say nothing.
    """

    start: int
    end: int
    text: str
    kind: UnitKind
    block: int
    opens_line: bool
    title_case: bool


def split_units(text: str, title: str) -> tuple[Unit, ...]:
    """Returns the units of `text` in order. Only the first MAX_CHARS code points are looked at."""
    lines = list(_lines(text[:MAX_CHARS]))
    sizes: dict[int, int] = {}
    for _, _, block in lines:
        sizes[block] = sizes.get(block, 0) + 1
    units: list[Unit] = []
    for start, end, block in lines:
        kind = _line_kind(text[start:end], start, title, sizes[block])
        units.extend(_line_units(text, start, end, kind, block))
    return tuple(units)


def is_title_case(text: str) -> bool:
    """Returns whether the longer words of `text` begin with capitals, as in a headline."""
    words = [word for word in _WORD.findall(text) if len(word) > 3]
    capitals = sum(1 for word in words if word[0].isupper())
    return len(words) >= 3 and capitals >= 0.75 * len(words)


def _lines(text: str) -> Iterator[tuple[int, int, int]]:
    block, previous = -1, -2
    for match in _LINE.finditer(text):
        if not match.group().strip():
            continue
        if match.start() != previous + 1:
            block += 1
        previous = match.end()
        yield match.start(), match.end(), block


def _line_kind(line: str, start: int, title: str, lines_in_block: int) -> UnitKind:
    if start == 0 and title and line.strip() == title.strip():
        return UnitKind.TITLE
    if "\t" in line:
        return UnitKind.ROW
    if lines_in_block > 1 or line.lstrip().startswith(("•", "◦", "▪", "- ", "* ")):
        return UnitKind.ITEM
    if len(line) <= 100 and not _TERMINAL.search(line) and _looks_like_heading(line):
        return UnitKind.HEADING
    return UnitKind.SENTENCE


def _looks_like_heading(line: str) -> bool:
    return is_title_case(line) or len(line.split()) <= 4


def _line_units(text: str, start: int, end: int, kind: UnitKind, block: int) -> Iterator[Unit]:
    whole = kind in (UnitKind.TITLE, UnitKind.HEADING, UnitKind.ROW)
    spans = [(start, end)] if whole else _sentence_spans(text, start, end)
    first = True
    for span in spans:
        for piece_start, piece_end in _pieces(text, *span):
            piece = text[piece_start:piece_end]
            yield Unit(piece_start, piece_end, piece, kind, block, first, is_title_case(piece))
            first = False


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yields the trimmed span, cut at spaces into stretches of at most MAX_SENTENCE."""
    while start < end:
        cut = min(end, start + MAX_SENTENCE)
        if cut < end:
            space = text.rfind(" ", start + MAX_SENTENCE // 2, cut)
            cut = space if space > 0 else cut
        left, right = start, cut
        while left < right and text[left].isspace():
            left += 1
        while right > left and text[right - 1].isspace():
            right -= 1
        if left < right:
            yield left, right
        start = cut


def _sentence_spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    begin = start
    for match in _STOP.finditer(text, start, end):
        if _is_boundary(text, begin, match):
            spans.append((begin, match.end()))
            begin = match.end()
    spans.append((begin, end))
    return spans


def _is_boundary(text: str, begin: int, match: re.Match[str]) -> bool:
    rest = text[match.end() : match.end() + 40].lstrip("\"'“‘([")
    if match.group()[0] in "。！？":
        return True
    if not rest or rest[0].islower():
        return False
    if match.group().rstrip() != ".":
        return True
    last = _LAST_WORD.search(text, max(begin, match.start() - 30), match.start())
    return last is None or _abbreviation_ends(last.group(1).lower(), rest)


def _abbreviation_ends(word: str, rest: str) -> bool:
    if word in _NEVER_ENDS or (len(word) == 1 and word.isalpha() and word != "i"):
        return False
    if word in _MAY_END or re.fullmatch(r"(?:[a-z]\.)+[a-z]", word):
        following = re.match(r"[^\W_]+", rest)
        return following is not None and following.group().lower() in _STARTERS
    return True
