"""A worker that is told to stop (SIGTERM), and one that is up before its servers."""

import asyncio
import json
import signal
import sys
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from newsdesk.dev.ports import free_ports
from newsdesk.dev.postgres import PostgresServer
from newsdesk.dev.processes import running
from newsdesk.dev.temporal import TemporalServer
from newsdesk.store.migrations import migrate
from newsdesk.store.opening import open_store
from tests.helpers.eventually import eventually
from tests.helpers.pipeline import ROOT, Pipeline, command, newsfeed_item, worker_process
from worker import GRACEFUL_SHUTDOWN

GRACE_SECONDS = GRACEFUL_SHUTDOWN.total_seconds()
STOPS_WITHIN_SECONDS = GRACE_SECONDS + 5
"""Below what a supervisor gives it: 20 s of `newsdesk dev`."""
SOON_SECONDS = 5.0
WAITING = b"no Temporal server answers"


@pytest.mark.parametrize(("takes", "attempts"), [(2.0, 1), (60.0, 2)])
async def test_a_step_under_way_ends_or_goes_on_elsewhere(
    pipeline: Pipeline, tmp_path: Path, takes: float, attempts: int
) -> None:
    environment, reached = pipeline.environment, tmp_path / "reached"
    busy = ("-m", "tests.faults.busy_worker", str(reached), str(takes))
    async with worker_process(environment, *busy) as first:
        code, _, err = await command(
            environment, "starter.py", "files", "-", stdin=json.dumps(newsfeed_item(5))
        )
        assert code == 0, err
        await eventually(reached.exists, timeout=30)
        async with worker_process(environment):
            first.send_signal(signal.SIGTERM)
            told_at = time.monotonic()
            assert await asyncio.to_thread(first.wait, 40) == 0
            took = time.monotonic() - told_at
            await pipeline.client.get_workflow_handle("benzinga-5-r1").result()
            counts = await recorded_counts(pipeline.database_url)
    assert took < STOPS_WITHIN_SECONDS
    assert counts == {"clean_raw_article": 1, "analyze_article": attempts, "analyze_sentiment": 1}


async def recorded_counts(url: str) -> dict[str, int | None]:
    """Returns the attempts of some steps of run 1 once its end is recorded."""
    async with open_store(url) as store:

        async def done() -> bool:
            return (await store.runs.counts()).completed == 1

        await eventually(done)
        steps = (await store.runs.blocks([1]))[1].steps
    wanted = ("clean_raw_article", "analyze_article", "analyze_sentiment")
    return {step.name.value: step.attempts for step in steps if step.name.value in wanted}


@asynccontextmanager
async def early_worker(
    environment: Mapping[str, str], ready: Path
) -> AsyncGenerator[asyncio.subprocess.Process, None]:
    """Runs a worker that waits for its Temporal server."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "worker", "--ready-file", str(ready), "--state", str(ready.parent)),
        cwd=ROOT,
        env=dict(environment),
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        said = await asyncio.wait_for(process.stderr.readline(), 30)
        assert WAITING in said, said
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def test_it_can_be_stopped_while_it_waits_for_temporal(
    tmp_path: Path, bare_database_url: str
) -> None:
    environment = {
        "NEWSDESK_DATABASE_URL": bare_database_url,
        "TEMPORAL_ADDRESS": f"127.0.0.1:{free_ports(1)[0]}",
    }
    async with early_worker(environment, tmp_path / "ready") as process:
        process.terminate()
        assert await asyncio.wait_for(process.wait(), SOON_SECONDS) == 0


async def test_a_worker_that_is_up_before_its_servers_works_once_they_are(
    tmp_path: Path, server_state: Path
) -> None:
    state, ready = server_state / "late", tmp_path / "ready"
    temporal, postgres = TemporalServer(state, free_ports(1)[0]), PostgresServer(state)
    environment = {
        "NEWSDESK_DATABASE_URL": postgres.url,
        "TEMPORAL_ADDRESS": temporal.address,
    }
    async with early_worker(environment, ready) as process, running(temporal):
        await eventually(ready.exists, timeout=30)
        async with running(postgres):
            await migrate(postgres.url)
            item = json.dumps(newsfeed_item(5))
            code, _, err = await command(environment, "starter.py", "files", "-", stdin=item)
            assert code == 0, err
            attempts = await recorded_counts(postgres.url)
            assert set(attempts.values()) == {1}
            process.terminate()
            assert await asyncio.wait_for(process.wait(), STOPS_WITHIN_SECONDS) == 0
