"""Setting models up from the settings, and refusing at the start what could not work later."""

from collections.abc import Callable, Sequence
from datetime import datetime
from difflib import get_close_matches
from types import ModuleType

from newsdesk.errors import ConfigurationError
from newsdesk.llm.litellm_model import Calling, LitellmModel
from newsdesk.llm.loading import load_litellm, missing_from_environment
from newsdesk.settings import ModelSettings
from newsdesk.settings.values import JsonMode

_NO_KEY = "no-key-needed"
"""What a self-hosted server is sent where no key is set: the client refuses to send none."""


def open_models(
    settings: ModelSettings, clock: Callable[[], datetime], secrets: Sequence[str] = ()
) -> dict[str, LitellmModel]:
    """Returns the models that the settings name, by name; without any, litellm is not loaded.

    Nothing is asked over the network: a key that is there but wrong shows at the first step.

    Raises:
        ConfigurationError: a model is not known, its key is missing, or a budget is set and its
            price is not known.
    """
    if not settings.models:
        return {}
    litellm = load_litellm()
    return {
        name: LitellmModel(name, _calling(name, settings, litellm), clock, secrets)
        for name in settings.models
    }


def _calling(name: str, settings: ModelSettings, litellm: ModuleType) -> Calling:
    provider = _provider(name, litellm)
    ours = provider == _provider(settings.models[0], litellm)
    api_base = settings.api_base if ours else None
    api_key = settings.api_key if ours else None
    if api_key is None and api_base is not None and missing_from_environment(name):
        api_key = _NO_KEY
    _require_known(name, settings, api_base, litellm)
    if api_key is None:
        _require_key(name, ours)
    _require_price(name, settings, litellm)
    return Calling(
        json_mode=_json_mode(name, settings.json_mode, litellm),
        temperature=settings.temperature,
        timeout_seconds=settings.timeout_seconds,
        max_output_tokens=settings.max_output_tokens,
        api_base=api_base,
        api_key=api_key,
        price=settings.prices.get(name),
        caches_marked=provider == "anthropic",
    )


def _provider(name: str, litellm: ModuleType) -> str:
    try:
        return str(litellm.get_llm_provider(name)[1])
    except litellm.exceptions.BadRequestError:
        raise ConfigurationError(
            f"model {name}: litellm knows no such provider or model; write provider/model, like"
            f" openai/gpt-4o-mini{_hint(name, litellm)}"
        ) from None


def _require_known(
    name: str, settings: ModelSettings, api_base: str | None, litellm: ModuleType
) -> None:
    if api_base is not None or name in settings.prices or _info(name, litellm) is not None:
        return
    raise ConfigurationError(
        f"model {name} is not in litellm's list{_hint(name, litellm)}; if it is right all the same"
        f" (newer than the list, or self-hosted), give its price:"
        f" NEWSDESK_MODEL_PRICES={name}=INPUT/OUTPUT, in US dollars per million tokens"
    )


def _require_key(name: str, ours: bool) -> None:
    """Refuses a model whose key is missing, or whatever else litellm knows it to need.

    `ours`: NEWSDESK_MODEL_API_KEY and _API_BASE are for this model; they help no other.
    """
    missing = missing_from_environment(name)
    if not missing:
        return
    keys = all(each.endswith("_API_KEY") for each in missing)
    # Several names of a key are as many ways to give it; of other things, all are needed.
    ways = [(" or " if keys else " and ").join(missing) + " in the worker's environment"]
    if ours:
        bases = all(each.endswith("_API_BASE") for each in missing)
        ways += ["NEWSDESK_MODEL_API_KEY"] * keys + ["NEWSDESK_MODEL_API_BASE"] * bases
    needed = "a key" if keys else "more to be called"
    raise ConfigurationError(f"model {name} needs {needed}: set {', or '.join(ways)}")


def _require_price(name: str, settings: ModelSettings, litellm: ModuleType) -> None:
    if settings.daily_budget_usd is None or name in settings.prices:
        return
    info = _info(name, litellm)
    if info is None or not info.get("output_cost_per_token"):
        raise ConfigurationError(
            f"NEWSDESK_DAILY_BUDGET_USD is set, but the price of {name} is not known; give it:"
            f" NEWSDESK_MODEL_PRICES={name}=INPUT/OUTPUT, in US dollars per million tokens"
        )


def _info(name: str, litellm: ModuleType) -> dict[str, object] | None:
    """Returns the entry of litellm's list; None: there is none."""
    try:
        info = dict(litellm.get_model_info(name))
    except Exception:  # noqa: BLE001 - it raises a bare Exception, or its own, for what it lacks
        return None
    # For what merely sounds like a family that it knows, it makes an entry up, without a price.
    return info if info.get("key") in litellm.model_cost else None


def _hint(name: str, litellm: ModuleType) -> str:
    """Returns the likeliest name where one was mistyped: one of the same, or a like, provider."""
    provider, model = _likely_parts(name, litellm)
    close = get_close_matches(model, _models_of(provider, litellm), n=1, cutoff=0.8)
    written = f"{provider}/" if "/" in name else ""
    return f" (did you mean {written}{close[0]}?)" if close else ""


def _likely_parts(name: str, litellm: ModuleType) -> tuple[str, str]:
    provider, slash, model = name.partition("/")
    if slash:
        known = [str(getattr(each, "value", each)) for each in litellm.provider_list]
        return next(iter(get_close_matches(provider, known, n=1)), provider), model
    try:
        return str(litellm.get_llm_provider(name)[1]), name
    except litellm.exceptions.BadRequestError:
        return "", name


def _models_of(provider: str, litellm: ModuleType) -> list[str]:
    """Returns the chat models of a provider, without its name; for none, those that need none."""
    names: list[str] = []
    for key, entry in litellm.model_cost.items():
        if entry.get("mode") not in ("chat", "responses"):
            continue
        if entry.get("litellm_provider") == provider or (not provider and "/" not in key):
            names.append(key.removeprefix(f"{provider}/"))
    return names


def _json_mode(name: str, wanted: JsonMode, litellm: ModuleType) -> JsonMode:
    if wanted != "auto":
        return wanted
    if litellm.supports_response_schema(model=name):
        return "schema"
    supported = litellm.get_supported_openai_params(model=name) or []
    return "object" if "response_format" in supported else "text"
