"""Providers with protocols of their own: litellm tells of their failures in other ways."""

import re
from typing import Any

import pytest

from newsdesk.errors import (
    ModelAccessError,
    ModelContextError,
    ModelError,
    ModelNotFoundError,
    ModelQuotaExhaustedError,
    ModelRateLimitedError,
    ModelRequestError,
    ModelTimeoutError,
    ModelUnavailableError,
)
from tests.helpers.model_server import ModelServer
from tests.helpers.model_server.answers import Reply, json_reply
from tests.unit.llm.asking import QUIET, failure_of, model_at

pytestmark = QUIET

CLAUDE, GEMINI, OLLAMA = "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash", "ollama_chat/own"
PATHS = {
    CLAUDE: "/v1/messages",
    GEMINI: "/models/gemini-2.5-flash:generateContent",
    OLLAMA: "/api/chat",
}
SPENT = "Your credit balance is too low to use this."
QUOTA = "You exceeded your current quota. Please retry in 36.4s."


async def failure(name: str, reply: Reply) -> ModelError:
    """Returns what asking a model whose server replies so raises; it was asked once."""
    bodies: list[bytes] = []

    def answer(body: bytes) -> Reply:
        bodies.append(body)
        return reply

    async with ModelServer() as server:
        server.routes["POST", PATHS[name]] = answer
        error = await failure_of(model_at(server.url.removesuffix("/v1"), name))
    assert len(bodies) == 1, "retries belong to Temporal"
    return error


def anthropic(code: int, words: str = "The parrot is asleep.", kind: str = "api_error") -> Reply:
    body = {"type": "error", "error": {"type": kind, "message": words}}
    return json_reply(code, body, {"request-id": "req_a", "retry-after": "9"})


def google(code: int, words: str, state: str, **details: Any) -> Reply:
    error = {"code": code, "message": words, "status": state, "details": [details]}
    return json_reply(code, {"error": error})


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (anthropic(400, kind="invalid_request_error"), ModelRequestError),
        (anthropic(400, SPENT, "invalid_request_error"), ModelQuotaExhaustedError),
        (anthropic(400, "prompt is too long: 9 tokens > 5", "invalid"), ModelContextError),
        (anthropic(401, kind="authentication_error"), ModelAccessError),
        (anthropic(403, kind="permission_error"), ModelAccessError),
        (anthropic(404, kind="not_found_error"), ModelNotFoundError),
        (anthropic(408), ModelTimeoutError),
        (anthropic(409), ModelUnavailableError),
        (anthropic(413, kind="request_too_large"), ModelRequestError),
        (anthropic(422), ModelRequestError),
        (anthropic(429, kind="rate_limit_error"), ModelRateLimitedError),
        (anthropic(500), ModelUnavailableError),
        (anthropic(502), ModelUnavailableError),
        (anthropic(503), ModelUnavailableError),
        (anthropic(504), ModelTimeoutError),
        (anthropic(529, "Overloaded", "overloaded_error"), ModelUnavailableError),
    ],
    ids=lambda value: str(getattr(value, "status", "")),
)
async def test_anthropic(reply: Reply, kind: type[ModelError]) -> None:
    error = await failure(CLAUDE, reply)
    assert type(error) is kind
    # litellm calls a 413 a 400 and a 529 a 500.
    assert (error.trouble.status, error.trouble.request_id) == (reply.status, "req_a")
    assert (error.retry_after is not None) is error.retryable
    shape = rf"{CLAUDE} [a-zA-Z_,; ]+ \(HTTP {reply.status}\): [a-zA-Z0-9 .:>]+"
    assert re.fullmatch(shape, str(error)), error


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (google(400, "Bad key.", "INVALID_ARGUMENT", reason="API_KEY_INVALID"), ModelAccessError),
        (google(400, "Bad owl.", "INVALID_ARGUMENT", reason="OWL"), ModelRequestError),
        (google(403, "Bad project.", "PERMISSION_DENIED"), ModelAccessError),
        (google(404, "No such model.", "NOT_FOUND"), ModelNotFoundError),
        (google(429, QUOTA, "RESOURCE_EXHAUSTED", retryDelay="36s"), ModelRateLimitedError),
        (google(500, "Internal.", "INTERNAL"), ModelUnavailableError),
        (google(503, "The model is overloaded.", "UNAVAILABLE"), ModelUnavailableError),
        (google(504, "Too late.", "DEADLINE_EXCEEDED"), ModelTimeoutError),
    ],
    ids=lambda value: str(getattr(value, "status", "")),
)
async def test_google(reply: Reply, kind: type[ModelError]) -> None:
    error = await failure(GEMINI, reply)
    assert (type(error), error.trouble.status) == (kind, reply.status)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (json_reply(404, {"error": "model 'own' not found"}), ModelNotFoundError),
        (json_reply(503, {"error": "the model is being loaded"}), ModelUnavailableError),
    ],
)
async def test_ollama(reply: Reply, kind: type[ModelError]) -> None:
    error = await failure(OLLAMA, reply)
    assert (type(error), error.trouble.status) == (kind, reply.status)
    assert re.search(r"\): (model 'own' not found|the model is being loaded)$", str(error))


@pytest.mark.parametrize("name", PATHS)
async def test_a_page_and_nobody(name: str) -> None:
    page = await failure(name, Reply(200, b"<html><p>Please sign in</p></html>", "text/html"))
    assert type(page) is ModelUnavailableError
    async with ModelServer() as server:
        url = server.url.removesuffix("/v1")
    nobody = await failure_of(model_at(url, name))
    assert type(nobody) is ModelUnavailableError
    assert "Connect call failed ('127.0.0.1'" in str(nobody)
    for error in (page, nobody):
        assert error.trouble.status is None, "a status is told that never came"
        assert len(str(error)) <= 600
        assert "Traceback" not in str(error)
