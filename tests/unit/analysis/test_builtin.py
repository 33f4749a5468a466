import time
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsdesk.analysis import BuiltinAnalyzer, is_automated_alert
from newsdesk.analysis.builtin import analyze, score
from newsdesk.analysis.summary import GIST_LENGTH
from newsdesk.contracts.analysis import CATEGORIES, EvidenceState, Role, SentimentState, label_for
from newsdesk.contracts.articles import Stock
from newsdesk.contracts.models import Assignment
from newsdesk.contracts.names import Step
from newsdesk.ports import Analyzer
from tests.unit.analysis.articles import article

ASSIGNMENT = Assignment(run_number=1, article_id=1, step=Step.ANALYZE_ARTICLE)
_WORDS = st.sampled_from(
    "Cisco Intel rose fell beats but while not CSCO (NASDAQ: CSCO) INTC) (NYSE: . , ; \n \n\n \t "
    "the Apple Inc. Corp plunges UBS said analysts 3% $5 “quoted” É 株 𝔘 \u00a0 's Target"
    " target".split(" ")
)
_TEXTS = st.one_of(st.text(max_size=300), st.lists(_WORDS, max_size=60).map(" ".join))
_STOCKS = st.lists(
    st.builds(
        Stock,
        ticker=st.one_of(
            st.sampled_from(["CSCO", "INTC", "A", "$BTC", " ", "SPY"]),
            st.text(min_size=1, max_size=6),
        ),
        name=st.one_of(st.none(), st.text(max_size=12), st.just("Cisco Systems, Inc.")),
    ),
    max_size=5,
)


@settings(max_examples=150, deadline=None)
@given(title=_TEXTS, body=_TEXTS, stocks=_STOCKS, language=st.sampled_from(["en", "und", "de"]))
def test_whatever_the_text_the_promises_hold(
    title: str, body: str, stocks: list[Stock], language: str
) -> None:
    item = article(title, body, stocks=tuple(stocks), language=language)
    analysis = analyze(item)
    sentiments = score(item, analysis).sentiments
    assert (analysis, sentiments) == (analyze(item), score(item, analysis).sentiments)
    assert len(sentiments) == len(analysis.companies)
    assert set(analysis.categories) <= set(CATEGORIES)
    assert len(analysis.categories) in ((1, 2, 3) if analysis.language_read else (0,))
    for company, sentiment in zip(analysis.companies, sentiments, strict=True):
        assert bool(company.mentions) != (company.role is Role.TAGGED_ONLY)
        for mention in company.mentions:
            named = item.text[mention.start : mention.end]
            assert named
            assert named in mention.sentence
            assert mention.sentence in item.text
        evidence = sentiment.evidence
        if sentiment.score is not None:
            assert sentiment.label is label_for(sentiment.score)
            assert evidence.state is EvidenceState.VERIFIED
        if evidence.state is not EvidenceState.NONE:
            assert item.text[evidence.start : evidence.end] == evidence.quote
        assert sentiment.reason


async def test_the_analyzer_fulfils_its_port_and_costs_nothing() -> None:
    analyzer: Analyzer = BuiltinAnalyzer()
    item = article("Cisco Beats Estimates", "Cisco did well last quarter.", stocks=("CSCO",))
    analysis, usage = await analyzer.analyze_article(item, ASSIGNMENT)
    sentiments, again = await analyzer.analyze_sentiment(item, analysis, ASSIGNMENT)
    assert usage == again
    assert (usage.model, usage.input_tokens, usage.output_tokens, usage.cost_usd) == (
        "builtin",
        0,
        0,
        0.0,
    )
    assert analysis.analyzer.name == sentiments.analyzer.name == "builtin"
    assert len(sentiments.sentiments) == 1


@pytest.mark.parametrize(
    ("language", "text"), [("de", "Die Aktie fällt."), ("und", "株価が下落した。")]
)
def test_a_language_that_is_not_read_is_said_so(language: str, text: str) -> None:
    item = article(
        "Cisco 株価", f"{text} Cisco (NASDAQ: CSCO)", stocks=("INTC",), language=language
    )
    analysis = analyze(item)
    assert not analysis.language_read
    assert (analysis.categories, analysis.gist, analysis.summary) == ((), item.title, "")
    assert {company.ticker for company in analysis.companies} == {"CSCO", "INTC"}
    for sentiment in score(item, analysis).sentiments:
        assert sentiment.state is SentimentState.NOT_ASSESSED
        assert repr(language) in sentiment.reason


def test_latin_text_of_unknown_language_is_tried() -> None:
    analysis = analyze(article("Cisco Beats Estimates", stocks=("CSCO",), language="und"))
    assert analysis.language_read


def test_gist_and_summary_are_words_of_the_text() -> None:
    blocks = (
        "Cisco Systems (NASDAQ: CSCO) said on Monday it would buy back shares worth $5 billion "
        "over the next two years, a plan that its board approved last week, while it keeps "
        "spending on new plants in Texas and on research into faster switches for data "
        "centers around the world.",
        "Point one\nPoint two",
        "The network firm has paid down debt for three years. Sales grew by a tenth last year.",
        "“We have the cash,” its chief said. Investors had asked for the plan since the spring.",
    )
    analysis = analyze(article("Cisco Plans Buyback", *blocks, stocks=("CSCO",)))
    assert analysis.gist.rstrip("…") in blocks[0]
    assert len(analysis.gist) <= GIST_LENGTH + 1
    text = "\n\n".join(blocks)
    sentences = [piece for piece in analysis.summary.split(". ") if piece]
    assert 2 <= len(sentences) <= 4
    assert all(piece.rstrip(".") in text for piece in sentences)
    assert "Point one" not in analysis.summary


@pytest.mark.parametrize(
    ("teaser", "summary"),
    [
        ("It said so today.", "It said so today."),
        ("", "Cisco Moves"),
        ("https://a.example/b", "Cisco Moves"),
    ],
)
def test_a_headline_only_item(teaser: str, summary: str) -> None:
    analysis = analyze(article("Cisco Moves", teaser=teaser, stocks=("CSCO",)))
    assert (analysis.gist, analysis.summary) == ("Cisco Moves", summary)


@pytest.mark.parametrize(
    ("title", "channels", "first"),
    [
        ("Firm Beats Q2 Earnings Estimates", ("Earnings",), "Earnings"),
        ("Firm To Acquire Rival In Merger", (), "Mergers & Acquisitions"),
        (
            "Tariffs And Export Controls Delayed By White House",
            ("Government",),
            "Regulatory/Policy",
        ),
        ("Broker Raises Price Target", ("Price Target",), "Analyst Ratings"),
        ("Bitcoin Climbs As Crypto Funds Grow", ("Cryptocurrency",), "Crypto"),
        ("FDA Accepts Drug Application", ("Biotech",), "Clinical & Drug Approval"),
        ("A Walk In The Woods", (), "Other"),
    ],
)
def test_categories(title: str, channels: tuple[str, ...], first: str) -> None:
    assert analyze(article(title, "More soon.", channels=channels)).categories[0] == first


@pytest.mark.parametrize(
    ("title", "tags", "channels", "alert"),
    [
        ("Looking At Recent Trades", ("BZI-UOA",), (), True),
        ("Whale Activity", ("bzi-auoa",), (), True),
        ("Option Alert: CSCO Jan $50 Calls Sweep", (), (), True),
        ("Cisco Launches Options Desk", (), ("Options",), False),
        ("Cisco Beats", (), ("Earnings",), False),
    ],
)
def test_automated_alerts(
    title: str, tags: tuple[str, ...], channels: tuple[str, ...], alert: bool
) -> None:
    assert is_automated_alert(article(title, tags=tags, channels=channels)) is alert


def test_a_two_megabyte_text_is_bounded_and_noted() -> None:
    body = "Cisco (NASDAQ: CSCO) rose 3% while Intel fell. " * 45_000
    item = article("Cisco Rises", body, stocks=("CSCO", "INTC"))
    began = time.process_time()
    analysis = analyze(item)
    score(item, analysis)
    assert time.process_time() - began < 20
    assert "200,000" in analysis.note
    assert max(len(company.mentions) for company in analysis.companies) <= 100


def test_a_text_of_thousands_of_companies_is_bounded_and_noted() -> None:
    tickers = ("".join(letters) for letters in product("ABCDEFGHIJKLMNOP", repeat=3))
    body = " ".join(f"Alpha {ticker.title()} Corp (NYSE: {ticker}) rose." for ticker in tickers)
    analysis = analyze(article("Many Rise", body))
    assert "first 500 companies" in analysis.note
    assert len(analysis.companies) < 520
