"""One pipeline with one worker for all tests of the commands, and one call that fills it."""

import json
import uuid
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from newsdesk.dev.databases import create_database, drop_database
from tests.helpers.pipeline import command, new_pipeline, worker_process
from tests.ops.articles import kinds

UI_URL = "http://127.0.0.1:9"
Line = dict[str, Any]


@dataclass(frozen=True)
class House:
    """A database and a namespace with a moody worker; `folder` is where its moods are steered."""

    environment: dict[str, str]
    database_url: str
    address: str
    namespace: str
    folder: Path

    async def client(self) -> Client:
        """Returns a client of this test's own event loop."""
        return await Client.connect(
            self.address, namespace=self.namespace, data_converter=pydantic_data_converter
        )

    async def enqueue(
        self, *flags: str, items: list[Line] | None = None, **environment: str
    ) -> tuple[int, str, str]:
        """Runs `python starter.py files - FLAGS`; returns exit code, stdout, stderr."""
        return await command(
            self.environment | environment,
            *("starter.py", "files", "-", *flags),
            stdin="\n".join(json.dumps(item) for item in items or []),
        )

    async def newsdesk(self, *arguments: str, **environment: str) -> tuple[int, str, str]:
        """Runs `newsdesk ARGUMENTS`; returns exit code, stdout, stderr."""
        return await command(self.environment | environment, "-m", "newsdesk.cli", *arguments)

    async def record(self, article_id: int, *flags: str) -> Line:
        """Returns what `newsdesk show ID --json` prints."""
        code, out, err = await self.newsdesk("show", str(article_id), "--json", *flags)
        assert code == 0, err
        return json.loads(out)


@dataclass(frozen=True)
class Call:
    """A call of the starter that has ended."""

    code: int
    lines: list[Line]
    talk: str

    def of(self, article_id: int) -> list[Line]:
        """Returns the lines about one article, in the order of its items."""
        found = [line for line in self.lines if line.get("article_id") == article_id]
        return sorted(found, key=lambda line: int(line["location"].rpartition(":")[2]))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(
    postgres_url: str,
    template_database: str,
    temporal_address: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncGenerator[House, None]:
    """The pipeline of this folder's tests, its worker running."""
    folder = tmp_path_factory.mktemp("house")
    name = f"test_{uuid.uuid4().hex}"
    admin = await asyncpg.connect(postgres_url)
    await create_database(admin, name, template_database)
    url = urlunsplit(urlsplit(postgres_url)._replace(path=f"/{name}"))
    pipeline = await new_pipeline(url, temporal_address)
    environment = pipeline.environment | {"NEWSDESK_TEMPORAL_UI_URL": UI_URL}
    async with worker_process(environment, "-m", "tests.ops.moody_worker", str(folder)):
        yield House(environment, url, temporal_address, pipeline.client.namespace, folder)
    await drop_database(admin, name)
    await admin.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def filled(house: House) -> Call:
    """The call that enqueued an article of every kind and waited for their runs."""
    code, out, err = await house.enqueue("--wait", "--json", items=list(kinds()))
    return Call(code, [json.loads(line) for line in out.splitlines()], err)
