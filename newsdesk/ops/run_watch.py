"""`newsdesk runs --watch`: the table again and again until Ctrl-C, whatever becomes of Temporal."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from newsdesk.errors import TemporalUnavailableError
from newsdesk.ops.run_lines import Wanted
from newsdesk.ops.run_looks import Look, Looking
from newsdesk.ops.run_table import FEWEST, look_view, print_look, rows_that_fit
from newsdesk.ops.text import one_line
from newsdesk.ops.titles import Titles
from newsdesk.settings import Settings

EVERY_SECONDS = 2.0
PATIENCE_SECONDS = 6.0
"""The client itself tries for longer; so long an old table may stand without a word."""


class Watch:
    """Looks every two seconds; shows what it last saw, and since when it sees nothing."""

    def __init__(
        self,
        settings: Settings,
        wanted: Wanted,
        limit: int | None,
        console: Console,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Takes the settings that name the servers, which runs, how many, the terminal, the time.

        It never shows more runs than fit the terminal.
        """
        self._titles = Titles(settings.database_url)
        self._looking = Looking(settings, wanted, self._titles)
        self._limit = limit
        self._console = console
        self._clock = clock
        self._seen: Look | None = None
        self._away_since: datetime | None = None
        self._why = ""

    async def run(self) -> None:
        """Goes on until it is canceled; then the terminal is as it was before."""
        async with self._titles:
            with Live(self.view(), console=self._console, screen=True, auto_refresh=False) as live:
                while True:
                    await self.look()
                    live.update(self.view(), refresh=True)
                    await asyncio.sleep(EVERY_SECONDS)

    def leave(self) -> None:
        """Prints what was seen last, to stay on the terminal."""
        if self._seen is not None:
            self._console.print(_line(f"as of {_clock(self._seen.at)}", "dim"))
            print_look(self._seen, self._console)

    async def look(self) -> None:
        """Looks once; a server that is away is noted."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                self._seen = await self._look()
            self._away_since = None
        except TimeoutError:
            self._note_away(f"no answer within {PATIENCE_SECONDS:g} s")
        except TemporalUnavailableError as error:
            self._note_away(str(error))

    async def _look(self) -> Look:
        fit = rows_that_fit(self._console, await self._looking.list_url()) or FEWEST
        return await self._looking.look(min(self._limit or fit, fit))

    def _note_away(self, why: str) -> None:
        self._away_since = self._away_since or self._clock()
        self._why = one_line(why)

    def view(self) -> RenderableType:
        """Returns what is shown now."""
        parts: list[RenderableType] = [self._head()]
        if self._seen is not None:
            parts.append(look_view(self._seen, self._console.width))
        if self._titles.trouble is not None:
            missing = f"some titles are missing: {one_line(self._titles.trouble)}"
            parts.append(_line(missing, "dim"))
        return Group(*parts)

    def _head(self) -> Text:
        seen = "" if self._seen is None else f"as of {_clock(self._seen.at)}; "
        if self._away_since is None:
            return _line(f"newsdesk runs, {seen}Ctrl-C ends", "dim")
        since = _clock(self._away_since)
        return _line(f"{seen}Temporal is away since {since}, trying on: {self._why}", "bold red")


def _line(text: str, style: str) -> Text:
    return Text(text, style=style, no_wrap=True, overflow="ellipsis")


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M:%S} UTC"
