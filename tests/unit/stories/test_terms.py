import math

import pytest

from newsdesk.contracts.analysis import Role
from newsdesk.stories.terms import MAX_TERMS, company_words, singular, tokens, weighted_terms
from tests.unit.stories.articles import CASTEVAL, CRANE_FLASH, OBERLINE, signature


def terms_of(text: str) -> list[str]:
    return [token.term for token in tokens(text) if token is not None]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("cranes", "crane"),
        ("inquiries", "inquiry"),
        ("losses", "loss"),
        ("oberline's", "oberline"),
        ("oberline’s", "oberline"),
        ("crisis", "crisis"),
        ("bus", "bus"),
        ("gas", "gas"),
    ],
)
def test_singular(word: str, expected: str) -> None:
    assert singular(word) == expected


@pytest.mark.parametrize(
    ("written", "term"),
    [
        ("$1.8 billion", "$1.8b"),
        ("$1.8B", "$1.8b"),
        ("$1.8bn", "$1.8b"),
        ("25,000", "25000"),
        ("14 percent", "14%"),
        ("14%", "14%"),
        ("€30 million", "€30m"),
        ("U.S. cranes", "crane"),
        ("Ciò", "ciò"),
    ],
)
def test_ways_of_writing_become_one_term(written: str, term: str) -> None:
    assert terms_of(written) == [term]


def test_stop_words_and_bare_digits_are_no_terms() -> None:
    assert terms_of("The 7 of them were at 12 with a crane") == ["crane"]


def test_title_counts_more_than_lead_and_lead_more_than_body() -> None:
    terms = weighted_terms("Gantry", "Gantry\n\nharbor\n\nweld", frozenset())
    assert terms["gantry"] > terms["harbor"] > terms["weld"]


def test_phrases_do_not_reach_over_stop_words_or_marks() -> None:
    terms = weighted_terms("Harbor commission, cranes of Calder", "", frozenset())
    assert {term for term in terms if " " in term} == {"harbor commission"}


def test_names_in_the_body_are_phrases_too() -> None:
    terms = weighted_terms("", "lead\n\nthe old port at Calder Bay", frozenset())
    assert {term for term in terms if " " in term} == {"calder bay"}


def test_terms_are_few_and_of_norm_one() -> None:
    text = " ".join(f"word{number}x" for number in range(500))
    terms = weighted_terms("Title", text, frozenset())
    assert len(terms) == MAX_TERMS
    assert "title" in terms
    assert math.isclose(sum(weight**2 for weight in terms.values()), 1, abs_tol=0.01)
    assert all(weight == round(weight, 4) for weight in terms.values())


def test_text_without_words_has_no_terms() -> None:
    assert weighted_terms("", " … 1 2 !", frozenset()) == {}


def test_company_words_do_not_count() -> None:
    words = company_words([*OBERLINE])
    assert words == {"oberline", "freight", "inc", "obrl"}
    terms = weighted_terms("Oberline Crane Collapse", "", words)
    assert set(terms) == {"crane", "collapse", "crane collapse"}


def test_signature_names_subjects_and_peers_alone() -> None:
    assert signature(CRANE_FLASH, OBERLINE, OBERLINE).tickers == ("OBRL",)
    assert signature(CRANE_FLASH, CASTEVAL, role=Role.PEER).tickers == ("CSVL",)
    for role in (Role.COMMENTATOR, Role.PASSING, Role.TAGGED_ONLY):
        assert signature(CRANE_FLASH, OBERLINE, role=role).tickers == ()
