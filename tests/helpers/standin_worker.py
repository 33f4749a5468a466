"""A script that behaves like the worker's process: says that it is ready, ends on SIGTERM.

With STANDIN_STUBBORN in its environment it does not end.
"""

import argparse
import os
import signal
import sys
from pathlib import Path
from types import FrameType


def main() -> None:
    """Runs until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--state")
    parser.add_argument("--ready-file", type=Path, required=True)
    ready: Path = parser.parse_args().ready_file
    stubborn = "STANDIN_STUBBORN" in os.environ
    signal.signal(signal.SIGTERM, signal.SIG_IGN if stubborn else _leave)
    ready.touch()
    while True:
        signal.pause()


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    main()
