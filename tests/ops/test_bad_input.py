"""Every kind of bad input in one call with good articles: a clear line each, the others go on."""

import json
from pathlib import Path

import pytest
import pytest_asyncio

from tests.helpers.pipeline import command, newsfeed_item
from tests.ops.conftest import Call, House

GOOD, ALSO_GOOD, SCRIPT_ONLY = 201, 202, 203
FIVE_MEGABYTES = 5 * 1024 * 1024


def bad_lines() -> list[tuple[bytes, str]]:
    """Returns the lines of a file with what is said of each; "" where nothing is wrong."""
    sentence = "<p>Tidewater Terminals grew its profit again this year.</p>"
    big = sentence * (FIVE_MEGABYTES // len(sentence) + 1)
    return [
        (_line(newsfeed_item(GOOD)), ""),
        (b'{"id": 9, "title": "cut off', "not JSON: Unterminated string"),
        (b'{"foo": "bar"}', "unknown shape: keys foo"),
        (_line(newsfeed_item(9, body=big)), "too large: 5.0 MB; the limit is 4 MB"),
        (b'{"id": 9, "title": "\xff\xfe"}', "not UTF-8: byte 0xff"),
        (_line(newsfeed_item(9, id="abc")), 'id: expected a whole number, found the text "abc"'),
        (_line(newsfeed_item(9, created="yesterday")), 'created: "yesterday" is no time'),
        (b'{"\\u001b[31m": 1}', "unknown shape: keys"),
        (b"[" * 100_000, "not readable JSON: nested too deeply"),
        (_line(newsfeed_item(SCRIPT_ONLY, title="", body="<script>track()</script>")), ""),
        (_line(newsfeed_item(ALSO_GOOD)), ""),
    ]


def _line(item: object) -> bytes:
    return json.dumps(item).encode()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bad_call(house: House, tmp_path_factory: pytest.TempPathFactory) -> tuple[Call, Path]:
    folder = tmp_path_factory.mktemp("bad")
    mixed, empty = folder / "mixed.jsonl", folder / "empty.json"
    mixed.write_bytes(b"\n".join(line for line, _ in bad_lines()) + b"\n")
    empty.touch()
    (folder / "nothing").mkdir()
    broken = folder / "broken.json"
    broken.write_text('{\n "id": 9,\n "title": oops\n}\n', encoding="utf-8")
    paths = [mixed, empty, folder / "missing.json", folder / "nothing", broken]
    code, out, err = await command(
        house.environment, "starter.py", "files", *map(str, paths), "--wait", "--json"
    )
    return Call(code, [json.loads(line) for line in out.splitlines()], err), folder


def test_each_is_named_with_its_file_and_line(bad_call: tuple[Call, Path]) -> None:
    call, folder = bad_call
    talk = call.talk.splitlines()
    expected = {
        f"{folder}/mixed.jsonl:{number}: {reason}"
        for number, (_, reason) in enumerate(bad_lines(), start=1)
        if reason
    } | {
        f"{folder}/empty.json: empty file",
        f"{folder}/missing.json: no such file",
        f"{folder}/nothing: no JSON, JSON Lines or HTML file in this directory",
        f"{folder}/broken.json:3: not JSON: Expecting value",
    }
    for start in expected:
        assert [line for line in talk if start in line], f"{start}\n{call.talk}"
    assert "Traceback" not in call.talk
    assert "\x1b" not in call.talk
    assert len(talk) == len(expected) + 2  # the article that cannot be processed, and the sums


def test_the_good_ones_go_on_and_the_sums_are_right(bad_call: tuple[Call, Path]) -> None:
    call, _ = bad_call
    assert call.code == 1
    assert [line["run"]["status"] for line in call.of(GOOD) + call.of(ALSO_GOOD)] == [
        "completed",
        "completed",
    ]
    assert call.talk.splitlines()[-1] == (
        "received 15: started 3, rejected 12; runs: completed 2, failed 1"
    )


def test_every_item_has_a_json_line(bad_call: tuple[Call, Path]) -> None:
    call, folder = bad_call
    assert len(call.lines) == 15
    rejected = [line for line in call.lines if line["outcome"] == "rejected"]
    assert len(rejected) == 12
    for line in rejected:
        assert sorted(line) == ["error", "location", "outcome"]
        assert line["location"].startswith(str(folder))
        assert line["error"]


def test_an_article_that_can_never_be_processed_fails_its_run(bad_call: tuple[Call, Path]) -> None:
    call, folder = bad_call
    (line,) = call.of(SCRIPT_ONLY)
    assert line["run"]["status"] == "failed"
    assert line["run"]["error"]["type"] == "ArticleUnusableError"
    assert (
        f"{folder}/mixed.jsonl:10: run #{line['run_number']} failed: ArticleUnusableError:"
        " clean_raw_article failed: article 203 has no title, no teaser and no text in its body"
    ) in call.talk.splitlines()


async def test_people_see_the_failed_run_in_the_table(
    house: House, bad_call: tuple[Call, Path]
) -> None:
    number = bad_call[0].of(SCRIPT_ONLY)[0]["run_number"]
    item = newsfeed_item(SCRIPT_ONLY, title="", body="<script>track()</script>")
    code, out, err = await house.enqueue("--wait", items=[item])
    assert code == 1
    assert out.splitlines()[0].split()[:2] == ["Run", "Article"]
    assert f"#{number} " in out
    assert "failed" in out
    assert "ArticleUnusableError" in out
    assert err.splitlines()[-1] == "received 1: unchanged 1; runs: failed 1"


async def test_a_feed_that_is_only_bad_needs_no_run(house: House, tmp_path: Path) -> None:
    code, out, err = await command(
        house.environment, "starter.py", "files", str(tmp_path / "missing.json"), "--wait"
    )
    assert (code, out) == (1, "")
    assert err.splitlines() == [f"{tmp_path}/missing.json: no such file", "received 1: rejected 1"]
