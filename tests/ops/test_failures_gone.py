"""Failed runs that Temporal does not know any more: past its retention, or its state was lost."""

import sys
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import patch

import asyncpg
import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from newsdesk import cli
from newsdesk.contracts.names import PUBLISH
from newsdesk.contracts.record import RunStatus
from newsdesk.dev.ports import free_ports
from newsdesk.dev.processes import running
from newsdesk.dev.temporal import NAMESPACE, TemporalServer
from newsdesk.errors import ArticleUnusableError, StoreRejectedError
from tests.helpers.pipeline import Pipeline, article
from tests.ops.failing import ONCE, SENTIMENT, House, failing_house, own_database

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNUSABLE = ArticleUnusableError("it cannot be scored")
GONE = "Temporal keeps no history of it any more"
ALL = ("--all-matching", "step=analyze_sentiment", "--yes")
LISTED, NAMED, ASKED, UNPUBLISHED, COMPLETED, LOST = range(1, 7)
AGE = """UPDATE runs SET completed_at = completed_at - interval '31 days' WHERE article_id <> $1"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(
    postgres_url: str, template_database: str, server_state: Path
) -> AsyncGenerator[House, None]:
    """A pipeline whose Temporal server does not know its runs; all but LOST are a month old."""
    server = TemporalServer(server_state / "lost", free_ports(1)[0], durable=False)
    async with own_database(postgres_url, template_database) as url:
        async with running(server), failing_house(await pipeline(url, server)) as before:
            await fill(before)
            await age(url)
        for file in server.database.parent.glob("temporal.db*"):
            file.unlink()
        async with running(server), failing_house(await pipeline(url, server)) as house:
            yield house


async def pipeline(url: str, server: TemporalServer) -> Pipeline:
    client = await Client.connect(
        server.address, namespace=NAMESPACE, data_converter=pydantic_data_converter
    )
    return Pipeline(url, server.address, client)


async def age(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(AGE, LOST)
    await connection.close()


async def fill(house: House) -> None:
    for number in (LISTED, NAMED, ASKED, LOST):
        run = await house.fails(article(number), SENTIMENT, error=UNUSABLE)
        await house.recorded(run, RunStatus.FAILED)
    refused = StoreRejectedError("refused")
    run = await house.fails(article(UNPUBLISHED), PUBLISH, error=refused)
    await house.recorded(run, RunStatus.FAILED)
    run = await house.enqueue(article(COMPLETED))
    await house.recorded(run, RunStatus.COMPLETED)


def workflow_id(article_id: int, restart: int = 1) -> str:
    return f"benzinga-{article_id}-r1" + (f"-{restart}" if restart > 1 else "")


async def runs_of(house: House, article_id: int) -> list[str]:
    """Returns the workflow ids of all runs of an article that are stored."""
    known = await house.store.operations.known(article_id=article_id)
    return sorted(run.workflow_id for run in known)


async def test_it_is_listed_and_shown_as_gone(house: House) -> None:
    lines = (await house.failures("list", "--json", "--step", SENTIMENT)).lines
    assert {line["article_id"] for line in lines} == {LISTED, NAMED, ASKED}
    assert {(line["run_id"], line["history"], line["error_type"]) for line in lines} == {
        (None, False, "ArticleUnusableError")
    }
    told = await house.failures("list", "--step", SENTIMENT)
    assert told.has(
        "3 analyze_sentiment ArticleUnusableError",
        "history gone: a replay enqueues it again",
        "cause it cannot be scored",
    )
    shown = await house.failures("show", str(LISTED))
    assert shown.code == 0
    assert shown.has("failed at ", f"a replay: {GONE}; it would be enqueued again as a run of its")
    (line,) = (await house.failures("show", str(LISTED), "--json")).lines
    assert (line["history"], line["replay"], line["refusal"]) == (False, None, None)
    assert line["run"]["status"] == "failed"


async def test_a_replay_enqueues_it_again_under_a_number_of_its_own(house: House) -> None:
    again = await house.failures("replay", str(LISTED), "--wait", "--json")
    assert again.code == 0, again.err
    assert again.has(f"{GONE}: enqueued again as a new run, with today's options; all steps again")
    (result,) = again.lines
    second = workflow_id(LISTED, 2)
    assert (result["outcome"], result["workflow_id"]) == ("restarted", second)
    block = await house.block(second)
    assert (block.number, block.published) == (result["run_number"], True)
    assert block.number not in range(1, LOST + 1)
    assert house.watch.done_of(second) == ONCE
    assert workflow_id(LISTED) not in (await house.failures("list")).out
    lines = (await house.failures("list", "--json")).lines
    assert [line["overtaken"] for line in lines if line["article_id"] == LISTED] == [True]


async def test_named_again_it_is_not_enqueued_again(house: House) -> None:
    first = await house.failures("replay", str(NAMED), "--wait")
    assert first.code == 0, first.err
    for target in (str(NAMED), workflow_id(NAMED)):
        assert (await house.failures("replay", target, "--wait")).code == 1
    assert await runs_of(house, NAMED) == [workflow_id(NAMED), workflow_id(NAMED, 2)]


async def test_two_operators_with_the_same_plan_enqueue_it_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(_: str) -> str:
        """While the first operator is asked, the second has it done."""
        with ThreadPoolExecutor(1) as beside:
            assert beside.submit(cli.main, ["failures", "replay", *ALL]).result() == 0
        return "y"

    monkeypatch.setattr("builtins.input", asked)
    with patch.object(sys.stdin, "isatty", return_value=True):
        await house.failures("replay", *ALL[:2])
    assert await runs_of(house, ASKED) == [workflow_id(ASKED), workflow_id(ASKED, 2)]


async def test_one_that_failed_to_be_published_is_found_by_that(house: House) -> None:
    for flags in (("--step", PUBLISH), ("--error", "StoreRejectedError")):
        lines = (await house.failures("list", "--json", *flags)).lines
        assert [(line["article_id"], line["step"]) for line in lines] == [(UNPUBLISHED, PUBLISH)]


async def test_a_run_that_completed_is_not_enqueued_again_unasked(house: House) -> None:
    refused = await house.failures("replay", str(COMPLETED))
    assert await runs_of(house, COMPLETED) == [workflow_id(COMPLETED)]
    assert refused.code == 1
    restarted = await house.failures("replay", str(COMPLETED), "--restart", "--wait")
    assert restarted.code == 0
    assert (await house.block(workflow_id(COMPLETED, 2))).published


async def test_one_that_should_be_known_yet_is_enqueued_again_only_on_request(house: House) -> None:
    refused = await house.failures("replay", str(LOST))
    assert (refused.code, await runs_of(house, LOST)) == (1, [workflow_id(LOST)])
    assert refused.has("Temporal does not know it, though it keeps runs for 30 days", "--restart")
    assert workflow_id(LOST) not in (await house.failures("list", "--json")).out
    assert "though it keeps runs" in (await house.failures("show", str(LOST))).out
    restarted = await house.failures("replay", str(LOST), "--restart", "--wait")
    assert restarted.code == 0, restarted.err
    assert (await house.block(workflow_id(LOST, 2))).published
