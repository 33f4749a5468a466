"""A developer's own keys and addresses reach no test here, and no connection outlives its test."""

import os
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from newsdesk.llm import close_litellm
from tests.helpers.model_server import ModelServer
from tests.unit.llm.asking import model_at, question

_ENDS = ("_API_KEY", "_API_BASE", "_BASE_URL", "_PROXY", "_PROJECT", "_LOCATION", "_ORGANIZATION")
_STARTS = ("AWS_", "AZURE_", "GOOGLE_", "LITELLM_", "OPENAI_", "VERTEX")


@pytest.fixture(autouse=True)
def no_keys_of_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hides what litellm would find by itself."""
    for name in list(os.environ):
        if name.upper().endswith(_ENDS) or name.upper().startswith(_STARTS):
            monkeypatch.delenv(name)


@pytest_asyncio.fixture(autouse=True)
async def closed_connections() -> AsyncGenerator[None, None]:
    """Closes litellm's connections on the loop of the test that opened them."""
    yield
    await close_litellm()


@pytest_asyncio.fixture
async def warm() -> None:
    """One call behind us: the first takes longer than the time-outs of some tests."""
    async with ModelServer() as server:
        await model_at(server.url).complete(question())
    await close_litellm()
