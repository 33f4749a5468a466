"""The folder in which `newsdesk dev` keeps everything: data, logs, addresses and its lock."""

import os
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from newsdesk.dev.locks import LockTakenError, file_lock
from newsdesk.errors import EmbeddedServerError
from newsdesk.settings import STATE_ENV_FILE, parse_env_file

_HEADER = "# Written by `newsdesk dev` while it runs: where its servers are.\n"


class AlreadyRunningError(EmbeddedServerError):
    """Another `newsdesk dev` is running on this state."""


@dataclass(frozen=True)
class StateFolder:
    """The paths under one state folder; `path` is absolute."""

    path: Path

    @property
    def env(self) -> Path:
        """The addresses as NAME=value lines; there while the servers run."""
        return self.path / STATE_ENV_FILE

    @property
    def temporal_config(self) -> Path:
        """An empty Temporal profile file."""
        return self.path / "temporal.toml"

    @property
    def worker_ready(self) -> Path:
        """Made by the worker once it polls."""
        return self.path / "worker.ready"

    @property
    def worker_log(self) -> Path:
        """What the worker says."""
        return self.path / "worker.log"

    @contextmanager
    def claimed(self) -> Generator[None, None, None]:
        """Makes the folder and holds it; STATE/env is gone on entering and on leaving.

        Raises AlreadyRunningError, with the addresses, where another `newsdesk dev` has it, and
        EmbeddedServerError where the folder cannot be made.
        """
        with ExitStack() as held:
            try:
                self.path.mkdir(parents=True, exist_ok=True)
                held.enter_context(file_lock(self.path / "dev.lock"))
                self.env.unlink(missing_ok=True)
            except LockTakenError:
                raise AlreadyRunningError(self._already_running()) from None
            except OSError as error:
                raise EmbeddedServerError(f"the state folder cannot be used: {error}") from None
            held.callback(self.env.unlink, missing_ok=True)
            yield

    def write_env(self, values: Mapping[str, str]) -> None:
        """Puts the addresses into STATE/env at once; only its owner may read them."""
        text = _HEADER + "".join(f"{name}={value}\n" for name, value in values.items())
        draft = self.env.with_name(f"{STATE_ENV_FILE}.new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(text)
        draft.replace(self.env)

    def read_env(self) -> dict[str, str]:
        """Returns the addresses of the running servers; empty where none are written."""
        try:
            return parse_env_file(self.env.read_text(encoding="utf-8"), str(self.env))
        except FileNotFoundError:
            return {}

    def _already_running(self) -> str:
        said = [f"newsdesk dev is already running on {self.path}"]
        said += [f"  {name}={without_password(value)}" for name, value in self.read_env().items()]
        if len(said) == 1:
            said.append("  it is just starting or stopping")
        return "\n".join([*said, "Stop it with Ctrl-C there, or choose another --state."])


def without_password(url: str) -> str:
    """Returns a URL as it may be shown."""
    parts = urlsplit(url)
    if not parts.password:
        return url
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}:***@{host}"))
