"""How every command explains itself, and what it says of a wrong call."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import starter
import worker
from newsdesk import cli
from tests.helpers.pipeline import ROOT

SETTINGS_KEPT = ["--state", "/nonexistent"]
HEAVY = {"litellm", "trafilatura", "asyncpg", "lxml", "temporalio", "rich"}
MAX_IMPORT_SECONDS = 0.6


def ended(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    """Calls `newsdesk ARGV` in this process; returns exit code, stdout, stderr."""
    try:
        code = cli.main(argv)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize(
    "argv",
    [
        (),
        ("dev",),
        ("worker",),
        ("enqueue",),
        ("enqueue", "files"),
        ("show",),
        ("db",),
        ("db", "migrate"),
        ("db", "status"),
    ],
)
def test_help_fits_a_terminal_and_names_every_flag(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, argv: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code, out, err = ended(capsys, *argv, "--help")
    assert (code, err) == (0, "")
    assert out.startswith(f"usage: {' '.join(['newsdesk', *argv])} [-h]")
    assert max(len(line) for line in out.splitlines()) <= 80
    if argv[-1:] not in [(), ("enqueue",), ("db",)]:
        assert "--state DIR" in out


def test_the_first_help_shows_the_way(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = ended(capsys, "--help")
    for name in cli.COMMANDS:
        assert re.search(rf"\n    {name}\s", out)
    assert "newsdesk enqueue files samples --wait" in out
    assert "exit code: 0 all well, 1 some items failed (each named), 2 the call was wrong" in out


@pytest.mark.parametrize(
    ("argv", "usage", "message"),
    [
        ((), "newsdesk", "required: COMMAND"),
        (("nonsense",), "newsdesk", "invalid choice: 'nonsense'"),
        (("enqueue",), "newsdesk enqueue", "required: SOURCE"),
        (("enqueue", "files"), "newsdesk enqueue files", "required: PATH"),
        (("enqueue", "files", "--wiat", "x"), "newsdesk enqueue files", "arguments: --wiat"),
        (("show", "5", "extra"), "newsdesk show", "unrecognized arguments: extra"),
        (("db",), "newsdesk db", "required: ACTION"),
        (("db", "status", "--json"), "newsdesk db status", "unrecognized arguments: --json"),
    ],
)
def test_a_wrong_call_ends_with_2_and_the_usage(
    capsys: pytest.CaptureFixture[str], argv: tuple[str, ...], usage: str, message: str
) -> None:
    code, out, err = ended(capsys, *argv)
    assert (code, out) == (2, "")
    assert err.startswith(f"usage: {usage} [-h]")
    assert message in err.splitlines()[-1]


def test_the_scripts_are_the_same_commands(capsys: pytest.CaptureFixture[str]) -> None:
    for main, argv in ((starter.main, ["files"]), (worker.main, ["x"])):
        with pytest.raises(SystemExit) as end:
            main(argv)
        assert end.value.code == 2
        assert capsys.readouterr().err.startswith("usage: ")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("NEWSDESK_FOO", "1", "NEWSDESK_FOO is no setting; known are NEWSDESK_DATABASE_URL, "),
        ("NEWSDESK_LINKING", "maybe", "NEWSDESK_LINKING must be on or off (found 'maybe')"),
        ("NEWSDESK_DATABASE_URL", "mysql://u:secretword@h/d", "must be a URL like postgresql://"),
        ("TEMPORAL_PROFILE", "nonesuch", "no database is known: start `newsdesk dev`"),
    ],
)
@pytest.mark.parametrize(
    "argv", [("show", "5"), ("enqueue", "files", "samples"), ("db", "status"), ("worker",)]
)
def test_a_wrong_setting_is_a_wrong_call(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    argv: tuple[str, ...],
    name: str,
    value: str,
    said: str,
) -> None:
    monkeypatch.setenv(name, value)
    code, out, err = ended(capsys, *argv, *SETTINGS_KEPT)
    assert (code, out) == (2, "")
    assert err.startswith(f"newsdesk {argv[0]}: ")
    assert said in err
    assert "secretword" not in err
    assert len(err.splitlines()) == 1


def test_state_names_the_servers_of_another_terminal(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "env").write_text("NEWSDESK_DATABASE_URL=mysql://h/d\n", encoding="utf-8")
    code, _, err = ended(capsys, "show", "5", "--state", str(tmp_path))
    assert code == 2
    assert f"correct it in the environment or in {tmp_path}/env" in err


CONNECTS_AND_LEAVES = """
import asyncio
from newsdesk.errors import TemporalUnavailableError
from newsdesk.ops.calls import leave
from newsdesk.temporal.connect import connect
try:
    asyncio.run(connect({"TEMPORAL_ADDRESS": "127.0.0.1:1"}, "test"))
except TemporalUnavailableError:
    print("unavailable")
leave(3)
"""


@pytest.mark.parametrize("attempt", range(6))
def test_the_exit_code_outlives_a_temporal_client(attempt: int) -> None:
    """By the interpreter's own end about every third of these processes was aborted."""
    process = subprocess.run(
        [sys.executable, "-c", CONNECTS_AND_LEAVES], cwd=ROOT, capture_output=True, text=True
    )
    assert (process.returncode, process.stdout, process.stderr) == (3, "unavailable\n", "")


def test_the_starter_is_light() -> None:
    program = "import sys, starter; print(*(name.partition('.')[0] for name in sys.modules))"
    out = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert HEAVY.isdisjoint(out.split())
    # The bound is for a quiet machine; beside other tests it takes some tries to have a quiet one.
    assert any(_import_seconds() < MAX_IMPORT_SECONDS for _ in range(12))


def _import_seconds() -> float:
    err = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import starter"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    return int(err.splitlines()[-1].split("|")[1]) / 1e6
