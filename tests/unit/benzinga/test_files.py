"""Files of every format, and of every defect: the good items go on, the bad ones are named."""

import gzip
import io
import json
import os
import sys
from pathlib import Path

import pytest

from newsdesk.benzinga import files, lines
from newsdesk.benzinga.files import FileItem, read_files
from newsdesk.contracts.articles import Removal
from tests.unit.benzinga.samples import FETCHED_AT, RESOURCES, newsfeed_item


@pytest.fixture(autouse=True)
def in_an_empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def item(number: int, **changes: object) -> str:
    """Returns a newsfeed item on one line."""
    return json.dumps(newsfeed_item(id=number, **changes))


def read(*paths: str) -> list[FileItem]:
    return list(read_files(paths, FETCHED_AT))


def told(found: list[FileItem]) -> list[tuple[str, int | str]]:
    """Returns each item's location with the article's id, or with the error."""
    return [
        (one.location, one.incoming.article_id if one.incoming else one.error or "")
        for one in found
    ]


def written(name: str, content: str | bytes) -> list[tuple[str, int | str]]:
    """Writes a file, reads it, and tells what was found."""
    Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
    return told(read(name))


def test_json_lines_with_blank_lines_between() -> None:
    assert written("feed.jsonl", f"\n{item(1)}\r\n \n{item(2)}") == [
        ("feed.jsonl:2", 1),
        ("feed.jsonl:4", 2),
    ]


def test_lines_may_hold_containers() -> None:
    line = json.dumps({"news": [newsfeed_item(id=1), newsfeed_item(id=2)]})
    assert written("pages.jsonl", f"{line}\n[]\n{item(3)}\n") == [
        ("pages.jsonl:1 (item 1)", 1),
        ("pages.jsonl:1 (item 2)", 2),
        ("pages.jsonl:3", 3),
    ]


@pytest.mark.parametrize("indent", [None, 0, 2, "\t"])
def test_a_list_in_any_layout(indent: int | str | None) -> None:
    document = json.dumps([newsfeed_item(id=1), newsfeed_item(id=2)], indent=indent)
    found = written("list.json", document)
    assert [what for _, what in found] == [1, 2]
    assert found[1][0].endswith(" (item 2)")


def test_items_of_a_list_are_placed_on_their_line() -> None:
    assert written("list.json", f"[\n{item(1)},\n\n{item(2)}\n]") == [
        ("list.json:2 (item 1)", 1),
        ("list.json:4 (item 2)", 2),
    ]


@pytest.mark.parametrize("layout", ["[{0}\n,{1}\n]", "[\n  {0},\n  {1}]", "[{0},\n{1}]"])
def test_lists_broken_between_items(layout: str) -> None:
    found = written("list.json", layout.format(item(1), item(2)))
    assert [what for _, what in found] == [1, 2]


def test_a_pretty_printed_item() -> None:
    document = json.dumps(newsfeed_item(id=1), indent=2)
    assert written("one.json", document) == [("one.json:1 (item 1)", 1)]


def test_pretty_printed_documents_in_a_row() -> None:
    first, second = (json.dumps(newsfeed_item(id=number), indent=2) for number in (1, 2))
    assert written("row.json", f"{first}\n{second}\n") == [
        ("row.json:1 (item 1)", 1),
        ("row.json:6 (item 2)", 2),
    ]


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("newsfeed.json", [71000001, 71000002]),
        ("removed.json", [71000001, 71000002]),
        ("alpaca.json", [71000020]),
        ("alpaca_stream.jsonl", [71000021]),
        ("massive.json", [71000030]),
        ("tcp.txt", [71000040, 71000040]),
        ("page.html", [71000050]),
    ],
)
def test_every_shape_from_its_file(name: str, ids: list[int]) -> None:
    assert [what for _, what in told(read(str(RESOURCES / name)))] == ids


def test_recorded_stream_with_a_nameless_removal() -> None:
    found = read(str(RESOURCES / "stream.jsonl"))
    assert [bool(one.incoming) for one in found] == [True, True, True, False]
    assert isinstance(found[2].incoming, Removal)
    assert found[3].location.endswith("stream.jsonl:4")


@pytest.mark.parametrize("name", ["feed.jsonl.gz", "misnamed.jsonl"])
def test_gzip_is_known_by_its_bytes(name: str) -> None:
    assert written(name, gzip.compress(f"{item(1)}\n{item(2)}\n".encode())) == [
        (f"{name}:1", 1),
        (f"{name}:2", 2),
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_byte_order_marks(encoding: str) -> None:
    mark = "\ufeff" if encoding.startswith("utf-16-") else ""
    text = f'{mark}{item(1)}\n{{"id": 2, "created": "2024-02-22T17:42:04Z", "title": "Café"}}\n'
    assert written("feed.jsonl", text.encode(encoding)) == [
        ("feed.jsonl:1", 1),
        ("feed.jsonl:2", 2),
    ]
    [_, second] = read("feed.jsonl")
    assert second.incoming is not None
    assert "Café" in second.incoming.model_dump_json()


def test_malformed_lines_are_named_and_the_others_go_on() -> None:
    content = [item(1), '{"id": 2 "x"}', item(3), '{"id": 4, "title": "cut o', item(5)]
    assert written("feed.jsonl", "\n".join(content)) == [
        ("feed.jsonl:1", 1),
        ("feed.jsonl:2", "not JSON: Expecting ',' delimiter (column 10)"),
        ("feed.jsonl:3", 3),
        ("feed.jsonl:4", "not JSON: Unterminated string starting at (column 20)"),
        ("feed.jsonl:5", 5),
    ]


@pytest.mark.parametrize("first", ['{"id": 9, "title"', '{"id": 9, "title": "x",', "oops", "{]"])
def test_a_malformed_first_line_is_that_line_alone(first: str) -> None:
    [bad, good] = written("feed.jsonl", f"{first}\n{item(1)}\n")
    assert bad[0] == "feed.jsonl:1"
    assert str(bad[1]).startswith("not JSON: ")
    assert good == ("feed.jsonl:2", 1)


def test_a_malformed_list_is_one_error_after_its_whole_items() -> None:
    document = f"[\n  {item(1)},\n  {item(2)}\n  {item(3)}\n]\n"
    assert written("list.json", document) == [
        ("list.json:2 (item 1)", 1),
        ("list.json:3 (item 2)", 2),
        ("list.json:4", "not JSON: Expecting ',' delimiter (column 3)"),
    ]


def test_a_malformed_object_over_several_lines_is_one_error() -> None:
    document = '{\n  "news": [\n    {"id": 1,}\n  ]\n}\n'
    [(location, error)] = written("page.json", document)
    assert location == "page.json:3"
    assert str(error).startswith("not JSON: ")


def test_a_cut_off_list_keeps_its_whole_items() -> None:
    whole, cut = written("list.json", f"[\n{item(1)},\n{item(2)[:-5]}")
    assert whole == ("list.json:2 (item 1)", 1)
    assert cut[0] == "list.json:3"


def test_bytes_that_are_not_utf_8() -> None:
    content = f"{item(1)}\n".encode() + b'{"id": 2, "title": "caf\xe9"}\n' + item(3).encode()
    assert written("feed.jsonl", content) == [
        ("feed.jsonl:1", 1),
        ("feed.jsonl:2", "not UTF-8: byte 0xe9 is byte 24 of the line"),
        ("feed.jsonl:3", 3),
    ]


def test_a_document_that_is_not_utf_8_is_one_error() -> None:
    document = f"[\n{item(1)},\n".encode() + b'{"id": 2, "title": "\xff"}\n]'
    assert written("list.json", document) == [
        ("list.json:3", "not UTF-8: byte 0xff is byte 21 of the line")
    ]


@pytest.mark.parametrize(
    "content", [b"", b" \n\n\t\n", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0)]
)
def test_an_empty_file(content: bytes) -> None:
    assert written("feed.jsonl", content) == [("feed.jsonl", "empty file")]


def test_an_empty_page() -> None:
    assert written("page.html", " \n") == [("page.html", "empty file")]


def test_an_empty_list_is_no_error() -> None:
    assert written("none.json", "[]") == []


def test_missing_files_and_those_after_them() -> None:
    Path("here.jsonl").write_text(item(1))
    assert told(read("gone.jsonl", "here.jsonl", "", "a\0b")) == [
        ("gone.jsonl", "no such file"),
        ("here.jsonl:1", 1),
        ("", "no such file"),
        ("a\0b", "embedded null byte"),
    ]


def test_an_unreadable_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr(files, "open", refuse, raising=False)
    assert told(read("feed.jsonl")) == [("feed.jsonl", "permission denied")]


def test_cut_off_gzip_keeps_its_whole_lines() -> None:
    text = "".join(f"{item(number, body=os.urandom(400).hex())}\n" for number in range(1, 200))
    *good, last = written("feed.jsonl.gz", gzip.compress(text.encode())[:-20_000])
    assert good == [(f"feed.jsonl.gz:{number}", number) for number in range(1, len(good) + 1)]
    assert 50 < len(good) < 199
    assert last == (f"feed.jsonl.gz:{len(good) + 1}", "the gzip data is cut short")


def test_bad_gzip_data() -> None:
    [(location, error)] = written("feed.jsonl.gz", b"\x1f\x8b but no more")
    assert location == "feed.jsonl.gz"
    assert str(error).startswith("bad gzip data: ")


def test_a_binary_file_is_one_error() -> None:
    assert written("feed.jsonl", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\n\n\n") == [
        ("feed.jsonl:1", "a binary file, neither JSON nor HTML")
    ]


def test_utf_16_that_ends_within_a_character() -> None:
    content = f"{item(1)}\n{item(2)}\n".encode("utf-16") + b"x"
    assert written("feed.jsonl", content)[-1][1] == "not UTF-16, as its byte order mark says"


def test_a_body_of_5_mb_is_refused_and_the_others_go_on() -> None:
    content = "\n".join([item(1), item(2, body="<p>x</p>" * 655_360), item(3)])
    assert written("feed.jsonl", content) == [
        ("feed.jsonl:1", 1),
        ("feed.jsonl:2", "too large: 5.0 MB; the limit is 4 MB"),
        ("feed.jsonl:3", 3),
    ]


def test_a_line_beyond_all_measure_ends_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 2 * 1024 * 1024)
    content = "\n".join([item(1), item(2, body="x" * 3_000_000), item(3)])
    assert written("feed.jsonl", content) == [
        ("feed.jsonl:1", 1),
        ("feed.jsonl:2", "longer than 2 MB; nothing after this was read"),
    ]


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_deep_nesting_is_an_error_of_its_line(opening: str) -> None:
    content = f"{opening * 100_000}\n{item(2)}\n"
    assert written("feed.jsonl", content)[:1] == [
        ("feed.jsonl:1", "not readable JSON: nested too deeply")
    ]


def test_deep_but_parseable_nesting_is_judged_as_an_item() -> None:
    content = f"{'[' * 500}5{']' * 500}\n{item(2, x=json.loads('[' * 500 + ']' * 500))}\n"
    assert written("feed.jsonl", content) == [
        ("feed.jsonl:1 (item 1)", "unknown shape: the number 5"),
        ("feed.jsonl:2", 2),
    ]


def test_numbers_beyond_all_measure_and_odd_json() -> None:
    content = "\n".join(
        [f'{{"id": {"9" * 5000}}}', item(2, rank=float("nan")), '{"id": 1, ' + item(3)[1:]]
    )
    assert written("feed.jsonl", content) == [
        ("feed.jsonl:1", "not readable JSON: a number with too many digits"),
        ("feed.jsonl:2", 2),
        ("feed.jsonl:3", 3),
    ]


def test_an_api_error_in_a_file() -> None:
    assert written("answer.json", '["Access denied for user 0"]') == [
        (
            "answer.json:1 (item 1)",
            'an API\'s error answer, no article: "Access denied for user 0"',
        )
    ]


def test_a_directory_stands_for_its_data_files() -> None:
    Path("feed/inner.json").mkdir(parents=True)
    for number, name in enumerate(["d.ndjson", "b.json", "a.jsonl", "notes.txt"], start=1):
        Path("feed", name).write_text(item(number))
    Path("feed/c.json.gz").write_bytes(gzip.compress(item(9).encode()))
    Path("feed/e.json").symlink_to("gone")
    assert told(read("feed")) == [
        ("feed/a.jsonl:1", 3),
        ("feed/b.json:1", 2),
        ("feed/c.json.gz:1", 9),
        ("feed/d.ndjson:1", 1),
        ("feed/e.json", "no such file"),
    ]


def test_a_directory_without_data() -> None:
    Path("empty").mkdir()
    assert told(read("empty")) == [("empty", "no JSON, JSON Lines or HTML file in this directory")]


@pytest.mark.parametrize("buffered", [True, False])
def test_standard_input(monkeypatch: pytest.MonkeyPatch, buffered: bool) -> None:
    content = io.BytesIO(f"{item(1)}\n{{\n{item(3)}\n".encode())
    buffer = io.BufferedReader(content) if buffered else content
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(buffer))
    found = told(read("-"))
    assert found[0] == ("stdin:1", 1)
    assert found[1][0] == "stdin:2"
    assert found[2] == ("stdin:3", 3)


def test_closed_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert told(read("-")) == [("stdin", "no standard input")]


def test_json_lines_are_streamed() -> None:
    """Items are there while the file is still being written."""
    reading, writing = os.pipe()
    with open(writing, "wb", buffering=0) as end:
        end.write(f"{item(1)}\n{item(2)}\n".encode())
        found = read_files([f"/dev/fd/{reading}"], FETCHED_AT)
        assert told([next(found)])[0][1] == 1
        assert told([next(found)])[0][1] == 2
        end.write(f"{item(3)}\n".encode())
        assert told([next(found)])[0][1] == 3
    assert list(found) == []
    os.close(reading)
