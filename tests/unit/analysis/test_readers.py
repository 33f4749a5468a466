"""What a reader of records would call wrong, each with the rule that mends it."""

import pytest

from newsdesk.analysis.builtin import analyze, score
from newsdesk.analysis.lexicon import OTHER_COMPANY, THIS_COMPANY, weigh
from newsdesk.analysis.summary import GIST_LENGTH
from newsdesk.contracts.analysis import ArticleForAnalysis, Label, Role, Sentiment, SentimentState
from newsdesk.contracts.articles import Stock
from tests.unit.analysis.articles import article


def of(item: ArticleForAnalysis, ticker: str = "CSCO") -> Sentiment:
    analysis = analyze(item)
    found = [company.ticker for company in analysis.companies]
    return score(item, analysis).sentiments[found.index(ticker)]


def points(item: ArticleForAnalysis, ticker: str = "CSCO") -> float:
    value = of(item, ticker).score
    assert value is not None
    return value


def total(*words: str) -> float:
    return sum(item.weight for item in weigh(words))


def test_a_paragraph_label_and_a_dateline_are_left_out() -> None:
    item = article(
        "Cisco Opens Plant In Ohio",
        "COLUMBUS, May 5, 2026 /Newswire/ -- Cisco Systems (NASDAQ: CSCO) opened a plant for "
        "network switches in the north of Ohio today.",
        "What Happened: The plant in Ohio will employ 400 people by the end of next year.",
        "Cisco Price Action: Cisco shares were up 1.2% at $50.20 on Tuesday afternoon in Ohio.",
        stocks=("CSCO",),
    )
    analysis = analyze(item)
    assert analysis.gist.startswith("Cisco Systems (NASDAQ: CSCO) opened")
    assert analysis.summary == (
        "Cisco Systems (NASDAQ: CSCO) opened a plant for network switches in the north of Ohio "
        "today. The plant in Ohio will employ 400 people by the end of next year."
    )


@pytest.mark.parametrize("opening", ["A day after the vote in its home town", "Cisco Systems said"])
def test_a_gist_that_is_cut_says_so_and_is_more_than_a_side_clause(opening: str) -> None:
    lead = (
        f"{opening}, Cisco Systems (NASDAQ: CSCO) began to build a plant for network switches "
        "and optical parts near Columbus, where it has bought land from the state and from two "
        "farms, officials said, a step that will double its capacity for the coming decade."
    )
    gist = analyze(article("Cisco Builds Plant", lead, stocks=("CSCO",))).gist
    assert gist.endswith("…")
    assert len(gist) <= GIST_LENGTH + 1
    assert "began to build a plant" in gist
    assert lead.startswith(gist[:-1])


def test_the_gist_is_news_and_not_background_or_a_flourish() -> None:
    item = article(
        "Cisco Sells Its Camera Unit",
        "Cisco moves fast.",
        "Cisco Systems (NASDAQ: CSCO) will sell its camera unit to a private buyer for cash.",
        "Cisco has built cameras for homes, shops and cars over the years in several countries.",
        stocks=("CSCO",),
    )
    assert analyze(item).gist.startswith("Cisco Systems (NASDAQ: CSCO) will sell")


@pytest.mark.parametrize(
    "title",
    [
        "Cisco, Union Reach Tentative Deal To End Strike",
        "Cisco Ends Strike At Ohio Plant",
        "Cisco Averts Strike",
        "Cisco Settles Lawsuit Over Patents",
        "Cisco Resumes Production",
    ],
)
def test_an_end_of_trouble_is_no_trouble(title: str) -> None:
    assert points(article(title, stocks=("CSCO",))) > 0


@pytest.mark.parametrize(
    "title",
    [
        "Cisco Workers Vote To Strike",
        "Cisco Drug Fails To Meet Primary Endpoint",
        "Cisco To Sell $300M In Stock",
        "Cisco Prices Stock Offering At A 7% Discount",
        "Cisco Ousts CEO Over Expenses",
        "Cisco Hit By Ransomware Attack",
        "Cisco Withdraws Its Outlook",
        "Cisco Faces Antitrust Suit",
    ],
)
def test_bad_turns_are_bad(title: str) -> None:
    assert points(article(title, stocks=("CSCO",))) <= -0.15


def test_a_failed_trial_is_bearish() -> None:
    lead = "Cisco Systems (NASDAQ: CSCO) said its drug did not meet the primary endpoint."
    found = of(article("Cisco Trial Fails To Meet Primary Endpoint", lead, stocks=("CSCO",)))
    assert found.label is Label.BEARISH
    assert "a failed trial" in found.reason


def test_the_target_gains_more_than_the_bidder() -> None:
    lead = (
        "Intel Corp (NASDAQ: INTC) agreed to buy Cisco Systems (NASDAQ: CSCO) for $60 a share.",
    )
    item = article("Intel To Buy Cisco For $60 A Share", *lead, stocks=("CSCO", "INTC"))
    assert points(item, "CSCO") >= 0.25
    assert points(item, "INTC") < points(item, "CSCO")


def test_an_outbid_company_loses() -> None:
    item = article("Intel Tops Cisco's Offer For Maker Of Cables", stocks=("CSCO", "INTC"))
    assert points(item, "CSCO") < 0 < points(item, "INTC")


def test_what_is_told_of_the_past_counts_little() -> None:
    body = "Cisco Systems (NASDAQ: CSCO) launched several phones over the years."
    news = "Cisco Systems (NASDAQ: CSCO) launched several phones on Monday."
    past = points(article("A Look At Phones", body, stocks=("CSCO",)))
    assert past < 0.2 < points(article("A Look At Phones", news, stocks=("CSCO",)))


def test_a_plain_headline_dampens_what_the_body_says_by_the_way() -> None:
    lead = "Visitors came to see the plant.", "Cisco grew its team and expanded its parking lot."
    plain = points(article("Cisco Shows Its Ohio Plant", *lead, stocks=("CSCO",)))
    bare = points(article("A Day In Ohio", *lead, stocks=("CSCO",)))
    assert plain < bare


def test_another_companys_trouble_is_not_ones_own() -> None:
    assert weigh(("a", "lift", "after", OTHER_COMPANY, "s", "lawsuit"))[-1].because != (
        "legal trouble"
    )
    assert total("the", "failure", "helps", THIS_COMPANY) > 0.5


def test_what_follows_from_an_event_at_a_company_is_not_said_of_it() -> None:
    text = (
        "Prices moved on Monday.",
        "Copper prices soared after Cisco Systems (NASDAQ: CSCO) shut a mine.",
    )
    assert points(article("Metals On Monday", *text, stocks=("CSCO",))) < 0


def test_a_comma_ends_the_reach_of_what_turns_words() -> None:
    words = ("despite", "weak", "demand", "sales", "rose")
    assert weigh(words, breaks={3})[-1].weight > weigh(words)[-1].weight > 0


def test_part_of_a_hyphenated_word_is_no_movement() -> None:
    text = "Cisco Systems (NASDAQ: CSCO) bought narrow-body jets and slow-release capsules."
    assert points(article("A Day Of Shopping", text, stocks=("CSCO",))) == 0


def test_a_move_of_the_share_price_alone_is_never_bullish_and_says_so() -> None:
    text = "Markets were calm on Monday.", "Cisco Systems (NASDAQ: CSCO) soared 9.5%."
    found = of(article("A Calm Monday", *text, stocks=("CSCO",)))
    assert found.label is Label.SOMEWHAT_BULLISH
    assert found.reason == "Only the share price is told: “soared 9.5%” (a strong rise)."


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        (
            "Cisco Cuts 1,900 Jobs After Weak Quarter",
            "Against it: “Cuts 1,900 Jobs” (a cut), in the headline.",
        ),
        (
            "Cisco Crashes 58% After Failed Trial",
            "Against it: “Failed Trial” (a failed trial), in the headline.",
        ),
        ("Cisco Moves To Austin", "Plain facts only: no word of gain, loss, praise or blame."),
    ],
)
def test_reasons_are_phrases_of_the_text_with_their_meaning(title: str, reason: str) -> None:
    assert of(article(title, stocks=("CSCO",))).reason == reason


def test_a_reason_tells_the_other_side() -> None:
    text = (
        "Cisco Systems (NASDAQ: CSCO) beat estimates.",
        "Cisco also lost a lawsuit over patents in Texas.",
    )
    reason = of(article("A Busy Day For Networks", *text, stocks=("CSCO",))).reason
    assert reason.startswith("Mostly in its favor: “beat estimates” (above expectations); against")
    assert "lawsuit over patents" in reason


def test_reasons_end_with_one_stop_whatever_the_name() -> None:
    named = Stock(ticker="GOOGL", name="Alphabet Inc.")
    item = article("Market Plunges", "Stocks sank.").model_copy(update={"stocks": (named,)})
    (sentiment,) = score(item, analyze(item)).sentiments
    assert sentiment.state is SentimentState.NOT_ASSESSED
    assert sentiment.reason.count(".") == 1


@pytest.mark.parametrize(
    ("title", "category"),
    [
        ("Firm To Sell $250M In Stock After Rally", "Offerings & IPOs"),
        ("Firm To Cut 1,900 Jobs", "Labor"),
        ("Activist Wants A Board Seat At Airline", "Management"),
        ("Bidding War Breaks Out For Maker Of Snacks", "Mergers & Acquisitions"),
        ("Homebuilder Stocks Split As Mortgage Rates Fall", "Sector Analysis"),
        ("Firm Works On New App For Phones", "Products & Services"),
    ],
)
def test_titles_without_channels_have_a_category(title: str, category: str) -> None:
    assert analyze(article(title, "More soon.")).categories[0] == category


def test_a_pair_of_a_coin_in_the_text_is_that_coin() -> None:
    text = "Quibcoin (CRYPTO: QBC) fell on Friday after a vote was put off."
    (coin,) = analyze(article("Coins Fall", text, stocks=("QBCUSD",))).companies
    assert (coin.name, coin.ticker, coin.role) == ("Quibcoin", "QBC", Role.SUBJECT)


def test_a_name_begins_where_the_headline_has_it() -> None:
    text = "Der Maschinenbauer Grauholz Werke AG (OTC: GRHZ) baut um. Grauholz Werke wächst."
    item = article("Grauholz Werke baut um", text, stocks=("GRHZ",), language="de")
    assert analyze(item).companies[0].name == "Grauholz Werke AG"
