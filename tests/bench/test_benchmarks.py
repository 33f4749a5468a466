"""Every benchmark, small, so that none rots: `make bench`. Their figures are printed."""

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.pipeline import ROOT

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]

SAMPLES = ROOT / "samples"
PAGE = (
    "<html><head><title>Quarry</title></head><body><nav>Home News Video</nav><article><h1>Quarry"
    " raises its outlook</h1>{body}</article><footer>All rights reserved.</footer></body></html>"
)
PARAGRAPHS = (
    "Quarry Stone said on Wednesday that orders for its crushed granite rose by a fifth in spring.",
    "The company now expects revenue of two hundred million dollars for the year to September.",
    "Its chief executive said that road building in the north had begun earlier than planned.",
    "Analysts had asked whether higher freight costs would weigh on margins; they did not so far.",
)


def run(capsys: pytest.CaptureFixture[str], module: str, *flags: str) -> dict[str, Any]:
    """Runs a benchmark as a person would; prints and returns its figures."""
    ended = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *flags],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    figures: dict[str, Any] = json.loads(ended.stdout)
    with capsys.disabled():
        print(f"\n{module}: {json.dumps(figures)}")
    return figures


def rows_file(folder: Path, rows: Iterable[Mapping[str, object]]) -> str:
    path = folder / "rows.jsonl.gz"
    path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    return str(path)


def test_pipeline(capsys: pytest.CaptureFixture[str]) -> None:
    figures = run(capsys, "pipeline", "--articles", "40")
    assert figures["completed"] == figures["articles"] == 40
    assert figures["articles_per_second"] > 0.5
    assert figures["alone_seconds"]["p50"] < 5
    assert set(figures["cpu_seconds"]) == {"worker", "temporal", "postgres"}


def test_very_long_articles_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    figures = run(capsys, "load", "--articles", "8", "--megabytes", "0.5")
    assert (figures["completed"], figures["retried_steps"]) == (8, {})


def test_tokens_of_a_model(capsys: pytest.CaptureFixture[str]) -> None:
    figures = run(capsys, "model_tokens", "--articles", "5")
    assert figures["words"] >= 900
    assert figures["largest_share"] <= 0.6


def test_load_on_a_model(capsys: pytest.CaptureFixture[str]) -> None:
    figures = run(capsys, "model_load", "--articles", "40")
    assert figures["completed"] == figures["articles"] == 40
    assert figures["most_calls_at_once"] <= 16
    assert set(figures["limits_in_calls_per_second"]) == {
        *("model", "litellm", "worker", "temporal", "machine")
    }


@pytest.mark.parametrize("flags", [(), ("--kill",)])
def test_an_outage_of_a_model_and_its_replay(
    capsys: pytest.CaptureFixture[str], flags: tuple[str, ...]
) -> None:
    figures = run(capsys, "replay_outage", "--articles", "24", "--give-up", "12", *flags)
    assert figures["broken"] == []
    assert figures["completed"] == figures["analyze_article_calls"] == 24


def test_cleaning(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    row = {"id": "1", "html": PAGE.format(body=body), "text": "\n".join(PARAGRAPHS)}
    figures = run(capsys, "cleaning", "--data", rows_file(tmp_path, [row] * 5))
    assert figures["rows"] == 5
    assert figures["shingle_f1"] > 0.8


def test_sentiment(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    made = (
        ("Quarry Stone shares surge after profit beats expectations", "positive", 0.8),
        ("Quarry Stone shares plunge as profit misses expectations", "negative", -0.8),
        ("Quarry Stone will hold its annual meeting in May", "neutral", 0.0),
    )
    rows = [
        {"id": str(n), "text": text, "company": "Quarry Stone", "start": 0}
        | {"label": label, "score": score}
        for n, (text, label, score) in enumerate(made)
    ]
    figures = run(capsys, "sentiment", "--data", rows_file(tmp_path, rows))
    assert figures["rows"] == 3
    assert figures["accuracy"] > 0.6


def test_stories(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    figures = run(capsys, "stories", "--data", rows_file(tmp_path, sample_stories()))
    assert figures["articles"] > 5
    assert figures["f1"] > 0.6


def sample_stories() -> list[dict[str, object]]:
    """Returns the samples that are known to belong to a story, as the benchmark reads them."""
    told = json.loads((SAMPLES / "expected" / "stories.json").read_text())
    items = map(json.loads, (SAMPLES / "newsfeed.jsonl").read_text().splitlines())
    return [
        {
            "id": str(item["id"]),
            "title": item["title"],
            "text": re.sub(r"<[^>]+>", " ", item["body"]),
            "cluster": told[str(item["id"])]["story"],
        }
        for item in items
        if told.get(str(item.get("id")), {}).get("story")
    ]
