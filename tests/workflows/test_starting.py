"""Starting runs: what the Web UI is given to show, and what is refused for good."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from newsdesk.contracts.articles import PendingRun
from newsdesk.contracts.options import ProcessingOptions
from newsdesk.errors import ConfigurationError
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
