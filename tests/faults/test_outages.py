"""Promise 1 under kill -9: of Temporal, of Postgres, of the worker, of the enqueuer."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from newsdesk.dev.databases import create_database
from newsdesk.dev.ports import free_ports
from newsdesk.dev.postgres import PostgresServer
from newsdesk.dev.processes import Server, running
from newsdesk.dev.temporal import TemporalServer
from newsdesk.errors import EmbeddedServerError
from newsdesk.store.migrations import migrate
from newsdesk.store.opening import Store, open_store
from newsdesk.store.summaries import RunCounts
from tests.faults.feed import Feed, make_feed
from tests.helpers.eventually import eventually
from tests.helpers.pipeline import ROOT, Pipeline, new_pipeline, worker_process

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALL_DONE_SECONDS = 40.0
RESTART_SECONDS = 15.0
SOME = 5


@dataclass(frozen=True)
class Servers:
    """Servers that a test may kill and start again."""

    temporal: TemporalServer
    postgres: PostgresServer


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def servers(
    tmp_path_factory: pytest.TempPathFactory, server_state: Path
) -> AsyncGenerator[Servers, None]:
    state = server_state / "outages"
    state.mkdir(mode=0o755)
    temporal, postgres = TemporalServer(state, free_ports(1)[0]), PostgresServer(state)
    async with running(temporal), running(postgres):
        yield Servers(temporal, postgres)


@dataclass
class Scene:
    """A feed, a database and a namespace of a test's own, with processes to kill."""

    servers: Servers
    pipeline: Pipeline
    store: Store
    feed: Feed
    file: Path

    def enqueuer(self, *flags: str) -> subprocess.Popen[bytes]:
        """Starts the enqueuer on the feed."""
        command = [sys.executable, "starter.py", "files", str(self.file), "--json", *flags]
        return subprocess.Popen(
            command, cwd=ROOT, env=self.pipeline.environment, stdout=subprocess.PIPE
        )

    async def counts_until(self, enough: Callable[[RunCounts], bool]) -> RunCounts:
        async def reached() -> RunCounts | None:
            counts = await self.store.runs.counts()
            return counts if enough(counts) else None

        found = await eventually(reached, timeout=ALL_DONE_SECONDS)
        assert found is not None
        return found

    async def in_the_middle(self) -> None:
        """Waits until some runs are done and others are not."""
        counts = await self.counts_until(lambda counts: counts.completed >= SOME)
        assert counts.open, "all was done before anything could be killed"


@pytest_asyncio.fixture(loop_scope="module")
async def scene(servers: Servers, tmp_path: Path) -> AsyncGenerator[Scene, None]:
    name = f"outage_{uuid4().hex[:8]}"
    connection = await asyncpg.connect(servers.postgres.url)
    await create_database(connection, name)
    await connection.close()
    url = servers.postgres.url_of(name)
    await migrate(url)
    pipeline = await new_pipeline(url, servers.temporal.address)
    feed = make_feed()
    async with open_store(url) as store:
        yield Scene(servers, pipeline, store, feed, feed.write(tmp_path / "feed.jsonl"))


async def test_temporal_is_killed(scene: Scene) -> None:
    async with worker_process(scene.pipeline.environment):
        enqueuer = scene.enqueuer()
        await scene.in_the_middle()
        await killed(scene.servers.temporal)
        await restarted(scene.servers.temporal)
        receipts = await ended(enqueuer, allowed={1})
        await all_well(scene)
    assert receipts["started"] == scene.feed.runs
    assert receipts == expected_receipts(scene.feed)


async def test_postgres_is_killed(scene: Scene) -> None:
    async with worker_process(scene.pipeline.environment):
        enqueuer = scene.enqueuer()
        await scene.in_the_middle()
        await killed(scene.servers.postgres)
        await restarted(scene.servers.postgres)
        await ended(enqueuer, allowed={1})
        # Whoever was told of an error feeds the file again.
        await ended(scene.enqueuer(), allowed={1})
        await all_well(scene)


async def test_the_worker_is_killed(scene: Scene) -> None:
    async with worker_process(scene.pipeline.environment) as first:
        enqueuer = scene.enqueuer()
        await scene.in_the_middle()
        os.kill(first.pid, signal.SIGKILL)
        assert await asyncio.to_thread(first.wait, 10) == -signal.SIGKILL
        async with worker_process(scene.pipeline.environment):
            receipts = await ended(enqueuer, allowed={1})
            await all_well(scene)
    assert receipts == expected_receipts(scene.feed)


async def test_the_enqueuer_is_killed(scene: Scene) -> None:
    async with worker_process(scene.pipeline.environment):
        enqueuer = scene.enqueuer("--wait")
        await scene.counts_until(lambda counts: counts.open + counts.completed > 0)
        enqueuer.kill()
        await ended(enqueuer, allowed={-signal.SIGKILL})
        await ended(scene.enqueuer(), allowed={1})
        await all_well(scene)
        receipts = await ended(scene.enqueuer(), allowed={1})
    assert receipts["started"] == receipts["removed"] == 0, "all of it is known by now"
    assert receipts["rejected"] == 1
    assert receipts.total() == len(scene.feed.lines)


async def killed(server: TemporalServer | PostgresServer) -> None:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    assert await server.wait() == -signal.SIGKILL


async def restarted(server: Server) -> None:
    async def start() -> bool:
        try:
            await server.start()
        except EmbeddedServerError as error:  # a killed Postgres' children take a moment to go
            raise AssertionError(str(error)) from error
        return True

    await eventually(start, timeout=RESTART_SECONDS)


async def ended(enqueuer: subprocess.Popen[bytes], allowed: set[int]) -> Counter[str]:
    """Waits for an enqueuer; returns how many of its receipts have which outcome."""
    out, _ = await asyncio.to_thread(enqueuer.communicate, timeout=ALL_DONE_SECONDS)
    assert enqueuer.returncode in allowed
    return Counter(json.loads(line)["outcome"] for line in out.decode().splitlines())


def expected_receipts(feed: Feed) -> Counter[str]:
    return Counter(started=feed.runs, touched=2, removed=3, rejected=1, older=1)


async def all_well(scene: Scene) -> None:
    """Waits until no run is open; then nothing is lost, and nothing is there twice."""
    counts = await scene.counts_until(lambda counts: counts.completed > SOME and not counts.open)
    assert counts.unsuccessful == 0
    assert counts.completed + counts.superseded == scene.feed.runs
    async with rows_of(scene) as rows:
        await articles_show_their_newest_revision(scene.feed, rows)
        await memberships_stand_once(scene.feed, rows)
        await every_end_is_recorded(scene.feed, rows)
    await temporal_agrees(scene)


@asynccontextmanager
async def rows_of(scene: Scene) -> AsyncGenerator[asyncpg.Connection, None]:
    async with AsyncExitStack() as stack:
        connection = await asyncpg.connect(scene.pipeline.database_url)
        stack.push_async_callback(connection.close)
        yield connection


async def articles_show_their_newest_revision(feed: Feed, rows: asyncpg.Connection) -> None:
    found = await rows.fetch(
        "SELECT a.article_id, a.state, a.latest_revision, r.revision AS shown, r.outcome"
        " FROM articles a LEFT JOIN runs r ON r.number = a.published_run ORDER BY a.article_id"
    )
    assert {row["article_id"]: row["latest_revision"] for row in found} == feed.newest
    for row in found:
        gone = row["article_id"] in feed.removed
        expected = (
            ("removed", None, None) if gone else ("active", row["latest_revision"], "published")
        )
        assert (row["state"], row["shown"], row["outcome"]) == expected, row["article_id"]
    revisions = await rows.fetchval("SELECT count(*) FROM revisions")
    runs = await rows.fetchval("SELECT count(DISTINCT (article_id, revision)) FROM runs")
    assert revisions == runs == feed.runs


async def memberships_stand_once(feed: Feed, rows: asyncpg.Connection) -> None:
    found = await rows.fetch(
        "SELECT m.article_id, m.run_number = a.published_run AS shown"
        " FROM memberships m JOIN articles a USING (article_id)"
        " WHERE m.state = 'visible' AND m.relation = 'member'"
    )
    assert all(row["shown"] for row in found)
    members = Counter(row["article_id"] for row in found)
    assert members == Counter(set(feed.newest) - feed.removed)
    assert not await rows.fetchval("SELECT count(*) FROM memberships WHERE state = 'hidden'")
    twice = "SELECT count(*) - count(DISTINCT (run_number, name)) FROM article_companies"
    assert await rows.fetchval(twice) == 0


async def every_end_is_recorded(feed: Feed, rows: asyncpg.Connection) -> None:
    found = await rows.fetch("SELECT state, status, block, completed_at, executions FROM runs")
    assert len(found) == feed.runs
    for row in found:
        assert (row["state"], row["status"], row["executions"]) == ("closed", "completed", 1)
        assert row["completed_at"] is not None
        block = json.loads(row["block"])
        assert all(step["status"] in {"completed", "skipped"} for step in block["steps"])
    steps = await rows.fetchval("SELECT count(*) FROM steps")
    assert steps == 5 * feed.runs


async def temporal_agrees(scene: Scene) -> None:
    """Visibility shows each run once, completed, and no other."""

    async def agreed() -> bool:
        executions = [run async for run in scene.pipeline.client.list_workflows()]
        names = Counter(run.id for run in executions)
        wanted = {
            f"benzinga-{article_id}-r{revision}": 1
            for article_id, newest in scene.feed.newest.items()
            for revision in range(1, newest + 1)
        }
        statuses = {run.status.name for run in executions if run.status is not None}
        return names == wanted and statuses == {"COMPLETED"}

    await eventually(agreed)
