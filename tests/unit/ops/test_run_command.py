"""How a command ends: its exit code, and one line instead of a trace."""

import argparse

import pytest

from newsdesk.errors import (
    ArticleNotFoundError,
    ConfigurationError,
    NewsdeskError,
    StoreUnavailableError,
    TemporalUnavailableError,
    UsageError,
)
from newsdesk.ops.calls import parse, run_command


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("why"), 2),
        (ConfigurationError("why"), 2),
        (ArticleNotFoundError("why"), 1),
        (StoreUnavailableError("why"), 1),
        (TemporalUnavailableError("why"), 1),
    ],
)
def test_an_error_is_a_line_and_a_code(
    capsys: pytest.CaptureFixture[str], error: NewsdeskError, code: int
) -> None:
    def fail() -> int:
        raise error

    assert run_command("show", fail) == code
    assert capsys.readouterr() == ("", "newsdesk show: why\n")


def test_ctrl_c(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> int:
        raise KeyboardInterrupt

    assert run_command("enqueue", interrupted) == 130
    assert capsys.readouterr().err == "newsdesk enqueue: interrupted\n"


def test_a_commands_own_code_is_kept() -> None:
    assert run_command("show", lambda: 1) == 1


def test_a_bug_keeps_its_trace() -> None:
    def wrong() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_command("show", wrong)


def test_an_unknown_flag_shows_the_usage_of_its_own_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    outer = argparse.ArgumentParser(prog="outer")
    inner = outer.add_subparsers().add_parser("inner")
    inner.set_defaults(parser=inner)
    with pytest.raises(SystemExit) as end:
        parse(outer, ["inner", "--odd"])
    assert end.value.code == 2
    assert capsys.readouterr().err.splitlines() == [
        "usage: outer inner [-h]",
        "outer inner: error: unrecognized arguments: --odd",
    ]
