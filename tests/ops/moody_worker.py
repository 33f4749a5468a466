"""A worker whose analyze_article behaves as an article's title says.

Flaky: fails twice, then succeeds. Broken: fails for good until the file `mended` exists.
Held: touches `reached-ID`, then waits for the file `go-ID`.
"""

import asyncio
import sys
from collections import Counter
from pathlib import Path

import worker
from newsdesk.analysis import BuiltinAnalyzer
from newsdesk.contracts.analysis import Analysis, ArticleForAnalysis, Usage
from newsdesk.contracts.models import Assignment
from newsdesk.errors import ArticleUnusableError, StoreUnavailableError
from newsdesk.ops.calls import leave

FOLDER = Path(sys.argv.pop(1))
POLL_SECONDS = 0.05
failures: Counter[int] = Counter()


class Moody(BuiltinAnalyzer):
    """The builtin analyzer, in a mood."""

    async def analyze_article(
        self, article: ArticleForAnalysis, assignment: Assignment
    ) -> tuple[Analysis, Usage]:
        """Fails, waits or answers."""
        number = article.article_id
        if article.title.startswith("Flaky") and failures[number] < 2:
            failures[number] += 1
            raise StoreUnavailableError("down for a moment")
        if article.title.startswith("Broken") and not (FOLDER / "mended").exists():
            raise ArticleUnusableError("not to be read, ever")
        if article.title.startswith("Held"):
            (FOLDER / f"reached-{number}").touch()
            while not (FOLDER / f"go-{number}").exists():
                await asyncio.sleep(POLL_SECONDS)
        return await super().analyze_article(article, assignment)


worker.BuiltinAnalyzer = Moody

if __name__ == "__main__":
    leave(worker.main())
