"""`newsdesk histories check PATH`: what becomes of files, whatever is in them; and wrong calls."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from newsdesk import cli
from newsdesk.contracts.names import WORKFLOW_TYPE
from newsdesk.temporal.replaying import TEACHING
from tests.replay.record import HISTORIES


@pytest.fixture
def saved(tmp_path: Path) -> list[Path]:
    """Two saved histories, in a folder of a folder."""
    folder = tmp_path / "folder"
    folder.mkdir()
    names = ("v2-completed.json", "v2-failed.json")
    return [Path(shutil.copy(HISTORIES / name, folder)) for name in names]


def check(*arguments: str | Path) -> int:
    return cli.main(["histories", "check", *map(str, arguments)])


@pytest.mark.parametrize(
    ("tamper", "reason"),
    [
        (lambda text: text[:-20], "no JSON: "),
        (lambda text: "[]", "no history of a run: "),
        (lambda text: "{}", "no history of a run: "),
        (lambda text: '{"events": []}', "a history without events"),
        (lambda text: text.replace('"eventId": "7"', '"eventId": "77"'), "event 7 is missing"),
        (lambda text: text.replace('"eventTime": "2', '"eventTime": "x'), "no history of a run: "),
        (lambda text: text.replace(f'"{WORKFLOW_TYPE}"', '"Other"'), "a history of workflow type"),
        (lambda text: "[" * 100_000, "no history of a run: "),
    ],
    ids=["cut off", "a list", "no events", "none", "a gap", "a wrong time", "other", "deep"],
)
def test_a_file_that_cannot_be_checked_is_named(
    saved: list[Path], capsys: pytest.CaptureFixture[str], tamper: Any, reason: str
) -> None:
    saved[0].write_text(tamper(saved[0].read_text(encoding="utf-8")), encoding="utf-8")
    assert check(saved[0].parent) == 1
    out, err = capsys.readouterr()
    assert err == ""
    named, verdict = out.splitlines()
    assert named.startswith(f"{saved[0]}: {reason}")
    assert verdict == (
        "1 of 2 histories replay on this code, 1 could not be checked:"
        " look at what is named above before you deploy it"
    )


def test_bytes_that_are_no_text_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bytes.json"
    file.write_bytes(b"\xff\xfe{")
    assert check(file, "--json") == 1
    line = json.loads(capsys.readouterr().out)
    assert (line["file"], line["standing"]) == (str(file), "unreadable")
    assert (line["workflow_id"], line["running"]) == (None, None)


def test_a_file_that_was_tampered_with_differs(
    saved: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    text = saved[0].read_text(encoding="utf-8")
    saved[0].write_text(text.replace('"publish"', '"publish_twice"'), encoding="utf-8")
    assert check(saved[0].parent) == 1
    named, verdict = capsys.readouterr().out.splitlines()
    assert re.fullmatch(
        rf"{re.escape(str(saved[0]))}: event \d+: the history has activity publish_twice,"
        r" this code gives publish",
        named,
    )
    assert verdict == f"1 of 2 histories does not replay: {TEACHING}"


def test_a_file_is_checked_once_and_found_in_any_folder(
    saved: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(saved[0], saved[0]) == 0
    assert capsys.readouterr().out == "1 history replays on this code: it may be deployed\n"
    assert check(saved[0].parents[1]) == 0
    assert capsys.readouterr().out == "2 histories replay on this code: it may be deployed\n"


def test_nothing_to_check_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path) == 0
    assert capsys.readouterr() == (f"nothing to check: no .json file in {tmp_path}\n", "")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["check", "no/such/path"], "no such file or folder: no/such/path"),
        (["check", ".", "--limit", "3"], "leave out the PATHs"),
        (["export", "x", "--running", "--since", "1h"], "--running takes none"),
        (["export", "README.md"], "README.md cannot be made a folder"),
    ],
)
def test_a_wrong_call_is_told(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["histories", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err


@pytest.mark.parametrize(
    "arguments", [[], ["export"], ["check", "--limit", "-1"], ["check", "--since", "soon"]]
)
def test_wrong_flags_are_told_with_their_own_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["histories", *arguments])
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith(
        " ".join(["usage: newsdesk histories", *arguments[:1]])
    )
