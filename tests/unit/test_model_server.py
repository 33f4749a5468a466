"""The model server over the wire: what it answers, what it counts, and how each fault looks."""

import asyncio
import json
import signal
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.helpers.eventually import eventually
from tests.helpers.model_server import ModelServer, faults
from tests.helpers.model_server.answers import sensible_answer, step_of
from tests.helpers.model_server.faults import FAULTS, Fault

ROOT = Path(__file__).parents[2]
CHAT = "/v1/chat/completions"
SYSTEM = "You read news about companies and answer in JSON."
TITLE = "Tidewater Lifts Dividend As Rival Stumbles"
ANALYZE = f"""{{"stocks": [{{"ticker": "X", "exchange": null, "name": null}}]}}
<article-0a1b2c>
{TITLE}

Tidewater Terminals, Inc. (NYSE: TDWX) raised its dividend by a tenth on Wednesday. Volumes at \
U.S. ports climbed, Mr. Brandt said.

Its rival North Quay & Sons (NASDAQ: NQAY) fell 4% after "a hard quarter." Tidewater Terminals \
(NYSE: TDWX) trades near its high.
</article-0a1b2c>"""
SCORE = """Score these:
1. Tidewater Terminals (TDWX)
2. North Quay & Sons (NQAY)
3. Gannet Freight

<article-ff>
Tidewater Terminals raised its dividend.

[…]

Shares of NQAY fell 4%. It said why.
</article-ff>"""


def asking(user: str = ANALYZE, step: str = "analyze_article", *more: str) -> dict[str, Any]:
    said = zip(("system", "user", "assistant", "user"), (SYSTEM, user, *more), strict=False)
    return {
        "model": "test-model",
        "messages": [{"role": role, "content": text} for role, text in said],
        "response_format": {"type": "json_schema", "json_schema": {"name": step, "schema": {}}},
    }


ASKING = asking()
SCORING = asking(SCORE, "analyze_sentiment")
RIGHT = sensible_answer("analyze_article", ASKING)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def choice(self) -> dict[str, Any]:
        (choice,) = self.json["choices"]
        return choice

    @property
    def content(self) -> str:
        return self.choice["message"]["content"]


@dataclass(frozen=True)
class Client:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, body: object, *where: str, **headers: str) -> Answer:
        self.send(body, *where, **headers)
        return await self.receive()

    def send(self, body: object, path: str = CHAT, method: str = "POST", **headers: str) -> None:
        text = json.dumps(body).encode()
        told = {"Host": "127.0.0.1", "Content-Length": str(len(text)), **headers}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {told[name]}" for name in told), "", ""]
        self.writer.write("\r\n".join(lines).encode() + text)

    async def receive(self) -> Answer:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        text = await self.reader.readexactly(int(headers["content-length"]))
        return Answer(int(first.split(" ")[1]), headers, text.decode())


@asynccontextmanager
async def connected(url: str) -> AsyncGenerator[Client, None]:
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    try:
        yield Client(reader, writer)
    finally:
        writer.transport.abort()


@pytest.fixture
async def server() -> AsyncGenerator[ModelServer, None]:
    async with ModelServer() as server:
        yield server


@pytest.fixture
async def client(server: ModelServer) -> AsyncGenerator[Client, None]:
    async with connected(server.url) as client:
        yield client


async def answer_to(fault: Fault, body: Mapping[str, Any] = ASKING) -> Answer:
    async with ModelServer() as server, connected(server.url) as client:
        server.order(step_of(body), fault)
        return await client.ask(body, Authorization="Bearer sk-of-the-test")


async def companies_of(fault: Fault, body: Mapping[str, Any] = ASKING) -> list[dict[str, Any]]:
    return json.loads((await answer_to(fault, body)).content)["companies"]


async def test_a_right_answer(client: Client) -> None:
    answer = await client.ask(ASKING)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"] == "req_00000001"
    assert answer.json.items() >= {"object": "chat.completion", "model": "test-model"}.items()
    message = {"role": "assistant", "content": RIGHT, "refusal": None}
    assert answer.choice == {"index": 0, "message": message, "finish_reason": "stop"}
    usage = answer.json["usage"]
    assert usage["completion_tokens"] == -(-len(RIGHT) // 4)
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


async def test_a_system_message_is_cached_once_it_was_seen(client: Client) -> None:
    usages = [(await client.ask(ASKING)).json["usage"] for _ in range(2)]
    cached = [usage["prompt_tokens_details"]["cached_tokens"] for usage in usages]
    assert cached == [0, -(-len(SYSTEM) // 4)]
    assert usages[0]["prompt_tokens"] == usages[1]["prompt_tokens"] > cached[1]


async def test_a_connection_is_kept_until_the_client_wants_it_closed(client: Client) -> None:
    assert (await client.ask(ASKING)).headers["connection"] == "keep-alive"
    answer = await client.ask(ASKING, Connection="close")
    assert answer.headers["connection"] == "close"
    assert await client.reader.read() == b""


async def test_a_second_request_waits_for_the_first(server: ModelServer, client: Client) -> None:
    server.latency_seconds = 0.02
    client.send(ASKING)
    client.send(SCORING)
    assert json.loads((await client.receive()).content)["categories"]
    assert len(json.loads((await client.receive()).content)["companies"]) == 3
    assert server.most_at_once == 1


def test_the_step_of_a_request() -> None:
    assert step_of(SCORING) == "analyze_sentiment"
    without_schema = SCORING | {"response_format": {"type": "json_object"}}
    assert step_of(without_schema) == "analyze_article"
    system = {"role": "system", "content": 'Follow the schema "analyze_sentiment".'}
    assert step_of(without_schema | {"messages": [system]}) == "analyze_sentiment"
    assert step_of({"messages": [system]}) == "analyze_sentiment"


async def test_orders_come_before_what_is_always(server: ModelServer, client: Client) -> None:
    server.order("analyze_article", faults.status(500), faults.NORMAL, faults.status(503))
    server.always("analyze_article", faults.status(529))
    statuses = [(await client.ask(ASKING)).status for _ in range(5)]
    assert statuses == [500, 200, 503, 529, 529]
    assert (await client.ask(SCORING)).status == 200
    server.always("analyze_article", None)
    assert (await client.ask(ASKING)).status == 200
    assert server.calls == {"analyze_article": 6, "analyze_sentiment": 1}


async def test_it_keeps_what_it_received(server: ModelServer, client: Client) -> None:
    before = time.monotonic()
    await client.ask(ASKING, Authorization="Bearer sk-test")
    (received,) = server.requests
    assert (received.step, received.path) == ("analyze_article", CHAT)
    assert received.body == ASKING
    assert received.headers["authorization"] == "Bearer sk-test"
    assert before <= received.at <= time.monotonic()


async def test_64_connections_at_once(server: ModelServer) -> None:
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(connected(server.url)) for _ in range(64)]
        answers = await asyncio.gather(*(client.ask(ASKING) for client in clients))
        assert [answer.status for answer in answers] == [200] * 64
        server.always("analyze_article", faults.hang())
        for client in clients:
            client.send(ASKING)
        await eventually(lambda: server.in_flight == 64)
    await eventually(lambda: server.in_flight == 0)
    assert server.most_at_once == 64


@pytest.mark.parametrize(
    ("fault", "status", "code", "kind"),
    [
        (faults.rate_limited(2.5), 429, "rate_limit_exceeded", "requests"),
        (faults.quota_exhausted(), 429, "insufficient_quota", "insufficient_quota"),
        (faults.status(403, "No.", "forbidden"), 403, "forbidden", "invalid_request_error"),
        (faults.status(529), 529, None, "server_error"),
        (faults.content_policy_error(), 400, "content_policy_violation", "invalid_request_error"),
        (faults.context_length(), 400, "context_length_exceeded", "invalid_request_error"),
        (faults.unauthorized(), 401, "invalid_api_key", "invalid_request_error"),
    ],
)
async def test_errors(fault: Fault, status: int, code: str | None, kind: str) -> None:
    answer = await answer_to(fault)
    error = answer.json["error"]
    assert (answer.status, error["code"], error["type"]) == (status, code, kind)
    assert error["message"]
    assert answer.headers["x-request-id"]


async def test_what_errors_depend_on() -> None:
    headers = (await answer_to(faults.rate_limited(1.5, 1500))).headers
    assert (headers["retry-after"], headers["retry-after-ms"]) == ("1.5", "1500")
    assert "retry-after" not in (await answer_to(faults.rate_limited())).headers
    assert (await answer_to(faults.status(503, retry_after=7))).headers["retry-after"] == "7"
    assert "sk-of-the-test" in (await answer_to(faults.unauthorized())).text
    assert "sk-of-the-test" not in (await answer_to(faults.unauthorized(echo_key=False))).text
    assert (await answer_to(faults.context_length_over(len(ANALYZE)))).status == 200
    assert (await answer_to(faults.context_length_over(len(ANALYZE) - 1))).status == 400


async def test_pages() -> None:
    answers = [await answer_to(fault) for fault in (faults.bad_gateway_html(), faults.not_json())]
    assert [answer.status for answer in answers] == [502, 200]
    assert [answer.headers["content-type"] for answer in answers] == ["text/html"] * 2
    assert all(answer.text.startswith("<html>") for answer in answers)


@pytest.mark.parametrize("fault", [faults.truncated_json(), faults.broken_json()])
async def test_cut_answers(fault: Fault) -> None:
    answer = await answer_to(fault)
    reason = {"truncated_json": "length", "broken_json": "stop"}[fault.name]
    assert answer.choice["finish_reason"] == reason
    assert 0 < len(answer.content) < len(RIGHT)
    assert RIGHT.startswith(answer.content)
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.content)


async def test_no_content() -> None:
    message = (await answer_to(faults.refusal())).choice["message"]
    assert message["content"] is None
    assert message["refusal"]
    filtered = (await answer_to(faults.content_filter())).choice
    assert (filtered["message"]["content"], filtered["finish_reason"]) == (None, "content_filter")
    assert (await answer_to(faults.empty_content())).content == ""
    assert (await answer_to(faults.empty_choices())).json["choices"] == []


async def test_wrong_shapes_and_wrappings() -> None:
    assert "companies" not in json.loads((await answer_to(faults.wrong_schema())).content)
    fenced = (await answer_to(faults.fenced())).content
    assert fenced.split("```json\n")[1].split("\n```")[0] == RIGHT
    assert not fenced.startswith("{")
    huge = json.loads((await answer_to(faults.huge(1))).content)
    assert len(huge.pop("padding")) == 2**20
    assert huge == json.loads(RIGHT)


async def test_inventions() -> None:
    companies = await companies_of(faults.invented_company())
    assert [company["ticker"] for company in companies] == ["TDWX", "NQAY", "ZYXW"]
    companies = await companies_of(faults.invented_company(), SCORING)
    assert [company["number"] for company in companies] == [1, 2, 3, 4]
    companies = await companies_of(faults.invented_quote(), SCORING)
    assert all(company["quote"] and company["quote"] not in SCORE for company in companies)
    companies = await companies_of(faults.out_of_range(), SCORING)
    assert [company["score"] for company in companies] == [1.7] * 3


async def test_a_reset_comes_in_the_middle_of_the_body(server: ModelServer, client: Client) -> None:
    server.order("analyze_article", faults.reset_mid_body())
    client.send(ASKING)
    head = await client.reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    with pytest.raises(ConnectionResetError):
        await client.reader.readexactly(10_000)


async def test_a_slow_answer_is_right_and_late() -> None:
    started = time.monotonic()
    assert (await answer_to(faults.slow(0.1))).content == RIGHT
    assert time.monotonic() - started >= 0.1


async def test_a_hanging_request_ends_with_its_client(server: ModelServer, client: Client) -> None:
    server.always("analyze_article", faults.hang())
    client.send(ASKING)
    async with connected(server.url) as other:
        other.send(ASKING)
        await eventually(lambda: server.in_flight == 2)
    await eventually(lambda: server.in_flight == 1)
    await server.__aexit__(None, None, None)
    assert await client.reader.read() == b""


async def test_what_is_no_question(server: ModelServer, client: Client) -> None:
    assert (await client.ask({"model": "test-model"})).status == 400
    assert (await client.ask(ASKING | {"stream": True})).status == 400
    assert (await client.ask({}, "/v1/models", "GET")).status == 404
    assert server.calls.total() == 0


async def test_a_failing_answer_fails_the_test() -> None:
    with pytest.raises(ValueError, match="no line <article-HEX>"):
        assert (await answer_to(faults.NORMAL, asking("no article"))).status == 400


def test_faults_are_known_by_their_names() -> None:
    arguments = {"status": [500], "slow": [1], "context_length_over": [5]}
    for name, function in FAULTS.items():
        assert function(*arguments.get(name, [])).name == name
    assert len(FAULTS) == 24


def test_a_sensible_analysis() -> None:
    first = "Tidewater Terminals, Inc. (NYSE: TDWX) raised its dividend by a tenth on Wednesday."
    subject = {"name": "Tidewater Terminals, Inc.", "ticker": "TDWX", "role": "subject"}
    assert json.loads(RIGHT) == {
        "categories": ["Other"],
        "gist": first,
        "summary": f"{first} Volumes at U.S. ports climbed, Mr. Brandt said.",
        "companies": [subject, {"name": "North Quay & Sons", "ticker": "NQAY", "role": "peer"}],
    }


def test_a_headline_alone_and_tagged_companies() -> None:
    names = {"TDWX": "Tidewater", "NQAY": "North Quay", "GNNT": None}
    stocks = [{"ticker": each, "exchange": None, "name": names[each]} for each in names]
    question = f"{json.dumps({'stocks': stocks})}\n<article-9>\n{TITLE}\n</article-9>"
    answer = json.loads(sensible_answer("analyze_article", asking(question)))
    assert (answer["gist"], answer["summary"]) == (TITLE, TITLE)
    assert answer["companies"] == [{"name": "Tidewater", "ticker": "TDWX", "role": "passing"}]


@pytest.mark.parametrize("later", [[], ["{}", "`score` is missing. Answer again."]])
def test_sensible_scores(later: list[str]) -> None:
    body = asking(SCORE, "analyze_sentiment", *later)
    companies = json.loads(sensible_answer("analyze_sentiment", body))["companies"]
    assert [(company["number"], company["score"], company["quote"]) for company in companies] == [
        (1, 0.4, "Tidewater Terminals raised its dividend."),
        (2, -0.4, "Shares of NQAY fell 4%."),
        (3, 0.0, ""),
    ]
    assert all(company["reason"] for company in companies)


async def test_a_process_of_its_own() -> None:
    command = (sys.executable, "-m", "tests.helpers.model_server", "--latency", "0.01")
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE)
    assert process.stdout is not None
    fault = {"step": "analyze_article", "fault": "status", "arguments": {"status_code": 503}}
    try:
        url = json.loads(await process.stdout.readline())["url"]
        async with connected(url) as client:
            answers = [
                await client.ask(fault, "/control/always"),
                await client.ask(ASKING),
                await client.ask(fault | {"fault": None}, "/control/always"),
                await client.ask(ASKING),
                await client.ask(fault | {"fault": "unheard of"}, "/control/always"),
            ]
            state = (await client.ask(None, "/control", "GET")).json
    finally:
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    assert [answer.status for answer in answers] == [200, 503, 200, 200, 400]
    assert (state["calls"], state["most_at_once"]) == ({"analyze_article": 2}, 1)
    assert state["cpu_seconds"] > 0
