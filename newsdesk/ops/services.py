"""What commands work with: the store, Temporal, and the intake over both."""

import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from temporalio.client import Client

from newsdesk.contracts.articles import PendingRun
from newsdesk.errors import StoreNotMigratedError, TemporalUnavailableError
from newsdesk.ports import RunStarter
from newsdesk.settings import Settings
from newsdesk.store import migrations
from newsdesk.store.opening import Store, open_store
from newsdesk.temporal.connect import connect
from newsdesk.temporal.starting import Intake, TemporalRunStarter

_BEFORE_DEPLOYMENT = "_pre_"


class UnreachableStarter:
    """Stands where no Temporal server answers: runs stay pending, a worker starts them later."""

    def __init__(self, error: TemporalUnavailableError) -> None:
        """Takes the error that connecting gave."""
        self._error = error

    async def start(self, run: PendingRun) -> str | None:
        """Refuses. Raises the error that connecting gave."""
        raise self._error


@dataclass(frozen=True)
class Services:
    """An open store and, where the server answers, a connected client; else `unreachable`."""

    store: Store
    client: Client | None
    intake: Intake
    unreachable: TemporalUnavailableError | None = None


@contextlib.asynccontextmanager
async def open_services(settings: Settings, role: str) -> AsyncGenerator[Services, None]:
    """Opens the store and connects to Temporal; the latter may be away.

    Raises:
        ConfigurationError: no database is known, or the connection settings are wrong.
        StoreUnavailableError: the database does not answer.
    """
    client: Client | None = None
    unreachable: TemporalUnavailableError | None = None
    starter: RunStarter
    async with open_store(settings.require_database_url()) as store:
        try:
            client = await connect(settings.temporal_environment, role)
            starter = TemporalRunStarter(client, settings.page_url)
        except TemporalUnavailableError as error:
            unreachable = error
            starter = UnreachableStarter(error)
        intake = Intake(store.articles, store.runs, starter)
        yield Services(store=store, client=client, intake=intake, unreachable=unreachable)


async def require_migrated(url: str) -> None:
    """Makes sure that the database has every table that this version needs.

    Raises:
        StoreNotMigratedError: one is missing that has to be applied before this version runs.
        StoreUnavailableError: the database does not answer.
    """
    missing = [
        migration.name
        for migration in await migrations.status(url)
        if migration.applied_at is None and _BEFORE_DEPLOYMENT in migration.name
    ]
    if missing:
        raise StoreNotMigratedError(
            f"the database lacks {len(missing)} migrations ({missing[0]} is the first);"
            " run `newsdesk db migrate`"
        )
