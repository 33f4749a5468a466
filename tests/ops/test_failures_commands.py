"""`newsdesk failures` as a command: killed half-way, called twice, called wrongly."""

import asyncio
import contextlib
import fcntl
import json
import os
import subprocess
import sys
import termios
from collections import Counter
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass
from typing import Any, BinaryIO

import pytest
import pytest_asyncio

from newsdesk.contracts.articles import PendingRun
from newsdesk.contracts.names import ACTIVITIES, TASK_QUEUE
from newsdesk.contracts.record import RunStatus
from newsdesk.errors import ArticleUnusableError
from newsdesk.store.opening import Store, open_store
from tests.helpers.eventually import eventually
from tests.helpers.pipeline import ROOT, Pipeline, article
from tests.helpers.scripted import Script, scripted_worker
from tests.ops.failing import SENTIMENT, House, called, enqueue, failing_house, own_pipeline

pytestmark = pytest.mark.asyncio(loop_scope="module")

RUNS = 24
PIPE_BYTES = 4096
ROOM_BYTES = 1000
"""Of the pipe: three or four lines of JSON, then the command that writes them stands still."""

QUIET_SECONDS = 0.3
REPLAY = ("replay", "--all-matching", "step=analyze_sentiment", "--yes")
GONE = "Temporal keeps no history of it any more"
UNUSABLE = ArticleUnusableError("it cannot be scored")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pipeline(
    postgres_url: str, template_database: str, temporal_address: str
) -> AsyncGenerator[Pipeline, None]:
    async with own_pipeline(postgres_url, template_database, temporal_address) as pipeline:
        yield pipeline


@dataclass(frozen=True)
class Standing:
    """A command that stands still, for nobody reads what it prints."""

    process: subprocess.Popen[bytes]
    reader: BinaryIO

    def killed(self) -> list[dict[str, Any]]:
        """Kills it; returns the lines that it had printed."""
        self.process.kill()
        return [json.loads(line) for line in self.reader.read().splitlines() if line]


@contextlib.contextmanager
def standing(environment: dict[str, str], *argv: str) -> Generator[Standing, None, None]:
    """Starts `newsdesk failures ARGV` with a stdout that has room for a few lines."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    os.write(writer, b"\n" * (PIPE_BYTES - ROOM_BYTES))
    process = subprocess.Popen(
        [sys.executable, "-m", "newsdesk.cli", "failures", *argv],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=writer,
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    try:
        with os.fdopen(reader, "rb") as lines:
            yield Standing(process, lines)
    finally:
        process.kill()
        process.wait()


async def stands_still(one: Standing) -> None:
    """Waits until it has printed some lines, and then no more for a while."""

    def printed() -> int:
        told = fcntl.ioctl(one.reader, termios.FIONREAD, b"\0" * 4)
        return int.from_bytes(told, sys.byteorder) - (PIPE_BYTES - ROOM_BYTES)

    await eventually(lambda: printed() > 0, timeout=30)
    before = -1
    while before != printed():
        before = printed()
        await asyncio.sleep(QUIET_SECONDS)
    assert one.process.poll() is None, "it ended before it could be stopped half-way"


async def executions(pipeline: Pipeline) -> Counter[str]:
    """Counts the executions of each run."""
    return Counter([run.id async for run in pipeline.client.list_workflows("ArticleId > 0")])


async def failed(pipeline: Pipeline, store: Store, script: Script) -> list[PendingRun]:
    """Has the runs fail, and waits until visibility knows it."""
    script.failures[SENTIMENT] = [UNUSABLE] * RUNS
    runs = [await enqueue(store, pipeline.client, article(n)) for n in range(1, RUNS + 1)]

    async def known() -> bool:
        query = "ExecutionStatus = 'Failed'"
        return (await pipeline.client.count_workflows(query)).count == RUNS

    await eventually(known, timeout=30)
    return runs


async def test_killed_half_way_and_called_again_it_replays_each_run_once(
    pipeline: Pipeline,
) -> None:
    script = Script()
    worker, _ = scripted_worker(pipeline.client, script, TASK_QUEUE)
    names = ("NEWSDESK_DATABASE_URL", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE")
    environment = {name: pipeline.environment[name] for name in names}
    async with worker, open_store(pipeline.database_url) as store:
        runs = await failed(pipeline, store, script)
        before = Counter(script.calls)
        with standing(environment, *REPLAY, "--json") as first:
            await stands_still(first)
            second = await called(environment, "failures", *REPLAY)
            assert (second.code, second.out) == (1, "")
            assert second.has("another replay is under way; wait until it has ended")
            told = first.killed()
        await eventually(lambda: all_once(pipeline, {1, 2}))
        reset = {run for run, count in (await executions(pipeline)).items() if count == 2}
        assert {line["workflow_id"] for line in told} <= reset
        assert 0 < len(told) <= len(reset) < RUNS

        again = await called(environment, "failures", *REPLAY, "--wait")
        assert again.code == 0, again.err
        await eventually(lambda: all_once(pipeline, {2}))
        handles = [pipeline.client.get_workflow_handle(run.workflow_id) for run in runs]
        for handle in handles:
            await asyncio.wait_for(handle.result(), 20)
    again_done = {name: script.calls[name] - before[name] for name in ACTIVITIES}
    assert again_done[SENTIMENT] == again_done["publish"] == RUNS
    assert not any(again_done[name] for name in ACTIVITIES[:3])


async def all_once(pipeline: Pipeline, counts: set[int]) -> bool:
    found = await executions(pipeline)
    return len(found) == RUNS and set(found.values()) == counts


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(
    postgres_url: str, template_database: str, temporal_address: str
) -> AsyncGenerator[House, None]:
    async with own_pipeline(postgres_url, template_database, temporal_address) as pipeline:
        async with failing_house(pipeline) as house:
            yield house


async def test_without_yes_and_without_a_terminal_nothing_is_done(house: House) -> None:
    run = await house.fails(article(1), SENTIMENT, error=UNUSABLE)
    await house.listed("--step", SENTIMENT, count=1)
    asked = await house.failures("replay", "--all-matching", "all")
    assert (asked.code, asked.out) == (2, "")
    assert asked.has("plan for 1 run:", "nothing was done: nobody can be asked here; add --yes")
    assert await house.executions(run.workflow_id) == 1


async def test_a_run_that_is_named_three_times_is_replayed_once(house: House) -> None:
    run = await house.fails(article(2), SENTIMENT, error=UNUSABLE)
    names = ("2", f"#{run.run_number}", run.workflow_id)
    replayed = await house.failures("replay", *names, "--wait", "--json")
    assert replayed.code == 0, replayed.err
    assert [line["workflow_id"] for line in replayed.lines] == [run.workflow_id]
    assert replayed.has("plan for 1 run:")
    assert await house.executions(run.workflow_id) == 2


async def test_a_run_under_way_is_left_and_the_others_go_on(house: House) -> None:
    house.watch.hold(3, SENTIMENT)
    busy = await house.enqueue(article(3))
    run = await house.fails(article(4), SENTIMENT, error=UNUSABLE)
    replayed = await house.failures("replay", "3", "4", "--wait")
    assert replayed.code == 1
    assert replayed.has("left as it is: it is under way", "1 completed")
    assert await house.executions(run.workflow_id) == 2
    assert await house.executions(busy.workflow_id) == 1
    house.watch.let_go(3, SENTIMENT)
    assert await house.ended(busy.workflow_id) is RunStatus.COMPLETED


async def test_from_a_shell_it_prints_lines_and_talks_beside_them(house: House) -> None:
    await house.fails(article(5), SENTIMENT, error=UNUSABLE)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "newsdesk.cli", "failures", "replay", "5", "--wait", "--json"),
        cwd=ROOT,
        env={**os.environ, **house.environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err
    assert [json.loads(line)["article_id"] for line in out.splitlines()] == [5]
    assert b"plan for 1 run:" in err
    assert b"of 1 that were begun: 1 completed" in err


@pytest.mark.parametrize(
    "argv",
    [
        ("replay",),
        ("replay", "1", "--all-matching", "all"),
        ("replay", "1", "--restart", "--from", SENTIMENT),
        ("replay", "--all-matching", "colour=red"),
        ("replay", "--all-matching", "step=nothing"),
        ("replay", "--all-matching", "error=a'b"),
        ("list", "--ticker", "A' OR '1'='1"),
        ("list", "--since", "yesterday"),
        ("show",),
        (),
    ],
)
async def test_a_wrong_call_is_told_and_nothing_is_done(
    house: House, argv: tuple[str, ...]
) -> None:
    refused = await house.failures(*argv)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err


async def test_without_a_temporal_server_each_command_says_so_in_a_line(house: House) -> None:
    away = {"TEMPORAL_ADDRESS": "127.0.0.1:1"}
    for argv in (("list",), REPLAY, *((name, "1") for name in ("show", "skip-link", "cancel"))):
        refused = await house.failures(*argv, **away)
        assert (refused.code, refused.out, len(refused.err.splitlines())) == (1, "", 1)
        assert refused.has("newsdesk failures: no Temporal server answers at 127.0.0.1:1")


@pytest.mark.parametrize("namespace", ["no-such-namespace", "default"])
async def test_in_a_wrong_namespace_no_history_is_gone(house: House, namespace: str) -> None:
    number = 6 if namespace == "default" else 7
    run = await house.fails(article(number), SENTIMENT, error=UNUSABLE)
    await house.recorded(run, RunStatus.FAILED)
    wrong = {"TEMPORAL_NAMESPACE": namespace}
    listed = await house.failures("list", "--json", **wrong)
    named = await house.failures("replay", str(number), **wrong)
    await house.failures(*REPLAY, **wrong)
    shown = await house.failures("show", str(number), **wrong)
    known = await house.store.operations.known(article_id=number)
    assert [one.workflow_id for one in known] == [run.workflow_id]
    assert named.code != 0
    assert run.workflow_id not in listed.out
    assert GONE not in shown.out
    assert (await house.failures("replay", str(number), "--wait")).code == 0


async def test_a_run_that_is_yet_to_be_started_is_not_enqueued_again(house: House) -> None:
    run = await house.enqueue(article(8), start=False)
    replayed = await house.failures("replay", "8")
    shown = await house.failures("show", "8")
    known = await house.store.operations.known(article_id=8)
    assert [one.workflow_id for one in known] == [run.workflow_id], replayed.out
    assert GONE not in shown.out
