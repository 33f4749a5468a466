"""The only reader of the environment: strict, once, at the start of a process.

What the environment does not set is taken from STATE/env, which `newsdesk dev` writes, so that a
second terminal finds the embedded servers by itself.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from newsdesk.contracts.options import AnalysisOptions, LinkingOptions, ProcessingOptions
from newsdesk.errors import ConfigurationError
from newsdesk.settings import declared
from newsdesk.settings.declared import (
    ACTIVITIES_AT_ONCE,
    DATABASE_URL,
    LINKING,
    LINKING_MAX_COMPANIES,
    LOG_LEVEL,
    PAGE_URL,
    SETTINGS,
    TEMPORAL_UI_URL,
    WORKFLOWS_AT_ONCE,
)
from newsdesk.settings.models import ModelSettings, models_in_order, require_model
from newsdesk.settings.values import STATE_ENV_FILE, LogLevel

STATE_DEFAULT = Path(".newsdesk")
"""Where commands look for STATE/env unless `--state` names another folder."""

TEST_ONLY_NAMES = ("NEWSDESK_TEST_DSN",)
"""Names that only the test suite reads; no mistake where they are set."""

_OWN_PREFIX = "NEWSDESK_"
_TEMPORAL_PREFIX = "TEMPORAL_"
_TEMPORAL_CONNECTION = ("TEMPORAL_ADDRESS", "TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE")
_SECRET_WORDS = ("KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL")
_SHORTEST_SECRET = 6
"""A shorter value is no key, and blanking it out would tear words apart."""


@dataclass(frozen=True)
class Settings:
    """What a process was told by its environment and by STATE/env.

    `temporal_environment` holds the TEMPORAL_* values in force, for `temporalio.envconfig`;
    `secrets` the values in the environment that must never be shown, whoever reads them.
    """

    database_url: str | None = field(default=DATABASE_URL.default, repr=False)
    temporal_ui_url: str | None = TEMPORAL_UI_URL.default
    page_url: str | None = PAGE_URL.default
    linking: bool = LINKING.default
    linking_max_companies: int = LINKING_MAX_COMPANIES.default
    activities_at_once: int = ACTIVITIES_AT_ONCE.default
    workflows_at_once: int = WORKFLOWS_AT_ONCE.default
    models: ModelSettings = field(default_factory=ModelSettings)
    log_level: LogLevel = LOG_LEVEL.default
    secrets: tuple[str, ...] = field(default=(), repr=False)
    temporal_environment: Mapping[str, str] = field(
        default_factory=lambda: dict[str, str](), repr=False
    )

    @classmethod
    def load(cls, environ: Mapping[str, str], state: Path | None) -> "Settings":
        """Reads all settings; an empty value counts as unset.

        Raises ConfigurationError for a malformed value or an unknown NEWSDESK_* name.
        """
        values = _merge(environ, _read_state(state))
        _refuse_unknown(values)
        return cls(
            database_url=DATABASE_URL.read(values, state),
            temporal_ui_url=TEMPORAL_UI_URL.read(values, state),
            page_url=PAGE_URL.read(values, state),
            linking=LINKING.read(values, state),
            linking_max_companies=LINKING_MAX_COMPANIES.read(values, state),
            activities_at_once=ACTIVITIES_AT_ONCE.read(values, state),
            workflows_at_once=WORKFLOWS_AT_ONCE.read(values, state),
            models=_models(values, state),
            log_level=LOG_LEVEL.read(values, state),
            secrets=_secrets(environ, values),
            temporal_environment={
                name: text for name, text in values.items() if name.startswith(_TEMPORAL_PREFIX)
            },
        )

    def require_database_url(self) -> str:
        """Returns the database's URL. Raises ConfigurationError where there is none."""
        if self.database_url is None:
            raise ConfigurationError(
                f"no database is known: start `newsdesk dev`, or set {DATABASE_URL.name} "
                f"to {DATABASE_URL.allowed}"
            )
        return self.database_url

    def processing_options(self) -> ProcessingOptions:
        """Returns the options that decide a run's branches, to travel in its input."""
        return ProcessingOptions(
            linking=LinkingOptions(enabled=self.linking, max_companies=self.linking_max_companies),
            analysis=AnalysisOptions(give_up_after_seconds=self.models.give_up_after_seconds),
        )


def _models(values: Mapping[str, str], state: Path | None) -> ModelSettings:
    named = tuple(
        setting.read(values, state)
        for setting in (declared.MODEL, declared.MODEL_ANALYZE, declared.MODEL_SENTIMENT)
    )
    model, analyze, sentiment = named
    fallbacks = declared.MODEL_FALLBACKS.read(values, state)
    budget = declared.DAILY_BUDGET.read(values, state)
    require_model(
        named, (declared.MODEL_FALLBACKS.name, fallbacks), (declared.DAILY_BUDGET.name, budget)
    )
    told = ModelSettings(
        analyze=models_in_order(analyze or model, fallbacks or ()),
        sentiment=models_in_order(sentiment or model, fallbacks or ()),
        fallback_after_seconds=declared.MODEL_FALLBACK_AFTER.read(values, state),
        give_up_after_seconds=declared.MODEL_GIVE_UP_AFTER.read(values, state),
        api_base=declared.MODEL_API_BASE.read(values, state),
        api_key=declared.MODEL_API_KEY.read(values, state),
        temperature=declared.MODEL_TEMPERATURE.read(values, state),
        timeout_seconds=declared.MODEL_TIMEOUT.read(values, state),
        max_output_tokens=declared.MODEL_MAX_OUTPUT.read(values, state),
        max_input_chars=declared.MODEL_MAX_INPUT.read(values, state),
        json_mode=declared.MODEL_JSON.read(values, state),
        calls_at_once=declared.MODEL_CALLS_AT_ONCE.read(values, state),
        requests_per_minute=declared.MODEL_RATE.read(values, state) or {},
        prices=declared.MODEL_PRICES.read(values, state) or {},
        daily_budget_usd=budget,
    )
    told.require_named(declared.MODEL_RATE.name, told.requests_per_minute)
    told.require_named(declared.MODEL_PRICES.name, told.prices)
    return told


def _secrets(environ: Mapping[str, str], values: Mapping[str, str]) -> tuple[str, ...]:
    """Returns what looks like a secret, longest first, so that none leaves a part of another."""
    harmless = {setting.name for setting in SETTINGS if not setting.secret}
    found = {
        text
        for name, text in {**environ, **values}.items()
        if name not in harmless
        and any(word in name.upper() for word in _SECRET_WORDS)
        and len(text) >= _SHORTEST_SECRET
    }
    return tuple(sorted(found, key=lambda text: (-len(text), text)))


def current_environment() -> dict[str, str]:
    """Returns this process's environment."""
    return dict(os.environ)


def names_temporal(environ: Mapping[str, str]) -> bool:
    """Returns whether an environment says which Temporal server to use."""
    return any(environ.get(name) for name in _TEMPORAL_CONNECTION)


def parse_env_file(text: str, where: str) -> dict[str, str]:
    """Returns the NAME=value lines of a file; `#` starts a comment line.

    Raises ConfigurationError with `where` and the line number for anything else.
    """
    values: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, separator, value = line.partition("=")
        if not separator or not name.isidentifier():
            raise ConfigurationError(f"{where}, line {number}: not a NAME=value line")
        values[name] = value.strip()
    return values


def _read_state(state: Path | None) -> dict[str, str]:
    if state is None:
        return {}
    path = state / STATE_ENV_FILE
    try:
        return parse_env_file(path.read_text(encoding="utf-8"), str(path))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from None


def _merge(environ: Mapping[str, str], from_state: Mapping[str, str]) -> dict[str, str]:
    own = {
        name: text
        for name, text in environ.items()
        if text and name.startswith((_OWN_PREFIX, _TEMPORAL_PREFIX))
    }
    if not names_temporal(environ):
        return {**from_state, **own}
    # An address of ours under somebody's profile or key would mix two servers: all or nothing.
    kept = {
        name: text
        for name, text in from_state.items()
        if not name.startswith(_TEMPORAL_PREFIX) and name != TEMPORAL_UI_URL.name
    }
    return {**kept, **own}


def _refuse_unknown(values: Mapping[str, str]) -> None:
    known = [setting.name for setting in SETTINGS]
    for name in sorted(values):
        if not name.startswith(_OWN_PREFIX) or name in known or name in TEST_ONLY_NAMES:
            continue
        own = [one.removeprefix(_OWN_PREFIX) for one in known]  # the prefix is alike in all
        close = get_close_matches(name.removeprefix(_OWN_PREFIX), own, n=1)
        hint = (
            f"did you mean {_OWN_PREFIX}{close[0]}?" if close else f"known are {', '.join(known)}"
        )
        raise ConfigurationError(f"{name} is no setting; {hint}")
