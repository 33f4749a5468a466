"""The whole store behind one pool, opened and closed together."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from newsdesk.store.articles import PostgresArticles
from newsdesk.store.model_ledger import PostgresModelLedger
from newsdesk.store.operations import PostgresOperations
from newsdesk.store.outputs import PostgresOutputs
from newsdesk.store.pauses import PostgresPauses
from newsdesk.store.pool import create_pool
from newsdesk.store.publishing import PostgresPublisher
from newsdesk.store.records import PostgresRecords
from newsdesk.store.runs import PostgresRuns
from newsdesk.store.stories import PostgresStories


@dataclass(frozen=True)
class Store:
    """Every aggregate over one pool of connections."""

    articles: PostgresArticles
    ledger: PostgresModelLedger
    operations: PostgresOperations
    outputs: PostgresOutputs
    pauses: PostgresPauses
    publisher: PostgresPublisher
    records: PostgresRecords
    runs: PostgresRuns
    stories: PostgresStories


@asynccontextmanager
async def open_store(url: str) -> AsyncGenerator[Store, None]:
    """Opens the store at a Postgres URL and closes it with the block.

    It connects when it is first used: that is where a malformed URL or a database that is down
    raises ConfigurationError or StoreUnavailableError.
    """
    async with await create_pool(url) as pool:
        yield Store(
            articles=PostgresArticles(pool),
            ledger=PostgresModelLedger(pool),
            operations=PostgresOperations(pool),
            outputs=PostgresOutputs(pool),
            pauses=PostgresPauses(pool),
            publisher=PostgresPublisher(pool),
            records=PostgresRecords(pool),
            runs=PostgresRuns(pool),
            stories=PostgresStories(pool),
        )
