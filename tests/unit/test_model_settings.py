"""The settings of language models: what they may be, what they are unset, what is refused."""

from pathlib import Path

import pytest

from newsdesk.contracts.models import ModelLimits
from newsdesk.errors import ConfigurationError
from newsdesk.settings import BUILTIN, SETTINGS, ModelSettings, Price, Settings

A, B, C = "openai/gpt-4o-mini", "anthropic/claude-sonnet-4-5", "hosted_vllm/Org/own-7B:latest"
KEY = "sk-unit-0a1b2c3d4e5f60718293"


def load(**environ: str) -> ModelSettings:
    named = {f"NEWSDESK_{name}": value for name, value in environ.items()}
    return Settings.load(named, None).models


def refusal(**environ: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(**environ)
    return str(caught.value)


def test_nothing_set_is_the_builtin_analyzer() -> None:
    settings = load()
    assert settings == ModelSettings()
    assert (settings.analyze, settings.sentiment) == ((BUILTIN,), (BUILTIN,))
    assert settings.models == ()
    assert (settings.api_base, settings.api_key, settings.daily_budget_usd) == (None, None, None)
    assert (settings.temperature, settings.timeout_seconds) == (0.0, 60)
    assert (settings.max_output_tokens, settings.max_input_chars) == (4000, 60_000)
    assert (settings.json_mode, settings.calls_at_once) == ("auto", 16)
    assert (settings.fallback_after_seconds, settings.give_up_after_seconds) == (600, 21_600)
    assert (settings.requests_per_minute, settings.prices) == ({}, {})


def test_every_value_is_read() -> None:
    settings = load(
        MODEL=A,
        MODEL_FALLBACKS=f"{B}, {C},builtin",
        MODEL_FALLBACK_AFTER_SECONDS="5",
        MODEL_GIVE_UP_AFTER_SECONDS="50",
        MODEL_API_BASE="http://127.0.0.1:8000/v1/",
        MODEL_API_KEY=KEY,
        MODEL_TEMPERATURE="0.5",
        MODEL_TIMEOUT_SECONDS="7",
        MODEL_MAX_OUTPUT_TOKENS="900",
        MODEL_MAX_INPUT_CHARS="9000",
        MODEL_JSON="object",
        MODEL_CALLS_AT_ONCE="3",
        MODEL_REQUESTS_PER_MINUTE="60",
        MODEL_PRICES=f"{C}=0.1/0.4",
        DAILY_BUDGET_USD="2.50",
    )
    assert settings == ModelSettings(
        analyze=(A, B, C, BUILTIN),
        sentiment=(A, B, C, BUILTIN),
        fallback_after_seconds=5,
        give_up_after_seconds=50,
        api_base="http://127.0.0.1:8000/v1",
        api_key=KEY,
        temperature=0.5,
        timeout_seconds=7,
        max_output_tokens=900,
        max_input_chars=9000,
        json_mode="object",
        calls_at_once=3,
        requests_per_minute={"*": 60},
        prices={C: Price(0.1, 0.1, 0.4)},
        daily_budget_usd=2.5,
    )


def test_how_long_a_step_is_tried_travels_with_the_run() -> None:
    settings = Settings.load({"NEWSDESK_MODEL_GIVE_UP_AFTER_SECONDS": "77"}, None)
    assert settings.processing_options().analysis.give_up_after_seconds == 77


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("MODEL", ["gpt 4", "/gpt", "a=b", "ä/b", "a,b", "x" * 201, "-x"]),
        ("MODEL_ANALYZE", ["a b"]),
        ("MODEL_SENTIMENT", ["a b"]),
        ("MODEL_FALLBACKS", [f"{A},{A}", f"{A},", ",", f"{A};{B}", "builtin,builtin"]),
        ("MODEL_FALLBACK_AFTER_SECONDS", ["-1", "86401", "1.5", "1m"]),
        ("MODEL_GIVE_UP_AFTER_SECONDS", ["0", "604801", "1d"]),
        ("MODEL_API_BASE", ["localhost:8000", "ftp://h/v1", "http://", "http://h:x/v1",
                            "http://h:0", "http://h /", "http://h\n/"]),
        ("MODEL_TEMPERATURE", ["-0.1", "2.1", "nan", "inf", "0,5", "warm", "0_1", "1e-1", " 1"]),
        ("MODEL_TIMEOUT_SECONDS", ["0", "241", "60s"]),
        ("MODEL_MAX_OUTPUT_TOKENS", ["199", "100001"]),
        ("MODEL_MAX_INPUT_CHARS", ["499", "2000001"]),
        ("MODEL_JSON", ["Schema", "json", "yes"]),
        ("MODEL_CALLS_AT_ONCE", ["0", "1001"]),
        ("MODEL_REQUESTS_PER_MINUTE", ["0", "-5", "1.5", f"{A}=0", f"{A}=", "=5", f"{A}=5,{A}=6",
                                       f"60,{A}=5", f"{A}=5,", f"{A}:5", "*=5", f"{A}=1000001"]),
        ("MODEL_PRICES", ["1/2", f"{A}=1", f"{A}=1/2/3/4", f"{A}=-1/2", f"{A}=1/x", f"{A}=1/",
                          f"{A}=1/2,{A}=3/4", f"{A}=1/nan", f"{A}=1/1000001", f"{A}=$1/$2"]),
        ("DAILY_BUDGET_USD", ["-1", "1000001", "5$", "nan", "1_0", "5 USD"]),
    ],
)  # fmt: skip
def test_a_malformed_value_is_named_with_what_it_may_be(name: str, values: list[str]) -> None:
    (setting,) = [one for one in SETTINGS if one.name == f"NEWSDESK_{name}"]
    for value in values:
        message = refusal(**{name: value})
        assert message.startswith(f"NEWSDESK_{name} must be {setting.allowed} (found {value!r}); ")


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ({"MODEL_TEMPERATURE": "0"}, {"MODEL_TEMPERATURE": "2.0"}),
        ({"MODEL_TIMEOUT_SECONDS": "1"}, {"MODEL_TIMEOUT_SECONDS": "240"}),
        ({"MODEL_MAX_OUTPUT_TOKENS": "200"}, {"MODEL_MAX_OUTPUT_TOKENS": "100000"}),
        ({"MODEL_MAX_INPUT_CHARS": "500"}, {"MODEL_MAX_INPUT_CHARS": "2000000"}),
        ({"MODEL_FALLBACK_AFTER_SECONDS": "0"}, {"MODEL_FALLBACK_AFTER_SECONDS": "86400"}),
        ({"MODEL_GIVE_UP_AFTER_SECONDS": "1"}, {"MODEL_GIVE_UP_AFTER_SECONDS": "604800"}),
        ({"MODEL_CALLS_AT_ONCE": "1"}, {"MODEL_CALLS_AT_ONCE": "1000"}),
        ({"MODEL": A, "DAILY_BUDGET_USD": "0"}, {"MODEL": A, "DAILY_BUDGET_USD": "1000000"}),
    ],
)
def test_the_bounds_themselves_are_allowed(low: dict[str, str], high: dict[str, str]) -> None:
    assert load(**low) != load(**high)


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "tab\there", "nul\x00"])
def test_a_malformed_key_is_not_told(key: str) -> None:
    message = refusal(MODEL_API_KEY=key)
    assert message.startswith("NEWSDESK_MODEL_API_KEY must be a key without spaces; correct it")
    assert key not in message


def test_a_key_is_not_shown() -> None:
    settings = Settings.load({"NEWSDESK_MODEL": A, "NEWSDESK_MODEL_API_KEY": KEY}, None)
    assert settings.models.api_key == KEY
    assert KEY in settings.secrets
    assert KEY not in f"{settings!r} {settings} {settings.models!r} {settings.models}"


def test_steps_may_have_models_of_their_own() -> None:
    settings = load(MODEL=A, MODEL_SENTIMENT=B, MODEL_FALLBACKS=f"{C},builtin")
    assert settings.analyze == (A, C, BUILTIN)
    assert settings.sentiment == (B, C, BUILTIN)
    assert settings.models == (A, C, B)
    alone = load(MODEL_ANALYZE=A)
    assert (alone.analyze, alone.sentiment, alone.models) == ((A,), (BUILTIN,), (A,))
    other = load(MODEL=A, MODEL_ANALYZE=BUILTIN, MODEL_FALLBACKS=B)
    assert (other.analyze, other.sentiment) == ((BUILTIN,), (A, B))


def test_a_model_that_is_its_own_fallback_is_asked_once() -> None:
    settings = load(MODEL=A, MODEL_SENTIMENT=B, MODEL_FALLBACKS=f"{B},{A}")
    assert settings.analyze == (A, B)
    assert settings.sentiment == (B, A)


@pytest.mark.parametrize("fallbacks", [f"builtin,{B}", f"{B},builtin,{C}"])
def test_builtin_can_only_be_the_last(fallbacks: str) -> None:
    message = refusal(MODEL=A, MODEL_FALLBACKS=fallbacks)
    assert message.startswith("NEWSDESK_MODEL_FALLBACKS: builtin never fails, so it can only be")


@pytest.mark.parametrize("model", [{}, {"MODEL": BUILTIN}, {"MODEL_SENTIMENT": BUILTIN}])
@pytest.mark.parametrize("setting", [{"MODEL_FALLBACKS": B}, {"DAILY_BUDGET_USD": "0"}])
def test_what_needs_a_model_is_refused_without(
    model: dict[str, str], setting: dict[str, str]
) -> None:
    (name,) = setting
    assert refusal(**model, **setting) == (
        f"NEWSDESK_{name} is set, but no model is: set NEWSDESK_MODEL as well, or unset it"
    )
    assert load(MODEL_ANALYZE=A, **setting).analyze[0] == A


def test_rates() -> None:
    every = load(MODEL=A, MODEL_REQUESTS_PER_MINUTE="60")
    assert every.limits_of(A).requests_per_minute == every.limits_of(B).requests_per_minute == 60
    each = load(MODEL=A, MODEL_FALLBACKS=C, MODEL_REQUESTS_PER_MINUTE=f" {A}=5, {C}=7 ")
    rates = [each.limits_of(name).requests_per_minute for name in (A, B, C)]
    assert rates == [5, None, 7]


def test_prices() -> None:
    settings = load(MODEL_PRICES=f"{A}=0.15/.6,{B}=3/0.3/15., {C}=0/0")
    assert settings.prices == {
        A: Price(input=0.15, cached_input=0.15, output=0.6),
        B: Price(input=3.0, cached_input=0.3, output=15.0),
        C: Price(input=0.0, cached_input=0.0, output=0.0),
    }


def test_limits() -> None:
    assert load(MODEL=A).limits_of(A) == ModelLimits(lease_seconds=90.0)
    bounded = load(MODEL=A, DAILY_BUDGET_USD="0", MODEL_TIMEOUT_SECONDS="10")
    assert bounded.limits_of(A) == ModelLimits(daily_budget_usd=0.0, lease_seconds=40.0)


def test_secrets_are_found_by_name_longest_first(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("NEWSDESK_MODEL_API_KEY=from-the-state-file\n", encoding="utf-8")
    environ = {
        "OPENAI_API_KEY": "sk-openai",
        "my_service_token": "token-of-a-service",
        "DB_PASSWORD": "sk-openai-and-more",
        "CLIENT_SECRET": "sk-openai",
        "GOOGLE_APPLICATION_CREDENTIALS": "/run/credentials.json",
        "SHORT_KEY": "abcde",
        "EMPTY_TOKEN": "",
        "HOME": "/home/somebody",
        "NEWSDESK_MODEL": A,
    }
    assert Settings.load(environ, tmp_path).secrets == (
        "/run/credentials.json",
        "from-the-state-file",
        "sk-openai-and-more",
        "token-of-a-service",
        "sk-openai",
    )


def test_a_key_of_the_environment_goes_before_the_states(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("NEWSDESK_MODEL_API_KEY=from-the-state-file\n", encoding="utf-8")
    settings = Settings.load({"NEWSDESK_MODEL_API_KEY": KEY}, tmp_path)
    assert settings.models.api_key == KEY
    assert KEY in settings.secrets


def test_a_plain_setting_is_no_secret() -> None:
    told = Settings.load({"NEWSDESK_MODEL_MAX_OUTPUT_TOKENS": "100000"}, None)
    assert told.secrets == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [("MODEL_REQUESTS_PER_MINUTE", "openai/b=5"), ("MODEL_PRICES", "openai/a=1/2,openai/b=1/2")],
)
def test_values_for_a_model_that_nobody_asks_are_refused(name: str, value: str) -> None:
    environ = {"NEWSDESK_MODEL": "openai/a", f"NEWSDESK_{name}": value}
    with pytest.raises(ConfigurationError) as caught:
        Settings.load(environ, None)
    assert str(caught.value) == (
        f"NEWSDESK_{name} names openai/b, which is not among the models that are asked: openai/a"
    )
