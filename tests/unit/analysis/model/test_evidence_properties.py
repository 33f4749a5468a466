"""Whatever is cut out of a text and typed anew is found; whatever is found is in the text."""

import random

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from newsdesk.analysis.model.evidence import LONGEST, SHORTEST, find_evidence
from newsdesk.contracts.analysis import EvidenceState

_KINDS = (" \u00a0\u202f\u2009\n", '"“”«»', "'’‘", "-–—‑")
_WORDS = st.sampled_from(
    "Net profit rose 12.5% to $1,204 a share don’t O'Neil Zürich long‑term Q3 “we “well” (NYSE: "
    "TDWX) said, year. 株 pro\u00adfit Coca-Cola 7 it's …".split(" ")
)
_GAPS = st.sampled_from([" ", " ", " ", "\u00a0", "\u202f", "\n", "\n\n", " – ", " — ", "  "])
_TEXTS = st.lists(st.tuples(_WORDS, _GAPS), min_size=5, max_size=40)


def _retyped(quote: str, chance: random.Random) -> str:
    """Returns a quote as somebody else would type it."""
    typed: list[str] = []
    for char in quote:
        kind = next((kind for kind in _KINDS if char in kind), None)
        typed.append(char if kind is None else chance.choice(kind))
        if kind == _KINDS[0]:
            typed.append(" " * chance.randrange(3))
        elif char.isalpha():
            typed.append("\u00ad" * (chance.random() < 0.1))
    return "".join(typed)


@settings(max_examples=100, deadline=None)
@given(
    pairs=_TEXTS,
    first=st.integers(0, 40),
    count=st.integers(3, 20),
    chance=st.randoms(use_true_random=False),
)
def test_a_quote_that_was_typed_anew_is_found(
    pairs: list[tuple[str, str]], first: int, count: int, chance: random.Random
) -> None:
    text = "".join(word + gap for word, gap in pairs)
    first %= len(pairs)
    start = sum(len(word + gap) for word, gap in pairs[:first])
    quote = "".join(word + gap for word, gap in pairs[first : first + count]).strip()
    retyped = _retyped(quote, chance)
    assume(SHORTEST + 8 < len(quote) and len(retyped) <= LONGEST)
    evidence = find_evidence(text, retyped, [(start, start + len(quote))])
    assert evidence.state is not EvidenceState.NONE
    assert evidence.start is not None
    assert evidence.quote is not None
    assert evidence.quote == text[evidence.start : evidence.end]
    # Quotation marks around it are left aside, and so may be an apostrophe at its end.
    assert quote.strip("“”'’") in evidence.quote
    assert start <= evidence.start <= start + 1


@settings(max_examples=100, deadline=None)
@given(pairs=_TEXTS, place=st.integers(0, 40), other=st.sampled_from(["fell", "13.5%", "Umbrella"]))
def test_a_quote_with_a_changed_word_is_not_found(
    pairs: list[tuple[str, str]], place: int, other: str
) -> None:
    text = "".join(word + gap for word, gap in pairs)
    changed = list(pairs)
    changed[place % len(pairs)] = (other, " ")
    quote = "".join(word + gap for word, gap in changed)
    assert find_evidence(text, quote).state is EvidenceState.NONE


@settings(max_examples=100, deadline=None)
@given(pairs=_TEXTS, place=st.integers(0, 400), digit=st.sampled_from("0123456789"))
def test_a_quote_with_a_changed_digit_is_not_found(
    pairs: list[tuple[str, str]], place: int, digit: str
) -> None:
    text = "".join(word + gap for word, gap in pairs)
    digits = [at for at, char in enumerate(text) if char.isdigit()]
    assume(digits)
    at = digits[place % len(digits)]
    assume(text[at] != digit)
    quote = f"{text[:at]}{digit}{text[at + 1 :]}"
    assert find_evidence(text, quote).state is EvidenceState.NONE


@settings(max_examples=100, deadline=None)
@given(text=st.text(" ab1.-–“”\u00ad\u00a0é\u0301株", max_size=80), data=st.data())
@example(text="ab ab\u00adab ab ab ab ab", data=None)
def test_whatever_is_found_is_in_the_text_and_cuts_no_word(
    text: str, data: st.DataObject | None
) -> None:
    low = data.draw(st.integers(0, 40)) if data else 6
    size = data.draw(st.integers(12, 40)) if data else 12
    evidence = find_evidence(text, text[low : low + size])
    if evidence.start is None or evidence.end is None:
        return
    assert text[evidence.start : evidence.end] == evidence.quote
    assert not _latin(text[evidence.start - 1 : evidence.start]) or not _latin(
        text[evidence.start : evidence.start + 1]
    )
    assert not _latin(text[evidence.end - 1 : evidence.end]) or not _latin(
        text[evidence.end : evidence.end + 1]
    )


def _latin(char: str) -> bool:
    return char in ("a", "b", "1", "é")
