"""Migrations: once, in order, by whoever comes first; a changed file is refused."""

import asyncio
from dataclasses import replace

import asyncpg
import pytest

from newsdesk.errors import StoreNotMigratedError, StoreRejectedError
from newsdesk.store.migrations import (
    MIGRATIONS_LOCK,
    Migration,
    in_order,
    load_migrations,
    migrate,
    status,
)
from newsdesk.store.pool import create_pool
from newsdesk.store.runs import PostgresRuns

FIRST = Migration("0001_pre_first", "CREATE TABLE one (id int)")
SECOND = Migration("0002_post_second", "INSERT INTO one VALUES (7)")


async def fetch(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_all_are_applied_once(bare_database_url: str) -> None:
    names = [migration.name for migration in load_migrations()]
    before = await status(bare_database_url)
    assert [(one.name, one.applied_at) for one in before] == [(name, None) for name in names]
    assert await migrate(bare_database_url) == names
    assert await migrate(bare_database_url) == []
    after = await status(bare_database_url)
    assert [one.name for one in after if one.applied_at is not None] == names


async def test_two_at_once_apply_once(bare_database_url: str) -> None:
    applied = await asyncio.gather(*(migrate(bare_database_url, [FIRST, SECOND]) for _ in range(4)))
    assert sorted(applied) == [[], [], [], [FIRST.name, SECOND.name]]
    assert await fetch(bare_database_url, "SELECT count(*) FROM one") == 1


async def test_the_lock_is_free_again_after_a_failure(bare_database_url: str) -> None:
    broken = Migration("0002_pre_broken", "INSERT INTO one VALUES (7); SELECT 1 / 0")
    with pytest.raises(StoreRejectedError, match="division by zero"):
        await migrate(bare_database_url, [FIRST, broken])
    assert await fetch(bare_database_url, "SELECT count(*) FROM one") == 0
    taken = await fetch(bare_database_url, f"SELECT pg_try_advisory_lock({MIGRATIONS_LOCK})")
    assert taken is True
    assert await migrate(bare_database_url, [FIRST, SECOND]) == [SECOND.name]


async def test_a_changed_file_is_refused(bare_database_url: str) -> None:
    await migrate(bare_database_url, [FIRST])
    with pytest.raises(StoreRejectedError, match="0001_pre_first was changed"):
        await migrate(bare_database_url, [replace(FIRST, sql="CREATE TABLE two ()"), SECOND])
    assert await fetch(bare_database_url, "SELECT count(*) FROM one") == 0


async def test_a_file_numbered_below_an_applied_one_is_refused(bare_database_url: str) -> None:
    await migrate(bare_database_url, [Migration("0002_pre_later", FIRST.sql)])
    with pytest.raises(StoreRejectedError, match="give it the next number"):
        await migrate(
            bare_database_url,
            [Migration("0001_pre_late", "SELECT 1"), Migration("0002_pre_later", FIRST.sql)],
        )


async def test_what_a_newer_version_applied_is_left_alone(bare_database_url: str) -> None:
    await migrate(bare_database_url, [FIRST, SECOND])
    assert await migrate(bare_database_url, [FIRST]) == []


@pytest.mark.parametrize("name", ["1_pre_x", "0001_x", "0001_mid_x", "0001_pre_", "0001_pre_X"])
def test_a_wrong_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="NNNN_pre"):
        in_order([Migration(name, "")])


def test_a_number_taken_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="one number"):
        in_order([FIRST, Migration("0001_pre_other", "")])


async def test_without_migrations_the_command_to_run_is_named(bare_database_url: str) -> None:
    async with await create_pool(bare_database_url) as pool:
        with pytest.raises(StoreNotMigratedError, match="newsdesk db migrate"):
            await PostgresRuns(pool).find("benzinga-1-r1")
