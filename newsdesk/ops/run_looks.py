"""Looking at runs: the first of those that are wanted, and the sums of all."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio.client import Client

from newsdesk.ops.run_lines import RunLine, Wanted, run_lines
from newsdesk.ops.titles import Titles
from newsdesk.settings import Settings
from newsdesk.temporal.connect import connect
from newsdesk.temporal.links import list_url
from newsdesk.temporal.sums import RunSums, count_runs

_PAGE_MAX = 1000


@dataclass(frozen=True)
class Look:
    """What was found at one moment. `sums` is of all such runs, not only of the `lines`."""

    lines: Sequence[RunLine]
    sums: RunSums
    at: datetime
    list_url: str | None = None


class Looking:
    """Looks at the runs that are wanted. It connects at the first look."""

    def __init__(self, settings: Settings, wanted: Wanted, titles: Titles) -> None:
        """Takes the settings that name the server, which runs, and who knows their titles."""
        self._settings = settings
        self._wanted = wanted
        self._titles = titles
        self._client: Client | None = None

    async def look(self, limit: int) -> Look:
        """Returns the first runs, and the sums of all. Raises what `lines` does."""
        lines = [line async for line in self.lines(limit)]
        sums = await count_runs(await self._connected(), self._wanted.query)
        return Look(lines, sums, datetime.now(UTC), await self.list_url())

    async def lines(self, limit: int) -> AsyncGenerator[RunLine, None]:
        """Yields the first runs. Raises TemporalUnavailableError, ConfigurationError."""
        source = run_lines(
            await self._connected(),
            self._wanted,
            self._titles,
            self._settings.temporal_ui_url,
            page_size=min(limit, _PAGE_MAX),
        )
        left = limit
        async with aclosing(source):
            async for line in source:
                yield line
                left -= 1
                if not left:
                    break

    async def list_url(self) -> str | None:
        """Returns where the Web UI lists the same. Raises what `lines` does."""
        client = await self._connected()
        return list_url(self._settings.temporal_ui_url, client.namespace, self._wanted.query)

    async def _connected(self) -> Client:
        if self._client is None:
            self._client = await connect(self._settings.temporal_environment, "runs")
        return self._client
