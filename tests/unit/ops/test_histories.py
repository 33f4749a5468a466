"""Which histories are fetched, how many at once, and what their files are called."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from newsdesk.contracts.record import RunStatus
from newsdesk.ops.histories import file_name
from newsdesk.temporal import histories
from newsdesk.temporal.histories import AT_ONCE, Choice, chosen_runs, fetch_histories
from newsdesk.temporal.listing import ListedRun


def listed_run(workflow_id: str) -> ListedRun:
    return ListedRun(
        workflow_id=workflow_id,
        run_id=f"run-of-{workflow_id}",
        status=RunStatus.COMPLETED,
        article_id=None,
        revision=None,
        run_number=None,
        tickers=(),
        failed_step=None,
        error_type=None,
        waiting_for=None,
        skipped=(),
        outcome=None,
        cost_usd=None,
        started_at=datetime.now(UTC),
        closed_at=None,
    )


@pytest.mark.parametrize(
    ("workflow_id", "name"),
    [
        ("benzinga-1-r1", "benzinga-1-r1.run.json"),
        ("../../etc/x", "..%2F..%2Fetc%2Fx.run.json"),
        ("x" * 1000, f"{'x' * 150}.run.json"),
    ],
)
def test_no_workflow_id_leads_out_of_the_folder(workflow_id: str, name: str) -> None:
    run = listed_run(workflow_id)
    assert file_name(run) == name.replace(".run.", f".{run.run_id}.")


async def test_a_run_that_closes_in_between_is_taken_once(monkeypatch: pytest.MonkeyPatch) -> None:
    choice = Choice(closed_since=datetime.now(UTC), closed_limit=2)

    async def listing(client: Client, query: str, limit: int | None = None) -> AsyncIterator[Any]:
        for name in {choice.running: ("1",), choice.closed: ("1", "2")}[query]:
            yield listed_run(name)

    monkeypatch.setattr(histories, "list_runs", listing)
    taken = [run.workflow_id async for run in chosen_runs(cast("Client", None), choice)]
    assert taken == ["1", "2"]


@dataclass
class CountingServer:
    """Hands out histories, and counts them; knows none of a run that is called gone."""

    fetched: list[str] = field(default_factory=list[str])
    asked: str = ""

    def get_workflow_handle(self, workflow_id: str, *, run_id: str) -> "CountingServer":
        self.fetched.append(run_id)
        return CountingServer(asked=workflow_id)

    async def fetch_history(self) -> WorkflowHistory:
        if self.asked == "gone":
            raise RPCError("no such run", RPCStatusCode.NOT_FOUND, b"")
        return WorkflowHistory(self.asked, [])


async def test_few_histories_are_held_and_those_that_are_gone_are_left_out() -> None:
    async def runs() -> AsyncIterator[ListedRun]:
        yield listed_run("gone")
        for number in range(1000):
            yield listed_run(str(number))

    server = CountingServer()
    fetching = fetch_histories(cast("Client", server), runs())
    listed, history = await anext(fetching)
    assert (listed.workflow_id, history.workflow_id) == ("0", "0")
    assert len(server.fetched) == AT_ONCE
    await fetching.aclose()
