"""The whole of `newsdesk dev`: servers, migrations, addresses, worker, work, and the end."""

import asyncio
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shlex import quote

from rich.console import Console

from newsdesk.dev.idle import database_time, failed_once_idle
from newsdesk.dev.orphans import end_orphans, find_orphans
from newsdesk.dev.ports import require_free
from newsdesk.dev.postgres import PostgresServer
from newsdesk.dev.processes import Server
from newsdesk.dev.samples import run_samples
from newsdesk.dev.state import StateFolder, without_password
from newsdesk.dev.stopping import StopRequests
from newsdesk.dev.supervisor import Supervisor
from newsdesk.dev.temporal import NAMESPACE, TemporalServer
from newsdesk.dev.worker_process import WorkerProcess
from newsdesk.settings import (
    DATABASE_URL,
    STATE_DEFAULT,
    TEMPORAL_UI_URL,
    Settings,
    names_temporal,
)
from newsdesk.store.migrations import migrate

EXIT_WELL, EXIT_SOME_FAILED, EXIT_INTERRUPTED = 0, 1, 130


@dataclass(frozen=True)
class Plan:
    """What `newsdesk dev` was asked for; `worker_command` None: our worker."""

    state: Path
    port_base: int
    samples: bool = False
    exit_when_idle: bool = False
    worker_command: Sequence[str] | None = None


class Stack:
    """Servers and worker of one state folder that this process has claimed."""

    def __init__(self, plan: Plan, environ: Mapping[str, str], console: Console) -> None:
        """Raises ConfigurationError for a malformed environment."""
        self._plan = plan
        self._environ = environ
        self._console = console
        self._began = time.monotonic()
        self._settings = Settings.load(environ, None)
        self._state = StateFolder(plan.state.resolve())
        self._supervisor = Supervisor(self._say)
        self._postgres: PostgresServer | None = None
        self._temporal: TemporalServer | None = None
        self._code = EXIT_INTERRUPTED
        if self._settings.database_url is None:
            self._postgres = PostgresServer(self._state.path)
        if not names_temporal(environ):
            self._temporal = TemporalServer(self._state.path, plan.port_base, plan.port_base + 1)

    async def serve(self) -> int:
        """Runs everything until it is told to stop or, where asked for, idle.

        Returns the exit code. Raises AlreadyRunningError, ConfigurationError, and
        EmbeddedServerError where something does not start.
        """
        stops = StopRequests()
        with self._state.claimed():
            try:
                await stops.unless_stopped(self._start_and_work(stops))
            finally:
                if self._supervisor.busy:
                    self._say("Stopping ...")
                await self._supervisor.stop(stops.again)
        return self._code

    async def _start_and_work(self, stops: StopRequests) -> None:
        await asyncio.to_thread(self._clear_the_way)
        since = await self._start()
        settings = Settings.load(self._environ, self._state.path)
        self._say(f"newsdesk is ready, after {time.monotonic() - self._began:.1f} s.")
        self._show_addresses(settings)
        if self._plan.samples:
            self._code = await run_samples(settings, self._console)
            if not self._plan.exit_when_idle:
                self._show_addresses(settings)
        elif self._plan.exit_when_idle:
            self._code = await self._until_idle(settings.require_database_url(), since)
        else:
            self._code = EXIT_WELL
        if self._plan.exit_when_idle:
            self._say(
                f"All is kept in {self._plan.state}. To keep it up, with the Temporal Web UI at"
                f" {settings.temporal_ui_url or 'its own address'}: {command_name()} dev"
                f"{self._state_flag()} (or make dev)"
            )
            return
        self._say("Ctrl-C stops everything.")
        await stops.first.wait()

    def _clear_the_way(self) -> None:
        orphans = find_orphans(self._state)
        for orphan in orphans:
            self._say(
                f"{orphan.name} (process {orphan.process.pid}) was left behind by a newsdesk dev "
                "that was killed; ending it"
            )
        end_orphans(orphans)
        if self._temporal is not None:
            base = self._plan.port_base
            require_free({"Temporal": base, "the Temporal Web UI": base + 1})

    async def _start(self) -> datetime:
        embedded: list[Server] = [
            server for server in (self._postgres, self._temporal) if server is not None
        ]
        if embedded:
            self._say(f"Starting {' and '.join(server.name for server in embedded)} ...")
            await self._supervisor.start(*embedded)
        database = self._addresses()[DATABASE_URL.name]
        for name in await migrate(database):
            self._say(f"Migrated the database: {name}")
        since = await database_time(database)
        self._state.temporal_config.touch()
        self._state.write_env(self._addresses())
        await self._supervisor.start(
            WorkerProcess(self._state, self._environ, self._plan.worker_command)
        )
        return since

    def _addresses(self) -> dict[str, str]:
        """Returns what STATE/env holds: where things are, and no key."""
        values: dict[str, str] = {}
        if self._temporal is None:
            values.update(_shareable(self._settings.temporal_environment))
        else:
            values["TEMPORAL_ADDRESS"] = self._temporal.address
            values["TEMPORAL_NAMESPACE"] = NAMESPACE
            # A profile or a key that is meant for another server must not reach this one.
            values["TEMPORAL_CONFIG_FILE"] = str(self._state.temporal_config)
            values["TEMPORAL_TLS"] = "false"
        embedded_ui = None if self._temporal is None else self._temporal.ui_url
        ui_url = self._settings.temporal_ui_url or embedded_ui
        if ui_url is not None:
            values[TEMPORAL_UI_URL.name] = ui_url
        embedded_url = None if self._postgres is None else self._postgres.url
        values[DATABASE_URL.name] = self._settings.database_url or embedded_url or ""
        return values

    async def _until_idle(self, database: str, since: datetime) -> int:
        failed = await failed_once_idle(database, since)
        for workflow_id in failed:
            self._say(f"failed: {workflow_id}")
        return EXIT_SOME_FAILED if failed else EXIT_WELL

    def _show_addresses(self, settings: Settings) -> None:
        state = self._state_flag()
        address = settings.temporal_environment.get("TEMPORAL_ADDRESS", "from your profile")
        self._say(f"  Temporal         {address}")
        self._say(f"  Temporal Web UI  {settings.temporal_ui_url or 'unknown'}")
        self._say(f"  Postgres         {without_password(settings.require_database_url())}")
        self._say(f"  state and logs   {self._plan.state}")
        self._say("In a second terminal:")
        command = command_name()
        self._say(f"  {command} enqueue files PATH...{state}   processes articles")
        self._say(f"  {command} show ID{state}                 shows a record")

    def _state_flag(self) -> str:
        if self._plan.state == STATE_DEFAULT:
            return ""
        return f" --state {quote(str(self._plan.state))}"

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


def command_name() -> str:
    """Returns what to type for the newsdesk command: a newcomer's is not on the path yet."""
    typed = Path(sys.argv[0])
    return "newsdesk" if shutil.which("newsdesk") or typed.name != "newsdesk" else str(typed)


def _shareable(environment: Mapping[str, str]) -> dict[str, str]:
    # An API key, or a TLS key given as text, stays where it is: in the environment.
    return {
        name: value
        for name, value in environment.items()
        if not name.endswith(("_KEY", "_DATA")) and "\n" not in value
    }
