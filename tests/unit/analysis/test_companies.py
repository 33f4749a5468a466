import pytest

from newsdesk.analysis.builtin import analyze
from newsdesk.contracts.analysis import Role
from newsdesk.contracts.articles import Stock
from newsdesk.contracts.cleaning import TickerAnchor
from tests.unit.analysis.articles import article, company

_POLICY = (
    "The ministry has put off new sanctions, officials said.",
    "The group had used weak points in routers of Cisco Network (NASDAQ: CSCO), a U.S. company, "
    "to get into telephone networks.",
)


def test_a_company_named_once_and_late_is_passing_under_its_listed_name() -> None:
    cisco = company(
        analyze(article("Ministry Puts Off Sanctions", *_POLICY, stocks=("CSCO",))), "CSCO"
    )
    assert cisco.name == "Cisco Systems, Inc."
    assert cisco.role is Role.PASSING
    assert cisco.exchange == "NASDAQ"
    assert [mention.sentence for mention in cisco.mentions] == [_POLICY[1]]


def test_the_publishers_anchor_names_the_run_before_its_parenthesis() -> None:
    text = "Shares of Quorvane Optics Inc's (NASDAQ:QVNO) new owner rose."
    start = len("Lenses Sell\n\n") + text.index("QVNO")
    anchor = TickerAnchor(ticker="QVNO", exchange="NASDAQ", start=start, end=start + 4)
    found = company(analyze(article("Lenses Sell", text, anchors=(anchor,))), "QVNO")
    assert found.name == "Quorvane Optics Inc"


@pytest.mark.parametrize(
    ("text", "ticker", "name"),
    [
        ("Ahead of Nvidia Corp.'s (NASDAQ:NVDA) results.", "NVDA", "NVIDIA Corp."),
        ("Then Broadcom, Inc.’s (NASDAQ:AVGO) follow.", "AVGO", "Broadcom Inc."),
        (
            "Lenders such as Bank of America Corp (NYSE: BAC) gained.",
            "BAC",
            "Bank of America Corp.",
        ),
        ("Elon Musk's Tesla Inc (NASDAQ: TSLA) gained.", "TSLA", "Tesla, Inc."),
        ("Retailer Macy's, Inc. (NYSE: M) gained.", "M", "Macy's, Inc."),
        ("The token Bitcoin (CRYPTO: BTC) gained.", "BTC", "Bitcoin"),
        ("Toronto's Plovarr Mines Ltd (TSX: CSCO) gained.", "CSCO", "Plovarr Mines Ltd"),
        ("Meanwhile, Vextrol Holdings plc (LSE: VXT) gained.", "VXT", "Vextrol Holdings plc"),
    ],
)
def test_names_before_tickers(text: str, ticker: str, name: str) -> None:
    assert company(analyze(article("What Moved Today", text)), ticker).name == name


def test_share_classes_of_one_name_are_one_company() -> None:
    text = "Alphabet Inc. (NASDAQ: GOOG) (NASDAQ: GOOGL) rose. Google leads in search."
    found = analyze(article("Search Firm Rises", text, stocks=("GOOG", "GOOGL"))).companies
    assert [(item.name, item.ticker) for item in found] == [("Alphabet Inc.", "GOOG")]
    assert [text_of(text, item.start) for item in found[0].mentions] == ["Alphabet", "Google"]


def text_of(text: str, start: int) -> str:
    return text[start - len("Search Firm Rises\n\n") :].split()[0]


@pytest.mark.parametrize(
    "text",
    [
        "The price target rose, and a target date was set.",
        "Target dates for the plan slipped.",
        "She bought an apple and a block of cheese.",
        "IT IS ALL ON NOW.",
        "The market may gap up at the open.",
    ],
)
def test_common_words_are_no_companies(text: str) -> None:
    assert analyze(article("Plans For The Day", text)).companies == ()


def test_short_tickers_that_are_words_are_not_read_as_names() -> None:
    text = "IT staff said ALL of it was ON time. A plan exists."
    found = analyze(article("Staff Notes", text, stocks=("IT", "ALL", "ON", "A"))).companies
    assert {item.role for item in found} == {Role.TAGGED_ONLY}
    assert all(item.mentions == () for item in found)


def test_a_well_known_company_is_found_without_tag_or_ticker() -> None:
    found = analyze(article("Chips In Short Supply", "Buyers of chips wait for Nvidia to ship."))
    assert [item.ticker for item in found.companies] == ["NVDA"]


def test_a_market_fund_is_never_a_subject() -> None:
    text = "The SPDR S&P 500 ETF Trust (NYSE: SPY) rose 1%. SPY has gained all week. SPY leads."
    found = company(analyze(article("SPY Rises Again", text, stocks=("SPY",))), "SPY")
    assert found.role is Role.PASSING


def test_tags_alone_and_blank_or_odd_tickers() -> None:
    stocks = (
        Stock(ticker=" "),
        Stock(ticker="$btc"),
        Stock(ticker="brk/b"),
        Stock(ticker="ZZQX", name="Quellmark Foods Inc"),
    )
    found = analyze(article("Quiet Day On The Street", "Nothing moved today.", stocks=stocks))
    assert [(item.name, item.ticker, item.exchange) for item in found.companies] == [
        ("Bitcoin", "BTC", "CRYPTO"),
        ("Berkshire Hathaway Inc.", "BRK-B", None),
        ("Quellmark Foods Inc", "ZZQX", None),
    ]
    assert {item.role for item in found.companies} == {Role.TAGGED_ONLY}


def test_a_headline_word_that_abbreviates_to_an_unknown_ticker_names_its_company() -> None:
    found = analyze(article("Quellmark Foods Cuts Forecast", stocks=("QLMK",)))
    assert company(found, "QLMK").role is Role.SUBJECT


def test_a_broker_that_speaks_of_others_is_a_commentator() -> None:
    text = (
        "The Fed will cut rates twice this year, UBS said in a note. "
        "UBS expects growth to slow, according to its analysts."
    )
    found = company(
        analyze(article("Fed To Cut Rates Twice, Says UBS", text, stocks=("UBS",))), "UBS"
    )
    assert found.role is Role.COMMENTATOR


def test_a_broker_with_results_of_its_own_is_the_subject() -> None:
    text = "UBS Group AG (NYSE: UBS) posted a record quarterly profit. UBS shares rose 4%."
    found = company(analyze(article("UBS Profit Beats Estimates", text, stocks=("UBS",))), "UBS")
    assert found.role is Role.SUBJECT


def test_a_rival_that_is_compared_is_a_peer() -> None:
    text = (
        "Intel Corp (NASDAQ: INTC) raised its forecast on strong demand. "
        "Rival Advanced Micro Devices (NASDAQ: AMD) lost market share and warned on profit."
    )
    analysis = analyze(article("Intel Raises Forecast", text, stocks=("INTC", "AMD")))
    assert [(item.ticker, item.role) for item in analysis.companies] == [
        ("INTC", Role.SUBJECT),
        ("AMD", Role.PEER),
    ]


def test_two_and_thirty_stocks_each_appear_once() -> None:
    tickers = tuple(f"QX{chr(65 + n // 26)}{chr(65 + n % 26)}" for n in range(32))
    items = "\n".join(
        f"Firm{chr(97 + n % 26)}{n} Corp (NYSE: {t}) rose." for n, t in enumerate(tickers)
    )
    found = analyze(article("Stocks On The Move", items, stocks=tickers)).companies
    assert sorted(item.ticker or "" for item in found) == sorted(tickers)
    assert all(len(item.mentions) == 1 for item in found)
