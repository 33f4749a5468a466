"""`newsdesk runs` over a Temporal server: runs of every kind, each as it stands now."""

import asyncio
import io
import itertools
import re
import unicodedata
import uuid
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg
import pytest
import pytest_asyncio
from rich.cells import cell_len
from rich.console import Console
from temporalio.client import Client
from temporalio.service import RetryConfig

from newsdesk.contracts.articles import Enqueued
from newsdesk.contracts.names import WORKFLOW_TYPE
from newsdesk.contracts.options import ProcessingOptions
from newsdesk.contracts.record import RunStatus
from newsdesk.dev.databases import create_database, drop_database
from newsdesk.errors import TemporalUnavailableError
from newsdesk.ops import run_watch
from newsdesk.ops.run_lines import Wanted
from newsdesk.ops.run_watch import Watch
from newsdesk.settings import Settings
from newsdesk.store.opening import open_store
from newsdesk.temporal import sums
from newsdesk.temporal.current import current_runs
from newsdesk.temporal.listing import list_runs, runs_query
from newsdesk.temporal.sums import count_runs
from tests.helpers.eventually import eventually
from tests.helpers.pipeline import article, new_pipeline
from tests.ops import run_scene as scene
from tests.ops.run_calls import Caller, Stage
from tests.ops.run_scene import COMPLETED, RUNNING, UNSUCCESSFUL, set_scene
from tests.ops.run_terminal import door_to, in_terminal

UI_URL = "http://127.0.0.1:9"
EVERY = f"WorkflowType = '{WORKFLOW_TYPE}'"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(
    postgres_url: str, template_database: str, temporal_address: str
) -> AsyncGenerator[Stage, None]:
    """The runs, set once for all tests: nothing changes them."""
    name = f"test_{uuid.uuid4().hex}"
    admin = await asyncpg.connect(postgres_url)
    await create_database(admin, name, template_database)
    url = urlunsplit(urlsplit(postgres_url)._replace(path=f"/{name}"))
    pipeline = await new_pipeline(url, temporal_address)
    old = article(scene.OLD)
    async with open_store(url) as store:
        enqueued = await store.articles.enqueue(old, ProcessingOptions())
    await set_scene(pipeline.client, _number(enqueued))
    environment = pipeline.environment | {"NEWSDESK_TEMPORAL_UI_URL": UI_URL}
    yield Stage(environment, pipeline.client.namespace, old.title)
    await drop_database(admin, name)
    await admin.close()


def _number(enqueued: Enqueued) -> int:
    assert enqueued.pending is not None
    return enqueued.pending.run_number


@pytest.fixture
def call(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Caller:
    return Caller(stage, monkeypatch, capsys)


def test_each_run_once_as_it_stands_those_under_way_first(call: Caller) -> None:
    called = call("--json")
    assert (called.code, called.err) == (0, "")
    assert called.out.isascii()
    articles = called.articles
    assert set(articles[: len(RUNNING)]) == RUNNING
    assert sorted(articles[len(RUNNING) :]) == sorted(COMPLETED | UNSUCCESSFUL)
    closed = [line["closed_at"] for line in called.lines[len(RUNNING) :]]
    assert closed == sorted(closed, reverse=True)


@pytest.mark.parametrize(
    ("flag", "articles"),
    [("--running", RUNNING), ("--failed", UNSUCCESSFUL), ("--completed", COMPLETED)],
)
def test_runs_of_one_kind(call: Caller, flag: str, articles: set[int]) -> None:
    # MENDED and HELD failed, too, and visibility says so of them for ever.
    assert sorted(call("--json", flag).articles) == sorted(articles)
    # Pages of two executions, most of them of runs that were reset: the next pages are asked for.
    assert len(call("--json", flag, "--limit", "1").articles) == 1


def test_a_line_of_json_tells_all_about_a_run(call: Caller, stage: Stage) -> None:
    (line,) = call("--json", "--ticker", f"t{scene.FAILED}").lines
    run_id = line.pop("run_id")
    assert line.pop("started_at") < line.pop("closed_at") < "2100-01-01T00:00:00.000000Z"
    workflow_id = f"benzinga-{scene.FAILED}-r1"
    assert line == {
        "workflow_id": workflow_id,
        "article_id": scene.FAILED,
        "revision": 1,
        "run_number": scene.FAILED,
        "title": scene.TITLE,
        "status": "failed",
        "step": "analyze_article",
        "attempt": None,
        "error": {
            "type": "ArticleUnusableError",
            "message": "analyze_article failed: not to be read, ever",
        },
        "waiting_for": None,
        "outcome": None,
        "skipped": {},
        "tickers": ["TDWX", f"T{scene.FAILED}"],
        "cost_usd": None,
        "temporal_url": f"{UI_URL}/namespaces/{stage.namespace}/workflows/{workflow_id}/{run_id}"
        "/timeline",
    }


def test_what_runs_do_and_how_they_ended(call: Caller) -> None:
    by_article = {line["article_id"]: line for line in call("--json").lines}

    def told(article_id: int, *names: str) -> list[Any]:
        return [by_article[article_id][name] for name in names]

    error = {"type": "StoreUnavailableError", "message": scene.AWAY}
    assert told(scene.RETRYING, "status", "step", "error") == ["running", "analyze_article", error]
    assert by_article[scene.RETRYING]["attempt"] >= 2
    assert told(scene.WAITING, "waiting_for", "step") == ["daily_budget", None]
    assert told(scene.HELD, "waiting_for", "status", "error") == ["daily_budget", "running", None]
    assert told(scene.UNCLAIMED, "step", "closed_at") == [None, None]
    assert told(scene.SKIPPED, "outcome", "skipped", "cost_usd") == [
        "published",
        {"link_article_to_stories": "headline_only"},
        0.25,
    ]
    assert told(scene.MENDED, "outcome", "error", "skipped") == ["published", None, {}]
    assert told(scene.TERMINATED, "status", "step") == ["terminated", "analyze_article"]
    assert by_article[scene.TERMINATED]["attempt"] >= 2
    assert by_article[scene.TERMINATED]["error"]["type"] == "Terminated"
    assert by_article[scene.TERMINATED]["error"]["message"].endswith(": enough")


def test_the_table(call: Caller) -> None:
    called = call()
    assert (called.code, called.err) == (0, "")
    *rows, counts, address = called.out.splitlines()
    assert rows[0].split() == "Run Article Title Status Doing, or how it ended Started Took".split()
    assert counts == "runs: running 6, completed 2, failed 1, terminated 1"
    query = quote(EVERY, safe="")
    assert address.startswith(f"{UI_URL}/namespaces/")
    assert address.endswith(f"/workflows?query={query}")
    (retrying,) = [row for row in rows if f" {scene.RETRYING} r1 " in row]
    assert "running" in retrying
    told = r" analyze_article attempt \d.*: StoreUnavailableError: no \[red\]database\[/red\]"
    assert re.search(told, retrying)
    (failed,) = [row for row in rows if f" {scene.FAILED} r1 " in row]
    assert "analyze_article ArticleUnusableError: not to be read, ever" in failed
    (unclaimed,) = [row for row in rows if f" {scene.UNCLAIMED} r1 " in row]
    assert "waits for a worker" in unclaimed
    assert {char for char in called.out if unicodedata.category(char) == "Cc"} == {"\n"}


def test_sums_are_of_all_runs_and_say_how_many_are_shown(call: Caller) -> None:
    *rows, counts, _ = call("--failed", "--limit", "1").out.splitlines()
    assert len(rows) == 2
    assert counts == "runs: failed 1, terminated 1; shown 1"
    assert call("--ticker", "NONE").out.splitlines()[0] == "no such run"


async def test_sums_say_when_replayed_runs_count_too(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await stage.client()
    counted = await count_runs(client, EVERY)
    assert (counted.exact, counted.counts.get(RunStatus.FAILED)) == (True, 1)
    # Of more executions than are looked at, all count.
    monkeypatch.setattr(sums, "LOOKED_AT", 3)
    counted = await count_runs(client, EVERY)
    assert (counted.exact, counted.counts.get(RunStatus.FAILED)) == (False, 3)
    # As many as that failed, and more completed.
    monkeypatch.setattr(sums, "LOOKED_AT", 4)
    counted = await count_runs(client, EVERY)
    assert (counted.exact, counted.counts.get(RunStatus.FAILED)) == (True, 1)


def test_a_limit_says_that_there_are_more(call: Caller) -> None:
    called = call("--json", "--limit", "3")
    assert len(called.lines) == 3
    assert called.err == "newsdesk runs: there are more than 3; see --limit\n"


def test_since_leaves_out_what_ended_before(call: Caller) -> None:
    assert len(call("--json", "--since", "1h").lines) == 10
    assert set(call("--json", "--since", "2999-01-01").articles) == RUNNING


def test_titles_come_from_the_database_only_where_the_run_has_none(
    call: Caller, stage: Stage
) -> None:
    titles = {line["article_id"]: line["title"] for line in call("--json").lines}
    assert titles.pop(scene.OLD) == stage.old_title
    # The database has another run under its number.
    assert titles.pop(scene.STRANGER) is None
    assert set(titles.values()) == {scene.TITLE}


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:9/none", ""])
def test_without_the_database_tickers_stand_in(call: Caller, url: str) -> None:
    call.set(NEWSDESK_DATABASE_URL=url)
    called = call()
    assert called.code == 0
    assert called.err.startswith("newsdesk runs: some titles are missing: ")
    assert called.err.count("\n") == 1
    (old,) = [row for row in called.out.splitlines() if f" {scene.OLD} r1 " in row]
    assert f"TDWX, T{scene.OLD}" in old


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--ticker", "A' OR ArticleId > 0"], '"A\' OR ARTICLEID > 0" cannot be a value of'),
        (["--ticker", ""], "'' cannot be a value of Tickers"),
        (["--watch"], "--watch needs a terminal"),
    ],
)
def test_a_wrong_call(call: Caller, arguments: Sequence[str], message: str) -> None:
    called = call(*arguments)
    assert (called.code, called.out) == (2, "")
    assert message in called.err
    assert called.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [["--limit", "0"], ["--since", "noon"], ["--failed", "--running"], ["--watch", "--json"]],
)
def test_a_call_that_cannot_be(call: Caller, arguments: Sequence[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        call(*arguments)
    assert ended.value.code == 2


def test_a_server_that_is_away_is_told_in_one_line(call: Caller) -> None:
    call.set(TEMPORAL_ADDRESS="127.0.0.1:9")
    called = call("--json")
    assert (called.code, called.out) == (1, "")
    assert called.err.startswith("newsdesk runs: no Temporal server answers at 127.0.0.1:9")
    assert called.err.count("\n") == 1


async def test_current_runs_keep_their_order_and_leave_out_the_unknown(stage: Stage) -> None:
    client = await stage.client()
    listed = [run async for run in list_runs(client, runs_query())]
    assert len(listed) == 12
    unknown = replace(listed[0], workflow_id="benzinga-1-r1")
    # Oldest first: the failed execution of a run that was reset comes before its present one.
    found = [run async for run in current_runs(client, [unknown, *reversed(listed)])]
    in_order = dict.fromkeys(run.workflow_id for run in reversed(listed))
    assert [run.workflow_id for run in found] == list(in_order)
    (mended,) = [run for run in found if run.article_id == scene.MENDED]
    newest = max(
        (run for run in listed if run.article_id == scene.MENDED), key=lambda run: run.started_at
    )
    assert (mended.status, mended.run_id) == (RunStatus.COMPLETED, newest.run_id)


async def test_a_watch_fits_its_terminal_and_ends_well_with_ctrl_c(stage: Stage) -> None:
    with in_terminal(stage.environment, 80, 12, "runs", "--watch") as terminal:
        frame = await eventually(lambda: told_frame(terminal.frames))
        terminal.interrupt()
        await eventually(terminal.has_ended)
    assert terminal.process.returncode == 0
    assert "Traceback" not in terminal.text
    assert len(frame) == 12
    assert [row.lstrip()[:1] for row in frame[2:7]] == ["#"] * 5
    assert "; shown 5 " in frame[7]
    assert max(cell_len(line) for frame in terminal.frames for line in frame) <= 80
    # What was seen last stays, below what the terminal held before.
    assert re.match(r"as of [\d:]{8} UTC *\r\n +Run Article ", terminal.after)
    assert "; shown 5\r\n" in terminal.after


def told_frame(frames: list[list[str]]) -> list[str]:
    """Returns a screenful with runs in it that was painted to its end: another follows."""
    told = [frame for frame in frames[:-1] if "newsdesk runs, as of " in frame[0]]
    return told[0] if told else []


async def test_a_watch_looks_again_and_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_watch, "EVERY_SECONDS", 0.05)
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=120, height=30)
    settings = Settings(temporal_environment=stage.environment)
    watching = asyncio.create_task(Watch(settings, Wanted(EVERY), None, console).run())
    await eventually(lambda: screen.getvalue().count("newsdesk runs, as of ") >= 3)
    watching.cancel()
    await asyncio.wait([watching])
    assert watching.cancelled()


async def test_a_watch_outlives_outages(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_watch, "PATIENCE_SECONDS", 0.5)
    console = Console(file=io.StringIO(), color_system=None, width=150, height=30)

    async def seen(watch: Watch) -> list[str]:
        await watch.look()
        with console.capture() as captured:
            console.print(watch.view())
        return captured.get().splitlines()

    async def is_back() -> list[str] | None:
        # The client takes its time to knock again.
        screen = await seen(watch)
        return screen if screen[0].startswith("newsdesk runs, as of ") else None

    async with door_to(stage.environment["TEMPORAL_ADDRESS"]) as door:
        where = {"TEMPORAL_ADDRESS": door.address, "TEMPORAL_NAMESPACE": stage.namespace}
        hours = (datetime(2026, 3, 4, hour, tzinfo=UTC) for hour in itertools.count(8))
        settings = Settings(temporal_environment=where)
        watch = Watch(settings, Wanted(EVERY), None, console, clock=lambda: next(hours))
        await door.shut()
        (away,) = await seen(watch)
        assert away.startswith("Temporal is away since 08:00:00 UTC, trying on: ")
        assert f"no Temporal server answers at {door.address}" in away
        await door.open()
        head, *table = await eventually(is_back) or []
        assert table[-2].startswith("runs: running 6, ")
        await door.shut()
        away, *rest = await seen(watch)
        assert away.startswith(
            head.replace("newsdesk runs, ", "").replace("Ctrl-C ends", "Temporal")
        )
        assert rest == table
        assert (await seen(watch))[0] == away
        await door.open()
        assert await eventually(is_back)


async def test_current_runs_say_when_the_server_is_away(stage: Stage) -> None:
    once = RetryConfig(max_retries=1, max_elapsed_time_millis=200)
    async with door_to(stage.environment["TEMPORAL_ADDRESS"]) as door:
        client = await Client.connect(door.address, namespace=stage.namespace, retry_config=once)
        listed = [run async for run in list_runs(client, runs_query(), limit=1)]
        await door.shut()
        with pytest.raises(TemporalUnavailableError, match=r"benzinga-.* cannot be read"):
            await anext(current_runs(client, listed))
