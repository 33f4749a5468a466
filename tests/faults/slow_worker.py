"""A worker whose first analyze_article never ends: somebody has to kill it."""

import asyncio
import sys
from pathlib import Path

import worker
from newsdesk.analysis import BuiltinAnalyzer
from newsdesk.contracts.analysis import Analysis, ArticleForAnalysis, Usage
from newsdesk.contracts.models import Assignment
from newsdesk.ops.calls import leave

REACHED = Path(sys.argv.pop(1))


class Stuck(BuiltinAnalyzer):
    """Says that it was reached, then hangs; but not over the worker's own warm-up."""

    async def analyze_article(
        self, article: ArticleForAnalysis, assignment: Assignment
    ) -> tuple[Analysis, Usage]:
        """Hangs."""
        if article.article_id > 1:
            REACHED.touch()
            await asyncio.Event().wait()
        return await super().analyze_article(article, assignment)


worker.BuiltinAnalyzer = Stuck

if __name__ == "__main__":
    leave(worker.main())
