"""The graph with changes that no `patched` guards: what the history check has to notice."""

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from newsdesk.contracts.names import WORKFLOW_TYPE
    from newsdesk.contracts.steps import ProcessArticleInput, ProcessArticleResult
    from workflows.article_processing import ArticleProcessing


@workflow.defn(name=WORKFLOW_TYPE)
class Slower(ArticleProcessing):
    """Sleeps before the first step."""

    @workflow.run
    async def run(self, request: ProcessArticleInput) -> ProcessArticleResult:
        """Runs the graph a second later than it was."""
        await workflow.sleep(1)
        return await super().run(request)


@workflow.defn(name=WORKFLOW_TYPE)
class Noting(ArticleProcessing):
    """Makes a note before the first step."""

    @workflow.run
    async def run(self, request: ProcessArticleInput) -> ProcessArticleResult:
        """Runs the graph after a memo."""
        workflow.upsert_memo({"began": True})
        return await super().run(request)


@workflow.defn(name=WORKFLOW_TYPE)
class Failing(ArticleProcessing):
    """Fails for good where it did steps."""

    @workflow.run
    async def run(self, request: ProcessArticleInput) -> ProcessArticleResult:
        """Fails at once."""
        raise ApplicationError("no")


@workflow.defn(name=WORKFLOW_TYPE)
class Buggy(ArticleProcessing):
    """Has a bug, at which a run does not fail but gets stuck."""

    @workflow.run
    async def run(self, request: ProcessArticleInput) -> ProcessArticleResult:
        """Runs into the bug."""
        raise KeyError("no such key")
