"""What is shown is in the text or in the tags, with the places where the text names it."""

import pytest

from newsdesk.analysis.model.answers import AnswerRole, CompanyAnswer
from newsdesk.analysis.model.companies import checked_companies
from newsdesk.analysis.sentences import MAX_CHARS, split_units
from newsdesk.contracts.analysis import ArticleForAnalysis, Company, Role
from newsdesk.contracts.articles import Stock
from tests.unit.analysis.articles import article

CISCO = article(
    "Quorvane Buys Lens Maker",
    "Quorvane Optics Ltd agreed to buy Lumen & Sons from Cisco Systems (NASDAQ: CSCO). Quorvane"
    " pays $5 million.",
    "UBS expects more deals, and Quorvane Optics as well.",
    stocks=("CSCO", "INTC"),
)


def answer(name: str, ticker: str = "", role: AnswerRole = "subject") -> CompanyAnswer:
    return CompanyAnswer(name=name, ticker=ticker, role=role)


def checked(
    item: ArticleForAnalysis, *answers: CompanyAnswer, read_names: bool = True
) -> tuple[dict[str, Company], int]:
    """Returns companies by name, and how many were dropped; every mention is checked."""
    units = split_units(item.text, item.title)
    companies, dropped = checked_companies(item, units, answers, read_names=read_names)
    for company in companies:
        for mention in company.mentions:
            assert 0 <= mention.start < mention.end <= len(item.text)
            assert item.text[mention.start : mention.end] in mention.sentence
            assert mention.sentence in item.text
        assert bool(company.mentions) == (company.role is not Role.TAGGED_ONLY)
    by_name = {company.name: company for company in companies}
    assert len(by_name) == len(companies)
    return by_name, dropped


def mentions(item: ArticleForAnalysis, company: Company) -> list[str]:
    return [item.text[mention.start : mention.end] for mention in company.mentions]


def test_companies_are_found_with_all_their_places_subjects_first() -> None:
    found, dropped = checked(
        CISCO,
        answer("UBS", role="commentator"),
        answer("Cisco Systems", "CSCO", "peer"),
        answer("Lumen & Sons", role="passing"),
        answer("Quorvane Optics Ltd"),
    )
    assert dropped == 0
    assert [(name, item.ticker, item.role) for name, item in found.items()] == [
        ("Quorvane Optics Ltd", None, Role.SUBJECT),
        ("Cisco Systems, Inc.", "CSCO", Role.PEER),
        ("UBS Group AG", "UBS", Role.COMMENTATOR),
        ("Lumen & Sons", None, Role.PASSING),
        ("Intel Corp.", "INTC", Role.TAGGED_ONLY),
    ]
    assert mentions(CISCO, found["Quorvane Optics Ltd"]) == [
        "Quorvane",
        "Quorvane Optics Ltd",
        "Quorvane",
        "Quorvane Optics",
    ]


def test_an_invented_company_is_dropped_and_counted() -> None:
    invented = [
        answer("Zyxwort Holdings", "ZYXW"),
        answer("Quorvane Optics Limited Partners"),
        answer("orvane Optics"),
        answer("Quorvane Optik Ltd"),
        answer("—"),
        answer(""),
        answer("Quorvane Optics Ltd " * 20),
    ]
    found, dropped = checked(CISCO, *invented)
    assert dropped == len(invented)
    assert {name: item.role for name, item in found.items()} == {
        "Cisco Systems, Inc.": Role.PASSING,
        "Intel Corp.": Role.TAGGED_ONLY,
    }


def test_a_name_does_not_reach_over_lines_and_cells() -> None:
    item = article("Shares Of Alpha", "Beta Corp rose.", "Delta\tGamma\nEpsilon")
    for name in ("Alpha Beta Corp", "Delta Gamma", "Gamma Epsilon"):
        assert checked(item, answer(name)) == ({}, 1)


@pytest.mark.parametrize("role", ["subject", "peer", "commentator", "passing"])
def test_a_company_that_is_only_tagged_stays_so_whatever_the_model_says(role: AnswerRole) -> None:
    for claim in (answer("Intel Corp.", "INTC", role), answer("Chipmaker", "intc", role)):
        found, dropped = checked(CISCO, claim)
        assert (found["Intel Corp."].role, found["Intel Corp."].mentions) == (Role.TAGGED_ONLY, ())
        assert dropped == 0


def test_another_companys_ticker_does_not_move_its_mentions() -> None:
    found, _ = checked(CISCO, answer("Quorvane Optics Ltd", "INTC"))
    assert found["Intel Corp."].role is Role.TAGGED_ONLY
    assert (found["Quorvane Optics Ltd"].role, found["Quorvane Optics Ltd"].ticker) == (
        Role.SUBJECT,
        None,
    )


def test_of_two_answers_for_a_ticker_the_one_with_its_name_says_what_it_does() -> None:
    for division in ("Cisco Talos", "Quorvane Optics Ltd", "Zyxwort"):
        found, _ = checked(CISCO, answer(division, "CSCO"), answer("Cisco Systems", role="passing"))
        assert found["Cisco Systems, Inc."].role is Role.PASSING
        assert ("Quorvane Optics Ltd" in found) == (division == "Quorvane Optics Ltd")
        assert [item.ticker for item in found.values()].count("CSCO") == 1


def test_a_company_tagged_by_ticker_alone_is_called_as_the_text_calls_it() -> None:
    item = article("A Deal Is Struck", "Quorvane Optics rose.", stocks=("QVNO", "ZZQX"))
    found, _ = checked(item, answer("Quorvane Optics", "QVNO"), answer("Zed Quux", "ZZQX"))
    assert {name: (one.ticker, one.role) for name, one in found.items()} == {
        "Quorvane Optics": ("QVNO", Role.SUBJECT),
        "ZZQX": ("ZZQX", Role.TAGGED_ONLY),
    }


@pytest.mark.parametrize(
    ("text", "ticker", "shown"),
    [
        ("Quorvane Optics (QVNO) rose.", "QVNO", "QVNO"),
        ("Quorvane Optics rose; $QVNO gained.", "$qvno", "QVNO"),
        ("Quorvane Optics rose, says its CEO.", "CEO", None),
        ("Quorvane Optics rose. It is ON time.", "ON", None),
        ("Quorvane Optics (ON) rose.", "ON", "ON"),
        ("Quorvane Optics rose on Qvno day.", "QVNO", None),
        ("Quorvane Optics (2024) rose.", "2024", None),
        ("Quorvane Optics rose.", "QVNO", None),
        ("Quorvane Optics and Cisco Systems (NASDAQ: CSCO) rose.", "CSCO", None),
    ],
)
def test_a_ticker_is_taken_from_text_or_tags_only(
    text: str, ticker: str, shown: str | None
) -> None:
    item = article("A Deal Is Struck", text)
    found, _ = checked(item, answer("Cisco Systems"), answer("Quorvane Optics", ticker))
    assert found["Quorvane Optics"].ticker == shown


@pytest.mark.parametrize(
    ("spelled", "name"),
    [
        ("Macy’s", "Macy's"),
        ("Coca‑Cola Bottlers", "Coca-Cola Bottlers"),
        ("Quell – Mark Foods", "Quell-Mark Foods"),
        ("Quell\u00a0Mark", "Quell Mark"),
        ("Quell\u00admark", "Quellmark"),
        ("«Газпром Нефть»", '"Газпром Нефть"'),
    ],
)
def test_names_are_found_with_other_marks_and_shown_as_the_text_has_them(
    spelled: str, name: str
) -> None:
    item = article("What Moved Today", f"Then {spelled}'s shares fell.")
    found, dropped = checked(item, answer(name), read_names=False)
    assert (list(found), dropped) == ([spelled], 0)
    assert mentions(item, found[spelled]) == [spelled]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("株式会社東京海運は水曜日に発表した。", "東京海運"),
        ("腾讯控股周三宣布利润增长。", "腾讯控股"),
        ("삼성전자는 수요일에 발표했다.", "삼성전자"),
        ("Акции Газпрома и Сбербанк выросли.", "Сбербанк"),
        ("ปตท.ประกาศผลกำไรไทยออยล์", "ไทยออยล์"),
        ("ارتفعت أسهم أرامكو السعودية.", "أرامكو السعودية"),
    ],
)
def test_names_in_other_letters_are_found(text: str, name: str) -> None:
    item = article("News", text, language="und")
    found, dropped = checked(item, answer(name), read_names=False)
    assert (list(found), dropped) == ([name], 0)


def test_in_another_language_only_whole_names_are_mentions() -> None:
    item = article(
        "Die Bahn fährt vor",
        "Die Bahn meldet Gewinn. Die Kunden der SAP-Tochter freuen sich.",
        stocks=(Stock(ticker="SAP", name="SAP SE"),),
        language="de",
    )
    found, _ = checked(item, answer("Die Bahn"), answer("SAP", "SAP", "peer"), read_names=False)
    assert mentions(item, found["Die Bahn"]) == ["Die Bahn", "Die Bahn"]
    assert (found["SAP SE"].role, mentions(item, found["SAP SE"])) == (Role.PEER, ["SAP"])


def test_names_that_begin_alike_are_not_taken_for_each_other() -> None:
    item = article("A Deal", "Vextrol Marine fell. Vextrol Foods rose. Vextrol shares were mixed.")
    found, _ = checked(item, answer("Vextrol Marine"), answer("Vextrol Foods", role="peer"))
    assert mentions(item, found["Vextrol Marine"]) == ["Vextrol Marine"]
    assert mentions(item, found["Vextrol Foods"]) == ["Vextrol Foods"]
    alone = article("A Deal", "Vextrol Marine fell. Vextrol shares were mixed.")
    found, _ = checked(alone, answer("Vextrol Marine"))
    assert mentions(alone, found["Vextrol Marine"]) == ["Vextrol Marine", "Vextrol"]


def test_a_whole_passage_is_no_name() -> None:
    item = article("A Deal", "Vextrol " * 30)
    assert checked(item, answer("Vextrol " * 29)) == ({}, 1)


def test_one_company_under_several_names_is_one() -> None:
    found, dropped = checked(
        CISCO,
        answer("Quorvane Optics", role="peer"),
        answer("Quorvane Optics Ltd"),
        answer("Cisco Systems, Inc.", "CSCO"),
        answer("Cisco", "CSCO", "passing"),
    )
    assert list(found) == ["Cisco Systems, Inc.", "Quorvane Optics", "Intel Corp."]
    assert (found["Quorvane Optics"].role, dropped) == (Role.PEER, 0)


def test_a_mention_behind_what_is_split_into_sentences_has_its_line() -> None:
    item = article("Long", "word " * (MAX_CHARS // 5), "Before.\nQuorvane Optics rose.\nAfter.")
    found, _ = checked(item, answer("Quorvane Optics"))
    [mention] = found["Quorvane Optics"].mentions
    assert (mention.start > MAX_CHARS, mention.sentence) == (True, "Quorvane Optics rose.")
