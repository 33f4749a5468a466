from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.analysis.sentences import MAX_CHARS, MAX_SENTENCE, UnitKind, split_units

_SENTENCES = [
    ("Apple Inc. The phone maker grew.", ["Apple Inc.", "The phone maker grew."]),
    ("Apple Inc. and Intel Corp. grew.", ["Apple Inc. and Intel Corp. grew."]),
    ("The U.S. economy grew 3.5% in Jan. 2024. It slowed.", None),
    ("Dr. J. Smith left. He retired.", ["Dr. J. Smith left.", "He retired."]),
    ('"We won." She left.', ['"We won."', "She left."]),
    ("Prices rose to $1.25 a share! Why? Nobody knows…", None),
    ("It opens at 9 a.m. Eastern time.", ["It opens at 9 a.m. Eastern time."]),
]


@pytest.mark.parametrize(("text", "wanted"), _SENTENCES)
def test_a_full_stop_ends_a_sentence_only_where_it_should(
    text: str, wanted: list[str] | None
) -> None:
    if wanted is None:
        wanted = {
            "T": ["The U.S. economy grew 3.5% in Jan. 2024.", "It slowed."],
            "P": ["Prices rose to $1.25 a share!", "Why?", "Nobody knows…"],
        }[text[0]]
    assert [unit.text for unit in split_units(text, "")] == wanted


def test_titles_headings_items_and_rows_are_units_of_their_own() -> None:
    text = "A Title Of Four\n\nWhat Comes Next\n\nOne item. More.\nTwo\n\nA\t1\nB\t2\n\nPlain end."
    units = split_units(text, "A Title Of Four")
    assert [unit.kind for unit in units] == [
        UnitKind.TITLE,
        UnitKind.HEADING,
        UnitKind.ITEM,
        UnitKind.ITEM,
        UnitKind.ITEM,
        UnitKind.ROW,
        UnitKind.ROW,
        UnitKind.SENTENCE,
    ]
    assert [unit.block for unit in units] == [0, 1, 2, 2, 2, 3, 3, 4]


@given(st.text(alphabet=st.sampled_from('aB .!?…"\n\t()U.S,\u00a0é。')))
def test_units_stand_at_their_offsets_in_order_and_lose_no_word(text: str) -> None:
    units = split_units(text, "")
    assert all(text[unit.start : unit.end] == unit.text and unit.text.strip() for unit in units)
    assert all(one.end <= two.start for one, two in pairwise(units))
    assert "".join("".join(unit.text for unit in units).split()) == "".join(text.split())


@pytest.mark.parametrize("filler", ["." * 300_000, "word " * 60_000, "a" * 300_000, "(" * 300_000])
def test_a_huge_text_is_cut_by_the_stated_rule(filler: str) -> None:
    units = split_units(filler, "")
    assert units[-1].end <= MAX_CHARS
    assert max(unit.end - unit.start for unit in units) <= MAX_SENTENCE
