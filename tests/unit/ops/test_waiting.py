"""Waiting for runs: what is filled in, and what is said while nothing ends."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
from rich.console import Console
from temporalio.api.taskqueue.v1 import PollerInfo
from temporalio.api.workflowservice.v1 import DescribeTaskQueueResponse
from temporalio.service import RPCError, RPCStatusCode

from newsdesk.contracts.articles import Enqueued, EnqueueOutcome
from newsdesk.contracts.names import WAITING_RUNS
from newsdesk.contracts.record import RunBlock, RunStatus
from newsdesk.errors import TemporalUnavailableError
from newsdesk.ops import waiting
from newsdesk.ops.receipts import Receipt
from newsdesk.ops.services import Services
from newsdesk.ops.waiting import by_run, wait_for_runs, why_nothing_ends


@dataclass
class Runs:
    """A run store in which, look by look, further runs have ended."""

    ends: list[set[int]]
    looks: int = 0

    async def blocks(self, run_numbers: Sequence[int]) -> dict[int, RunBlock]:
        ended = self.ends[min(self.looks, len(self.ends) - 1)]
        self.looks += 1
        return {
            number: RunBlock(number=number, workflow_id="w", status=RunStatus.COMPLETED)
            for number in run_numbers
            if number in ended
        }


@dataclass
class Store:
    runs: Runs


@dataclass
class Server:
    """A Temporal server: what it answers about the task queue."""

    answer: DescribeTaskQueueResponse | RPCError
    waiting: int = 0
    namespace: str = "default"
    asked: int = 0

    @property
    def workflow_service(self) -> "Server":
        return self

    async def describe_task_queue(self, *_: object, **__: object) -> DescribeTaskQueueResponse:
        self.asked += 1
        if isinstance(self.answer, RPCError):
            raise self.answer
        return self.answer

    async def count_workflows(self, query: str) -> SimpleNamespace:
        assert query == WAITING_RUNS
        return SimpleNamespace(count=self.waiting)


@dataclass
class Heard:
    """What a wait told."""

    out: io.StringIO = field(default_factory=io.StringIO)
    runs: list[int] = field(default_factory=list[int])
    receipts: list[str] = field(default_factory=list[str])

    async def wait(self, services: Services, receipts: Sequence[Receipt]) -> None:
        await wait_for_runs(
            services,
            receipts,
            Console(file=self.out, width=200),
            lambda run: self.runs.append(run.number),
            lambda receipt: self.receipts.append(receipt.location),
        )


def services(server: Server | None, *ends: set[int]) -> Services:
    store: Any = Store(Runs(list(ends)))
    return Services(store=store, client=cast("Any", server), intake=cast("Any", None))


def receipt(location: str, number: int | None) -> Receipt:
    return Receipt(
        location, Enqueued(article_id=5, outcome=EnqueueOutcome.STARTED, run_number=number)
    )


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "POLL_SECONDS", 0.001)
    monkeypatch.setattr(waiting, "NO_WORKER_AFTER_SECONDS", 0.002)


POLLED = DescribeTaskQueueResponse(pollers=[PollerInfo(identity="worker")])
UNPOLLED = DescribeTaskQueueResponse()
AWAY = RPCError("connection refused", RPCStatusCode.UNAVAILABLE, b"")


@pytest.mark.usefixtures("no_pauses")
async def test_each_receipt_gets_its_run_once() -> None:
    receipts = [receipt("a", 1), receipt("b", 2), receipt("again", 1)]
    heard = Heard()
    await heard.wait(services(Server(POLLED), set(), {2}, {1}), receipts)
    assert heard.runs == [2, 1]
    assert heard.receipts == ["b", "a", "again"]
    assert [one.run.number for one in receipts if one.run] == [1, 2, 1]
    assert heard.out.getvalue() == ""


async def test_nothing_to_wait_for() -> None:
    heard = Heard()
    await heard.wait(services(None, set()), [])
    assert heard.runs == []
    assert by_run([receipt("a", None), Receipt("b", error="no")]) == {}


async def test_without_a_server_only_what_has_ended_is_waited_for() -> None:
    heard = Heard()
    await heard.wait(services(None, {1}), [receipt("a", 1)])
    assert heard.runs == [1]
    with pytest.raises(TemporalUnavailableError, match="cannot wait"):
        await heard.wait(services(None, {1}), [receipt("a", 1), receipt("b", 2)])
    assert heard.runs == [1, 1]


@pytest.mark.usefixtures("no_pauses")
@pytest.mark.parametrize(
    ("answer", "waiting_runs", "hint"),
    [
        (UNPOLLED, 3, "still waiting: no worker polls; start one with `newsdesk worker`\n"),
        (AWAY, 3, "still waiting: Temporal does not answer: connection refused\n"),
        (POLLED, 0, ""),
        (
            POLLED,
            3,
            "still waiting: 3 runs wait for the budget or a paused step; see `newsdesk resume`\n",
        ),
    ],
)
async def test_a_long_wait_says_once_why(
    answer: DescribeTaskQueueResponse | RPCError, waiting_runs: int, hint: str
) -> None:
    server, heard = Server(answer, waiting_runs), Heard()
    await heard.wait(services(server, *[set[int]() for _ in range(30)], {1}), [receipt("a", 1)])
    assert server.asked > 1
    assert heard.out.getvalue() == hint


async def test_no_client_no_guess() -> None:
    assert await why_nothing_ends(services(None)) is None
