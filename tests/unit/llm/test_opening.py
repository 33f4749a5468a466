"""What is refused at the start, and how it is said; what each model is then called with."""

import json
import os
from datetime import datetime

import pytest

from newsdesk.errors import ConfigurationError
from newsdesk.llm import open_models
from newsdesk.llm.litellm_model import LitellmModel
from newsdesk.settings import Settings
from tests.helpers.model_server import ModelServer
from tests.helpers.model_server.answers import Reply, error_reply
from tests.unit.llm.asking import KEY, NAME, NOW, QUIET, failure_of, question

pytestmark = QUIET

OWN = "openai/own-model"
VLLM = "hosted_vllm/own-model"
CLAUDE = "anthropic/claude-sonnet-4-5"
UNKNOWN = "litellm knows no such provider or model; write provider/model, like openai/gpt-4o-mini"


def clock() -> datetime:
    return NOW


def opened(**environ: str) -> dict[str, LitellmModel]:
    named = {f"NEWSDESK_{name}": value for name, value in environ.items()}
    settings = Settings.load(named, None)
    return open_models(settings.models, clock, settings.secrets)


def refused(**environ: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        opened(**environ)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("nonsense/own-model", ""),
        ("own-model", ""),
        ("opnai/gpt-4o-mini", " (did you mean openai/gpt-4o-mini?)"),
        ("antropic/claude-sonnet-4-5", " (did you mean anthropic/claude-sonnet-4-5?)"),
        ("gpt-4o-minni", " (did you mean gpt-4o-mini?)"),
    ],
)
def test_an_unknown_provider(name: str, hint: str) -> None:
    assert refused(MODEL=name) == f"model {name}: {UNKNOWN}{hint}"
    assert refused(MODEL=name, MODEL_API_KEY=KEY) == f"model {name}: {UNKNOWN}{hint}"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("openai/gpt-4o-minni", " (did you mean openai/gpt-4o-mini?)"),
        ("anthropic/claude-sonet-4-5", " (did you mean anthropic/claude-sonnet-4-5?)"),
        ("claude-sonet-4-5", " (did you mean claude-sonnet-4-5?)"),
        ("gemini/gemini-2.5-flsh", " (did you mean gemini/gemini-2.5-flash?)"),
        ("openai/quite-something-else", ""),
    ],
)
def test_a_mistyped_model(name: str, hint: str) -> None:
    message = refused(MODEL=name)
    assert message.startswith(f"model {name} is not in litellm's list{hint}; if it is right all")
    assert f"NEWSDESK_MODEL_PRICES={name}=INPUT/OUTPUT, in US dollars per million" in message
    assert list(opened(MODEL=name, MODEL_API_KEY=KEY, MODEL_PRICES=f"{name}=1/2")) == [name]


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        (NAME, "a key: set OPENAI_API_KEY in the worker's environment, or NEWSDESK_MODEL_API_KEY"),
        (CLAUDE, "a key: set ANTHROPIC_API_KEY in the worker's environment, or NEWSDESK_MODEL_API"),
        ("gemini/gemini-2.5-flash", "a key: set GOOGLE_API_KEY or GEMINI_API_KEY in the worker's"),
        (
            "ollama/llama3",
            "more to be called: set OLLAMA_API_BASE in the worker's environment, or ",
        ),
        ("azure/gpt-4o", "more to be called: set AZURE_API_BASE and AZURE_API_VERSION and AZURE_"),
    ],
)
def test_a_missing_key(name: str, needed: str) -> None:
    assert refused(MODEL=name).startswith(f"model {name} needs {needed}")


def test_a_key_of_the_providers_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert [model.name for model in opened(MODEL=NAME).values()] == [NAME]
    assert "needs a key: set ANTHROPIC_API_KEY" in refused(MODEL=CLAUDE)


def test_an_empty_key_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "")
    assert "needs a key: set OPENAI_API_KEY" in refused(MODEL=NAME)
    assert os.environ["OPENAI_API_KEY"] == "", "the environment is nobody's to change"


def test_our_key_is_no_way_out_for_another_provider() -> None:
    message = refused(MODEL=NAME, MODEL_API_KEY=KEY, MODEL_FALLBACKS=CLAUDE)
    assert message == (
        f"model {CLAUDE} needs a key: set ANTHROPIC_API_KEY in the worker's environment"
    )


def test_what_is_named_is_opened_once() -> None:
    models = opened(
        MODEL=NAME, MODEL_SENTIMENT="openai/gpt-4o", MODEL_FALLBACKS=f"{NAME},builtin",
        MODEL_API_KEY=KEY,
    )  # fmt: skip
    assert list(models) == [NAME, "openai/gpt-4o"]
    assert opened(MODEL="builtin") == opened() == {}


@pytest.mark.parametrize("more", [{}, {"MODEL_FALLBACKS": NAME, "MODEL_PRICES": f"{NAME}=1/2"}])
def test_a_budget_without_a_price(more: dict[str, str]) -> None:
    base = {"MODEL": OWN, "MODEL_API_BASE": "http://127.0.0.1:9/v1", "DAILY_BUDGET_USD": "5"}
    assert refused(**base, **more) == (
        f"NEWSDESK_DAILY_BUDGET_USD is set, but the price of {OWN} is not known; give it:"
        f" NEWSDESK_MODEL_PRICES={OWN}=INPUT/OUTPUT, in US dollars per million tokens"
    )


def test_a_budget_with_a_price() -> None:
    budget = {"DAILY_BUDGET_USD": "0", "MODEL_API_KEY": KEY}
    assert list(opened(MODEL=NAME, **budget)) == [NAME]
    assert list(opened(MODEL=OWN, MODEL_PRICES=f"{OWN}=0/0", **budget)) == [OWN]


def test_a_guess_of_litellms_is_no_price() -> None:
    name = "claude-sonnet-99"
    message = refused(MODEL=name, MODEL_API_KEY=KEY, DAILY_BUDGET_USD="5")
    assert f"model {name} is not in litellm's list" in message


async def asked(server: ModelServer, models: dict[str, LitellmModel], name: str) -> str:
    """Returns the authorization that asking the model sends to the server."""
    await models[name].complete(question())
    return server.requests[-1].headers["authorization"]


@pytest.mark.parametrize("name", [OWN, VLLM, "lm_studio/own-model"])
async def test_a_server_of_ones_own_needs_no_key(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "")
    async with ModelServer() as server:
        models = opened(MODEL=name, MODEL_API_BASE=server.url)
        assert await asked(server, models, name) in ("Bearer no-key-needed", "Bearer fake-api-key")


async def test_a_server_of_ones_own_with_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    async with ModelServer() as server:
        base = {"MODEL": OWN, "MODEL_API_BASE": server.url}
        models = opened(**base, MODEL_API_KEY=KEY)
        assert await asked(server, models, OWN) == f"Bearer {KEY}"
        monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-environment")
        assert await asked(server, models, OWN) == f"Bearer {KEY}"
        assert await asked(server, opened(**base), OWN) == "Bearer sk-of-the-environment"


async def test_key_and_address_go_to_the_first_models_provider_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with ModelServer() as ours, ModelServer() as theirs:
        monkeypatch.setenv("HOSTED_VLLM_API_BASE", theirs.url)
        models = opened(
            MODEL=OWN, MODEL_API_BASE=ours.url, MODEL_API_KEY=KEY,
            MODEL_FALLBACKS=f"openai/second,{VLLM}", MODEL_PRICES=f"{VLLM}=0/0",
        )  # fmt: skip
        assert await asked(ours, models, OWN) == f"Bearer {KEY}"
        assert await asked(ours, models, "openai/second") == f"Bearer {KEY}"
        assert KEY not in await asked(theirs, models, VLLM)
        assert (len(ours.requests), len(theirs.requests)) == (2, 1)


@pytest.mark.parametrize(
    ("name", "setting", "form"),
    [
        (NAME, "auto", "json_schema"),
        (NAME, "object", "json_object"),
        (NAME, "text", None),
        (VLLM, "auto", "json_object"),
        (VLLM, "schema", "json_schema"),
    ],
)
async def test_how_models_are_held_to_json(name: str, setting: str, form: str | None) -> None:
    async with ModelServer() as server:
        models = opened(MODEL=name, MODEL_API_BASE=server.url, MODEL_JSON=setting)
        await asked(server, models, name)
    assert (server.requests[0].body.get("response_format") or {}).get("type") == form


async def test_what_is_to_be_kept_is_marked_for_anthropic_alone() -> None:
    bodies: list[bytes] = []

    def answer(body: bytes) -> Reply:
        bodies.append(body)
        return error_reply(400, "Enough.")

    async with ModelServer() as server:
        server.routes["POST", "/v1/messages"] = answer
        root = server.url.removesuffix("/v1")
        await failure_of(opened(MODEL=CLAUDE, MODEL_API_BASE=root, MODEL_API_KEY=KEY)[CLAUDE])
        await asked(server, opened(MODEL=NAME, MODEL_API_BASE=server.url), NAME)
    assert b'"cache_control"' in bodies[0]
    assert "cache_control" not in json.dumps(server.requests[0].body)


async def test_the_settings_reach_the_wire() -> None:
    async with ModelServer() as server:
        models = opened(
            MODEL=OWN, MODEL_API_BASE=f"{server.url}/", MODEL_TEMPERATURE="0.25",
            MODEL_MAX_OUTPUT_TOKENS="777", MODEL_PRICES=f"{OWN}=1000000/1000000",
        )  # fmt: skip
        reply = await models[OWN].complete(question())
    body = server.requests[0].body
    assert (body["temperature"], body["max_tokens"]) == (0.25, 777)
    used = reply.usage
    assert used.cost_usd == pytest.approx(used.input_tokens + used.output_tokens)
