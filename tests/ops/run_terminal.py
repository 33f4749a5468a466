"""A terminal with a command in it, and a door in front of a server, for `newsdesk runs --watch`."""

import asyncio
import contextlib
import fcntl
import os
import re
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager

from tests.helpers.pipeline import ROOT

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b\]8;[^\x1b]*\x1b\\")
_SIZE = ("COLUMNS", "LINES")
_HOME, _LEFT = "\x1b[H", "\x1b[?1049l"
"""How a program begins a screenful, and how it gives the screen back."""


class Terminal:
    """A process whose output is a terminal."""

    def __init__(self, process: subprocess.Popen[bytes], output: int) -> None:
        self.process = process
        self._output = output
        self._read = b""

    @property
    def text(self) -> str:
        """What was printed so far, without escape sequences."""
        return _ESCAPES.sub("", self.read())

    @property
    def frames(self) -> list[list[str]]:
        """The lines of each screenful that was painted over the one before."""
        painted, _, _ = self.read().partition(_LEFT)
        return [_ESCAPES.sub("", frame).split("\r\n") for frame in painted.split(_HOME)[2:]]

    @property
    def after(self) -> str:
        """What was printed once the screen was left, without escape sequences."""
        return _ESCAPES.sub("", self.read().partition(_LEFT)[2])

    def read(self) -> str:
        """Reads what is there; returns all that was printed so far."""
        with contextlib.suppress(OSError):  # there is no more, or it has been closed
            while True:
                self._read += os.read(self._output, 65536)
        return self._read.decode()

    def has_ended(self) -> bool:
        """Returns whether the process has; what nobody reads would keep it from ending."""
        self.read()
        return self.process.poll() is not None

    def interrupt(self) -> None:
        """Presses Ctrl-C: like a terminal it signals the whole process group."""
        os.killpg(self.process.pid, signal.SIGINT)


@contextmanager
def in_terminal(
    environment: Mapping[str, str], columns: int, rows: int, *arguments: str
) -> Generator[Terminal, None, None]:
    """Runs `newsdesk ARGUMENTS` in a terminal of this size; kills it at the block's end."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    os.set_blocking(ours, False)
    process = subprocess.Popen(
        [sys.executable, "-m", "newsdesk.cli", *arguments],
        cwd=ROOT,
        # Its size is the terminal's, whatever a program before has put into the environment.
        env={
            **{name: value for name, value in environment.items() if name not in _SIZE},
            "TERM": "xterm-256color",
        },
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    terminal = Terminal(process, ours)
    try:
        yield terminal
    finally:
        process.kill()
        process.wait()
        terminal.read()
        os.close(ours)


class Door:
    """What stands between a client and a server, and can be shut."""

    def __init__(self, server: str) -> None:
        self._host, _, port = server.rpartition(":")
        self._port = int(port)
        self._open: asyncio.Server | None = None
        self._ways = set[asyncio.StreamWriter]()
        self._visits = set[asyncio.Task[None]]()
        self.port = 0

    @property
    def address(self) -> str:
        """Where clients knock."""
        return f"127.0.0.1:{self.port}"

    async def open(self) -> None:
        """Lets clients in, at the same address as before."""
        self._open = await asyncio.start_server(self._let_in, "127.0.0.1", self.port)
        self.port = self._open.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """Throws everybody out, and lets nobody in."""
        if self._open is not None:
            self._open.close()
            for way in self._ways:
                way.transport.abort()
            await asyncio.gather(*self._visits)
            await self._open.wait_closed()

    def _let_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit = asyncio.create_task(self._carry_both(reader, writer))
        self._visits.add(visit)
        visit.add_done_callback(self._visits.discard)

    async def _carry_both(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner, outer = await asyncio.open_connection(self._host, self._port)
        await asyncio.gather(self._carry(reader, outer), self._carry(inner, writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ways.add(writer)
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        self._ways.discard(writer)
        writer.close()


@asynccontextmanager
async def door_to(server: str) -> AsyncGenerator[Door, None]:
    """Yields an open door to host:port, and shuts it at the block's end."""
    door = Door(server)
    await door.open()
    try:
        yield door
    finally:
        await door.shut()
