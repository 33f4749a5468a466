"""Which paragraphs of a text a model is given, with their places in the whole text.

Two rules, both told in the record. Where a text is too long, whole paragraphs are left out from
its end: news puts the important first. For sentiment only the paragraphs around mentions are
given: the title, the first, those that name a company and the one after each.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from newsdesk.analysis.model.prompts import LEFT_OUT
from newsdesk.contracts.analysis import Company

MAX_PER_COMPANY = 8
"""Paragraphs that name a company: further ones add little, and each is paid for."""

LONGEST_WORD = 200
"""What is longer has no space where it could be cut."""


@dataclass(frozen=True)
class Paragraph:
    """A block of the text: text[start:end]."""

    start: int
    end: int


@dataclass(frozen=True)
class Excerpt:
    """What a model gets to read: chosen paragraphs of a text, in order."""

    text: str
    spans: tuple[tuple[int, int], ...]
    note: str = ""


def paragraphs_of(text: str) -> list[Paragraph]:
    """Returns a text's blocks, which blank lines part."""
    found: list[Paragraph] = []
    start = 0
    for part in text.split("\n\n"):
        if part.strip():
            found.append(Paragraph(start, start + len(part)))
        start += len(part) + 2
    return found


def shortened(text: str, most_chars: int) -> Excerpt:
    """Returns as many whole paragraphs from the beginning as fit, at least the first.

    A first paragraph that does not fit by itself is cut at a word.
    """
    return _fitting(text, paragraphs_of(text), most_chars, of="paragraphs")


def around_mentions(text: str, companies: Sequence[Company], most_chars: int) -> Excerpt:
    """Returns the paragraphs that matter for these companies, from the beginning as they fit."""
    paragraphs = paragraphs_of(text)
    wanted = {0, 1}
    for company in companies:
        named = _naming(paragraphs, company)[:MAX_PER_COMPANY]
        wanted.update(named)
        # What is said of it often goes on in the next one, under "it" or "the company".
        wanted.update(number + 1 for number in named[:2])
    chosen = [paragraph for number, paragraph in enumerate(paragraphs) if number in wanted]
    return _fitting(text, chosen, most_chars, of="paragraphs around mentions")


def _naming(paragraphs: Sequence[Paragraph], company: Company) -> list[int]:
    starts = [mention.start for mention in company.mentions]
    return [
        number
        for number, paragraph in enumerate(paragraphs)
        if any(paragraph.start <= start < paragraph.end for start in starts)
    ]


def _fitting(text: str, chosen: Sequence[Paragraph], most_chars: int, of: str) -> Excerpt:
    kept: list[Paragraph] = []
    length = 0
    for paragraph in chosen:
        gap = _gap(text, kept[-1].end, paragraph.start) if kept else ""
        length += len(gap) + paragraph.end - paragraph.start
        if kept and length > most_chars:
            break
        kept.append(paragraph)
    if kept and kept[0].end - kept[0].start > most_chars:
        start = kept[0].start
        kept = [Paragraph(start, _word_end(text, start, start + most_chars))]
    note = ""
    if len(kept) < len(chosen) or (kept and kept[-1].end < chosen[len(kept) - 1].end):
        read = sum(paragraph.end - paragraph.start for paragraph in kept)
        note = (
            f"The model read the first {len(kept)} of {len(chosen)} {of}"
            f" ({read:,} characters); the rest was left out as too long."
        )
    return Excerpt(_joined(text, kept), tuple((one.start, one.end) for one in kept), note)


def _word_end(text: str, start: int, most: int) -> int:
    """Returns where the last whole word of text[start:most] ends."""
    at = most
    while at > max(start, most - LONGEST_WORD) and not text[at].isspace():
        at -= 1
    end = start + len(text[start:at].rstrip())
    return end if end > start and text[at].isspace() else most


def _joined(text: str, kept: Iterable[Paragraph]) -> str:
    parts: list[str] = []
    end: int | None = None
    for paragraph in kept:
        parts.append("" if end is None else _gap(text, end, paragraph.start))
        parts.append(text[paragraph.start : paragraph.end])
        end = paragraph.end
    return "".join(parts)


def _gap(text: str, end: int, start: int) -> str:
    """Returns what stands between two paragraphs of an excerpt; the marker where one is missing."""
    return f"\n\n{LEFT_OUT}\n\n" if text[end:start].strip() else "\n\n"
