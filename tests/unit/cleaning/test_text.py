import pytest

from tests.unit.cleaning.making import article, cleaned


def anchors(body: str) -> list[tuple[str, str | None]]:
    result = cleaned(body).text
    for anchor in result.anchors:
        assert result.text[anchor.start : anchor.end] == anchor.ticker
    assert list(result.anchors) == sorted(result.anchors, key=lambda anchor: anchor.start)
    return [(anchor.ticker, anchor.exchange) for anchor in result.anchors]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            '<p>Quillon (NYSE:<a class="ticker" href="https://www.benzinga.com/stock/QLN#NYSE">'
            "QLN</a>) rose.</p>",
            [("QLN", "NYSE")],
        ),
        ("<p>Quillon (NASDAQ: QLN) rose.</p>", [("QLN", "NASDAQ")]),
        ("<p>Two classes (NASDAQ:QLNA) (NASDAQ:QLN).</p>", [("QLNA", "NASDAQ"), ("QLN", "NASDAQ")]),
        ("<p>Both (NYSE: A, NYSE: B.C) fell.</p>", [("A", "NYSE"), ("B.C", "NYSE")]),
        ("<p>Both (NYSE: AAA, BBB) fell.</p>", [("AAA", "NYSE"), ("BBB", "NYSE")]),
        ("<p>Abroad (OTC:QLNXF, TSX:QLN).</p>", [("QLNXF", "OTC"), ("QLN", "TSX")]),
        ("<p>Class (NYSE:BRX.A) and (NYSE: BRX-B).</p>", [("BRX.A", "NYSE"), ("BRX-B", "NYSE")]),
        (
            '<p>Coin (CRYPTO: <a class="ticker" href="https://www.benzinga.com/quote/abc/usd">ABC'
            "</a>)</p>",
            [("ABC", "CRYPTO")],
        ),
        ('<p>Coin (CRYPTO: <a href="/quote/ABC-USD">$ABC</a>)</p>', [("ABC", "CRYPTO")]),
        ('<p><a href="https://www.benzinga.com/quote/QLN/news">QLN</a> rose.</p>', [("QLN", None)]),
        ('<p><a href="/quote/ABC-USD">ABC</a> rose.</p>', [("ABC", "CRYPTO")]),
        (
            '<table><tr><td>Name</td><td>x</td></tr><tr><td><a class="ticker" '
            'href="/stock/QLNF#OTC">QLNF</a></td><td>1</td></tr></table>',
            [("QLNF", "OTC")],
        ),
        ('<p><a href="/quote/QLN">Quillon</a> rose (details: soon).</p>', []),
        ('<p><a href="https://example.com/quote/QLN">QLN</a> and NYSE: see below.</p>', []),
        ("<p>Nasdaq: up. (Note: THIS) (NYSE: the exchange)</p>", []),
        ('<p><a href="/quote/QLN">2024</a></p><p>Text.</p>', []),
    ],
)
def test_ticker_anchors(body: str, expected: list[tuple[str, str | None]]) -> None:
    assert anchors(body) == expected


def test_the_missing_ticker_text_of_a_source_is_no_anchor() -> None:
    body = '<p>Held (NASDAQ:<a class="ticker" href="/stock/QLN#NASDAQ"></a>) it.</p>'
    assert anchors(body) == []


def test_anchors_count_code_points_and_look_into_the_title() -> None:
    result = cleaned(article("<p>🚀🚀 Up (NYSE: QLN).</p>", title="Quillon (NYSE: QLN) 🚀")).text
    assert [result.text[a.start : a.end] for a in result.anchors] == ["QLN", "QLN"]


def test_many_tickers_in_one_text() -> None:
    names = [f"{a}{b}X" for a in "ABCDEFGH" for b in "KLMN"]
    body = "<p>" + " ".join(f"Firm ({'NYSE'}: {name})" for name in names) + "</p>"
    assert [ticker for ticker, _ in anchors(body)] == names


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("/news/1", "https://www.benzinga.com/news/1"),
        ("x/y", "https://www.benzinga.com/news/26/03/50000001/x/y"),
        ("//example.com/a", "https://example.com/a"),
        ("https://example.com/a b?q=ü", "https://example.com/a%20b?q=ü"),
        (" https://example.com/\n", "https://example.com/"),
        ("mailto:jo@example.com", "mailto:jo@example.com"),
        ("http://Elon Musk Slams Rivals And Says They Are Done", ""),
        ("javascript:alert(1)", ""),
        ("JaVa\tScript:alert(1)", ""),
        ("data:text/html,<b>x</b>", ""),
        ("vbscript:x", ""),
        ("https://user:pw@example.com/", ""),
        ("http://[::1", ""),
        ("https://", ""),
        ("http://nohost", ""),
        ("#top", ""),
        ("", ""),
        ("tel:+123", ""),
    ],
)
def test_links_are_absolute_and_safe_or_gone(href: str, expected: str) -> None:
    result = cleaned(f'<p>See <a href="{href.replace("<", "&lt;")}">the filing</a> now.</p>')
    assert result.body == ["See the filing now."]
    shown = f"[the filing]({expected})" if expected else "the filing"
    assert result.text.markdown == f"See {shown} now."


def test_links_resolve_against_the_site_where_the_article_has_no_address() -> None:
    result = cleaned(article('<p>See <a href="/a">this</a>.</p>', url=""))
    assert "https://www.benzinga.com/a" in result.html.html
