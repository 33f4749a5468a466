"""The command `newsdesk dev`: its flags, and how its failures are told.

Nothing heavy is imported before the command runs: every other command builds this parser too.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from newsdesk.errors import ConfigurationError, NewsdeskError, UsageError
from newsdesk.settings import STATE_DEFAULT, current_environment

PORT_BASE_DEFAULT = 7233
_LOWEST_PORT, _HIGHEST_BASE = 1024, 65532


def configure_parser(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `newsdesk dev`."""
    parser.add_argument(
        "--state",
        type=Path,
        default=STATE_DEFAULT,
        metavar="DIR",
        help="where data, logs and addresses are kept between starts (default: %(default)s)",
    )
    parser.add_argument(
        "--port-base",
        type=_port_base,
        default=PORT_BASE_DEFAULT,
        metavar="N",
        help="Temporal listens on N, its Web UI on N+1; N+2 and N+3 are kept for Postgres and the "
        "page (default: %(default)s)",
    )
    parser.add_argument(
        "--samples", action="store_true", help="process the articles of samples/ once all is ready"
    )
    parser.add_argument(
        "--exit-when-idle",
        action="store_true",
        help="stop once every run has ended; exit code 1 if one failed",
    )


def run(args: argparse.Namespace, worker_command: Sequence[str] | None = None) -> int:
    """Runs servers and worker until they are told to stop.

    `worker_command` is run in place of our worker, with its flags.

    Returns 0 all well, 1 something failed or did not start, 2 wrong call, 130 cut short.
    """
    try:
        return _serve(args, worker_command)
    except (UsageError, ConfigurationError) as error:
        sys.stderr.write(f"newsdesk dev: {error}\n")
        return 2
    except NewsdeskError as error:
        sys.stderr.write(f"newsdesk dev: {error}\n")
        return 1
    except KeyboardInterrupt:  # before there was anything to stop
        return 130


def _serve(args: argparse.Namespace, worker_command: Sequence[str] | None) -> int:
    from rich.console import Console

    try:
        from newsdesk.dev.serving import Plan, Stack
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"{error.name} is missing; install newsdesk[embedded] to run servers on this machine"
        ) from None
    plan = Plan(args.state, args.port_base, args.samples, args.exit_when_idle, worker_command)
    stack = Stack(plan, current_environment(), Console())
    return asyncio.run(stack.serve())


def _port_base(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = -1
    if not _LOWEST_PORT <= number <= _HIGHEST_BASE:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no whole number from {_LOWEST_PORT} to {_HIGHEST_BASE}"
        )
    return number
