"""Calling `newsdesk runs` within a test's process."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from newsdesk.cli import main

Line = dict[str, Any]


@dataclass(frozen=True)
class Stage:
    """Where the runs are."""

    environment: dict[str, str]
    namespace: str
    old_title: str

    async def client(self) -> Client:
        """Returns a client of this test's own event loop."""
        address = self.environment["TEMPORAL_ADDRESS"]
        return await Client.connect(
            address, namespace=self.namespace, data_converter=pydantic_data_converter
        )


@dataclass(frozen=True)
class Called:
    """A call of `newsdesk runs` that has ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[Line]:
        """What `--json` printed."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def articles(self) -> list[int]:
        """The articles of these lines."""
        return [line["article_id"] for line in self.lines]


class Caller:
    """Calls `newsdesk runs` within this process."""

    def __init__(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self.set(**stage.environment)

    def set(self, **environment: str) -> None:
        """Changes the environment of further calls."""
        for name, value in environment.items():
            if name.startswith(("NEWSDESK_", "TEMPORAL_")):
                self._monkeypatch.setenv(name, value)

    def __call__(self, *arguments: str) -> Called:
        code = main(["runs", *arguments])
        printed = self._capsys.readouterr()
        return Called(code, printed.out, printed.err)
