"""What tests of models share: a question, models that ask a test server, a server that trickles."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from newsdesk.contracts.models import ModelMessage, ModelRequest
from newsdesk.errors import ModelError
from newsdesk.llm.litellm_model import Calling, LitellmModel
from tests.helpers.model_server import ModelServer
from tests.helpers.model_server.faults import Fault

NAME = "openai/gpt-4o-mini"
KEY = "sk-unit-0a1b2c3d4e5f60718293"
STEP = "analyze_article"
NOW = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
SYSTEM = "You read news about companies and answer in JSON."
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"gist": {"type": "string"}},
    "required": ["gist"],
    "additionalProperties": False,
}

# litellm hides this warning of pydantic's by itself, but pytest forgets such filters after a test.
QUIET = pytest.mark.filterwarnings(
    "ignore:Items? .* using the `ReadOnly` qualifier:UserWarning"
    ":pydantic._internal._generate_schema"
)


def question(text: str = "Tidewater Terminals raised its dividend.") -> ModelRequest:
    """Returns the question about an article of this text."""
    article = f"<article-0a>\nTidewater Lifts Dividend\n\n{text}\n</article-0a>"
    messages = (
        ModelMessage(role="system", content=SYSTEM),
        ModelMessage(role="user", content=article),
    )
    return ModelRequest(messages=messages, schema_name=STEP, json_schema=SCHEMA)


def model_at(url: str, name: str = NAME, **changes: Any) -> LitellmModel:
    """Returns a model that asks the server there; `changes` are to how it is called."""
    calling: dict[str, Any] = {
        "json_mode": "schema",
        "temperature": 0.0,
        "timeout_seconds": 20.0,
        "max_output_tokens": 500,
        "api_base": url,
        "api_key": KEY,
    }
    return LitellmModel(name, Calling(**{**calling, **changes}), lambda: NOW, (KEY,))


async def failure_of(model: LitellmModel) -> ModelError:
    """Returns what asking the model raises."""
    with pytest.raises(ModelError) as caught:
        await model.complete(question())
    return caught.value


async def failure_under(fault: Fault, **changes: Any) -> ModelError:
    """Returns what asking a server with this fault raises; it got one request, no more."""
    async with ModelServer() as server:
        server.always(STEP, fault)
        error = await failure_of(model_at(server.url, **changes))
        assert server.calls == {STEP: 1}, "retries belong to Temporal"
    return error


@asynccontextmanager
async def trickling_server() -> AsyncGenerator[str, None]:
    """Yields the URL of a server whose answer comes byte by byte and never ends."""

    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n")
        writer.write(b"content-length: 1000000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await asyncio.sleep(0.01)  # the pause between two bytes; nothing waits for it
        dripping.set()

    dripping = asyncio.Event()
    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        await asyncio.wait_for(dripping.wait(), 10)
    finally:
        server.close()
