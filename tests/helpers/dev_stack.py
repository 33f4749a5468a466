"""Driving `newsdesk dev` as a terminal does: a process that prints, and takes signals."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from newsdesk.dev.ports import free_ports, is_free
from newsdesk.dev.processes import server_environment
from newsdesk.settings import parse_env_file
from tests.helpers.eventually import eventually

STANDIN_COMMAND = (sys.executable, str(Path(__file__).with_name("dev_command.py")))
"""`newsdesk dev` with a worker that needs no time to start."""
START_SECONDS = 40.0


def free_port_base() -> int:
    """Returns N such that N and N+1 are free now."""
    while True:
        (base,) = free_ports(1)
        if base < 65000 and is_free(base + 1):
            return base


class DevStack:
    """One `newsdesk dev`; `folder` is where its state and its output are."""

    def __init__(
        self,
        folder: Path,
        *,
        state: Path | None = None,
        port_base: int | None = None,
        flags: Sequence[str] = (),
        environ: Mapping[str, str] | None = None,
        command: Sequence[str] = STANDIN_COMMAND,
    ) -> None:
        self.state = state or folder / "state"
        self.port_base = port_base or free_port_base()
        self._output = folder / f"output-{self.port_base}.txt"
        where = ["--state", str(self.state), "--port-base", str(self.port_base)]
        with self._output.open("w") as output:
            self.process = subprocess.Popen(
                [*command, *where, *flags],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**server_environment(os.environ), **(environ or {})},
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        """What it has printed so far, on both streams."""
        return self._output.read_text(encoding="utf-8")

    def env(self) -> dict[str, str]:
        """The addresses it wrote."""
        path = self.state / "env"
        return parse_env_file(path.read_text(encoding="utf-8"), str(path))

    def children(self) -> dict[str, psutil.Process]:
        """Its direct children: worker, temporal, postgres."""
        return {
            _program(child): child
            for child in psutil.Process(self.process.pid).children()
            if child.status() != psutil.STATUS_ZOMBIE
        }

    def family(self) -> list[psutil.Process]:
        """All processes below it."""
        return psutil.Process(self.process.pid).children(recursive=True)

    async def ready(self) -> None:
        """Waits until it says that it is ready."""
        await self.says("newsdesk is ready")

    async def says(self, words: str, times: int = 1) -> None:
        """Waits until these words were printed so many times."""

        def check() -> bool:
            assert self.output.count(words) >= times, self.output
            assert self.process.poll() is None, self.output
            return True

        await eventually(check, START_SECONDS)

    async def ends(self, within: float = START_SECONDS) -> int:
        """Waits for its end and returns the exit code."""

        def check() -> bool:
            assert self.process.poll() is not None, self.output
            return True

        await eventually(check, within)
        assert self.process.returncode is not None
        return self.process.returncode

    async def interrupt(self) -> int:
        """Presses Ctrl-C: like a terminal it signals the whole process group."""
        os.killpg(self.process.pid, signal.SIGINT)
        return await self.ends()

    def destroy(self) -> None:
        """Leaves nothing behind, whatever a test did."""
        if self.process.poll() is None:
            family = self.family()
            self.process.kill()
            self.process.wait()
            _kill(family)
        _kill(leftovers(self.state))


def leftovers(state: Path) -> list[psutil.Process]:
    """Returns the processes that name this state folder in their command line."""
    return [process for process in psutil.process_iter() if str(state) in _words(process)]


def _words(process: psutil.Process) -> str:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return ""
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _program(process: psutil.Process) -> str:
    words = process.cmdline()
    return "worker" if "--ready-file" in words else Path(words[0]).name


def _kill(processes: Sequence[psutil.Process]) -> None:
    for process in processes:
        try:
            process.kill()
        except psutil.Error:
            continue
    psutil.wait_procs(list(processes), timeout=10)
