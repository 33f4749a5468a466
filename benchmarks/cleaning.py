"""How well the cleaner finds the article on whole pages: mean 4-token-shingle F1.

Rows: {"id", "html", "text"}; predictions: {"id", "text"}. Prints one JSON object.
"""

import argparse
import gzip
import json
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from newsdesk.cleaning import Cleaner
from newsdesk.contracts.articles import Article, BodyKind
from newsdesk.errors import ArticleUnusableError

_SHINGLE = 4
_TOKEN = re.compile(r"\w+")
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """A page and the article that people found on it."""

    id: str
    html: str
    text: str


def read_rows(path: Path) -> Iterator[Row]:
    """Yields the rows of a file of JSON lines, plain or gzipped."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                raw = json.loads(line)
                yield Row(str(raw["id"]), str(raw["html"]), str(raw.get("text", "")))


def clean_page(cleaner: Cleaner, html: str) -> str:
    """Returns the plain text of the article on a page; "" where none is found."""
    article = Article(
        article_id=1,
        body=html,
        body_kind=BodyKind.PAGE,
        published_at=_EPOCH,
        updated_at=_EPOCH,
        fetched_at=_EPOCH,
    )
    try:
        return cleaner.to_markdown(article, cleaner.clean_html(article)).text
    except ArticleUnusableError:
        return ""


def shingle_f1(predicted: str, expected: str) -> float:
    """Returns the F1 of two texts' bags of 4-token shingles; 1.0 for two empty texts."""
    ours, theirs = _shingles(predicted), _shingles(expected)
    total = ours.total() + theirs.total()
    return 2 * (ours & theirs).total() / total if total else 1.0


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    tokens: list[str] = _TOKEN.findall(text)
    size = min(_SHINGLE, len(tokens))
    return Counter(tuple(tokens[i : i + size]) for i in range(len(tokens) - size + 1) if size)


def main() -> int:
    """Runs the benchmark from the command line."""
    parser = argparse.ArgumentParser(description="Quality and speed of cleaning whole pages.")
    parser.add_argument("--data", type=Path, required=True, help="rows, .jsonl or .jsonl.gz")
    parser.add_argument("--predictions", type=Path, help="where to write the predictions")
    arguments = parser.parse_args()
    rows = list(read_rows(arguments.data))
    cleaner = Cleaner()
    started = time.perf_counter()
    texts = [clean_page(cleaner, row.html) for row in rows]
    seconds = time.perf_counter() - started
    if arguments.predictions:
        lines = (
            json.dumps({"id": row.id, "text": text}) for row, text in zip(rows, texts, strict=True)
        )
        arguments.predictions.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    scores = [shingle_f1(text, row.text) for row, text in zip(rows, texts, strict=True)]
    figures = {
        "benchmark": "cleaning",
        "rows": len(rows),
        "shingle_f1": round(statistics.fmean(scores), 4) if scores else None,
        "below_0.9": sum(score < 0.9 for score in scores),
        "pages_per_second": round(len(rows) / seconds, 1) if seconds else None,
    }
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
