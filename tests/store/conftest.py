"""What the tests of the store share: a pool on an empty, migrated database.

One database for all of them, emptied before each: making one takes longer than most tests.
"""

from collections.abc import AsyncGenerator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest_asyncio

from newsdesk.dev.databases import create_database, drop_database
from newsdesk.store.pool import StorePool, create_pool
from tests.store.lives import Lives

_EMPTY = """
DO $$
BEGIN
    EXECUTE (
        SELECT 'TRUNCATE ' || string_agg(quote_ident(tablename), ', ') || ' RESTART IDENTITY'
        FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'schema_migrations'
    );
END
$$
"""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def store_database_url(
    postgres_url: str, template_database: str
) -> AsyncGenerator[str, None]:
    name = template_database.replace("test_", "test_store_")
    connection = await asyncpg.connect(postgres_url)
    try:
        await create_database(connection, name, template_database)
        yield urlunsplit(urlsplit(postgres_url)._replace(path=f"/{name}"))
        await drop_database(connection, name)
    finally:
        await connection.close()


@pytest_asyncio.fixture
async def pool(store_database_url: str) -> AsyncGenerator[StorePool, None]:
    async with await create_pool(store_database_url, max_size=20) as pool:
        async with pool.connection("empty the database") as connection:
            await connection.execute(_EMPTY)
        yield pool


@pytest_asyncio.fixture
async def lives(pool: StorePool) -> Lives:
    return Lives(pool)
