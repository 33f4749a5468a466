"""How well articles are grouped into stories: B-cubed F1 of one pass in file order.

    python -m benchmarks.stories --data FILE [--predictions FILE]

FILE (JSON Lines, plain or gzipped) has rows {"id", "title", "text", "published_at"?, "cluster"} in
the order in which they arrive. Each article is placed before the next is seen; its candidates are
the stories with an article within seven days, as the store offers them. Predictions are rows
{"id", "story"}. Prints one JSON object.
"""

import argparse
import gzip
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import BaseModel

from newsdesk.contracts.analysis import Analysis, AnalyzerInfo, ArticleForAnalysis
from newsdesk.contracts.cleaning import ContentKind
from newsdesk.contracts.stories import Relation, StoryCandidate, StorySignature
from newsdesk.stories import Matcher

WINDOW = timedelta(days=7)
UNDATED = datetime(2000, 1, 1, tzinfo=UTC)


class Row(BaseModel):
    """One article of a data file. Undated articles count as published at the same time."""

    id: str
    title: str
    text: str = ""
    published_at: datetime = UNDATED
    cluster: str


class Score(BaseModel):
    """B-cubed figures, 0..1."""

    f1: float
    precision: float
    recall: float


def read_rows(path: Path) -> list[Row]:
    """Returns the rows of a JSON Lines file, plain or gzipped."""
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode()
    return [Row.model_validate_json(line) for line in text.split("\n") if line.strip()]


def signature_of(matcher: Matcher, row: Row, number: int) -> StorySignature:
    """Returns the row's signature; no company is known, the words alone count."""
    text = row.text if row.text.startswith(row.title) else f"{row.title}\n\n{row.text}"
    article = ArticleForAnalysis(
        article_id=number,
        title=row.title,
        text=text,
        content=ContentKind.FULL if row.text else ContentKind.HEADLINE,
        language="en",
    )
    analyzer = AnalyzerInfo(name="none", version="0")
    analysis = Analysis(categories=(), gist="", summary="", companies=(), analyzer=analyzer)
    return matcher.signature(article, analysis, row.published_at)


def _candidates(stories: Sequence[list[StorySignature]], at: datetime) -> Iterator[StoryCandidate]:
    for story_id, signatures in enumerate(stories):
        near = tuple(one for one in signatures if abs(one.published_at - at) <= WINDOW)
        if near:
            yield StoryCandidate(story_id=story_id, title=f"story {story_id}", signatures=near)


def place(rows: Sequence[Row]) -> list[int]:
    """Returns each row's story, decided before the next row is seen."""
    matcher = Matcher()
    stories: list[list[StorySignature]] = []
    placed: list[int] = []
    for number, row in enumerate(rows, start=1):
        signature = signature_of(matcher, row, number)
        links = matcher.decide(signature, list(_candidates(stories, signature.published_at)))
        member = next(link for link in links if link.relation is Relation.MEMBER)
        story_id = len(stories) if member.story_id is None else member.story_id
        if story_id == len(stories):
            stories.append([])
        stories[story_id].append(signature)
        placed.append(story_id)
    return placed


def b_cubed(truth: Sequence[str], placed: Sequence[int]) -> Score:
    """Returns B-cubed precision, recall and F1 over all articles."""
    of_truth, of_placed = Counter(truth), Counter(placed)
    together = Counter(zip(truth, placed, strict=True))
    shared = together.items()
    precision = sum(n * n / of_placed[story] for (_, story), n in shared) / len(truth)
    recall = sum(n * n / of_truth[cluster] for (cluster, _), n in shared) / len(truth)
    f1 = 2 * precision * recall / (precision + recall)
    return Score(f1=round(f1, 4), precision=round(precision, 4), recall=round(recall, 4))


def main(arguments: Sequence[str] | None = None) -> None:
    """Places the articles of a file and prints how well."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--predictions", type=Path)
    options = parser.parse_args(arguments)
    rows = read_rows(options.data)
    if not rows:
        parser.error(f"{options.data} has no rows")
    began = time.perf_counter()
    placed = place(rows)
    seconds = round(time.perf_counter() - began, 1)
    if options.predictions is not None:
        predicted = ({"id": row.id, "story": str(s)} for row, s in zip(rows, placed, strict=True))
        options.predictions.write_text("".join(json.dumps(one) + "\n" for one in predicted))
    score = b_cubed([row.cluster for row in rows], placed).model_dump()
    counts = {"articles": len(rows), "stories": len(set(placed)), "seconds": seconds}
    print(json.dumps({"metric": "b_cubed", **score, **counts}))


if __name__ == "__main__":
    main()
