"""How a command is called and how it ends: unknown flags, exit codes, one line instead of a trace.

Light: every command imports it, also for `--help`.
"""

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from newsdesk.errors import ConfigurationError, NewsdeskError, UsageError

EXIT_WELL, EXIT_SOME_FAILED, EXIT_WRONG_CALL = 0, 1, 2
EXIT_INTERRUPTED = 130
"""What a shell expects after Ctrl-C."""

EXIT_CODES = "exit code: 0 all well, 1 some items failed (each named), 2 the call was wrong"


def parse(parser: argparse.ArgumentParser, argv: Sequence[str] | None) -> argparse.Namespace:
    """Returns parsed flags; an unknown one ends the process with code 2.

    A sub-command that sets `parser` to its own parser has its own usage shown then, not that of
    the command above it.
    """
    args, unknown = parser.parse_known_args(argv)
    if unknown:
        getattr(args, "parser", parser).error(f"unrecognized arguments: {' '.join(unknown)}")
    return args


def run_command(name: str, action: Callable[[], int]) -> int:
    """Runs a command and returns its exit code; what stops it is told in a line on stderr."""
    _print_in_any_locale()
    try:
        code = action()
        sys.stdout.flush()  # here, where a reader that went away is still no stack trace
    except (UsageError, ConfigurationError) as error:
        return _told(name, str(error), EXIT_WRONG_CALL)
    except NewsdeskError as error:
        return _told(name, str(error), EXIT_SOME_FAILED)
    except KeyboardInterrupt:
        return _told(name, "interrupted", EXIT_INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _told(name, "stopped: nobody reads the output any more", EXIT_SOME_FAILED)
    return code


def leave(code: int) -> NoReturn:
    """Ends the process with this exit code, once all that it said is written.

    Without the interpreter's own end where a Temporal client was made: threads of its library may
    come back into an interpreter that is half gone, which aborts the process and loses the code.
    """
    if "temporalio.bridge" in sys.modules:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):  # nobody reads it, or it is closed
                stream.flush()
        os._exit(code)
    sys.exit(code)


def _told(name: str, message: str, code: int) -> int:
    print(f"newsdesk {name}: {message}", file=sys.stderr)
    return code


def _print_in_any_locale() -> None:
    # A character that the terminal's encoding lacks is shown escaped, as stderr does by itself.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
