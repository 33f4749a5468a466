"""Starting runs: what the Web UI is given to show, and what is refused for good."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from newsdesk.contracts.articles import PendingRun
from newsdesk.contracts.options import ProcessingOptions
from newsdesk.errors import ConfigurationError
from newsdesk.temporal.legible import start_details, start_memo, start_summary
from newsdesk.temporal.starting import TemporalRunStarter


def run_of(title: str) -> PendingRun:
    return PendingRun(
        run_number=41,
        workflow_id=f"benzinga-5-r1-{uuid4()}",
        article_id=5,
        revision=1,
        title=title,
        published_at=datetime(2026, 3, 4, 12, 0, tzinfo=UTC),
        options=ProcessingOptions(),
    )


async def summary_of(client: Client, title: str) -> str | None:
    run = run_of(title)
    await TemporalRunStarter(client).start(run)
    handle = client.get_workflow_handle(run.workflow_id)
    summary = await (await handle.describe()).static_summary()
    await handle.terminate(reason="the test has seen it")
    return summary


async def test_the_summary_names_run_and_title(temporal_client: Client) -> None:
    expected = "Benzinga Article Processing #41: Tidewater Lifts Its Dividend"
    assert await summary_of(temporal_client, "Tidewater Lifts Its Dividend") == expected


async def test_a_title_is_no_markdown(temporal_client: Client) -> None:
    summary = await summary_of(temporal_client, "*Up* [5%](x) <b>")
    assert summary is not None
    assert summary.endswith(r"\*Up\* \[5%\](x) \<b\>")


async def test_the_longest_titles_fit(temporal_client: Client) -> None:
    for title in ("*" * 5000, "𝕏" * 5000):
        assert await summary_of(temporal_client, title)


async def test_tickers_are_told_where_there_is_room(temporal_client: Client) -> None:
    run = run_of("Up").model_copy(update={"tickers": ("TDWX", "QNBY", "A", "B")})
    assert start_summary(run) == "Benzinga Article Processing #41: Up (TDWX, QNBY, A)"
    long = run.model_copy(update={"title": "𝕏" * 90, "tickers": ("T" * 15,) * 3})
    assert start_summary(long).endswith("𝕏…")


async def test_details_and_memo_lead_to_the_article(temporal_client: Client) -> None:
    run = run_of("A|B $1 and $2").model_copy(
        update={"url": "https://x.test/a b(1)|", "tickers": ("TDWX",), "channels": ("News",)}
    )
    await TemporalRunStarter(temporal_client, "http://page.test/").start(run)
    handle = temporal_client.get_workflow_handle(run.workflow_id)
    description = await handle.describe()
    details = await description.static_details()
    memo = await description.memo()
    await handle.terminate(reason="the test has seen it")
    assert details is not None
    details = details.replace("\N{NO-BREAK SPACE}", "")
    assert r"| Headline | A\|B \$1 and \$2 |" in details
    assert "| Tickers | TDWX |" in details
    assert "[the article's page](http://page.test/articles/5)" in details
    assert "[as published](https://x.test/a%20b%281%29%7C)" in details
    assert memo == {
        "title": "A|B $1 and $2",
        "url": "https://x.test/a b(1)|",
        "page": "http://page.test/articles/5",
    }


def test_an_address_that_is_none_is_no_link() -> None:
    run = run_of("x").model_copy(update={"url": "javascript:alert(1)"})
    assert "javascript" not in start_details(run, None)
    assert "page" not in start_memo(run, None)


def test_the_longest_details_fit() -> None:
    many = tuple(f"T{n}" * 20 for n in range(500))
    run = run_of("*" * 3000).model_copy(update={"tickers": many, "channels": many})
    assert len(start_details(run, None).encode()) < 20_000


async def test_an_unknown_namespace_is_a_wrong_setting_and_no_outage(
    temporal_address: str,
) -> None:
    client = await Client.connect(
        temporal_address,
        namespace=f"none-{uuid4().hex}",
        data_converter=pydantic_data_converter,
    )
    with pytest.raises(ConfigurationError, match="TEMPORAL_"):
        await TemporalRunStarter(client).start(run_of("x"))
