"""What commands work with: the store, Temporal, and the intake over both."""

import contextlib
import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from temporalio.client import Client

from newsdesk.contracts.articles import PendingRun
from newsdesk.errors import TemporalUnavailableError
from newsdesk.ports import RunStarter
from newsdesk.settings import Settings
from newsdesk.store.opening import Store, open_store
from newsdesk.temporal.connect import connect
from newsdesk.temporal.starting import Intake, TemporalRunStarter

logger = logging.getLogger(__name__)


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
    """An open store and, where the server answers, a connected client."""

    store: Store
    client: Client | None
    intake: Intake


@contextlib.asynccontextmanager
async def open_services(settings: Settings, role: str) -> AsyncGenerator[Services, None]:
    """Opens the store and connects to Temporal; the latter may be away.

    Raises:
        ConfigurationError: no database is known, or the connection settings are wrong.
        StoreUnavailableError: the database does not answer.
    """
    client: Client | None = None
    starter: RunStarter
    async with open_store(settings.require_database_url()) as store:
        try:
            client = await connect(settings.temporal_environment, role)
            starter = TemporalRunStarter(client)
        except TemporalUnavailableError as error:
            starter = UnreachableStarter(error)
        yield Services(
            store=store, client=client, intake=Intake(store.articles, store.runs, starter)
        )
