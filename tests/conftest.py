"""What tests of all folders share: a clean environment, a Postgres and a Temporal server.

Each test process (also each of pytest-xdist's) starts its own embedded servers on first use.
NEWSDESK_TEST_DSN (a role that may create databases) and TEMPORAL_ADDRESS name real ones instead.
"""

import os
import tempfile
import uuid
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from newsdesk.dev.databases import create_database, drop_database
from newsdesk.dev.ports import free_ports
from newsdesk.dev.postgres import embedded_postgres
from newsdesk.dev.temporal import embedded_temporal
from tests.helpers.pipeline import Pipeline, new_pipeline

# Read once: every test's own environment is scrubbed of them.
POSTGRES_OVERRIDE = os.environ.get("NEWSDESK_TEST_DSN")
TEMPORAL_OVERRIDE = os.environ.get("TEMPORAL_ADDRESS")


@pytest.fixture(autouse=True)
def scrubbed_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the developer's shell reaches a test."""
    for name in list(os.environ):
        if name.startswith(("NEWSDESK_", "BENZINGA_", "TEMPORAL_")):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def server_state() -> Generator[Path, None, None]:
    """A folder for the servers' files with a path short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="nd-", ignore_cleanup_errors=True) as folder:
        path = Path(folder)
        path.chmod(0o755)  # as root, Postgres runs as another user
        yield path


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres_url(server_state: Path) -> AsyncGenerator[str, None]:
    """The URL of a database on the session's server, from which others can be created."""
    if POSTGRES_OVERRIDE:
        yield POSTGRES_OVERRIDE
        return
    async with embedded_postgres(server_state, durable=False) as url:
        yield url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def template_database(postgres_url: str) -> AsyncGenerator[str, None]:
    """The name of a migrated database to clone from."""
    from newsdesk.store.migrations import migrate

    async with _database(postgres_url) as url:
        await migrate(url)
        yield _name_of(url)


@pytest_asyncio.fixture
async def database_url(postgres_url: str, template_database: str) -> AsyncGenerator[str, None]:
    """The URL of a migrated, empty database of this test's own."""
    async with _database(postgres_url, template_database) as url:
        yield url


@pytest_asyncio.fixture
async def bare_database_url(postgres_url: str) -> AsyncGenerator[str, None]:
    """The URL of a database of this test's own without any table."""
    async with _database(postgres_url) as url:
        yield url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def temporal_address(server_state: Path) -> AsyncGenerator[str, None]:
    """host:port of the session's Temporal server, with our search attributes."""
    if TEMPORAL_OVERRIDE:
        yield TEMPORAL_OVERRIDE
        return
    async with embedded_temporal(server_state, free_ports(1)[0], durable=False) as address:
        yield address


@pytest_asyncio.fixture
async def temporal_client(temporal_address: str) -> Client:
    """A client of the session's Temporal server."""
    return await Client.connect(temporal_address, data_converter=pydantic_data_converter)


@asynccontextmanager
async def _database(server: str, template: str | None = None) -> AsyncGenerator[str, None]:
    name = f"test_{uuid.uuid4().hex}"
    connection = await asyncpg.connect(server)
    try:
        await create_database(connection, name, template)
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        await drop_database(connection, name)
    finally:
        await connection.close()


def _name_of(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


@pytest_asyncio.fixture
async def pipeline(database_url: str, temporal_address: str) -> Pipeline:
    """A database and a Temporal namespace of this test's own."""
    return await new_pipeline(database_url, temporal_address)
