"""The graph on a real Temporal server, with activities that answer as told."""

import asyncio
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError

from newsdesk.contracts.advice import advice
from newsdesk.contracts.analysis import Usage
from newsdesk.contracts.cleaning import ContentKind
from newsdesk.contracts.names import PUBLISH, WORKFLOW_TYPE, Step
from newsdesk.contracts.options import LinkingOptions, ProcessingOptions
from newsdesk.contracts.steps import (
    AnalyzeArticleResult,
    CleanMarkdownArticleResult,
    ProcessArticleInput,
    ProcessArticleResult,
    PublishOutcome,
    PublishResult,
)
from newsdesk.errors import ArticleUnusableError, StoreUnavailableError
from tests.helpers.eventually import eventually
from tests.helpers.scripted import ANALYSIS, TEXT, Script, scripted_worker

Handle = WorkflowHandle[object, ProcessArticleResult]


async def start(client: Client, queue: str, options: ProcessingOptions | None = None) -> Handle:
    request = ProcessArticleInput(
        run_number=41, article_id=5, revision=2, options=options or ProcessingOptions()
    )
    return await client.start_workflow(
        WORKFLOW_TYPE,
        request,
        id=f"benzinga-5-r2-{uuid4()}",
        task_queue=queue,
        result_type=ProcessArticleResult,
    )


async def run(
    client: Client, script: Script, options: ProcessingOptions | None = None
) -> tuple[ProcessArticleResult, Handle]:
    worker, queue = scripted_worker(client, script)
    async with worker:
        handle = await start(client, queue, options)
        return await handle.result(), handle


async def scheduled(handle: Handle) -> list[str]:
    events = (await handle.fetch_history()).events
    return [
        event.activity_task_scheduled_event_attributes.activity_type.name
        for event in events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
    ]


async def test_steps_run_in_the_order_of_the_graph(temporal_client: Client) -> None:
    script = Script()
    result, handle = await run(temporal_client, script)
    assert result.outcome is PublishOutcome.PUBLISHED
    names = await scheduled(handle)
    assert names[:3] == [
        Step.CLEAN_RAW_ARTICLE,
        Step.CLEAN_MARKDOWN_ARTICLE,
        Step.ANALYZE_ARTICLE,
    ]
    assert sorted(names[3:5]) == [Step.ANALYZE_SENTIMENT, Step.LINK_ARTICLE_TO_STORIES]
    assert names[5:] == [PUBLISH]


async def test_publish_gets_exactly_what_the_steps_returned(temporal_client: Client) -> None:
    script = Script()
    await run(temporal_client, script)
    request = script.requests[PUBLISH]
    hashes = (
        request.html_hash,
        request.text_hash,
        request.analysis_hash,
        request.sentiment_hash,
        request.links_hash,
    )
    assert hashes == ("html", "text", "analysis", "sentiment", "links")


async def test_linking_and_sentiment_wait_for_neither_other(temporal_client: Client) -> None:
    # Each is held until the other has been called: a sequence would never end.
    script = Script(
        holds={
            Step.LINK_ARTICLE_TO_STORIES: asyncio.Event(),
            Step.ANALYZE_SENTIMENT: asyncio.Event(),
        }
    )
    worker, queue = scripted_worker(temporal_client, script)
    async with worker:
        handle = await start(temporal_client, queue)
        await eventually(lambda: all(script.calls[step] for step in script.holds))
        for hold in script.holds.values():
            hold.set()
        assert (await handle.result()).outcome is PublishOutcome.PUBLISHED


def _text(**changes: object) -> CleanMarkdownArticleResult:
    return TEXT.model_copy(update=changes)


def _analysis(**changes: object) -> AnalyzeArticleResult:
    return ANALYSIS.model_copy(update=changes)


ROUNDUP = tuple(f"T{number}" for number in range(13))
SKIPS = {
    "linking_off": (Script(), LinkingOptions(enabled=False)),
    "headline_only": (Script(text=_text(content=ContentKind.HEADLINE)), LinkingOptions()),
    "language_not_read": (Script(analysis=_analysis(language_read=False)), LinkingOptions()),
    "automated_alert": (Script(analysis=_analysis(automated_alert=True)), LinkingOptions()),
    "roundup": (Script(analysis=_analysis(subjects=ROUNDUP)), LinkingOptions()),
    "no_subject_company": (Script(analysis=_analysis(subjects=())), LinkingOptions()),
}


@pytest.mark.parametrize("code", SKIPS)
async def test_a_skipped_step_is_not_scheduled_and_says_why(
    temporal_client: Client, code: str
) -> None:
    script, linking = SKIPS[code]
    result, handle = await run(temporal_client, script, ProcessingOptions(linking=linking))
    assert result.skips[Step.LINK_ARTICLE_TO_STORIES].code == code
    assert result.skips[Step.LINK_ARTICLE_TO_STORIES].reason.endswith(".")
    assert Step.LINK_ARTICLE_TO_STORIES not in await scheduled(handle)
    assert script.requests[PUBLISH].links_hash is None


async def test_a_run_that_is_superseded_completes_as_such(temporal_client: Client) -> None:
    script = Script(published=PublishResult(outcome=PublishOutcome.SUPERSEDED, superseded_by=3))
    result, _ = await run(temporal_client, script)
    assert (result.outcome, result.superseded_by) == (PublishOutcome.SUPERSEDED, 3)


async def fail(client: Client, script: Script) -> tuple[ApplicationError, Handle]:
    worker, queue = scripted_worker(client, script)
    async with worker:
        handle = await start(client, queue)
        with pytest.raises(WorkflowFailureError) as failed:
            await handle.result()
    assert isinstance(failed.value.cause, ApplicationError)
    return failed.value.cause, handle


@pytest.mark.parametrize("step", [*Step, PUBLISH])
async def test_a_step_that_fails_for_good_fails_the_run(temporal_client: Client, step: str) -> None:
    script = Script(failures={step: [ArticleUnusableError("nothing to read")]})
    cause, handle = await fail(temporal_client, script)
    told = advice("ArticleUnusableError", 5)
    assert cause.message == f"{step} failed: nothing to read → {told}"
    assert cause.type == "ArticleUnusableError"
    attributes = (await handle.describe()).typed_search_attributes
    found = {pair.key.name: pair.value for pair in attributes}
    assert (found["FailedStep"], found["ErrorType"]) == (step, "ArticleUnusableError")
    assert script.calls[step] == 1


async def test_the_other_parallel_step_is_awaited_before_the_run_fails(
    temporal_client: Client,
) -> None:
    script = Script(
        failures={Step.LINK_ARTICLE_TO_STORIES: [ArticleUnusableError("no")]},
        holds={Step.ANALYZE_SENTIMENT: asyncio.Event()},
    )
    worker, queue = scripted_worker(temporal_client, script)
    async with worker:
        handle = await start(temporal_client, queue)
        await eventually(lambda: not script.failures[Step.LINK_ARTICLE_TO_STORIES])
        script.holds[Step.ANALYZE_SENTIMENT].set()
        with pytest.raises(WorkflowFailureError):
            await handle.result()
    assert Step.ANALYZE_SENTIMENT in script.ended


async def test_both_causes_are_named_when_both_parallel_steps_fail(
    temporal_client: Client,
) -> None:
    script = Script(
        failures={
            Step.LINK_ARTICLE_TO_STORIES: [ArticleUnusableError("no story")],
            Step.ANALYZE_SENTIMENT: [ArticleUnusableError("no score")],
        }
    )
    cause, _ = await fail(temporal_client, script)
    assert "link_article_to_stories failed: no story" in cause.message
    assert "analyze_sentiment failed: no score" in cause.message


async def test_retryable_failures_are_retried(temporal_client: Client) -> None:
    script = Script(
        failures={Step.ANALYZE_ARTICLE: [StoreUnavailableError(), StoreUnavailableError()]}
    )
    result, _ = await run(temporal_client, script)
    assert result.outcome is PublishOutcome.PUBLISHED
    assert script.calls[Step.ANALYZE_ARTICLE] == 3


async def test_an_unexpected_exception_gets_three_attempts(temporal_client: Client) -> None:
    bugs: list[Exception] = [KeyError("a"), KeyError("a"), KeyError("a"), KeyError("a")]
    script = Script(failures={Step.CLEAN_RAW_ARTICLE: bugs})
    cause, _ = await fail(temporal_client, script)
    assert cause.type == "KeyError"
    assert script.calls[Step.CLEAN_RAW_ARTICLE] == 3


async def test_a_canceled_run_ends_canceled(temporal_client: Client) -> None:
    script = Script(holds={Step.ANALYZE_ARTICLE: asyncio.Event()})
    worker, queue = scripted_worker(temporal_client, script)
    async with worker:
        handle = await start(temporal_client, queue)
        await eventually(lambda: script.calls[Step.ANALYZE_ARTICLE])
        await handle.cancel()
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        description = await handle.describe()
    assert description.status is not None
    assert description.status.name == "CANCELED"


async def test_the_cost_is_searchable(temporal_client: Client) -> None:
    script = Script(
        analysis=_analysis(usage=Usage(model="some/model", input_tokens=1, cost_usd=0.5))
    )
    _, handle = await run(temporal_client, script)
    attributes = (await handle.describe()).typed_search_attributes
    assert {pair.key.name: pair.value for pair in attributes}["CostUsd"] == 0.75


async def test_an_unknown_cost_is_no_zero(temporal_client: Client) -> None:
    unknown = Usage(model="some/model", input_tokens=1, cost_usd=None)
    script = Script(analysis=_analysis(usage=unknown), sentiment_usage=unknown)
    _, handle = await run(temporal_client, script)
    attributes = (await handle.describe()).typed_search_attributes
    found = {pair.key.name: pair.value for pair in attributes}
    assert found["Outcome"] == "published"
    assert "CostUsd" not in found
