"""Single values: texts, names, links, images and tickers in their many spellings."""

import pytest

from newsdesk.contracts.articles import Stock
from tests.unit.benzinga.samples import article, newsfeed_item, parse_article


@pytest.mark.parametrize("value", [71000100, "71000100", " 71000100 ", 71000100.0])
def test_ids_are_whole_numbers(value: object) -> None:
    assert article(id=value).article_id == 71000100


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("It&#39;s &quot;on&quot;", 'It\'s "on"'),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),  # once, not twice
        ("BTC&ETH, AT&T, P&GT", "BTC&ETH, AT&T, P&GT"),
        ("Cafe\u0301 &#x1f356;", "Café 🍖"),
        ("\n\tTwo\u00a0words&nbsp;here \r\n", "Two words here"),
        ("a\u0000b\ud800c&#0;", "ab\ufffdc\ufffd"),
        ("&#99999999999999999999;", "&#99999999999999999999;"),
        (None, ""),
        (" ", ""),
    ],
)
def test_titles_and_teasers_become_plain_text(raw: str | None, plain: str) -> None:
    parsed = article(title=raw, teaser=raw)
    assert (parsed.title, parsed.teaser) == (plain, plain)


def test_a_body_stays_as_it_came() -> None:
    body = "\r\n\t<p>A&nbsp;&#39;B\u00a0e\u0301</p> <script>x</script>\n\n\n\n"
    assert article(body=body).body == body
    assert article(body=None).body == ""
    assert article(body="a\u0000b\udfff").body == "ab\ufffd"


@pytest.mark.parametrize(
    ("value", "author"),
    [
        ("Ann Bee", "Ann Bee"),
        (["Ann Bee", {"name": "Cy Dee"}, None, ""], "Ann Bee, Cy Dee"),
        ({"name": "Ann Bee"}, "Ann Bee"),
        (None, ""),
    ],
)
def test_authors(value: object, author: str) -> None:
    assert article(author=value).author == author


def test_names_keep_their_order_without_doubles_and_blanks() -> None:
    value = ["News", {"name": "M&amp;A"}, None, {"name": None}, " ", "News", "news"]
    parsed = article(channels=value, tags=value)
    assert parsed.channels == parsed.tags == ("News", "M&A", "news")


@pytest.mark.parametrize(
    ("raw", "ticker", "exchange"),
    [
        (" aapl ", "AAPL", None),
        ("$btc", "BTC", None),
        ("BRK/B", "BRK.B", None),
        ("BRK-A", "BRK.A", None),
        ("brk b", "BRK.B", None),
        ("BRK.B", "BRK.B", None),
        ("BTCUSD", "BTCUSD", None),
        ("BTC/USD", "BTC/USD", None),
        ("SOL-USD", "SOL-USD", None),
        ("TSX:SHOP", "SHOP", "TSX"),
        ("nyse: brk-b", "BRK.B", "NYSE"),
        ("CRYPTO:$DOGE", "DOGE", "CRYPTO"),
        ("005930.KS", "005930.KS", None),
    ],
)
def test_ticker_spellings(raw: str, ticker: str, exchange: str | None) -> None:
    expected = (Stock(ticker=ticker, exchange=exchange),)
    assert article(stocks=[{"name": raw}]).stocks == expected
    assert article(stocks=[raw]).stocks == expected


@pytest.mark.parametrize("raw", ["", " ", None, "$", ":", "TSX:", "<b>X</b>", "A" * 25, "Big Co"])
def test_what_can_be_no_ticker_is_dropped(raw: object) -> None:
    assert article(stocks=[{"name": raw}, {"name": "OK"}, None]).stocks == (Stock(ticker="OK"),)


def test_doubles_are_dropped_and_order_is_kept() -> None:
    stocks = article(
        stocks=["ZED", "$ABC", "abc", {"name": "ZED", "exchange": "NYSE"}, "NYSE:CAT", "TSX:CAT"]
    ).stocks
    assert [(stock.ticker, stock.exchange) for stock in stocks] == [
        ("ZED", None),
        ("ABC", None),
        ("CAT", "NYSE"),
        ("CAT", "TSX"),
    ]


def test_many_stocks_all_stay() -> None:
    names = [f"T{number}" for number in range(32)]
    assert [stock.ticker for stock in article(stocks=names).stocks] == names


def test_a_real_name_stands_beside_a_symbol() -> None:
    named = {"symbol": "nlt", "name": "Norrland Timber AB", "exchange": "otc", "isin": "se1"}
    assert article(stocks=named).stocks == (
        Stock(ticker="NLT", exchange="OTC", name="Norrland Timber AB", isin="SE1"),
    )
    assert article(stocks=[{"symbol": "NLT", "name": "$nlt"}]).stocks[0].name is None


def test_a_comma_separated_text_is_a_list() -> None:
    assert [stock.ticker for stock in article(stocks="ONE, two,").stocks] == ["ONE", "TWO"]


THUMB, SMALL, LARGE = (f"https://cdn.example.com/{size}.png" for size in "tsl")


@pytest.mark.parametrize(
    ("image", "url"),
    [
        ([{"size": "large", "url": LARGE}, {"size": "thumb", "url": THUMB}], THUMB),
        ([{"size": "large", "url": LARGE}, {"size": "small", "url": SMALL}], SMALL),
        ([{"size": "huge", "url": LARGE}], LARGE),
        ([{"size": "thumb", "url": "javascript:alert(1)"}, {"size": "large", "url": LARGE}], LARGE),
        ([{"size": 3, "url": LARGE}, {"size": "thumb", "url": None}], LARGE),
        ([LARGE, THUMB], LARGE),
        (LARGE, LARGE),
        ([], ""),
        ([None, {}], ""),
        (None, ""),
    ],
)
def test_images_are_chosen_by_the_name_of_their_size(image: object, url: str) -> None:
    assert article(image=image).image_url == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "//www.benzinga.com/x",
        "/node/1",
        "http://Norrland Timber Slams Rival",
        "http://[bad",
        "https://",
        'https://example.com/"onload="x',
        "data:text/html,x",
    ],
)
def test_links_that_no_page_may_show_are_empty(url: object) -> None:
    assert article(url=url).url == ""


def test_a_link_stays_as_it_came() -> None:
    url = "https://www.benzinga.com/pressreleases/24/05/b39046606/slug?x=1#y"
    assert article(url=f" {url} ").url == url


@pytest.mark.parametrize("name", ["\ud800", "", "model_dump", "to_article", "__class__", "a\0"])
def test_unknown_fields_are_no_matter(name: str) -> None:
    assert parse_article(newsfeed_item() | {name: [1]}) == article()
