"""Whether a quote stands in the text, and where.

Models type quotes with other spaces, quotation marks and dashes than the text has. Those are made
alike on both sides; a map leads back to the text's own offsets, and what is shown is the text's
own wording.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from newsdesk.contracts.analysis import Evidence, EvidenceState

SHORTEST, LONGEST = 12, 600
"""Code points of a quote: less proves nothing, more is no quote any more."""

_DOUBLE = '"“”„‟«»″＂'
_SINGLE = "'‘’‚‛‹›′`´＇"
_DASHES = "-‐‑‒–—―−﹣－"
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_ALIKE = dict.fromkeys(_DOUBLE, '"') | dict.fromkeys(_SINGLE, "'") | dict.fromkeys(_DASHES, "-")
_DASH = re.escape(_DASHES)
_NUMBER_GOES_ON = (
    re.compile(rf"\d\|[.,{_SINGLE}{_DASH}]\d"),
    re.compile(rf"\d[.,{_SINGLE}]\|\d"),
    re.compile(rf"[{_DASH}]\|\d"),
)
"""What stands around a place, marked |, that is in a number: 12|.5, 1,|204 or -|5."""
# Thai to Burmese, Khmer, kana, Hangul, Chinese: no space parts their words, or none a word and what
# is appended to it.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3130-\u318f"
    "\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)


@dataclass(frozen=True)
class Folded:
    """A text with marks and spaces made alike; `places[i]`: where its i-th was in `original`."""

    text: str
    places: Sequence[int]
    original: str


def fold(text: str) -> Folded:
    """Returns a text with runs of space as one, quotation marks and dashes each of one kind.

    Spaces beside dashes are left out altogether: typists disagree on them, as on how many hyphens
    make a dash.
    """
    chars: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        if char in _INVISIBLE:
            continue
        kept = " " if char.isspace() else _ALIKE.get(char, char)
        if kept == " " and (not chars or chars[-1] in " -"):
            continue
        if kept == "-" and chars and chars[-1] == "-":
            continue
        if kept == "-" and chars and chars[-1] == " ":
            chars.pop()
            places.pop()
        chars.append(kept)
        places.append(place)
    return Folded("".join(chars), places, text)


def find_evidence(text: str, quote: str, spans: Sequence[tuple[int, int]] = ()) -> Evidence:
    """Returns where a quote stands in the text: verified, repaired, or state none.

    Args:
        text: the record's plain text, which all offsets count in.
        quote: what a model gave as a quote.
        spans: parts of the text in which to look first.
    """
    bare = quote.strip()
    if not SHORTEST <= len(bare) <= LONGEST:
        return Evidence()
    exact = _best(_whole_words(text, bare), spans)
    if exact is not None:
        return _shown(EvidenceState.VERIFIED, text, *exact)
    wanted = fold(bare.strip(_DOUBLE + _SINGLE + " \n\t")).text.strip()
    if len(wanted) < SHORTEST:
        return Evidence()
    place = _best(find_words(fold(text), wanted), spans)
    return Evidence() if place is None else _shown(EvidenceState.REPAIRED, text, *place)


def find_words(folded: Folded, words: str) -> list[tuple[int, int]]:
    """Returns every place (start, end) in the original where words, such as a name, stand whole."""
    wanted = fold(words).text.strip()
    if not wanted:
        return []
    places = [
        (folded.places[at], folded.places[at + len(wanted) - 1] + 1)
        for at in _all_starts(folded.text, wanted)
    ]
    return [place for place in places if _is_whole(folded.original, *place)]


def _whole_words(text: str, wanted: str) -> list[tuple[int, int]]:
    places = [(at, at + len(wanted)) for at in _all_starts(text, wanted)]
    return [place for place in places if _is_whole(text, *place)]


def _all_starts(text: str, wanted: str) -> Iterator[int]:
    at = text.find(wanted)
    while at >= 0:
        yield at
        at = text.find(wanted, at + 1)


def _is_whole(text: str, start: int, end: int) -> bool:
    """Returns whether text[start:end] begins and ends with no word, number or letter cut."""
    return not _goes_on(text, start) and not _goes_on(text, end)


def _goes_on(text: str, at: int) -> bool:
    """Returns whether what stands before a place goes on behind it."""
    if not 0 < at < len(text):
        return False
    left, right = at - 1, at
    while left > 0 and text[left] in _INVISIBLE:
        left -= 1
    while right < len(text) - 1 and text[right] in _INVISIBLE:
        right += 1
    before, after = text[left], text[right]
    if unicodedata.category(after).startswith("M"):
        return True  # an accent belongs to the letter before it
    if before.isalnum() and after.isalnum():
        return not _UNSPACED.match(before) and not _UNSPACED.match(after)
    joined = text[max(0, left - 1) : left + 1], text[right : right + 2]
    return any(rule.search("|".join(joined)) for rule in _NUMBER_GOES_ON)


def _best(
    places: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]]
) -> tuple[int, int] | None:
    within = [place for place in places if any(low <= place[0] < high for low, high in spans)]
    return min(within or places, default=None)


def _shown(state: EvidenceState, text: str, start: int, end: int) -> Evidence:
    return Evidence(state=state, quote=text[start:end], start=start, end=end)
