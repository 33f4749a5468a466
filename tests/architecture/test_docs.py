"""The README names what there is: every setting, command and place, and nothing unfinished."""

import re
from pathlib import Path

import pytest

from newsdesk.cli import COMMANDS
from newsdesk.settings import SETTINGS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `(NEWSDESK_\w+)` \| (.*?) \|", README, flags=re.MULTILINE))


def shown_default(default: object) -> str:
    """Returns a default as the table shows it."""
    if default is None:
        return "unset"
    return {True: "`on`", False: "`off`"}[default] if isinstance(default, bool) else f"`{default}`"


def test_the_table_has_every_setting_with_its_default() -> None:
    assert ROWS == {setting.name: shown_default(setting.default) for setting in SETTINGS}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_told(command: str) -> None:
    assert f"`newsdesk {command}" in README


def test_the_layout_names_places_that_exist() -> None:
    table = README.split("## Layout")[1].split("## ")[0]
    places = re.findall(r"`([\w./]+)`", table)
    assert len(places) > 12
    assert not [place for place in places if not (ROOT / place).exists()]


def test_nothing_is_left_to_be_filled_in() -> None:
    assert "@@" not in README


def test_links_to_files_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert links
    assert not [link for link in links if not (ROOT / link).exists()]
