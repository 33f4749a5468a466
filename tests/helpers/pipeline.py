"""The whole pipeline for tests: a namespace and a database of a test's own, real processes."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError

from newsdesk.contracts.articles import Article
from newsdesk.errors import ConfigurationError
from newsdesk.temporal.search_attributes import register_search_attributes
from tests.helpers.eventually import eventually

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Pipeline:
    """A database and a Temporal namespace that no other test uses."""

    database_url: str
    address: str
    client: Client

    @property
    def environment(self) -> dict[str, str]:
        """Returns the environment of processes that are to work here."""
        own = {
            "NEWSDESK_DATABASE_URL": self.database_url,
            "TEMPORAL_ADDRESS": self.address,
            "TEMPORAL_NAMESPACE": self.client.namespace,
        }
        return {**os.environ, **own}


async def new_pipeline(database_url: str, address: str) -> Pipeline:
    """Makes a namespace with our search attributes; returns it with the database."""
    namespace = f"test-{uuid4().hex[:12]}"
    admin = await Client.connect(address)
    retention = Duration()
    retention.FromTimedelta(timedelta(days=3))
    await admin.workflow_service.register_namespace(
        RegisterNamespaceRequest(namespace=namespace, workflow_execution_retention_period=retention)
    )
    client = await Client.connect(
        address, namespace=namespace, data_converter=pydantic_data_converter
    )

    async def usable() -> bool:
        # A new namespace is not known to every part of the server at once.
        try:
            await register_search_attributes(client)
            return (await client.count_workflows("ArticleId = 1")).count == 0
        except (RPCError, ConfigurationError) as error:
            raise AssertionError(str(error)) from error

    await eventually(usable, timeout=30)
    return Pipeline(database_url, address, client)


def article(article_id: int, **changes: object) -> Article:
    """Returns a small article about an invented company."""
    body = (
        "<p><strong>Tidewater Terminals</strong> (NYSE: TDWX) raised its dividend by a tenth on"
        " Wednesday after quarterly profit beat expectations.</p>"
        "<p>The port operator said container volumes climbed and lifted its forecast.</p>"
    )
    made = Article(
        article_id=article_id,
        title="Tidewater Terminals Lifts Dividend After Profit Beats Expectations",
        body=body,
        published_at=AT,
        updated_at=AT,
        fetched_at=AT,
    )
    return made.model_copy(update=changes)


def newsfeed_item(article_id: int, **changes: object) -> dict[str, Any]:
    """Returns the same article as the newsfeed delivers it."""
    made = article(article_id)
    item: dict[str, Any] = {
        "id": article_id,
        "author": "Ada Brandt",
        "created": "Wed, 04 Mar 2026 08:00:00 -0400",
        "updated": "Wed, 04 Mar 2026 08:00:00 -0400",
        "title": made.title,
        "teaser": "",
        "body": made.body,
        "url": f"https://www.benzinga.com/news/26/03/{article_id}/tidewater",
        "image": [],
        "channels": [{"name": "News"}],
        "stocks": [{"name": "TDWX", "exchange": "NYSE"}],
        "tags": [],
    }
    return item | changes


@contextmanager
def _output(log: Path | None) -> Generator[BinaryIO | None, None, None]:
    if log is None:
        yield None
        return
    with log.open("wb") as file:
        yield file


@asynccontextmanager
async def worker_process(
    environment: Mapping[str, str], *command: str, log: Path | None = None
) -> AsyncGenerator[subprocess.Popen[bytes], None]:
    """Runs a worker (`python -m worker` unless told otherwise) until the block ends.

    What it says goes to `log`, or else where the test's own output goes.
    """
    program = command or ("-m", "worker")
    with tempfile.TemporaryDirectory() as folder, _output(log) as output:
        ready = Path(folder) / "ready"
        process = subprocess.Popen(
            [sys.executable, *program, "--ready-file", str(ready), "--state", folder],
            cwd=ROOT,
            env=dict(environment),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            await eventually(lambda: ready.exists() or process.poll() is not None, timeout=60)
            assert process.poll() is None, "the worker ended while starting"
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                await asyncio.to_thread(process.wait, 30)


async def command(
    environment: Mapping[str, str], *arguments: str, stdin: str | None = None
) -> tuple[int, str, str]:
    """Runs `python ARGUMENTS` in the repository; returns exit code, stdout, stderr."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=ROOT,
        env=dict(environment),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate(None if stdin is None else stdin.encode())
    return process.returncode or 0, out.decode(), err.decode()


async def show(environment: Mapping[str, str], article_id: int) -> dict[str, Any]:
    """Returns what `newsdesk show ID --json` prints."""
    code, out, err = await command(
        environment, "-m", "newsdesk.cli", "show", str(article_id), "--json"
    )
    assert code == 0, err
    return json.loads(out)
