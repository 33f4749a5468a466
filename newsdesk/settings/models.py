"""What a process was told of language models: which, in what order, and within what bounds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from newsdesk.contracts.models import ModelLimits
from newsdesk.errors import ConfigurationError
from newsdesk.settings import declared
from newsdesk.settings.values import JsonMode, Price

BUILTIN = "builtin"

ANY_MODEL = "*"
"""Stands for each model, in requests a minute."""

LEASE_GRACE_SECONDS = 30.0
"""What an answer gets beyond the request's own time-out before its asker is taken for dead."""


@dataclass(frozen=True)
class ModelSettings:
    """Models by step, in the order in which they are asked, and how they are called.

    `analyze` and `sentiment` are never empty; `builtin` stands for the builtin analyzer.
    """

    analyze: tuple[str, ...] = (BUILTIN,)
    sentiment: tuple[str, ...] = (BUILTIN,)
    fallback_after_seconds: int = declared.MODEL_FALLBACK_AFTER.default
    give_up_after_seconds: int = declared.MODEL_GIVE_UP_AFTER.default
    api_base: str | None = None
    api_key: str | None = field(default=None, repr=False)
    temperature: float = declared.MODEL_TEMPERATURE.default
    timeout_seconds: int = declared.MODEL_TIMEOUT.default
    max_output_tokens: int = declared.MODEL_MAX_OUTPUT.default
    max_input_chars: int = declared.MODEL_MAX_INPUT.default
    json_mode: JsonMode = declared.MODEL_JSON.default
    calls_at_once: int = declared.MODEL_CALLS_AT_ONCE.default
    requests_per_minute: Mapping[str, int] = field(default_factory=lambda: dict[str, int]())
    prices: Mapping[str, Price] = field(default_factory=lambda: dict[str, Price]())
    daily_budget_usd: float | None = None

    @property
    def models(self) -> tuple[str, ...]:
        """Every language model that is named, each once, without the builtin analyzer."""
        named = dict.fromkeys((*self.analyze, *self.sentiment))
        return tuple(name for name in named if name != BUILTIN)

    def limits_of(self, model: str) -> ModelLimits:
        """Returns what holds back questions to a model."""
        rates = self.requests_per_minute
        return ModelLimits(
            requests_per_minute=rates.get(model, rates.get(ANY_MODEL)),
            daily_budget_usd=self.daily_budget_usd,
            lease_seconds=self.timeout_seconds + LEASE_GRACE_SECONDS,
        )

    def require_named(self, setting: str, values: Mapping[str, object]) -> None:
        """Refuses values for a model that nobody asks: a slip of the pen would hold nothing back.

        Raises ConfigurationError.
        """
        for name in values:
            if self.models and name not in (*self.models, ANY_MODEL):
                asked = ", ".join(self.models) or "none"
                raise ConfigurationError(
                    f"{setting} names {name}, which is not among the models that are asked: {asked}"
                )


def models_in_order(first: str | None, fallbacks: tuple[str, ...]) -> tuple[str, ...]:
    """Returns a step's models: its own, then the fallbacks, none twice.

    Raises ConfigurationError where builtin, which never fails, has others behind it.
    """
    if first is None or first == BUILTIN:
        return (BUILTIN,)
    ordered = tuple(dict.fromkeys((first, *fallbacks)))
    if BUILTIN in ordered[:-1]:
        raise ConfigurationError(
            f"{declared.MODEL_FALLBACKS.name}: builtin never fails, so it can only be the last;"
            " put it there, or leave it out"
        )
    return ordered


def require_model(models: tuple[str | None, ...], *others: tuple[str, object]) -> None:
    """Refuses settings that only matter with a model, where none is named.

    Args:
        models: what the settings name as models.
        others: names and values of the settings that would do nothing.

    Raises:
        ConfigurationError: one of them is set, and no model is.
    """
    if any(model not in (None, BUILTIN) for model in models):
        return
    for name, value in others:
        if value is not None:
            raise ConfigurationError(
                f"{name} is set, but no model is: set {declared.MODEL.name} as well, or unset it"
            )
