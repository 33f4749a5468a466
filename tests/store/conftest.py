"""What the tests of the store share: a pool on a migrated database of their own."""

from collections.abc import AsyncGenerator

import pytest_asyncio

from newsdesk.store.pool import StorePool, create_pool
from tests.store.lives import Lives


@pytest_asyncio.fixture
async def pool(database_url: str) -> AsyncGenerator[StorePool, None]:
    async with await create_pool(database_url, max_size=20) as pool:
        yield pool


@pytest_asyncio.fixture
async def lives(pool: StorePool) -> Lives:
    return Lives(pool)
