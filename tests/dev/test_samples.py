"""What `make demo` runs where it has no terminal: all samples, a table, an exit code."""

import json
import re
import shutil
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from newsdesk.store.opening import open_store
from tests.helpers.dev_stack import DevStack
from tests.helpers.pipeline import ROOT, Pipeline

COMMAND = (sys.executable, "-m", "newsdesk.cli", "dev")
ALL_DONE_SECONDS = 90.0
EXPECTED = json.loads((ROOT / "samples" / "expected" / "stories.json").read_text(encoding="utf-8"))


@pytest.fixture
def folder(server_state: Path) -> Generator[Path, None, None]:
    made = Path(tempfile.mkdtemp(dir=server_state))
    yield made
    shutil.rmtree(made)


async def samples_processed(folder: Path, pipeline: Pipeline) -> str:
    """Runs `newsdesk dev --samples --exit-when-idle` against real servers; returns its words."""
    stack = DevStack(
        folder,
        flags=["--samples", "--exit-when-idle"],
        environ={
            name: value
            for name, value in pipeline.environment.items()
            if name.startswith(("NEWSDESK_", "TEMPORAL_"))
        },
        command=COMMAND,
    )
    try:
        code = await stack.ends(ALL_DONE_SECONDS)
        assert code == 0, stack.output
        return stack.output
    finally:
        stack.destroy()


@pytest.mark.timeout(240)
async def test_all_samples_are_processed_and_a_second_time_nothing(
    folder: Path, pipeline: Pipeline
) -> None:
    output = await samples_processed(folder, pipeline)
    assert "received 66: started 60, unchanged 1, touched 1, older 1, removed 3;" in output
    rows = re.findall(r"^ *#(\d+) +(\d+)", output, flags=re.MULTILINE)
    assert {article_id for _, article_id in rows} == EXPECTED.keys()
    assert len(rows) == 60
    assert "(or make dev)" in output
    async with open_store(pipeline.database_url) as store:
        counts = await store.runs.counts()
        assert (counts.open, counts.unsuccessful) == (0, 0)
        for article_id, expected in EXPECTED.items():
            record = await store.records.load(int(article_id))
            assert (record.article.state == "removed") == expected.get("removed", False)
            assert record.run.published is (record.article.state == "active")
    again = await samples_processed(folder, pipeline)
    assert "started" not in again.split("received 66: ")[1].splitlines()[0]
