"""Titles of runs that do not carry theirs: an older version started them. Postgres knows them.

It is asked only where it has to be, and where it is away, the titles are missing and nothing else.
"""

import asyncio
import contextlib
from collections.abc import Sequence

from newsdesk.errors import NewsdeskError
from newsdesk.store.opening import Store, open_store
from newsdesk.temporal.listing import ListedRun

PATIENCE_SECONDS = 2.0
ASK_AGAIN_SECONDS = 30.0
"""A database that was away is left alone for this long: a table must not wait for it each time."""


class Titles:
    """Looks titles up, each once. `trouble`: why some are missing, None where none is."""

    def __init__(self, database_url: str | None) -> None:
        """Takes the database's URL; None where no database is known."""
        self._url = database_url
        self._stack = contextlib.AsyncExitStack()
        self._store: Store | None = None
        self._known: dict[str, str] = {}
        self._ask_at = 0.0
        self.trouble: str | None = None

    async def __aenter__(self) -> "Titles":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def of(self, runs: Sequence[ListedRun]) -> dict[str, str]:
        """Returns the titles of these runs that can be had, by workflow id."""
        missing = {
            run.workflow_id: run.run_number
            for run in runs
            if run.workflow_id not in self._known and run.run_number is not None
        }
        if missing and asyncio.get_running_loop().time() >= self._ask_at:
            await self._ask(sorted(set(missing.values())))
        return {
            run.workflow_id: self._known[run.workflow_id]
            for run in runs
            if run.workflow_id in self._known
        }

    async def _ask(self, run_numbers: Sequence[int]) -> None:
        if self._url is None:
            self.trouble = "no database is known"
            return
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                store = await self._open(self._url)
                found = await store.runs.summaries(run_numbers)
        except (NewsdeskError, TimeoutError) as error:
            self.trouble = str(error) or "the database does not answer"
            self._ask_at = asyncio.get_running_loop().time() + ASK_AGAIN_SECONDS
        else:
            self.trouble = None
            # By id: a number may be that of another database.
            self._known |= {summary.workflow_id: summary.title for summary in found}

    async def _open(self, url: str) -> Store:
        if self._store is None:
            self._store = await self._stack.enter_async_context(open_store(url))
        return self._store
