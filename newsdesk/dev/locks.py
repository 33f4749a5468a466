"""Locks that hold as long as a process lives, however it ends."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from newsdesk.errors import EmbeddedServerError


class LockTakenError(EmbeddedServerError):
    """Another process holds the lock."""


@contextmanager
def file_lock(path: Path) -> Generator[int, None, None]:
    """Holds an exclusive lock on a file and yields its descriptor.

    A child that inherits the descriptor keeps the lock after its parent has died. Raises
    LockTakenError at once where another process has it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockTakenError(f"{path} is locked by another process") from None
        yield descriptor
    finally:
        os.close(descriptor)
