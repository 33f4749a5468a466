"""Learns the weights of headline cues from labelled headlines (SEntFiN's format), and ships them.

    python -m benchmarks.learn_sentiment_weights --data FILE [--folds 5] [--output FILE]

A multinomial logistic regression over the cues of newsdesk.analysis.features, by full-batch Adam
from zero: no chance is involved, equal data give equal bytes. Before it learns from all rows it
prints its accuracy on held-out folds; a headline's rows are never on both sides.
"""

import argparse
import csv
import gzip
import hashlib
import io
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from benchmarks.sentiment import Row, place_of, read_rows
from newsdesk.analysis.features import Headline, cues, read_headline
from newsdesk.analysis.headline import decide
from newsdesk.analysis.learned import BIAS, CLASSES, SCALE, Judgement, factor
from newsdesk.analysis.sentences import split_units
from newsdesk.analysis.statements import Place, collect

OUTPUT = Path(__file__).parent.parent / "newsdesk" / "analysis" / "data" / "headline_weights.csv.gz"
LEAST_ROWS = 4
"""A cue seen in fewer rows is left out: it would hold a single headline's words."""
CONTRAST_WEIGHT = 3.0
"""Rows of a headline whose companies fare differently count more: they teach who is meant."""
RIDGE, STEPS, RATE = 10.0, 60, 0.05
SMALLEST = 0.04
"""Weights below this in all three classes are dropped."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Matrix:
    """Rows of cue indexes, flat: row i owns `columns[j]` where `owners[j] == i`."""

    def __init__(self, rows: Sequence[Sequence[str]], vocabulary: dict[str, int]) -> None:
        known = [[vocabulary[cue] for cue in row if cue in vocabulary] for row in rows]
        self.size = len(rows)
        self.columns: Ints = np.array([column for row in known for column in row], dtype=np.int64)
        lengths = np.array([len(row) for row in known], dtype=np.int64)
        self.owners: Ints = np.repeat(np.arange(self.size), lengths)
        factors = np.array([factor(int(length)) for length in lengths])
        self.factors: Floats = factors[self.owners]

    def chances(self, weights: Floats, bias: Floats) -> Floats:
        """Returns (rows, classes) probabilities."""
        sums = _by_class(self.owners, weights[self.columns] * self.factors[:, None], self.size)
        powers = np.exp(sums + bias - (sums + bias).max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    def gradient(self, errors: Floats, width: int) -> Floats:
        """Returns (cues, classes): how the loss grows with each weight."""
        return _by_class(self.columns, errors[self.owners] * self.factors[:, None], width)


def _by_class(places: Ints, values: Floats, size: int) -> Floats:
    """Returns (size, classes): the sums of the values that belong to each place."""
    sums = np.zeros((size, len(CLASSES)))
    for k in range(len(CLASSES)):
        sums[:, k] = np.bincount(places, values[:, k], minlength=size)
    return sums


def headline_of(row: Row) -> Headline:
    """Returns a row's headline as its company sees it."""
    text = row["text"]
    start, end = place_of(row) or (-1, -1)
    units = split_units(text, text)
    places = {
        number: [Place(start, min(end, unit.end), 0)]
        for number, unit in enumerate(units)
        if unit.start <= start < unit.end
    }
    values = [said.value for said in collect(text, units, places).get(0, [])]
    telling = sum(abs(value) > 0.05 for value in values)
    return read_headline(text, start, end, lexicon=sum(values), clauses=telling)


def learn(
    rows: Sequence[Sequence[str]], labels: Ints, importance: Floats
) -> tuple[dict[str, int], Floats, Floats]:
    """Returns vocabulary, weights (cues, classes), bias (classes)."""
    counts = Counter(cue for row in rows for cue in row)
    kept = sorted(cue for cue, count in counts.items() if count >= LEAST_ROWS)
    vocabulary = {cue: place for place, cue in enumerate(kept)}
    matrix, truth = Matrix(rows, vocabulary), np.eye(len(CLASSES))[labels]
    weights, bias = np.zeros((len(kept), len(CLASSES))), np.zeros(len(CLASSES))
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        errors = (matrix.chances(weights, bias) - truth) * importance[:, None] / len(labels)
        slope = matrix.gradient(errors, len(kept)) + RIDGE * weights / len(labels)
        first, second = 0.9 * first + 0.1 * slope, 0.99 * second + 0.01 * slope * slope
        scaled = first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
        weights, bias = weights - RATE * scaled, bias - 5 * RATE * errors.sum(axis=0)
    weights = weights - weights.mean(axis=1, keepdims=True)
    weights[np.abs(weights).max(axis=1) < SMALLEST] = 0.0
    return vocabulary, np.round(weights, 2), np.round(bias, 2)


def fold_of(text: str, folds: int) -> int:
    """Returns a headline's fold: the same for all its rows, whatever their order."""
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % folds


def held_out(rows: Sequence[Row], headlines: Sequence[Headline], folds: int) -> dict[str, float]:
    """Returns the accuracy of the analyzer's decision where the headline was not learned from."""
    seen = [cues(headline) for headline in headlines]
    labels, importance = _labels(rows), _importance(rows)
    places = np.array([fold_of(row["text"], folds) for row in rows])
    right = np.zeros(len(rows), dtype=bool)
    for fold in range(folds):
        train = np.flatnonzero(places != fold)
        test = [int(place) for place in np.flatnonzero(places == fold)]
        learned = learn([seen[int(place)] for place in train], labels[train], importance[train])
        chances = Matrix([seen[place] for place in test], learned[0]).chances(*learned[1:])
        for place, row in zip(test, chances, strict=True):
            judgement = Judgement(float(row[0]), float(row[1]), float(row[2]), words="")
            right[place] = CLASSES[int(labels[place])] == decide(judgement, headlines[place])
    opposite = np.array([{"negative", "positive"} <= names for names in _all_labels(rows)])
    return {
        "rows": len(rows),
        "folds": folds,
        "accuracy": round(float(right.mean()), 4),
        "accuracy_opposite_labels": round(float(right[opposite].mean()), 4),
    }


def _labels(rows: Sequence[Row]) -> Ints:
    return np.array([CLASSES.index(row.get("label", "neutral")) for row in rows], dtype=np.int64)


def _all_labels(rows: Sequence[Row]) -> list[set[str]]:
    known: dict[str, set[str]] = {}
    for row in rows:
        known.setdefault(row["text"], set()).add(row.get("label", "neutral"))
    return [known[row["text"]] for row in rows]


def _importance(rows: Sequence[Row]) -> Floats:
    return np.array([CONTRAST_WEIGHT if len(names) > 1 else 1.0 for names in _all_labels(rows)])


def pack(vocabulary: dict[str, int], weights: Floats, bias: Floats) -> bytes:
    """Returns gzipped CSV: cue, and a whole number of hundredths for each class."""
    plain = io.StringIO()
    writer = csv.writer(plain, lineterminator="\n")
    writer.writerow((BIAS, *(round(float(value) * SCALE) for value in bias)))
    for cue, place in vocabulary.items():
        if weights[place].any():
            writer.writerow((cue, *(round(float(value) * SCALE) for value in weights[place])))
    return gzip.compress(plain.getvalue().encode(), compresslevel=9, mtime=0)


def main() -> None:
    """Measures on held-out folds, learns from all rows, writes the weights."""
    parser = argparse.ArgumentParser(description="learn the weights of headline cues")
    parser.add_argument("--data", type=Path, required=True, help="labelled rows, .jsonl[.gz]")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    rows = [row for row in read_rows(cast(Path, arguments.data)) if "label" in row]
    headlines = [headline_of(row) for row in rows]
    print(json.dumps(held_out(rows, headlines, cast(int, arguments.folds))))
    seen = [cues(headline) for headline in headlines]
    packed = pack(*learn(seen, _labels(rows), _importance(rows)))
    cast(Path, arguments.output).write_bytes(packed)
    print(json.dumps({"bytes": len(packed)}))


if __name__ == "__main__":
    main()
