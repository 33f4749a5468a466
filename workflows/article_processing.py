"""The graph: five steps and publish, linking and sentiment side by side. Nothing else."""

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

with workflow.unsafe.imports_passed_through():
    from activities.analysis import AnalysisActivities
    from activities.cleaning import CleaningActivities
    from activities.publishing import PublishingActivities
    from activities.stories import StoryActivities
    from newsdesk.contracts.names import (
        PUBLISH,
        RESUME_SIGNAL,
        SKIP_LINKING_SIGNAL,
        SKIPS_MEMO_KEY,
        WORKFLOW_TYPE,
        Step,
    )
    from newsdesk.contracts.steps import (
        AnalyzeArticleInput,
        AnalyzeArticleResult,
        AnalyzeSentimentInput,
        AnalyzeSentimentResult,
        CleanMarkdownArticleInput,
        CleanMarkdownArticleResult,
        CleanRawArticleInput,
        CleanRawArticleResult,
        LinkArticleToStoriesInput,
        LinkArticleToStoriesResult,
        ProcessArticleInput,
        ProcessArticleResult,
        PublishInput,
        PublishResult,
        Skip,
    )
    from workflows.analyzing import answered
    from workflows.conditions import skip_linking
    from workflows.doing import Course, StepsFailed, do_both, do_step
    from workflows.failures import run_failure, step_failure
    from workflows.linking import SkipOrder

_FAILED_STEP = SearchAttributeKey.for_keyword("FailedStep")
_ERROR_TYPE = SearchAttributeKey.for_keyword("ErrorType")
_OUTCOME = SearchAttributeKey.for_keyword("Outcome")
_ORIGIN = SearchAttributeKey.for_keyword("Origin")
_SKIPPED_STEPS = SearchAttributeKey.for_keyword_list("SkippedSteps")
_COST_USD = SearchAttributeKey.for_float("CostUsd")


@workflow.defn(name=WORKFLOW_TYPE)
class ArticleProcessing:
    """Benzinga Article Processing: one revision of one article, from raw body to record."""

    def __init__(self) -> None:
        """Begins with nothing done, and no order."""
        self._course = Course()
        self._skip_order = SkipOrder()

    @workflow.signal(
        name=RESUME_SIGNAL,
        description="Asks again at once, where the run waits: for a budget, its turn, or a step"
        " that was paused",
    )
    def resume(self) -> None:
        """Ends a wait; a step that still may not go on waits again."""
        self._course.waiting.resume()

    @workflow.signal(
        name=SKIP_LINKING_SIGNAL,
        description="Skips link_article_to_stories, if it is not done yet; takes the reason",
    )
    def skip_linking(self, reason: str) -> None:
        """Skips linking, also where an attempt of it is under way."""
        self._skip_order.give(reason)

    @workflow.run
    async def run(self, request: ProcessArticleInput) -> ProcessArticleResult:
        """Processes the revision; fails with every step's cause where steps fail for good."""
        try:
            return await self._process(request)
        except StepsFailed as failed:
            failures = [step_failure(step, error) for step, error in failed.failed]
            workflow.upsert_search_attributes(
                [
                    _FAILED_STEP.value_set(failures[0].step),
                    _ERROR_TYPE.value_set(failures[0].type),
                    *_cost(self._course),
                ]
            )
            # "from": the reset tool and the Web UI read the chain down to the activity.
            raise run_failure(failures, request.article_id) from failed.failed[0][1]

    async def _process(self, request: ProcessArticleInput) -> ProcessArticleResult:
        course = self._course
        raw = await _clean_raw(course, request)
        text = await _clean_markdown(course, request, raw)
        analysis = await _analyze(course, request, raw, text)
        (links, skip), sentiment = await do_both(
            self._link_unless_skipped(request, raw, text, analysis),
            _score(course, request, raw, text, analysis),
        )
        published = await _publish(course, request, raw, text, analysis, links, sentiment)
        return ProcessArticleResult(
            run_number=request.run_number,
            article_id=request.article_id,
            revision=request.revision,
            outcome=published.outcome,
            superseded_by=published.superseded_by,
            skips={} if skip is None else {Step.LINK_ARTICLE_TO_STORIES.value: skip},
        )

    async def _link_unless_skipped(
        self,
        request: ProcessArticleInput,
        raw: CleanRawArticleResult,
        text: CleanMarkdownArticleResult,
        analysis: AnalyzeArticleResult,
    ) -> tuple[LinkArticleToStoriesResult | None, Skip | None]:
        order = self._skip_order
        skip = skip_linking(request.options.linking, text, analysis) or order.skip
        if skip is None:
            links = await order.unless_given(_link(self._course, request, raw, text, analysis))
            if links is not None or order.skip is None:
                return links, None
            skip = order.skip
        _note_skip(self._course, Step.LINK_ARTICLE_TO_STORIES, skip)
        return None, skip


async def _clean_raw(course: Course, request: ProcessArticleInput) -> CleanRawArticleResult:
    raw = await do_step(
        course,
        Step.CLEAN_RAW_ARTICLE,
        CleaningActivities.clean_raw_article,
        CleanRawArticleInput(article_id=request.article_id, revision=request.revision),
        "raw body to the article's own HTML",
    )
    if raw.origin:
        workflow.upsert_search_attributes([_ORIGIN.value_set(", ".join(raw.origin))])
    return raw


async def _clean_markdown(
    course: Course, request: ProcessArticleInput, raw: CleanRawArticleResult
) -> CleanMarkdownArticleResult:
    return await do_step(
        course,
        Step.CLEAN_MARKDOWN_ARTICLE,
        CleaningActivities.clean_markdown_article,
        CleanMarkdownArticleInput(
            article_id=request.article_id, revision=request.revision, html_hash=raw.html_hash
        ),
        "HTML to Markdown and plain text",
    )


async def _analyze(
    course: Course,
    request: ProcessArticleInput,
    raw: CleanRawArticleResult,
    text: CleanMarkdownArticleResult,
) -> AnalyzeArticleResult:
    return await answered(
        course,
        request.options.analysis,
        Step.ANALYZE_ARTICLE,
        AnalysisActivities.analyze_article,
        AnalyzeArticleInput(
            article_id=request.article_id,
            revision=request.revision,
            html_hash=raw.html_hash,
            text_hash=text.text_hash,
            run_number=request.run_number,
        ),
        f"categories, gist, summary, companies of {text.words} words",
    )


async def _link(
    course: Course,
    request: ProcessArticleInput,
    raw: CleanRawArticleResult,
    text: CleanMarkdownArticleResult,
    analysis: AnalyzeArticleResult,
) -> LinkArticleToStoriesResult:
    return await do_step(
        course,
        Step.LINK_ARTICLE_TO_STORIES,
        StoryActivities.link_article_to_stories,
        LinkArticleToStoriesInput(
            run_number=request.run_number,
            article_id=request.article_id,
            revision=request.revision,
            html_hash=raw.html_hash,
            text_hash=text.text_hash,
            analysis_hash=analysis.analysis_hash,
        ),
        "to the stories it belongs to",
    )


def _note_skip(course: Course, step: Step, skip: Skip) -> None:
    """Writes the skip into history, from which the record takes it even if the run fails later."""
    course.progress.show(step, "skipped", f"{skip.code}: {skip.reason}")
    course.waiting.forget(step)
    workflow.upsert_memo({SKIPS_MEMO_KEY: {step.value: skip}})
    workflow.upsert_search_attributes([_SKIPPED_STEPS.value_set([step.value])])


async def _score(
    course: Course,
    request: ProcessArticleInput,
    raw: CleanRawArticleResult,
    text: CleanMarkdownArticleResult,
    analysis: AnalyzeArticleResult,
) -> AnalyzeSentimentResult:
    return await answered(
        course,
        request.options.analysis,
        Step.ANALYZE_SENTIMENT,
        AnalysisActivities.analyze_sentiment,
        AnalyzeSentimentInput(
            article_id=request.article_id,
            revision=request.revision,
            html_hash=raw.html_hash,
            text_hash=text.text_hash,
            analysis_hash=analysis.analysis_hash,
            run_number=request.run_number,
        ),
        "1 company" if analysis.companies == 1 else f"{analysis.companies} companies",
    )


async def _publish(
    course: Course,
    request: ProcessArticleInput,
    raw: CleanRawArticleResult,
    text: CleanMarkdownArticleResult,
    analysis: AnalyzeArticleResult,
    links: LinkArticleToStoriesResult | None,
    sentiment: AnalyzeSentimentResult,
) -> PublishResult:
    published = await do_step(
        course,
        PUBLISH,
        PublishingActivities.publish,
        PublishInput(
            run_number=request.run_number,
            article_id=request.article_id,
            revision=request.revision,
            html_hash=raw.html_hash,
            text_hash=text.text_hash,
            analysis_hash=analysis.analysis_hash,
            sentiment_hash=sentiment.sentiment_hash,
            links_hash=None if links is None else links.links_hash,
        ),
        "the whole record at once",
    )
    workflow.upsert_search_attributes([_OUTCOME.value_set(published.outcome.value), *_cost(course)])
    return published


def _cost(course: Course) -> list[SearchAttributeUpdate[float]]:
    # A billionth of a dollar: what is beyond is a float's noise.
    return [_COST_USD.value_set(round(sum(course.costs), 9))] if course.costs else []
