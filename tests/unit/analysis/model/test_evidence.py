from itertools import product

import pytest

from newsdesk.analysis.model.evidence import LONGEST, SHORTEST, Folded, find_evidence, find_words
from newsdesk.analysis.model.evidence import fold as folded
from newsdesk.contracts.analysis import Evidence, EvidenceState

VERIFIED, REPAIRED, NONE = EvidenceState.VERIFIED, EvidenceState.REPAIRED, EvidenceState.NONE
TEXT = (
    "Tidewater Lifts Its Dividend\n\n"
    "“We’re paid\u00a0well – very well,” its chief\u202fsaid. Net pro\u00adfit rose 12.5%\u2009on"
    " the year, to $1,204.50 a share.\n\n"
    "The board's long-term plan\tstands; shares fell -5.25% in Zürich."
)


def shown(text: str, quote: str) -> tuple[EvidenceState, str | None]:
    """Returns the state and the quote, whose offsets are checked."""
    evidence = find_evidence(text, quote)
    if evidence.state is not NONE:
        assert text[evidence.start : evidence.end] == evidence.quote
    return evidence.state, evidence.quote


@pytest.mark.parametrize(
    "quote",
    ["Tidewater Lifts Its Dividend", "“We’re paid\u00a0well – very well,” its chief\u202fsaid."],
)
def test_a_copy_is_verified(quote: str) -> None:
    assert shown(TEXT, f" \n{quote}\u00a0") == (VERIFIED, quote)


@pytest.mark.parametrize(
    ("quote", "own"),
    [
        ("We're paid well - very well", "We’re paid\u00a0well – very well"),
        ("We're paid well-very well", "We’re paid\u00a0well – very well"),
        ("We're paid well -- very well", "We’re paid\u00a0well – very well"),
        ('"We‘re paid well — very well," its chief said', "We’re paid\u00a0well – very well,” its"),
        ("Net profit rose 12.5% on the year", "Net pro\u00adfit rose 12.5%\u2009on the year"),
        ("its   chief\n said. Net pro", None),
        ("The board’s long‑term plan stands", "The board's long-term plan\tstands"),
        ("“shares fell −5.25% in Zürich”", "shares fell -5.25% in Zürich"),
        ("'The board's long-term plan'", "The board's long-term plan"),
    ],
)
def test_other_marks_and_spaces_are_repaired_to_the_texts_own(quote: str, own: str | None) -> None:
    state, found = shown(TEXT, quote)
    if own is None:  # it ends within the word that a soft hyphen parts
        assert (state, found) == (NONE, None)
    else:
        assert state is REPAIRED
        assert (found or "").startswith(own)


_SPACES = " \u00a0\u2002\u2007\u2009\u200a\u202f\u205f\u3000\t\n"
_DOUBLE = '"“”„‟«»″＂'
_SINGLE = "'‘’‚‛‹›′`´＇"
_DASHES = "-‐‑‒–—―−﹣－"
_UNSEEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff"


@pytest.mark.parametrize("kind", [_SPACES, _DOUBLE, _SINGLE, _DASHES])
def test_each_mark_stands_for_each_of_its_kind(kind: str) -> None:
    for one, other in product(kind, repeat=2):
        text, quote = f"Sales rose{one}sharply again", f"Sales rose{other}sharply again"
        assert shown(f"Then: {text}.", quote) == (VERIFIED if one == other else REPAIRED, text)


@pytest.mark.parametrize("mark", list(_UNSEEN))
def test_what_cannot_be_seen_makes_no_difference(mark: str) -> None:
    text = f"Sales ro{mark}se sharply."
    assert shown(text, "Sales rose sharply") == (REPAIRED, text.rstrip("."))
    assert shown("Sales rose sharply.", text) == (REPAIRED, "Sales rose sharply.")


def test_a_mark_of_another_kind_is_another_text() -> None:
    assert shown("The firm is well-known there.", "The firm is well known there.")[0] is NONE
    assert shown('He said "no way" to it.', "He said -no way- to it.")[0] is NONE


@pytest.mark.parametrize(
    "quote",
    [
        "idewater Lifts Its Dividend",
        "Tidewater Lifts Its Divid",
        "fit rose 12.5%\u2009on the year",  # after a soft hyphen
        "5%\u2009on the year, to",  # of 12.5%
        "Net profit rose 12",
        "204.50 a share.",
        "to $1,204.50 a s",
        "on the year, to $1",
        "5.25% in Zürich.",  # of -5.25%
        "shares fell -5.25% in Zu",
    ],
)
def test_nothing_is_quoted_from_the_middle_of_a_word_or_number(quote: str) -> None:
    assert shown(TEXT, quote) == (NONE, None)


def test_a_letter_is_not_parted_from_its_accent() -> None:
    assert shown("They dined in a cafe\u0301 there.", "They dined in a cafe") == (NONE, None)


@pytest.mark.parametrize(
    "quote",
    [
        "Net profit fell 12.5% on the year",
        "Net profit rose 12.6% on the year",
        "Net profit rose 125% on the year",
        "net profit rose 12.5% on the year",
        "profit rose",
        "““Net profit””",
        "Net profit rose […] to $1,204.50",
        "",
        "   ",
    ],
)
def test_what_the_text_does_not_say_is_not_found(quote: str) -> None:
    assert find_evidence(TEXT, quote) == Evidence()


def test_a_quote_is_neither_too_short_nor_too_long() -> None:
    text = "ab " * 400
    for length in (SHORTEST - 1, SHORTEST, LONGEST - 1, LONGEST + 1):
        quote = ("ab " * 400)[:length].rstrip()
        wanted = VERIFIED if SHORTEST <= len(quote) <= LONGEST else NONE
        assert shown(text, quote)[0] is wanted, length
    assert shown(f"{'ab ' * 300}", f'"{"ab" * 2}"' + " " * 20)[0] is NONE


def test_parts_that_were_read_come_first() -> None:
    text = "Sales rose sharply. Sales rose sharply. Sales\u00a0rose sharply."
    assert find_evidence(text, "Sales rose sharply").start == 0
    assert find_evidence(text, "Sales rose sharply", [(20, 39)]).start == 20
    assert find_evidence(text, "Sales rose sharply", [(45, 60)]).start == 0
    spaced = text.replace("Sales rose", "Sales\u202frose")
    assert find_evidence(spaced, "Sales rose sharply", [(20, 39)]).start == 20


def test_words_without_spaces_between_them_can_be_quoted() -> None:
    text = "東京海運は水曜日に配当を一割引き上げると発表した。株価は上昇した。"
    assert shown(text, "配当を一割引き上げると発表した") == (
        VERIFIED,
        "配当を一割引き上げると発表した",
    )


def test_names_are_found_whole_with_any_marks_wherever_they_stand() -> None:
    text = "Macy’s rose. Coca‑Cola and Macy's fell; Macys' did not. MACY’S."
    assert [text[a:b] for a, b in find_words(folded(text), "Macy's")] == ["Macy’s", "Macy's"]
    assert [text[a:b] for a, b in find_words(folded(text), "Coca-Cola")] == ["Coca‑Cola"]
    assert find_words(folded(text), " ") == []


def test_folding_tells_where_each_character_came_from() -> None:
    text = "a\u00ad  –\u00a0“b”"
    assert folded(text) == Folded('a-"b"', [0, 4, 6, 7, 8], text)
