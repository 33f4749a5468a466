"""Measures the builtin analyzer's sentiment against human labels or scores.

    python -m benchmarks.sentiment --data FILE [--predictions FILE]

FILE: JSON Lines (plain or .gz) with id, text, company, start and either label (accuracy, also on
headlines whose companies have opposite labels) or score (mean squared error), and maybe quote
(token F1). Each text is a headline-only article whose subject is the company as given. The JSON
answer is printed on stdout.
"""

import argparse
import gzip
import json
import re
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import TypedDict, cast

from newsdesk.analysis.builtin import score
from newsdesk.analysis.tokens import words_of
from newsdesk.contracts.analysis import (
    Analysis,
    AnalyzerInfo,
    ArticleForAnalysis,
    Company,
    Mention,
    Role,
    Sentiment,
    SentimentState,
)
from newsdesk.contracts.cleaning import ContentKind

POSITIVE_FROM, NEGATIVE_TO = 0.15, -0.15
ALIKE = 0.8


class _Given(TypedDict):
    id: str
    text: str
    company: str
    start: int


class Row(_Given, total=False):
    """A line of the data; the fields of its own are what people said of it."""

    label: str
    score: float
    quote: str


def read_rows(path: Path) -> list[Row]:
    """Returns the rows of a plain or gzipped JSON Lines file."""
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [cast(Row, json.loads(line)) for line in raw.decode().splitlines() if line.strip()]


def place_of(row: Row) -> tuple[int, int] | None:
    """Returns where a row's text names its company.

    Where the row does not say (start -1), spaces and case are overlooked, and then the likest
    run of words is taken for a misspelling; None where nothing is like it.
    """
    text, company = row["text"], row["company"]
    if row["start"] >= 0:
        return row["start"], row["start"] + len(company)
    loose = re.search(r"[\s-]*".join(map(re.escape, "".join(company.split()))), text, re.IGNORECASE)
    if loose is not None:
        return loose.span()
    words = list(re.finditer(r"[^\W_][\w'’&-]*", text))
    width = len(company.split())
    runs = [
        (one.start(), other.end()) for one, other in zip(words, words[width - 1 :], strict=False)
    ]
    likest = max(runs, key=lambda run: _likeness(text[slice(*run)], company), default=None)
    return likest if likest and _likeness(text[slice(*likest)], company) >= ALIKE else None


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one.lower(), other.lower(), autojunk=False).ratio()


def predict(row: Row) -> Sentiment:
    """Returns the sentiment of a row's company in its headline."""
    text, company = row["text"], row["company"]
    article = ArticleForAnalysis(
        article_id=1, title=text, text=text, content=ContentKind.HEADLINE, language="en"
    )
    place = place_of(row)
    mentions = (Mention(start=place[0], end=place[1], sentence=text),) if place else ()
    analysis = Analysis(
        categories=("Other",),
        gist=text,
        summary=text,
        companies=(Company(name=company, role=Role.SUBJECT, mentions=mentions),),
        analyzer=AnalyzerInfo(name="benchmark", version="1"),
    )
    return score(article, analysis).sentiments[0]


def class_of(sentiment: Sentiment) -> str:
    """Returns negative, neutral or positive; not assessed counts as neutral."""
    if sentiment.score is None or NEGATIVE_TO < sentiment.score < POSITIVE_FROM:
        return "neutral"
    return "positive" if sentiment.score > 0 else "negative"


def token_f1(predicted: str, wanted: str) -> float:
    """Returns the F1 of the words of two quotes, as bags."""
    mine, theirs = Counter(words_of(predicted)), Counter(words_of(wanted))
    common = sum((mine & theirs).values())
    return 2 * common / (sum(mine.values()) + sum(theirs.values())) if common else 0.0


def measure(rows: Sequence[Row], answers: Sequence[Sentiment]) -> dict[str, float]:
    """Returns the figures that the rows allow."""
    pairs = list(zip(rows, answers, strict=True))
    figures: dict[str, float] = {"rows": len(rows)}
    assessed = [answer.state is SentimentState.SCORED for answer in answers]
    figures["scored_share"] = _mean(assessed)
    hits = [
        (row["text"], row["label"], class_of(a) == row["label"])
        for row, a in pairs
        if "label" in row
    ]
    if hits:
        figures["accuracy"] = _mean(hit for _, _, hit in hits)
        labels: dict[str, set[str]] = {}
        for text, label, _ in hits:
            labels.setdefault(text, set()).add(label)
        opposite = {text for text, known in labels.items() if {"positive", "negative"} <= known}
        figures["accuracy_opposite_labels"] = _mean(
            hit for text, _, hit in hits if text in opposite
        )
    errors = [((a.score or 0.0) - row["score"]) ** 2 for row, a in pairs if "score" in row]
    if errors:
        figures["mse"] = _mean(errors)
    quotes = [token_f1(a.evidence.quote or "", row["quote"]) for row, a in pairs if "quote" in row]
    if quotes:
        figures["quote_f1"] = _mean(quotes)
    return figures


def _mean(values: Iterable[float]) -> float:
    known = list(values)
    return round(sum(known) / len(known), 4) if known else 0.0


def write_predictions(path: Path, rows: Sequence[Row], answers: Sequence[Sentiment]) -> None:
    """Writes one JSON object a line: id, score, label, quote, state."""
    lines = [
        json.dumps(
            {
                "id": row["id"],
                "score": answer.score,
                "label": answer.label,
                "quote": answer.evidence.quote,
                "state": answer.state,
            },
            ensure_ascii=False,
        )
        for row, answer in zip(rows, answers, strict=True)
    ]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def main() -> None:
    """Reads, predicts, measures, prints."""
    parser = argparse.ArgumentParser(description="measure sentiment")
    parser.add_argument("--data", type=Path, required=True, help="JSON Lines, plain or .gz")
    parser.add_argument("--predictions", type=Path, help="where to write the predictions")
    arguments = parser.parse_args()
    rows = read_rows(cast(Path, arguments.data))
    began = time.perf_counter()
    answers = [predict(row) for row in rows]
    figures = measure(rows, answers)
    figures["seconds"] = round(time.perf_counter() - began, 2)
    if arguments.predictions:
        write_predictions(cast(Path, arguments.predictions), rows, answers)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
