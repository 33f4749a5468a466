"""The graph with one command more: what the history check has to notice."""

from temporalio import workflow

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
