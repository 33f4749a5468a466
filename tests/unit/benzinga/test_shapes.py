"""Every shape that benzinga.md documents, read into contracts, field by field."""

from datetime import UTC, datetime, timedelta

import pytest

from newsdesk.benzinga.payloads import iter_payloads, parse_item
from newsdesk.contracts.articles import Article, BodyKind, Removal, Stock
from newsdesk.errors import ArticleRejectedError
from tests.unit.benzinga.samples import (
    FETCHED_AT,
    document,
    documents,
    fields,
    items,
    newsfeed_item,
    parse_article,
    parse_removal,
)

EVENING = datetime(2026, 1, 14, 18, 47, 30, tzinfo=UTC)


def test_newsfeed_item_in_full() -> None:
    raw = fields(items(document("newsfeed.json"))[0])
    assert parse_article(raw) == Article(
        article_id=71000001,
        source="benzinga",
        title="Quillmark Foods & Orrin Dairy Agree On Joint Plant",
        teaser="Quillmark's board approved the plan.",
        author="Mara Lindqvist",
        url="https://www.benzinga.com/news/24/02/71000001/quillmark-foods-orrin-dairy-agree-on-joint-plant",
        image_url="https://cdn.example.com/250x187xUP/plant.jpeg",
        published_at=datetime(2024, 2, 22, 17, 42, 4, tzinfo=UTC),
        updated_at=datetime(2024, 2, 22, 17, 42, 5, tzinfo=UTC),
        fetched_at=FETCHED_AT,
        channels=("News", "M&A"),
        tags=("Briefs",),
        stocks=(
            Stock(ticker="ORRN"),
            Stock(ticker="QLMK", exchange="NYSE", isin="US0000000001"),
        ),
        body=str(raw["body"]),
        body_kind=BodyKind.FRAGMENT,
    )


def test_newsfeed_headline_without_body() -> None:
    parsed = parse_article(items(document("newsfeed.json"))[1])
    assert (parsed.body, parsed.teaser, parsed.image_url) == ("", "", "")
    assert parsed.updated_at == parsed.published_at


def test_item_without_title_and_body_is_let_through() -> None:
    parsed = parse_article({"id": 71000101, "created": "2024-05-29T19:12:43Z", "title": None})
    assert (parsed.title, parsed.body) == ("", "")


def test_removed_entries() -> None:
    dated, bare = [parse_removal(entry) for entry in iter_payloads(document("removed.json"))]
    assert (dated.article_id, dated.fetched_at) == (71000001, FETCHED_AT)
    assert dated.removed_at == datetime(2024, 2, 28, 13, 20, 15, tzinfo=UTC)
    assert (bare.article_id, bare.removed_at) == (71000002, FETCHED_AT)


@pytest.mark.parametrize("entry", [{"id": 71000003, "title": "Gone", "created": None}, 71000003])
def test_whatever_stands_in_a_removed_list_is_a_removal(entry: object) -> None:
    assert [parse_removal(found).article_id for found in iter_payloads({"removed": [entry]})] == [
        71000003
    ]


def test_stream_older_form() -> None:
    parsed = parse_article(documents("stream.jsonl")[0])
    assert (parsed.article_id, parsed.source_revision) == (71000010, 83000001)
    assert (parsed.title, parsed.teaser) == ("Harrow & Pike Cuts Outlook", "Lower 'demand'")
    assert parsed.author == "Ines Calloway, Tom Breck"
    assert (parsed.published_at, parsed.updated_at) == (EVENING, EVENING)
    assert (parsed.channels, parsed.tags) == (("News", "Guidance"), ("Guidance Cut",))
    assert parsed.stocks == (
        Stock(ticker="HRPK", exchange="NASDAQ", primary=True),
        Stock(ticker="BRK.B", exchange="NYSE", primary=False),
    )
    assert parsed.body == "<p>Harrow &amp; Pike cut its outlook.</p>"


def test_stream_newer_form() -> None:
    parsed = parse_article(documents("stream.jsonl")[1])
    assert (parsed.article_id, parsed.source_revision) == (71000010, None)
    assert parsed.author == "Ines Calloway"
    assert parsed.published_at == EVENING
    assert parsed.updated_at == datetime(2026, 1, 14, 19, 1, 58, tzinfo=UTC)
    assert parsed.image_url == "https://cdn.example.com/250x187xUP/hp.jpeg"
    assert parsed.stocks == (Stock(ticker="HRPK", exchange="NASDAQ", isin="US0000000002"),)


def test_stream_removal_is_named_by_its_content() -> None:
    removal = parse_removal(documents("stream.jsonl")[2])
    assert removal.article_id == 71000010
    assert removal.removed_at == datetime(2026, 1, 14, 20, 0, tzinfo=UTC)


def test_stream_removal_without_content_names_no_article() -> None:
    with pytest.raises(ArticleRejectedError, match="this removal names no article"):
        parse_item(documents("stream.jsonl")[3], FETCHED_AT)


@pytest.mark.parametrize("action", ["removed", "Removed", "deleted", "DELETED"])
def test_every_word_for_a_removal(action: str) -> None:
    message = {"kind": "news", "data": {"action": action, "content": {"id": 71000011}}}
    assert parse_removal(message) == Removal(
        article_id=71000011, removed_at=FETCHED_AT, fetched_at=FETCHED_AT
    )


def test_removal_never_comes_before_what_it_removes() -> None:
    content = {"id": 71000011, "created": "Mon, 01 Jan 2024 13:35:14 -0400"}
    data = {"action": "removed", "timestamp": "2024-01-01T13:35:14Z", "content": content}
    assert parse_removal({"data": data}).removed_at == datetime(2024, 1, 1, 17, 35, 14, tzinfo=UTC)


@pytest.mark.parametrize("action", ["created", "Updated"])
def test_message_without_content_is_rejected(action: str) -> None:
    with pytest.raises(ArticleRejectedError, match=r"data\.content: expected an object"):
        parse_item({"data": {"action": action, "id": 1}}, FETCHED_AT)


def test_content_of_a_message_alone() -> None:
    content = fields(fields(documents("stream.jsonl")[0])["data"])["content"]
    assert parse_article(content) == parse_article(documents("stream.jsonl")[0])


def test_data_of_a_message_alone() -> None:
    data = fields(documents("stream.jsonl")[0])["data"]
    assert parse_article(data) == parse_article(documents("stream.jsonl")[0])


def test_alpaca_item() -> None:
    [parsed] = [parse_article(found) for found in iter_payloads(document("alpaca.json"))]
    assert (parsed.article_id, parsed.title) == (71000020, "Veldt Mining's Output Rises")
    assert (parsed.teaser, parsed.url) == ("", "")
    assert parsed.body == "<p>Output rose at Veldt Mining.</p>"
    assert parsed.image_url == "https://cdn.example.com/1024/veldt.jpeg"
    assert parsed.stocks == (Stock(ticker="VLDT"), Stock(ticker="BTCUSD"))
    assert parsed.updated_at - parsed.published_at == timedelta(seconds=1)


def test_alpaca_stream_passes_over_frames_about_the_connection() -> None:
    [parsed] = [parse_article(found) for found in iter_payloads(documents("alpaca_stream.jsonl"))]
    assert parsed.title == "Veldt Mining's Chief Leaves"
    assert parsed.source == "benzinga"
    assert parsed.updated_at == datetime(2024, 5, 30, 8, 35, 0, 123456, tzinfo=UTC)


def test_massive_item() -> None:
    [parsed] = [parse_article(found) for found in iter_payloads(document("massive.json"))]
    assert (parsed.article_id, parsed.teaser) == (71000030, "Sable's plan")
    assert parsed.channels == ("earnings", "why it's moving")
    assert parsed.tags == ("bzi-auoa",)
    assert parsed.stocks == (Stock(ticker="SBLA"), Stock(ticker="ETHUSD", exchange="X"))
    assert parsed.image_url == "https://cdn.example.com/sable.jpeg"
    assert parsed.published_at == datetime(2024, 5, 28, 20, 27, 41, tzinfo=UTC)


def _tcp_message(**changes: object) -> dict[str, object]:
    message: dict[str, object] = {
        "id": 71000041,
        "title": "Halt: LMNA",
        "authors": [{"name": "Benzinga Newsdesk"}],
        "published": "Wed Jan 14 2026 18:47:30 GMT+0000 (UTC)",
        "updated": "Thu Jan 01 1970 00:00:00 GMT+0000 (UTC)",
        "tickers": [{"name": "LMNA", "primary": 1, "sentiment": False}],
        "status": "Published",
    }
    return message | changes


def test_tcp_message_without_revision() -> None:
    parsed = parse_article(_tcp_message())
    assert (parsed.published_at, parsed.updated_at) == (EVENING, EVENING)
    assert parsed.author == "Benzinga Newsdesk"
    assert parsed.stocks == (Stock(ticker="LMNA", primary=True),)


def test_tcp_removal() -> None:
    later = "Wed Jan 14 2026 19:00:00 GMT+0000 (UTC)"
    assert parse_removal(_tcp_message(status="Removed", updated=later)).removed_at == datetime(
        2026, 1, 14, 19, 0, tzinfo=UTC
    )
    assert parse_removal(_tcp_message(status="Removed")).removed_at == FETCHED_AT


def test_unknown_tcp_status_is_rejected() -> None:
    with pytest.raises(ArticleRejectedError, match='status: no known status: "Draft"'):
        parse_item(_tcp_message(status="Draft"), FETCHED_AT)


def test_other_sources_keep_their_name_in_lower_case() -> None:
    assert parse_article(newsfeed_item(source="WireOne")).source == "wireone"
    assert parse_article(newsfeed_item(source=None)).source == "benzinga"


@pytest.mark.parametrize(
    ("container", "count"),
    [
        ([], 0),
        ([[{"id": 1}], {"news": [{"id": 2}, {"id": 3}]}], 3),
        ({"news": None, "next_page_token": None}, 0),
        ({"news": [], "removed": [{"id": 1}]}, 1),
        ({"id": 1, "news": [{"id": 2}]}, 1),
        ({"news": "none"}, 1),
        (7, 1),
    ],
)
def test_containers(container: object, count: int) -> None:
    assert len(list(iter_payloads(container))) == count
