"""Standard input that can be given up."""

import io
import os
import sys
import threading

import pytest

from newsdesk.ops.stdin import stoppable_stdin

WITHIN_SECONDS = 5.0


def test_a_waiting_read_ends_with_the_block(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    got: list[bytes] = []
    with os.fdopen(reading) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        with stoppable_stdin():
            inner = sys.stdin
            assert inner is not stdin
            thread = threading.Thread(target=lambda: got.append(inner.buffer.read()), daemon=True)
            thread.start()
            os.write(writing, b"first\n")
        assert sys.stdin is stdin
        thread.join(WITHIN_SECONDS)
        assert not thread.is_alive()
    os.close(writing)
    assert got in ([b"first\n"], [b""])


def test_all_is_read_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.write(writing, "ä\nzwei\n".encode() * 1000)
    os.close(writing)
    with os.fdopen(reading) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        with stoppable_stdin():
            assert sys.stdin.buffer.read() == "ä\nzwei\n".encode() * 1000


def test_what_is_no_file_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for odd in (None, io.StringIO("x")):
        monkeypatch.setattr(sys, "stdin", odd)
        with stoppable_stdin():
            assert sys.stdin is odd
