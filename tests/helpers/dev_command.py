"""A script: `newsdesk dev` with the stand-in worker, which starts at once and needs no code."""

import argparse
import sys
from pathlib import Path

from newsdesk.dev import stack

STANDIN = Path(__file__).with_name("standin_worker.py")


def main() -> int:
    """Runs the command with this script's own arguments."""
    parser = argparse.ArgumentParser(prog="newsdesk dev")
    stack.configure_parser(parser)
    return stack.run(parser.parse_args(), worker_command=(sys.executable, str(STANDIN)))


if __name__ == "__main__":
    sys.exit(main())
