import gzip
import json
from pathlib import Path

import pytest

from benchmarks import cleaning as benchmark
from tests.unit.cleaning.test_robustness import PAGE


@pytest.mark.parametrize(
    ("predicted", "expected", "score"),
    [
        ("a b c d e", "a b c d e", 1.0),
        ("a b c d e", "a b c d x", 0.5),
        ("a b", "a b", 1.0),
        ("", "", 1.0),
        ("", "a b c d", 0.0),
    ],
)
def test_shingle_f1(predicted: str, expected: str, score: float) -> None:
    assert benchmark.shingle_f1(predicted, expected) == score


def test_figures_and_predictions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data, predictions = tmp_path / "rows.jsonl.gz", tmp_path / "out.jsonl"
    row = {"id": "a", "html": PAGE.format(title="T"), "text": "Quillon said on Monday."}
    data.write_bytes(gzip.compress(json.dumps(row).encode()))
    arguments = ["cleaning", "--data", str(data), "--predictions", str(predictions)]
    monkeypatch.setattr("sys.argv", arguments)
    assert benchmark.main() == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 1
    assert "Quillon said on Monday" in json.loads(predictions.read_text())["text"]
