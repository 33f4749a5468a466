"""What a setting is, and how its text is read: strictly."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Literal, TypeVar, cast, get_args
from urllib.parse import urlsplit

from newsdesk.errors import ConfigurationError

ValueT = TypeVar("ValueT")
ValueT_co = TypeVar("ValueT_co", covariant=True)
LogLevel = Literal["debug", "info", "warning", "error"]
JsonMode = Literal["auto", "schema", "object", "text"]

STATE_ENV_FILE = "env"

_DECIMAL = re.compile(r"\d+(?:\.\d*)?|\.\d+", re.ASCII)
_MODEL_NAME = re.compile(r"[A-Za-z0-9][\w./:@+-]{0,199}", re.ASCII)


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens; cached input costs as much as other input unless told."""

    input: float
    cached_input: float
    output: float


@dataclass(frozen=True)
class Setting(Generic[ValueT_co]):
    """One NEWSDESK_* name: what it is for, what it may be, and what it is when nobody sets it.

    `parse` raises ValueError for what is not allowed. `secret` values are never shown.
    """

    name: str
    description: str
    allowed: str
    default: ValueT_co
    parse: Callable[[str], ValueT_co]
    secret: bool = False

    def read(self, values: Mapping[str, str], state: Path | None) -> ValueT_co:
        """Returns the value in force. Raises ConfigurationError for a malformed one."""
        text = values.get(self.name)
        if text is None:
            return self.default
        try:
            return self.parse(text)
        except ValueError:
            found = "" if self.secret else f" (found {text!r})"
            also = "" if state is None else f" or in {state / STATE_ENV_FILE}"
            raise ConfigurationError(
                f"{self.name} must be {self.allowed}{found}; "
                f"correct it in the environment{also}, or unset it"
            ) from None


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """Returns a parser of whole numbers from `low` to `high`, in plain digits."""

    def parse(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise ValueError(text)
        return int(text)

    return parse


def switch(text: str) -> bool:
    """Reads on or off."""
    return {"on": True, "off": False}[one_of(text, ("on", "off"))]


def one_of(text: str, allowed: tuple[str, ...]) -> str:
    """Returns the text where it is one of these."""
    if text not in allowed:
        raise ValueError(text)
    return text


def log_level(text: str) -> LogLevel:
    """Reads a log level."""
    return cast("LogLevel", one_of(text, get_args(LogLevel)))


def postgres_url(text: str) -> str:
    """Reads the URL of a Postgres database."""
    return _url(text, ("postgresql", "postgres"))


def web_url(text: str) -> str:
    """Reads the URL of a web server; a slash at its end is dropped."""
    url = _url(text, ("http", "https"))
    parts = urlsplit(url)
    # Of a malformed port the property raises ValueError by itself.
    if not parts.hostname or parts.port == 0 or not text.isprintable() or " " in text:
        raise ValueError(text)
    return url.rstrip("/")


def secret(text: str) -> str:
    """Reads a key: whatever it is, it stands on one line and has no spaces."""
    if not text.isprintable() or " " in text:
        raise ValueError(text)
    return text


def _url(text: str, schemes: tuple[str, ...]) -> str:
    scheme, separator, rest = text.partition("://")
    if not separator or not rest or scheme not in schemes:
        raise ValueError(text)
    return text


def number(low: float, high: float) -> Callable[[str], float]:
    """Returns a parser of decimal numbers from `low` to `high`, in plain digits."""

    def parse(text: str) -> float:
        if _DECIMAL.fullmatch(text) is None or not low <= float(text) <= high:
            raise ValueError(text)
        return float(text)

    return parse


def json_mode(text: str) -> JsonMode:
    """Reads how a model is held to JSON."""
    return cast("JsonMode", one_of(text, get_args(JsonMode)))


def model_name(text: str) -> str:
    """Reads `builtin` or a litellm model string."""
    if _MODEL_NAME.fullmatch(text) is None:
        raise ValueError(text)
    return text


def model_names(text: str) -> tuple[str, ...]:
    """Reads models parted by commas, none twice."""
    names = tuple(model_name(part.strip()) for part in text.split(","))
    if len(set(names)) < len(names):
        raise ValueError(text)
    return names


def by_model(text: str, parse: Callable[[str], ValueT]) -> dict[str, ValueT]:
    """Reads MODEL=VALUE pairs parted by commas, no model twice."""
    values: dict[str, ValueT] = {}
    for part in text.split(","):
        name, separator, value = part.strip().rpartition("=")
        if not separator or name in values:
            raise ValueError(text)
        values[model_name(name)] = parse(value)
    return values


def rates(text: str) -> dict[str, int]:
    """Reads requests a minute: one number for each model (under the name *), or by model."""
    parse = whole_number(1, 1_000_000)
    return by_model(text, parse) if "=" in text else {"*": parse(text)}


def price(text: str) -> Price:
    """Reads INPUT/OUTPUT or INPUT/CACHED/OUTPUT in US dollars per million tokens."""
    parts = [number(0, 1_000_000)(part) for part in text.split("/")]
    if len(parts) == 2:
        return Price(parts[0], parts[0], parts[1])
    given, cached, output = parts  # ValueError, where there are fewer or more
    return Price(given, cached, output)


def prices(text: str) -> dict[str, Price]:
    """Reads prices by model."""
    return by_model(text, price)
