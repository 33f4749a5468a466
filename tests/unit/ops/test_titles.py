"""Titles that runs do not carry themselves: asked once, and never waited for long."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from newsdesk.contracts.record import RunStatus
from newsdesk.errors import StoreUnavailableError
from newsdesk.ops import titles
from newsdesk.ops.titles import Titles
from newsdesk.temporal.listing import ListedRun


def run(number: int | None, workflow_id: str | None = None) -> ListedRun:
    return ListedRun(
        workflow_id=workflow_id or f"benzinga-{number}-r1",
        run_id="1",
        status=RunStatus.RUNNING,
        article_id=number,
        revision=1,
        run_number=number,
        tickers=(),
        failed_step=None,
        error_type=None,
        waiting_for=None,
        skipped=(),
        outcome=None,
        cost_usd=None,
        started_at=datetime(2026, 3, 4, tzinfo=UTC),
        closed_at=None,
    )


@dataclass
class Runs:
    """A database that knows every run under benzinga-NUMBER-r1; `trouble` is raised first."""

    trouble: list[Exception] = field(default_factory=list[Exception])
    seconds: float = 0.0
    asked: list[list[int]] = field(default_factory=list[list[int]])
    opened: int = 0

    async def summaries(self, run_numbers: Sequence[int]) -> list[SimpleNamespace]:
        self.asked.append(list(run_numbers))
        await asyncio.sleep(self.seconds)
        if self.trouble:
            raise self.trouble.pop(0)
        return [
            SimpleNamespace(workflow_id=f"benzinga-{number}-r1", title=f"Title {number}")
            for number in run_numbers
        ]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    made = Runs()

    @asynccontextmanager
    async def open_store(url: str) -> AsyncGenerator[SimpleNamespace, None]:
        made.opened += 1
        yield SimpleNamespace(runs=made)

    monkeypatch.setattr(titles, "open_store", open_store)
    return made


async def test_a_title_is_asked_for_once(runs: Runs) -> None:
    async with Titles("postgresql://") as found:
        assert await found.of([run(2), run(1), run(None)]) == {
            "benzinga-1-r1": "Title 1",
            "benzinga-2-r1": "Title 2",
        }
        assert await found.of([run(2), run(3)]) == {
            "benzinga-2-r1": "Title 2",
            "benzinga-3-r1": "Title 3",
        }
        assert await found.of([run(3)]) == {"benzinga-3-r1": "Title 3"}
    assert runs.asked == [[1, 2], [3]]
    assert (runs.opened, found.trouble) == (1, None)


async def test_the_number_of_another_databases_run_gives_no_title(runs: Runs) -> None:
    async with Titles("postgresql://") as found:
        assert await found.of([run(2, "benzinga-2-r1-2")]) == {}
    assert runs.asked == [[2]]


async def test_a_database_that_is_away_is_left_alone_for_a_while(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs.trouble.append(StoreUnavailableError("summarize runs: no server"))
    async with Titles("postgresql://") as found:
        assert await found.of([run(2)]) == {}
        assert found.trouble == "summarize runs: no server"
        assert await found.of([run(2)]) == {}
        assert len(runs.asked) == 1

        now = asyncio.get_running_loop().time() + titles.ASK_AGAIN_SECONDS
        monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now)
        assert await found.of([run(2)]) == {"benzinga-2-r1": "Title 2"}
        assert found.trouble is None


async def test_a_database_that_does_not_answer_is_not_waited_for(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(titles, "PATIENCE_SECONDS", 0.05)
    runs.seconds = 60
    async with Titles("postgresql://") as found:
        assert await found.of([run(2)]) == {}
    assert found.trouble == "the database does not answer"


async def test_without_a_database_nothing_is_asked(runs: Runs) -> None:
    async with Titles(None) as found:
        assert await found.of([]) == {}
        assert found.trouble is None
        assert await found.of([run(2)]) == {}
    assert (found.trouble, runs.opened) == ("no database is known", 0)
