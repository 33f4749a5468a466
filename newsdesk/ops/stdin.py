"""Standard input that can be given up: a read that waits for it must not outlive Ctrl-C."""

import io
import os
import select
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LOOK_EVERY_SECONDS = 0.2


class _Stoppable(io.RawIOBase):
    """A file descriptor whose reader looks up now and then whether anybody still wants it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.stop = threading.Event()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        while not self.stop.is_set():
            if select.select([self._descriptor], [], [], LOOK_EVERY_SECONDS)[0]:
                return os.readv(self._descriptor, [buffer])
        return 0


@contextmanager
def stoppable_stdin() -> Generator[None, None, None]:
    """Within the block, a thread that reads sys.stdin sees its end as soon as the block is left.

    Otherwise it would sit in its read until somebody types, and the process with it.
    """
    original = sys.stdin
    try:
        raw = _Stoppable(original.fileno())
    except (AttributeError, OSError, ValueError):  # none, closed, or no file (as in tests)
        yield
        return
    sys.stdin = io.TextIOWrapper(io.BufferedReader(raw))
    try:
        yield
    finally:
        raw.stop.set()
        sys.stdin = original
