"""Saved pages: what names the article is found, and what is missing is said."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsdesk.benzinga.files import read_files
from newsdesk.benzinga.pages import parse_page
from newsdesk.contracts.articles import Article, BodyKind
from newsdesk.errors import ArticleRejectedError
from tests.unit.benzinga.samples import FETCHED_AT, RESOURCES

NOON = "2025-12-04T12:00:00Z"
ADDRESS = "https://www.benzinga.com/news/25/12/71000051/some-slug"


def page(
    *,
    canonical: str = ADDRESS,
    title: str = "Pemberley Gas Waits",
    published: str = NOON,
    more: str = "",
) -> str:
    """Returns a page that says the least it must, with changes; an empty value says nothing."""
    parts = [
        f'<link rel="canonical" href="{canonical}">' if canonical else "",
        f'<meta property="og:title" content="{title}">' if title else "",
        f'<meta property="article:published_time" content="{published}">' if published else "",
        more,
    ]
    return f"<!doctype html><html><head>{''.join(parts)}</head><body><p>Text.</p></body></html>"


def parse(text: str) -> Article:
    return parse_page(text.encode(), FETCHED_AT)


def test_a_page_in_full() -> None:
    raw = (RESOURCES / "page.html").read_bytes()
    assert parse_page(raw, FETCHED_AT) == Article(
        article_id=71000050,
        title="Pemberley Gas Wins Permit & Funding",
        teaser="The permit covers two sites.",
        author="Rhea Tolland",
        url="https://www.benzinga.com/news/25/12/71000050/pemberley-gas-wins-permit",
        image_url="https://cdn.example.com/250/pemberley.jpeg",
        published_at=datetime(2025, 12, 4, 11, 47, tzinfo=UTC),
        updated_at=datetime(2025, 12, 4, 12, 10, tzinfo=UTC),
        fetched_at=FETCHED_AT,
        channels=("News",),
        tags=("Permits", "Natural Gas"),
        body=raw.decode(),
        body_kind=BodyKind.PAGE,
    )


def test_the_least_a_page_must_say() -> None:
    parsed = parse(page())
    assert (parsed.article_id, parsed.title) == (71000051, "Pemberley Gas Waits")
    assert parsed.published_at == parsed.updated_at == datetime(2025, 12, 4, 12, tzinfo=UTC)
    assert (parsed.author, parsed.image_url, parsed.tags) == ("", "", ())


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("https://www.benzinga.com/pressreleases/24/05/b39046606/slug", 39046606),
        ("https://www.benzinga.com/24/05/39046607/slug?x=1", 39046607),
        ("https://www.benzinga.com/node/39046608", 39046608),
        ("https://kr.benzinga.com/news/24/05/39046609/12-things", 39046609),
    ],
)
def test_the_id_stands_in_the_address(address: str, number: int) -> None:
    assert parse(page(canonical=address)).article_id == number
    og_url = f'<meta property="og:url" content="{address}">'
    assert parse(page(canonical="", more=og_url)).article_id == number
    linked = f'{{"@type": "NewsArticle", "mainEntityOfPage": {{"@id": "{address}"}}}}'
    script = f'<script type="application/ld+json">{linked}</script>'
    assert parse(page(canonical="", more=script)).article_id == number


def test_the_id_may_stand_in_a_meta_tag() -> None:
    meta = '<meta name="article:id" content="71000052">'
    assert parse(page(canonical="", more=meta)).article_id == 71000052


def test_title_and_times_from_linked_data_alone() -> None:
    linked = (
        '[{"@type": "NewsArticle", "headline": "From Linked Data", "keywords": "one, two",'
        ' "datePublished": "2025-12-04T07:00:00-05:00", "author": "Ann Bee",'
        ' "image": ["https://cdn.example.com/i.png"], "articleSection": ["News", "Tech"]}]'
    )
    script = f'<script type="application/ld+json">{linked}</script>'
    parsed = parse(page(title="", published="", more=script))
    assert (parsed.title, parsed.author) == ("From Linked Data", "Ann Bee")
    assert parsed.published_at == datetime(2025, 12, 4, 12, tzinfo=UTC)
    assert (parsed.channels, parsed.tags) == (("News", "Tech"), ("one", "two"))
    assert parsed.image_url == "https://cdn.example.com/i.png"


def test_the_title_element_is_the_last_resort() -> None:
    assert parse(page(title="", more="<title>Rivers &amp; Co Rise | Benzinga</title>")).title == (
        "Rivers & Co Rise"
    )


def test_a_time_without_offset_gives_way_to_one_with() -> None:
    script = (
        '<script type="application/ld+json">'
        f'{{"@type": "NewsArticle", "datePublished": "{NOON}"}}</script>'
    )
    parsed = parse(page(published="2025-12-04T07:00:00", more=script))
    assert parsed.published_at == datetime(2025, 12, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (page(canonical=""), "no article id (none in canonical link"),
        (page(canonical="https://www.benzinga.com/about"), "no article id"),
        (page(canonical="https://other.example/news/71000051/x"), 'a page of "other.example"'),
        (page(canonical="https://notbenzinga.com/news/71000051/x"), "not of benzinga.com"),
        (page(title=""), "no title (no og:title, no headline in JSON-LD, no <title>)"),
        (page(published=""), "no time of publication (no article:published_time"),
        (
            page(published="2025-12-04"),
            'no time of publication ("2025-12-04" is none with an offset',
        ),
        ("<!doctype html><p>x</p>", "no article id"),
        ("<!doctype html><p>x</p>", "; no title (no og:title"),
        ("<!doctype html><p>x</p>", "; no time of publication ("),
        ("<!doctype html>", "not readable as HTML"),
        ("<!-- nothing -->", "not readable as HTML"),
        (page(more="x" * 5 * 1024 * 1024), "too large: 5.0 MB; the limit is 4 MB"),
    ],
)
def test_what_a_page_lacks_is_said(text: str, message: str) -> None:
    with pytest.raises(ArticleRejectedError) as caught:
        parse(text)
    assert message in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(encoding: str) -> None:
    charset = f'<meta charset="{encoding}">'
    text = page(title="Café – “now”", more=charset).replace(charset, "")
    text = text.replace("<head>", f"<head>{charset}")
    parsed = parse_page(text.encode(encoding), FETCHED_AT)
    assert parsed.title == "Café – “now”"
    assert parsed.body == text


def test_an_encoding_that_is_not_named_is_refused() -> None:
    with pytest.raises(ArticleRejectedError, match="not UTF-8, and the page names no other"):
        parse_page(page(title="Café").encode("latin-1"), FETCHED_AT)


def test_nul_characters_are_removed() -> None:
    assert parse(page(title="Pemb\0erley")).title == "Pemberley"


def test_deep_nesting_is_no_crash() -> None:
    assert parse(page(more="<div>" * 20_000)).article_id == 71000051


@pytest.mark.parametrize("name", ["saved.htm", "no-suffix"])
def test_a_page_is_known_by_name_or_content(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_text("\n " + page())
    [found] = read_files([str(file)], FETCHED_AT)
    assert found.location == str(file)
    assert isinstance(found.incoming, Article)
    assert found.incoming.body_kind is BodyKind.PAGE


def test_a_refused_page_is_named(tmp_path: Path) -> None:
    file = tmp_path / "saved.html"
    file.write_text(page(title=""))
    [found] = read_files([str(file)], FETCHED_AT)
    assert found.incoming is None
    assert (found.error or "").startswith("no title")
