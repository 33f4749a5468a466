"""A worker whose analyze_article takes some seconds; it says when one has begun."""

import asyncio
import sys
from pathlib import Path

import worker
from newsdesk.analysis import BuiltinAnalyzer
from newsdesk.contracts.analysis import Analysis, ArticleForAnalysis, Usage
from newsdesk.contracts.models import Assignment
from newsdesk.ops.calls import leave

REACHED = Path(sys.argv.pop(1))
SECONDS = float(sys.argv.pop(1))


class Busy(BuiltinAnalyzer):
    """Works long; but not over the worker's own warm-up."""

    async def analyze_article(
        self, article: ArticleForAnalysis, assignment: Assignment
    ) -> tuple[Analysis, Usage]:
        """Takes its time."""
        if article.article_id > 1:
            REACHED.touch()
            await asyncio.sleep(SECONDS)
        return await super().analyze_article(article, assignment)


worker.BuiltinAnalyzer = Busy

if __name__ == "__main__":
    leave(worker.main())
