"""Words of articles before they reach a terminal."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from newsdesk.ops.text import one_line, plain, score_text


@given(st.text())
def test_nothing_that_drives_a_terminal_is_left(text: str) -> None:
    shown = plain(text)
    assert not [
        char for char in shown if unicodedata.category(char)[0] == "C" and char not in "\n\t"
    ]
    assert one_line(text) == " ".join(shown.split())


def test_words_stay_as_they_are() -> None:
    text = "„Über“ 42 % – [red]não[/red] 見出し\n\tZweite Zeile"
    assert plain(text) == text
    assert one_line(" a\n\n b\tc ") == "a b c"


def test_sequences_lose_their_escape_and_words_are_not_turned_round() -> None:
    assert plain("\x1b]0;owned\x07\x9b31m\u202eevil\u2069\x7f\x00") == "]0;owned31mevil"


def test_a_score_next_to_nothing_has_no_minus() -> None:
    assert [score_text(score) for score in (-0.004, -0.57, 1.0)] == ["+0.00", "-0.57", "+1.00"]
