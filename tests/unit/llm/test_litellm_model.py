"""One model over real HTTP: what is sent, what is made of the answer, and what it cost."""

import asyncio
import gc
import json
import warnings
from collections.abc import Mapping
from typing import Any

import pytest

from newsdesk.contracts.analysis import Usage
from newsdesk.contracts.models import ModelReply
from newsdesk.llm import close_litellm
from newsdesk.settings import Price
from newsdesk.settings.values import JsonMode
from tests.helpers.eventually import eventually
from tests.helpers.model_server import ModelServer, faults
from tests.helpers.model_server.answers import Asked, Reply, json_reply
from tests.helpers.model_server.faults import Fault
from tests.unit.llm.asking import KEY, NAME, QUIET, SCHEMA, STEP, SYSTEM, model_at, question

pytestmark = QUIET

TOLD_SCHEMA = json.dumps(SCHEMA, separators=(",", ":"))
GIVEN, CACHED, SAID = 2000, 1500, 300
FULL_USAGE = {
    "prompt_tokens": GIVEN,
    "completion_tokens": SAID,
    "total_tokens": GIVEN + SAID,
    "prompt_tokens_details": {"cached_tokens": CACHED},
}


def answering(usage: Mapping[str, Any] | None, content: str = "{}") -> Fault:
    def reply(asked: Asked) -> Reply:
        message = {"role": "assistant", "content": content}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        told = {"id": "x", "object": "chat.completion", "created": 1, "model": asked.body["model"]}
        return json_reply(200, told | {"choices": [choice]} | ({"usage": usage} if usage else {}))

    return Fault("answering", reply)


async def asked_once(name: str = NAME, fault: Fault = faults.NORMAL, **changes: Any) -> ModelReply:
    async with ModelServer() as server:
        server.always(STEP, fault)
        reply = await model_at(server.url, name, **changes).complete(question())
        assert server.calls == {STEP: 1}
    return reply


async def sent(name: str = NAME, **changes: Any) -> dict[str, Any]:
    """Returns the body of the one request that asking sends."""
    async with ModelServer() as server:
        await model_at(server.url, name, **changes).complete(question())
    (received,) = server.requests
    assert received.headers["authorization"] == f"Bearer {KEY}"
    return received.body


async def test_an_answer() -> None:
    reply = await asked_once()
    assert json.loads(reply.text)["gist"] == "Tidewater Terminals raised its dividend."
    assert (reply.truncated, reply.refusal) == (False, None)
    assert reply.usage.model == NAME
    assert reply.usage.input_tokens > 0


@pytest.mark.parametrize(
    ("fault", "text", "truncated", "refusal"),
    [
        (faults.refusal(), "", False, "I cannot help with that."),
        (faults.content_filter(), "", False, "the provider's content filter stopped the answer"),
        (faults.empty_choices(), "", False, None),
        (faults.empty_content(), "", False, None),
    ],
)
async def test_no_answer(fault: Fault, text: str, truncated: bool, refusal: str | None) -> None:
    reply = await asked_once(fault=fault)
    assert (reply.text, reply.truncated, reply.refusal) == (text, truncated, refusal)
    assert reply.usage.input_tokens > 0, "it is paid all the same"


async def test_an_answer_that_was_cut_says_so() -> None:
    whole, half = await asked_once(), await asked_once(fault=faults.truncated_json())
    assert half.truncated
    assert whole.text.startswith(half.text)
    assert 0 < len(half.text) < len(whole.text)


async def test_a_huge_answer_comes_whole() -> None:
    reply = await asked_once(fault=faults.huge(3))
    assert len(json.loads(reply.text)["padding"]) == 3 * 2**20


@pytest.mark.parametrize(
    ("name", "price", "cost"),
    [
        ("openai/own-model", Price(2.0, 2.0, 8.0), (2000 * 2 + 300 * 8) / 1e6),
        ("openai/own-model", Price(2.0, 0.5, 8.0), (500 * 2 + 1500 * 0.5 + 300 * 8) / 1e6),
        ("openai/own-model", Price(0.0, 0.0, 0.0), 0.0),
        ("openai/own-model", None, None),
        # Of litellm's own table: 0.15, 0.075 and 0.60 dollars per million.
        (NAME, None, (500 * 0.15 + 1500 * 0.075 + 300 * 0.6) / 1e6),
        (NAME, Price(1.0, 1.0, 1.0), 2300 / 1e6),
    ],
)
async def test_usage_and_cost(name: str, price: Price | None, cost: float | None) -> None:
    reply = await asked_once(name, answering(FULL_USAGE), price=price)
    told = reply.usage.cost_usd
    assert told == (cost if cost is None else pytest.approx(cost))
    assert reply.usage == Usage(
        model=name,
        input_tokens=GIVEN,
        cached_input_tokens=CACHED,
        output_tokens=SAID,
        cost_usd=told,
    )


@pytest.mark.parametrize("price", [None, Price(1.0, 1.0, 1.0)])
async def test_a_server_that_tells_no_usage_costs_nobody_knows_what(price: Price | None) -> None:
    reply = await asked_once(fault=answering(None), price=price)
    assert reply.text == "{}"
    assert reply.usage.cost_usd is None


async def test_the_schema_goes_where_the_provider_enforces_it() -> None:
    body = await sent()
    schema = {"name": STEP, "schema": SCHEMA, "strict": True}
    assert body["response_format"] == {"type": "json_schema", "json_schema": schema}
    assert body["messages"][0] == {"role": "system", "content": SYSTEM}


@pytest.mark.parametrize(("mode", "form"), [("object", {"type": "json_object"}), ("text", None)])
async def test_else_the_schema_is_told(mode: JsonMode, form: dict[str, str] | None) -> None:
    body = await sent(json_mode=mode)
    assert body.get("response_format") == form
    told = f"{SYSTEM}\n\nJSON schema of `{STEP}`:\n{TOLD_SCHEMA}"
    assert body["messages"][0] == {"role": "system", "content": told}
    assert TOLD_SCHEMA not in body["messages"][1]["content"]


@pytest.mark.parametrize("mode", ["schema", "object", "text"])
async def test_what_all_articles_share_comes_first(mode: JsonMode) -> None:
    async with ModelServer() as server:
        model = model_at(server.url, json_mode=mode)
        for text in ("One article.", "Another one."):
            await model.complete(question(text))
    first, second = (received.body["messages"] for received in server.requests)
    assert [message["role"] for message in first] == ["system", "user"]
    assert first[0] == second[0]
    assert first[1] != second[1]


async def test_the_bounds_are_sent() -> None:
    body = await sent(temperature=0.7, max_output_tokens=321)
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("gpt-4o-mini", 0.7, 321)
    assert set(body) == {"model", "messages", "temperature", "max_tokens", "response_format"}


async def test_what_a_model_does_not_take_is_left_out() -> None:
    body = await sent("openai/gpt-5-mini", temperature=0.7, max_output_tokens=321)
    assert "temperature" not in body
    assert body["max_completion_tokens"] == 321


async def test_anthropic_is_told_what_to_keep() -> None:
    bodies: list[Any] = []
    usage = {"input_tokens": 500, "cache_read_input_tokens": 1500, "output_tokens": 300}
    message = {"type": "message", "id": "msg", "role": "assistant", "model": "m", "usage": usage}
    text = {"content": [{"type": "text", "text": "{}"}], "stop_reason": "end_turn"}

    def answer(body: bytes) -> Reply:
        bodies.append(json.loads(body))
        return json_reply(200, message | text)

    async with ModelServer() as server:
        server.routes["POST", "/v1/messages"] = answer
        root = server.url.removesuffix("/v1")
        model = model_at(root, "anthropic/claude-sonnet-4-5", caches_marked=True)
        replies = [await model.complete(question(text)) for text in ("One.", "Two.")]
    block = {"type": "text", "text": SYSTEM, "cache_control": {"type": "ephemeral"}}
    assert [body["system"] for body in bodies] == [[block], [block]]
    assert "cache_control" not in json.dumps(bodies[0]["messages"])
    used = replies[0].usage
    assert (used.input_tokens, used.cached_input_tokens, used.output_tokens) == (2000, 1500, 300)
    assert used.cost_usd == pytest.approx((500 * 3 + 1500 * 0.3 + 300 * 15) / 1e6)


async def test_a_step_that_is_cancelled_stops_asking() -> None:
    async with ModelServer() as server:
        server.always(STEP, faults.hang())
        asking = asyncio.create_task(model_at(server.url).complete(question()))
        await eventually(lambda: server.in_flight == 1)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await eventually(lambda: server.in_flight == 0)


async def test_closed_connections_leave_nothing_and_are_opened_anew() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()  # what other tests left is not the matter here
    async with ModelServer() as server:
        model = model_at(server.url)
        for _ in range(2):
            await asyncio.gather(*(model.complete(question()) for _ in range(16)))
            await close_litellm()
            gc.collect()  # what is not closed warns here, and warnings are errors
    assert server.calls == {STEP: 32}
