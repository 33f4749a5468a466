"""A feed of 40 articles with updates, removals, repetitions and a bad line; what it comes to."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.helpers.pipeline import newsfeed_item

ARTICLES = range(1, 41)
UPDATED = range(1, 7)
TOUCHED = range(7, 9)
REMOVED = range(9, 11)
BACK = 11
BAD_LINE = "{not json"


@dataclass
class Feed:
    """Lines of a file, and the newest revision of each article once all of it was taken in."""

    lines: list[str] = field(default_factory=list[str])
    newest: dict[int, int] = field(default_factory=dict[int, int])

    @property
    def removed(self) -> set[int]:
        """Articles that are gone in the end."""
        return set(REMOVED)

    @property
    def runs(self) -> int:
        """How many runs there have to be: one a revision."""
        return sum(self.newest.values())

    def write(self, path: Path) -> Path:
        """Writes the lines and returns the path."""
        path.write_text("".join(f"{line}\n" for line in self.lines))
        return path


def make_feed() -> Feed:
    """Returns the feed: creations, then what happens to some of them, then a repetition."""
    feed = Feed()
    for article_id in ARTICLES:
        feed.lines.append(_item(article_id, hour=8))
        feed.newest[article_id] = 1
    for article_id in UPDATED:
        feed.lines.append(_item(article_id, hour=9, more=" It said so twice."))
        feed.newest[article_id] = 2
    feed.lines += [_item(article_id, hour=9) for article_id in TOUCHED]
    feed.lines += [_removal(article_id, hour=9) for article_id in (*REMOVED, BACK)]
    feed.lines.append(_item(BACK, hour=10, more=" It is back."))
    feed.newest[BACK] = 2
    feed.lines += [BAD_LINE, _item(1, hour=8)]
    return feed


def _item(article_id: int, hour: int, more: str = "") -> str:
    made: dict[str, Any] = newsfeed_item(article_id, updated=_at(hour))
    made["title"] = f"{made['title']}, No. {article_id}"
    made["body"] += f"<p>This was the company's statement number {article_id}.{more}</p>"
    return json.dumps(made)


def _removal(article_id: int, hour: int) -> str:
    return json.dumps({"removed": [{"id": article_id, "updated": _at(hour)}]})


def _at(hour: int) -> str:
    return f"Wed, 04 Mar 2026 {hour:02}:00:00 -0400"
