"""The `newsdesk` command: sub-commands, nothing else. Each imports what it needs when it runs."""

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from newsdesk.ops.calls import EXIT_CODES, leave, parse, run_command


def _dev(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], int]:
    from newsdesk.dev import stack

    stack.configure_parser(parser)
    return stack.run


def _worker(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], int]:
    import worker

    worker.configure_parser(parser)
    return worker.run


def _enqueue(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], int]:
    import starter

    starter.configure_parser(parser)
    return starter.run


def _show(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], int]:
    from newsdesk.ops import show

    show.configure_parser(parser)
    return show.run


def _costs(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], int]:
    from newsdesk.ops import costs

    costs.configure_parser(parser)
    return costs.run


def _db(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], int]:
    from newsdesk.ops import database

    database.configure_parser(parser)
    return database.run


def _runs(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], int]:
    from newsdesk.ops import runs

    runs.configure_parser(parser)
    return runs.run


def _failures(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], int]:
    from newsdesk.ops.failures import command

    command.configure_parser(parser)
    return command.run


def _histories(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], int]:
    from newsdesk.ops import histories

    histories.configure_parser(parser)
    return histories.run


def _pause(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], int]:
    from newsdesk.ops import pausing

    pausing.configure_parser(parser)
    return pausing.run


def _resume(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], int]:
    from newsdesk.ops import resuming

    resuming.configure_parser(parser)
    return resuming.run


COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], Callable[..., int]]]] = {
    "dev": ("start embedded servers and a worker on this machine", _dev),
    "worker": ("process articles until stopped", _worker),
    "enqueue": ("enqueue articles from files", _enqueue),
    "show": ("show an article's record", _show),
    "runs": ("list runs as they stand, live with --watch", _runs),
    "failures": ("see what failed and why, and replay it", _failures),
    "pause": ("pause a step for everybody, or list what is paused", _pause),
    "resume": ("resume a paused step, or runs that wait for a budget", _resume),
    "histories": ("check that this code may be deployed: replay saved histories", _histories),
    "costs": ("sum what language models took, by day, model and step", _costs),
    "db": ("migrate the database, or show its state", _db),
}


FIRST_STEPS = f"""\
first steps:
  newsdesk dev                           servers and a worker, until Ctrl-C
  newsdesk enqueue files samples --wait  in a second terminal
  newsdesk show ID                       one article's record

{EXIT_CODES}
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command; returns the exit code: 0 well, 1 something failed, 2 the call was wrong."""
    args = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(
        prog="newsdesk",
        description="Durable processing of Benzinga news articles on Temporal.",
        epilog=FIRST_STEPS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (text, configure) in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=f"{text.capitalize()}.")
        if args[:1] == [name]:
            # Only the command that was asked for pays for its imports.
            command.set_defaults(handler=configure(command), parser=command)
    parsed = parse(parser, args)
    return run_command(parsed.command, lambda: parsed.handler(parsed))


def script() -> NoReturn:
    """Runs a command as a process of its own."""
    leave(main())


if __name__ == "__main__":
    script()
