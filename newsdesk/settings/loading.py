"""The only reader of the environment: strict, once, at the start of a process.

What the environment does not set is taken from STATE/env, which `newsdesk dev` writes, so that a
second terminal finds the embedded servers by itself.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Generic, Literal, TypeVar, cast, get_args
from urllib.parse import urlsplit

from newsdesk.contracts.options import LinkingOptions, ProcessingOptions
from newsdesk.errors import ConfigurationError

ValueT_co = TypeVar("ValueT_co", covariant=True)
LogLevel = Literal["debug", "info", "warning", "error"]

STATE_DEFAULT = Path(".newsdesk")
"""Where commands look for STATE/env unless `--state` names another folder."""
STATE_ENV_FILE = "env"

TEST_ONLY_NAMES = ("NEWSDESK_TEST_DSN",)
"""Names that only the test suite reads; no mistake where they are set."""

_OWN_PREFIX = "NEWSDESK_"
_TEMPORAL_PREFIX = "TEMPORAL_"
_TEMPORAL_CONNECTION = ("TEMPORAL_ADDRESS", "TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE")


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


def _whole_number(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise ValueError(text)
        return int(text)

    return parse


def _switch(text: str) -> bool:
    return {"on": True, "off": False}[_one_of(text, ("on", "off"))]


def _one_of(text: str, allowed: tuple[str, ...]) -> str:
    if text not in allowed:
        raise ValueError(text)
    return text


def _log_level(text: str) -> LogLevel:
    return cast("LogLevel", _one_of(text, get_args(LogLevel)))


def _postgres_url(text: str) -> str:
    return _url(text, ("postgresql", "postgres"))


def _web_url(text: str) -> str:
    url = _url(text, ("http", "https"))
    if not urlsplit(url).hostname:
        raise ValueError(text)
    return url.rstrip("/")


def _url(text: str, schemes: tuple[str, ...]) -> str:
    scheme, separator, rest = text.partition("://")
    if not separator or not rest or scheme not in schemes:
        raise ValueError(text)
    return text


DATABASE_URL: Setting[str | None] = Setting(
    name="NEWSDESK_DATABASE_URL",
    description="The Postgres database that holds articles, runs and records",
    allowed="a URL like postgresql://user:password@host:5432/newsdesk",
    default=None,
    parse=_postgres_url,
    secret=True,
)
TEMPORAL_UI_URL: Setting[str | None] = Setting(
    name="NEWSDESK_TEMPORAL_UI_URL",
    description="Where the Temporal Web UI is, for links to runs; unset: no links",
    allowed="a URL like http://127.0.0.1:7234",
    default=None,
    parse=_web_url,
)
LINKING = Setting(
    name="NEWSDESK_LINKING",
    description="Whether articles are linked to stories; off: the step is skipped, and says so",
    allowed="on or off",
    default=LinkingOptions().enabled,
    parse=_switch,
)
LINKING_MAX_COMPANIES = Setting(
    name="NEWSDESK_LINKING_MAX_COMPANIES",
    description="An article that names more companies than this as subjects or peers is not linked",
    allowed="a whole number from 1 to 1000",
    default=LinkingOptions().max_companies,
    parse=_whole_number(1, 1000),
)
ACTIVITIES_AT_ONCE = Setting(
    name="NEWSDESK_ACTIVITIES_AT_ONCE",
    description="How many activities one worker runs at the same time",
    allowed="a whole number from 1 to 1000",
    default=16,
    parse=_whole_number(1, 1000),
)
WORKFLOWS_AT_ONCE = Setting(
    name="NEWSDESK_WORKFLOWS_AT_ONCE",
    description="How many workflow tasks one worker runs at the same time",
    allowed="a whole number from 2 to 1000",  # the SDK's cache needs two
    default=100,
    parse=_whole_number(2, 1000),
)
LOG_LEVEL: Setting[LogLevel] = Setting(
    name="NEWSDESK_LOG_LEVEL",
    description="The least serious log lines that are written",
    allowed="debug, info, warning or error",
    default="info",
    parse=_log_level,
)

SETTINGS: tuple[Setting[object], ...] = (
    DATABASE_URL,
    TEMPORAL_UI_URL,
    LINKING,
    LINKING_MAX_COMPANIES,
    ACTIVITIES_AT_ONCE,
    WORKFLOWS_AT_ONCE,
    LOG_LEVEL,
)
"""Every NEWSDESK_* name there is, in the order of the README's table."""


@dataclass(frozen=True)
class Settings:
    """What a process was told by its environment and by STATE/env.

    `temporal_environment` holds the TEMPORAL_* values in force, for `temporalio.envconfig`.
    """

    database_url: str | None = field(default=DATABASE_URL.default, repr=False)
    temporal_ui_url: str | None = TEMPORAL_UI_URL.default
    linking: bool = LINKING.default
    linking_max_companies: int = LINKING_MAX_COMPANIES.default
    activities_at_once: int = ACTIVITIES_AT_ONCE.default
    workflows_at_once: int = WORKFLOWS_AT_ONCE.default
    log_level: LogLevel = LOG_LEVEL.default
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
            linking=LINKING.read(values, state),
            linking_max_companies=LINKING_MAX_COMPANIES.read(values, state),
            activities_at_once=ACTIVITIES_AT_ONCE.read(values, state),
            workflows_at_once=WORKFLOWS_AT_ONCE.read(values, state),
            log_level=LOG_LEVEL.read(values, state),
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
            linking=LinkingOptions(enabled=self.linking, max_companies=self.linking_max_companies)
        )


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
