from hypothesis import given
from hypothesis import strategies as st

from newsdesk.analysis.model.excerpts import (
    MAX_PER_COMPANY,
    Excerpt,
    around_mentions,
    paragraphs_of,
    shortened,
)
from newsdesk.analysis.model.prompts import LEFT_OUT
from newsdesk.contracts.analysis import Company, Mention, Role

BLOCKS = ("A Title", "The first.", "On Quellmark.", "It went on.", "Else.", "Quellmark again.")
TEXT = "\n\n".join(BLOCKS)
_TEXTS = st.lists(
    st.text("ab \t", max_size=30) | st.sampled_from(["", "one\ntwo", "\n", "x" * 50]), max_size=8
).map("\n\n".join)


def company(text: str, name: str) -> Company:
    """Returns a company that the text names wherever its name stands."""
    places: list[int] = []
    at = text.find(name)
    while at >= 0:
        places.append(at)
        at = text.find(name, at + 1)
    mentions = (Mention(start=at, end=at + len(name), sentence=name) for at in places)
    return Company(name=name, role=Role.SUBJECT, mentions=tuple(mentions))


def paragraphs(text: str, excerpt: Excerpt) -> list[str]:
    """Returns the paragraphs that an excerpt's spans lead to in the text."""
    return [text[start:end] for start, end in excerpt.spans]


def test_paragraphs_have_their_places_in_the_text() -> None:
    text = "A title\n\n\n\nTwo\nlines\n\n  \n\n\nLast \n"
    found = [text[one.start : one.end] for one in paragraphs_of(text)]
    assert found == ["A title", "Two\nlines", "\nLast \n"]
    assert paragraphs_of("") == []


def test_a_text_that_fits_is_given_whole_and_nothing_is_noted() -> None:
    for most in (len(TEXT), len(TEXT) + 1, 10_000):
        excerpt = shortened(TEXT, most)
        assert (excerpt.text, excerpt.note) == (TEXT, "")
        assert paragraphs(TEXT, excerpt) == list(BLOCKS)


def test_of_a_longer_text_the_last_paragraphs_are_left_out_and_counted() -> None:
    excerpt = shortened(TEXT, len(TEXT) - 1)
    assert excerpt.text == "\n\n".join(BLOCKS[:-1])
    assert "first 5 of 6 paragraphs" in excerpt.note
    assert f"({sum(map(len, BLOCKS[:-1]))} characters)" in excerpt.note


def test_a_first_paragraph_that_is_too_long_is_cut_behind_a_word() -> None:
    text = "Seventeen firms\tmoved\ntoday.\n\nMore of it."
    for most, kept in (
        (14, "Seventeen"),
        (15, "Seventeen firms"),
        (20, "Seventeen firms"),
        (27, "Seventeen firms\tmoved"),
        (28, "Seventeen firms\tmoved\ntoday."),
        (4, "Seve"),
    ):
        excerpt = shortened(text, most)
        assert (excerpt.text, excerpt.spans) == (kept, ((0, len(kept)),))
        assert "first 1 of 2 paragraphs" in excerpt.note
    assert shortened("\n\nx yyyy", 3).text == "x"


def test_around_mentions_are_title_first_paragraph_the_named_and_what_follows() -> None:
    text = "\n\n".join((*BLOCKS, "Then this.", "And that."))
    excerpt = around_mentions(text, [company(text, "Quellmark")], 10_000)
    chosen = [*BLOCKS[:4], BLOCKS[5], "Then this."]
    assert paragraphs(text, excerpt) == chosen
    assert excerpt.text == "\n\n".join([*chosen[:4], LEFT_OUT, *chosen[4:]])
    assert excerpt.note == ""


def test_the_paragraph_after_is_given_for_the_first_two_mentions_only() -> None:
    text = "\n\n".join(["Title", "First.", *["Quellmark is named.", "Then a word."] * 3])
    excerpt = around_mentions(text, [company(text, "Quellmark")], 10_000)
    assert paragraphs(text, excerpt).count("Quellmark is named.") == 3
    assert paragraphs(text, excerpt).count("Then a word.") == 2


def test_of_one_company_a_bounded_number_of_paragraphs_is_given() -> None:
    text = "\n\n".join(["Title", "First.", *["Quellmark is named."] * 30, "Vextrol as well."])
    excerpt = around_mentions(text, [company(text, "Quellmark"), company(text, "Vextrol")], 10_000)
    assert paragraphs(text, excerpt).count("Quellmark is named.") == MAX_PER_COMPANY
    assert paragraphs(text, excerpt)[-1] == "Vextrol as well."


def test_what_does_not_fit_around_mentions_is_noted() -> None:
    whole = around_mentions(TEXT, [company(TEXT, "Quellmark")], 10_000)
    excerpt = around_mentions(TEXT, [company(TEXT, "Quellmark")], len(whole.text) - 1)
    assert "first 4 of 5 paragraphs around mentions" in excerpt.note
    assert excerpt.text == "\n\n".join(BLOCKS[:4])


@given(text=_TEXTS, most=st.integers(1, 120), named=st.sampled_from("abx"))
def test_an_excerpt_is_of_the_text_never_too_long_and_noted_where_it_is_short(
    text: str, most: int, named: str
) -> None:
    for excerpt in (shortened(text, most), around_mentions(text, [company(text, named)], most)):
        assert len(excerpt.text) <= most or not excerpt.spans
        pieces = excerpt.text.replace(f"\n\n{LEFT_OUT}\n\n", "\n\n")
        assert pieces == "\n\n".join(paragraphs(text, excerpt))
        assert bool(excerpt.text) == bool(text.strip())
        assert list(excerpt.spans) == sorted(excerpt.spans)
    blocks = paragraphs_of(text)
    whole = [(one.start, one.end) for one in blocks]
    assert bool(shortened(text, most).note) == (list(shortened(text, most).spans) != whole)
