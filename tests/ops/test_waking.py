"""Telling runs that wait to look again: twice, for the server's lists lag behind its runs."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import cast

import pytest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from newsdesk import cli
from newsdesk.contracts.names import RESUME_SIGNAL, WAITING_RUNS
from newsdesk.contracts.record import RunStatus
from newsdesk.ops import waking
from newsdesk.store.opening import open_store
from newsdesk.temporal.listing import ListedRun

AT = datetime(2026, 3, 4, tzinfo=UTC)
LINK = "link_article_to_stories"


def listed(number: int) -> ListedRun:
    return ListedRun(
        workflow_id=f"benzinga-{number}-r1",
        run_id=f"run-{number}",
        status=RunStatus.RUNNING,
        article_id=number,
        revision=1,
        run_number=number,
        tickers=(),
        failed_step=None,
        error_type=None,
        waiting_for="step_paused",
        skipped=(),
        outcome=None,
        cost_usd=None,
        started_at=AT,
        closed_at=None,
    )


class Temporal:
    """A server whose list of waiting runs is another one at each look, and who answers signals."""

    def __init__(
        self, *looks: tuple[int, ...], **answers: tuple[RPCStatusCode | None, ...]
    ) -> None:
        self.looks = list(looks)
        self.answers = {name: list(codes) for name, codes in answers.items()}
        self.signals: list[str] = []
        self.queries: list[str] = []

    async def list_runs(self, client: Client, query: str) -> AsyncGenerator[ListedRun, None]:
        self.queries.append(query)
        for number in self.looks.pop(0):
            yield listed(number)

    def get_workflow_handle(self, workflow_id: str, *, run_id: str) -> "Handle":
        assert run_id.removeprefix("run-") == workflow_id.split("-")[1]
        return Handle(self, workflow_id)


class Handle:
    def __init__(self, server: Temporal, workflow_id: str) -> None:
        self.server = server
        self.workflow_id = workflow_id

    async def signal(self, name: str) -> None:
        assert name == RESUME_SIGNAL
        self.server.signals.append(self.workflow_id)
        codes = self.server.answers.get(f"run_{self.workflow_id.split('-')[1]}", [])
        code = codes.pop(0) if codes else None
        if code is not None:
            raise RPCError("the server is busy", code, b"")


def connected(monkeypatch: pytest.MonkeyPatch, server: Temporal) -> Client:
    async def connect(*_: object) -> Client:
        return cast("Client", server)

    monkeypatch.setattr(waking, "LOOK_AGAIN_SECONDS", 0.0)
    monkeypatch.setattr(waking, "list_runs", server.list_runs)
    monkeypatch.setattr("newsdesk.temporal.connect.connect", connect)
    return cast("Client", server)


async def test_what_is_listed_late_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Temporal((1, 2), (2, 3))
    told = await waking.wake_all(connected(monkeypatch, server))
    assert [one.article_id for one, _ in told] == [1, 2, 3]
    assert {what.words for _, what in told} == {"resumed"}
    # The second of them may have been told before its wait had begun.
    assert server.signals == [f"benzinga-{n}-r1" for n in (1, 2, 2, 3)]
    assert server.queries == [WAITING_RUNS, WAITING_RUNS]


async def test_only_what_fails_to_the_end_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    busy, gone = RPCStatusCode.UNAVAILABLE, RPCStatusCode.NOT_FOUND
    server = Temporal(
        (1, 2, 3, 4), (1, 2, 3), run_1=(busy, None), run_2=(busy, busy), run_3=(None, gone),
        run_4=(gone,),
    )  # fmt: skip
    told = await waking.wake_all(connected(monkeypatch, server))
    assert [(one.article_id, what.words, what.failed) for one, what in told] == [
        (1, "resumed", False),
        (2, "not resumed: the server is busy", True),
        (3, "resumed", False),
        (4, "has ended meanwhile", False),
    ]


async def test_all_of_many_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    many = tuple(range(1, 3 * waking.AT_ONCE + 2))
    server = Temporal(many, ())
    assert len(await waking.wake_all(connected(monkeypatch, server))) == len(many)
    assert len(set(server.signals)) == len(server.signals) == len(many)


def test_a_run_that_cannot_be_told_is_named_and_the_exit_code_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server = Temporal((1, 2), run_2=(RPCStatusCode.UNAVAILABLE,))
    connected(monkeypatch, server)
    code = cli.main(["resume", "1", "2", "--state", "/nonexistent"])
    out, err = capsys.readouterr()
    assert (code, err) == (1, "")
    assert out.splitlines() == [
        "benzinga-1-r1  resumed",
        "benzinga-2-r1  not resumed: the server is busy",
    ]
    assert server.queries == [f"{WAITING_RUNS} AND ArticleId IN (1, 2)"]


async def test_a_run_that_is_not_woken_is_named_beside_the_sum(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], database_url: str
) -> None:
    busy = RPCStatusCode.UNAVAILABLE
    connected(monkeypatch, Temporal((1, 2, 3), (2,), run_2=(busy, busy)))
    monkeypatch.setenv("NEWSDESK_DATABASE_URL", database_url)
    code = await asyncio.to_thread(cli.main, ["resume", "--all", "--state", "/nonexistent"])
    out, err = capsys.readouterr()
    assert (code, err) == (1, "")
    assert out.splitlines() == [
        "benzinga-2-r1  not resumed: the server is busy",
        "2 waiting runs resumed",
    ]


async def test_steps_and_articles_can_be_named_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], database_url: str
) -> None:
    connected(monkeypatch, Temporal((1,), (1, 2), ()))
    monkeypatch.setenv("NEWSDESK_DATABASE_URL", database_url)
    async with open_store(database_url) as store:
        for step, run_number in (("publish", 0), ("analyze_article", 0), (LINK, 1), (LINK, 2)):
            await store.pauses.pause(step, "", run_number)
        argv = ["resume", "1", "publish", "--state", "/nonexistent"]
        code = await asyncio.to_thread(cli.main, argv)
        left = [(pause.step, pause.run_number) for pause in await store.pauses.list()]
    out, err = capsys.readouterr()
    assert (code, out) == (0, "publish  resumed\n2 waiting runs resumed\n")
    assert err.startswith("newsdesk resume: analyze_article: paused for everybody; ")
    assert left == [("analyze_article", 0), (LINK, 2)]
