import pytest

from newsdesk.analysis.builtin import analyze, score
from newsdesk.contracts.analysis import (
    ArticleForAnalysis,
    EvidenceState,
    Label,
    Sentiment,
    SentimentState,
)
from tests.unit.analysis.articles import article


def assess(item: ArticleForAnalysis) -> dict[str, Sentiment]:
    analysis = analyze(item)
    sentiments = score(item, analysis).sentiments
    return {
        company.ticker or company.name: sentiment
        for company, sentiment in zip(analysis.companies, sentiments, strict=True)
    }


def score_of(title: str, ticker: str) -> float:
    value = assess(article(title, stocks=(ticker,)))[ticker].score
    assert value is not None
    return value


@pytest.mark.parametrize(
    "title",
    [
        "Cisco beats estimates and raises guidance",
        "Cisco upgraded to Buy on strong demand",
        "Cisco reports narrower loss",
        "Cisco reduces debt, profit rises",
        "Cisco shares fell less than feared",
        "Cisco shares soar",
        "Cisco wins approval for its new plant",
        "Cisco swings to profit",
    ],
)
def test_good_news_is_positive(title: str) -> None:
    assert score_of(title, "CSCO") >= 0.15


@pytest.mark.parametrize(
    "title",
    [
        "Cisco misses estimates and cuts guidance",
        "Cisco downgraded to Sell",
        "Cisco loss widens",
        "Cisco shares plunge",
        "Cisco sued over fraud",
        "Cisco did not beat estimates",
        "Cisco recalls routers after fires",
        "Cisco costs surge",
    ],
)
def test_bad_news_is_negative(title: str) -> None:
    assert score_of(title, "CSCO") <= -0.15


@pytest.mark.parametrize(
    "title",
    [
        "Cisco rises while Intel slumps",
        "Cisco rises; Intel slumps",
        "Cisco gains market share but Intel warns of losses",
        "Cisco surges and Intel plunges",
    ],
)
def test_each_company_gets_its_own_clause(title: str) -> None:
    found = assess(article(title, stocks=("CSCO", "INTC")))
    cisco, intel = found["CSCO"].score, found["INTC"].score
    assert cisco is not None
    assert intel is not None
    assert cisco >= 0.15
    assert intel <= -0.15


def test_coordinated_companies_share_what_is_said() -> None:
    found = assess(article("Cisco, Intel and Nvidia surge", stocks=("CSCO", "INTC", "NVDA")))
    assert {sentiment.label for sentiment in found.values()} == {Label.BULLISH}


def test_tickers_between_names_do_not_part_them() -> None:
    text = (
        "Prices moved on Monday.",
        "Rivian Automotive (NASDAQ: RIVN) and Lucid Group (NASDAQ: LCID) plunged on weak demand.",
    )
    found = assess(article("A Look At Car Makers", *text, stocks=("RIVN", "LCID")))
    assert {found["RIVN"].label, found["LCID"].label} == {Label.BEARISH}


def test_a_plain_fact_is_neutral_with_its_proof() -> None:
    sentiment = assess(article("Cisco moves its office to Austin", stocks=("CSCO",)))["CSCO"]
    assert (sentiment.score, sentiment.label) == (0.0, Label.NEUTRAL)
    assert sentiment.evidence.quote == "Cisco moves its office to Austin"


def test_the_next_sentence_about_the_company_counts_too() -> None:
    text = (
        "Cisco Systems (NASDAQ: CSCO) met investors. The company warned of a steep fall in profit."
    )
    sentiment = assess(article("Day Of Meetings", text, stocks=("CSCO",)))["CSCO"]
    assert sentiment.score is not None
    assert sentiment.score <= -0.15
    assert sentiment.evidence.quote == "The company warned of a steep fall in profit."


def test_price_history_is_weaker_than_the_news() -> None:
    text = (
        "Cisco Systems (NASDAQ: CSCO) was sued for fraud by the state.",
        "Price Action: Cisco shares were up 3.1% at $50.20 on Tuesday.",
    )
    found = assess(article("State Goes To Court", *text, stocks=("CSCO",)))["CSCO"]
    assert found.label is Label.BEARISH


def test_a_passing_company_is_not_scored_and_says_why() -> None:
    text = (
        "The ministry has put off new sanctions. It gave no date.",
        "Hackers had used routers of Cisco Network (NASDAQ: CSCO).",
    )
    sentiment = assess(article("Ministry Puts Off Sanctions", *text, stocks=("CSCO",)))["CSCO"]
    assert sentiment.state is SentimentState.NOT_ASSESSED
    assert "in passing" in sentiment.reason


def test_a_commentator_is_not_scored_by_what_it_says_of_others() -> None:
    text = "Mizuho Securities downgraded Intel Corp (NASDAQ: INTC) to Sell, citing weak demand."
    found = assess(article("Intel Downgraded By Mizuho", text, stocks=("INTC",)))
    assert found["INTC"].label is Label.BEARISH
    assert found["MFG"].state is SentimentState.NOT_ASSESSED
    assert "speaks about others" in found["MFG"].reason


def test_a_company_in_the_tags_alone_is_not_scored() -> None:
    sentiment = assess(article("Market Plunges", "Stocks sank.", stocks=("CSCO",)))["CSCO"]
    assert sentiment.state is SentimentState.NOT_ASSESSED
    assert sentiment.reason.startswith("Tagged by Benzinga")


def test_words_of_an_options_table_are_about_trades() -> None:
    item = article(
        "10 Stocks With Whale Alerts Today",
        "Symbol\tPUT/CALL\tSentiment\nCSCO\tCALL\tBULLISH\nINTC\tPUT\tBEARISH",
        "Regarding CSCO (NASDAQ: CSCO), we observe a call option sweep with bullish sentiment.",
        stocks=("CSCO", "INTC"),
        channels=("Options",),
    )
    assert analyze(item).automated_alert
    assert {s.state for s in assess(item).values()} == {SentimentState.NOT_ASSESSED}
    assert all("trades" in sentiment.reason for sentiment in assess(item).values())


def test_injected_markup_stays_text() -> None:
    title = "Cisco <script>alert('x')</script> & <b>plunges</b>"
    sentiment = assess(article(title, stocks=("CSCO",)))["CSCO"]
    assert sentiment.evidence.quote == title
    assert sentiment.evidence.state is EvidenceState.VERIFIED
