"""The driver's exceptions as newsdesk's own, by class, and without secrets."""

import pytest
from asyncpg import exceptions as driver

from newsdesk.errors import (
    ConfigurationError,
    NewsdeskError,
    StoreConflictError,
    StoreNotMigratedError,
    StoreRejectedError,
    StoreUnavailableError,
)
from newsdesk.store.articles import PostgresArticles
from newsdesk.store.failures import translate
from newsdesk.store.migrations import migrate
from newsdesk.store.pool import StorePool, create_pool
from newsdesk.store.runs import PostgresRuns
from tests.store.samples import OPTIONS, make_article


class DriverBadArgumentError(driver.InterfaceError, ValueError):
    """How the driver refuses an argument: both at once."""


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ConnectionRefusedError(111, "Connect call failed"), StoreUnavailableError),
        (TimeoutError(), StoreUnavailableError),
        (driver.InterfaceError("connection is closed"), StoreUnavailableError),
        (driver.ConnectionDoesNotExistError("gone"), StoreUnavailableError),
        (driver.CannotConnectNowError("starting up"), StoreUnavailableError),
        (driver.TooManyConnectionsError("sorry"), StoreUnavailableError),
        (driver.AdminShutdownError("bye"), StoreUnavailableError),
        (driver.QueryCanceledError("too long"), StoreUnavailableError),
        (driver.DiskFullError("full"), StoreUnavailableError),
        (driver.ReadOnlySQLTransactionError("standby"), StoreUnavailableError),
        (driver.IdleInTransactionSessionTimeoutError("idle"), StoreUnavailableError),
        (driver.DeadlockDetectedError("met"), StoreConflictError),
        (driver.SerializationError("met"), StoreConflictError),
        (driver.LockNotAvailableError("held"), StoreConflictError),
        (driver.InvalidCachedStatementError("altered"), StoreConflictError),
        (driver.UniqueViolationError("twice"), StoreRejectedError),
        (driver.InvalidPasswordError("who"), StoreUnavailableError),
        (driver.InvalidCatalogNameError("where"), StoreUnavailableError),
        (driver.UndefinedTableError("no table"), StoreNotMigratedError),
        (driver.ClientConfigurationError("bad url"), ConfigurationError),
        (DriverBadArgumentError("not an int"), StoreRejectedError),
    ],
)
def test_each_failure_says_whether_trying_again_can_help(
    error: Exception, expected: type[NewsdeskError]
) -> None:
    translated = translate(error, "enqueue article 5")
    assert type(translated) is expected
    assert str(translated).startswith("enqueue article 5: ")


@pytest.mark.parametrize(
    "error",
    [driver.UndefinedTableError, driver.UndefinedColumnError, driver.UndefinedFunctionError],
)
def test_a_missing_migration_names_the_command_and_is_waited_for(
    error: type[driver.PostgresError],
) -> None:
    translated = translate(error("no such"), "find run")
    assert "newsdesk db migrate" in str(translated)
    assert translated.retryable


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://u:hunter2@127.0.0.1:1/x", StoreUnavailableError),
        ("postgresql://u:hunt/er2@127.0.0.1:1/x", ConfigurationError),
        ("postgresql://u:hunter2@127.0.0.1:hunter2/x", ConfigurationError),
        ("postgresql://u:hunter2@127.0.0.1:1/x?sslmode=hunter2", ConfigurationError),
        ("hunter2", ConfigurationError),
    ],
)
async def test_a_wrong_url_is_refused_without_a_word_of_its_password(
    url: str, expected: type[NewsdeskError]
) -> None:
    with pytest.raises(expected) as of_migrate:
        await migrate(url)
    with pytest.raises(expected) as of_pool:
        async with await create_pool(url) as pool:
            await PostgresRuns(pool).counts()
    for raised in (of_migrate, of_pool):
        assert "hunt" not in str(raised.value)
        assert "er2" not in str(raised.value)


async def test_a_character_that_postgres_cannot_hold_is_refused_and_not_tried_again(
    pool: StorePool,
) -> None:
    with pytest.raises(StoreRejectedError, match="enqueue article 1"):
        await PostgresArticles(pool).enqueue(make_article(body="nul \x00"), OPTIONS)


async def test_a_pool_heals_when_its_connections_were_cut(pool: StorePool) -> None:
    runs = PostgresRuns(pool)
    async with pool.connection("cut") as connection:
        assert await runs.find("x") is None
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    try:
        await runs.find("x")
    except StoreUnavailableError:
        pass  # the first to notice; the next one gets a new connection
    assert await runs.find("x") is None


async def test_sessions_are_named_and_in_utc(store_database_url: str) -> None:
    async with await create_pool(store_database_url, application_name="newsdesk-test") as pool:
        async with pool.connection("look") as connection:
            assert await connection.fetchval("SHOW application_name") == "newsdesk-test"
            assert await connection.fetchval("SHOW timezone") == "UTC"


async def test_a_snapshot_sees_one_moment_and_changes_nothing(pool: StorePool) -> None:
    async with pool.snapshot("look") as connection:
        before = await connection.fetchval("SELECT count(*) FROM articles")
        await PostgresArticles(pool).enqueue(make_article(), OPTIONS)
        assert await connection.fetchval("SELECT count(*) FROM articles") == before
    with pytest.raises(StoreUnavailableError, match="ReadOnlySQLTransactionError"):
        async with pool.snapshot("look") as connection:
            await connection.execute("DELETE FROM runs")
