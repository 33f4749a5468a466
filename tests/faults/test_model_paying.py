"""What a model answered is paid once, and not more than rate and budget allow."""

import asyncio

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest

from newsdesk.contracts.base import Contract
from newsdesk.contracts.names import Step
from newsdesk.contracts.record import RunStatus, StepStatus
from newsdesk.errors import StoreUnavailableError
from newsdesk.ports import OutputStore, OutputT
from newsdesk.store.opening import Store
from tests.helpers.eventually import eventually
from tests.helpers.model_house import (
    MODEL,
    ModelHouse,
    model_house,
    model_settings,
    model_worker,
    step,
)
from tests.helpers.model_server import ModelServer, faults
from tests.helpers.pipeline import Pipeline, article, command

ARTICLE, SENTIMENT = Step.ANALYZE_ARTICLE, Step.ANALYZE_SENTIMENT
OTHER = "openai/other-model"


async def reset_before(pipeline: Pipeline, workflow_id: str, activity: str) -> None:
    """Resets a run to just before one of its activities, as a replay does."""
    handle = pipeline.client.get_workflow_handle(workflow_id)
    description = await handle.describe()
    events = (await handle.fetch_history()).events
    scheduled = next(
        event.activity_task_scheduled_event_attributes
        for event in events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
        and event.activity_task_scheduled_event_attributes.activity_type.name == activity
    )
    await pipeline.client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=pipeline.client.namespace,
            workflow_execution=WorkflowExecution(
                workflow_id=workflow_id, run_id=description.run_id
            ),
            reason="the model is back",
            workflow_task_finish_event_id=scheduled.workflow_task_completed_event_id,
            request_id=f"reset-{description.run_id}",
        )
    )


async def test_a_replay_after_sentiment_failed_asks_nothing_twice(pipeline: Pipeline) -> None:
    async with ModelServer() as server, model_house(pipeline, server) as house:
        server.always(SENTIMENT, faults.status(503))
        failed = await house.process(article(5), give_up_after_seconds=2)
        assert failed.run.status is RunStatus.FAILED
        assert step(failed, SENTIMENT).status is StepStatus.FAILED
        server.always(SENTIMENT, None)
        await reset_before(pipeline, "benzinga-5-r1", SENTIMENT)
        await house.ended("benzinga-5-r1")
        record = await house.record(5)
    assert record.run.status is RunStatus.COMPLETED
    assert record.run.published
    assert server.calls[ARTICLE] == 1


async def test_a_replay_of_an_answered_step_reuses_its_answer(pipeline: Pipeline) -> None:
    async with ModelServer() as server, model_house(pipeline, server) as house:
        first = await house.process(article(5))
        await reset_before(pipeline, "benzinga-5-r1", ARTICLE)
        await house.ended("benzinga-5-r1")
        record = await house.record(5)
    assert server.calls == {ARTICLE: 1, SENTIMENT: 1}
    assert len(record.run.executions) == 2
    assert record.run.cost_usd == first.run.cost_usd
    assert record.run.cost_usd
    assert not step(record, ARTICLE).answer_reused


class Forgetful:
    """An output store that loses its connection just when an answer is to be stored."""

    def __init__(self, outputs: OutputStore) -> None:
        self._outputs = outputs
        self.losses = {"Analysis": 1, "SentimentAnalysis": 1}

    async def save(self, article_id: int, output: Contract) -> str:
        kind = type(output).__name__
        if self.losses.get(kind):
            self.losses[kind] -= 1
            raise StoreUnavailableError("gone for a moment")
        return await self._outputs.save(article_id, output)

    async def load(self, digest: str, kind: type[OutputT]) -> OutputT:
        return await self._outputs.load(digest, kind)


async def test_a_step_that_is_lost_after_its_answer_does_not_pay_again(pipeline: Pipeline) -> None:
    def forgetful(store: Store) -> OutputStore:
        return Forgetful(store.outputs)

    async with ModelServer() as server:
        settings = model_settings(pipeline, server)
        async with model_worker(pipeline, settings, forgetful) as store:
            record = await ModelHouse(pipeline, store, server).process(article(5))
    assert record.run.status is RunStatus.COMPLETED
    for name in (ARTICLE, SENTIMENT):
        assert step(record, name).attempts == 2
        assert step(record, name).cost_usd
    assert server.calls == {ARTICLE: 1, SENTIMENT: 1}


async def test_the_same_question_at_the_same_time_is_one_call(pipeline: Pipeline) -> None:
    """Over two workers, with pools of their own."""
    async with ModelServer(latency_seconds=0.5) as server:
        settings = model_settings(pipeline, server)
        async with model_worker(pipeline, settings), model_worker(pipeline, settings) as store:
            house = ModelHouse(pipeline, store, server)
            records = await asyncio.gather(*(house.process(article(n)) for n in range(1, 9)))
    assert server.calls == {ARTICLE: 1, SENTIMENT: 1}
    assert {record.run.status for record in records} == {RunStatus.COMPLETED}
    reused = [step(record, ARTICLE).answer_reused for record in records]
    assert sorted(reused) == [False] + [True] * 7
    # Each of the two calls is paid by one run, which need not be the same.
    calls = [
        max(step(record, name).cost_usd or 0 for record in records) for name in (ARTICLE, SENTIMENT)
    ]
    assert sum(record.run.cost_usd or 0 for record in records) == pytest.approx(sum(calls))


async def test_a_rate_limit_holds_across_workers(pipeline: Pipeline) -> None:
    per_minute = 240
    async with ModelServer() as server:
        settings = model_settings(
            pipeline, server, MODEL_REQUESTS_PER_MINUTE=f"{MODEL}={per_minute}"
        )
        async with model_worker(pipeline, settings), model_worker(pipeline, settings) as store:
            house = ModelHouse(pipeline, store, server)
            records = await asyncio.gather(
                *(house.process(article(n, title=f"Tidewater No. {n}")) for n in range(1, 13))
            )
    assert {record.run.status for record in records} == {RunStatus.COMPLETED}
    moments = sorted(request.at for request in server.requests)
    assert len(moments) == 24
    # A quarter of a second apart on average; one may come late, the next then follows it closely.
    assert moments[-1] - moments[0] > 0.9 * 23 * 60 / per_minute - 1
    assert max(_within(moments, 5.0)) <= 5.0 * per_minute / 60 + 3


def _within(moments: list[float], seconds: float) -> list[int]:
    return [sum(start <= at < start + seconds for at in moments) for start in moments]


async def test_a_spent_budget_makes_runs_wait_until_it_is_raised(pipeline: Pipeline) -> None:
    environment = pipeline.environment
    async with ModelServer() as server:
        async with model_house(pipeline, server, DAILY_BUDGET_USD="0.000001") as house:
            workflow_id = await house.start(article(5))
            await eventually(lambda: _waits(house, 5), timeout=30)
            record = await house.record(5)
        sentiment = step(record, SENTIMENT)
        assert record.run.status is RunStatus.RUNNING
        assert (sentiment.status, sentiment.reason_code) == (StepStatus.RUNNING, "daily_budget")
        assert "daily budget of 0.000001 USD is spent" in str(sentiment.reason)
        assert sentiment.error is None
        assert server.calls == {ARTICLE: 1}
        code, out, _ = await command(environment, "-m", "newsdesk.cli", "resume")
        assert (code, out.splitlines()[0]) == (0, f"{workflow_id}  waits for: daily_budget")
        async with model_house(pipeline, server, DAILY_BUDGET_USD="5") as house:
            code, out, _ = await command(environment, "-m", "newsdesk.cli", "resume", "5")
            assert (code, out) == (0, f"{workflow_id}  resumed\n")
            await house.ended(workflow_id)
            record = await house.record(5)
    assert record.run.status is RunStatus.COMPLETED
    assert step(record, SENTIMENT).attempts == 2
    assert server.calls == {ARTICLE: 1, SENTIMENT: 1}
    code, out, _ = await command(environment, "-m", "newsdesk.cli", "resume")
    assert (code, out) == (0, "no run waits\n")


async def _waits(house: ModelHouse, article_id: int) -> bool:
    query = f"ArticleId = {article_id} AND WaitingFor = 'daily_budget'"
    return (await house.pipeline.client.count_workflows(query)).count == 1


async def test_a_fallback_is_an_activity_of_its_own(pipeline: Pipeline) -> None:
    async with ModelServer() as server:
        server.choose = lambda asked: (
            faults.status(503) if asked.body["model"] == "test-model" else None
        )
        async with model_house(
            pipeline,
            server,
            MODEL_FALLBACKS=OTHER,
            MODEL_FALLBACK_AFTER_SECONDS="0",
            MODEL_PRICES=f"{MODEL}=1/4,{OTHER}=2/8",
        ) as house:
            record = await house.process(article(5))
        handle = pipeline.client.get_workflow_handle("benzinga-5-r1")
        events = (await handle.fetch_history()).events
    ids = [
        event.activity_task_scheduled_event_attributes.activity_id
        for event in events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
    ]
    summaries = [event.user_metadata.summary.data.decode() for event in events]
    assert ["analyze_article", "analyze_article-fallback-1"] == ids[2:4]
    assert any(f"; fallback 1: {OTHER}" in summary for summary in summaries)
    done = step(record, ARTICLE)
    assert (done.status, done.model, done.attempts) == (StepStatus.COMPLETED, OTHER, 2)
    assert done.reason_code == "fallback"
    assert f"{MODEL} is not available" in str(done.reason)
    assert record.analysis is not None
    assert record.analysis.analyzer.name == OTHER


async def test_the_builtin_analyzer_can_be_the_last_resort(pipeline: Pipeline) -> None:
    async with ModelServer() as server:
        server.always(ARTICLE, faults.refusal())
        server.always(SENTIMENT, faults.unauthorized())
        async with model_house(pipeline, server, MODEL_FALLBACKS="builtin") as house:
            record = await house.process(article(5))
    assert record.run.status is RunStatus.COMPLETED
    assert [step(record, name).model for name in (ARTICLE, SENTIMENT)] == ["builtin", "builtin"]
    assert record.run.cost_usd == 0.0


async def test_when_every_model_fails_each_is_named(pipeline: Pipeline) -> None:
    async with ModelServer() as server:
        server.always(ARTICLE, faults.status(404, "Gone"))
        async with model_house(pipeline, server, MODEL_FALLBACKS=OTHER) as house:
            record = await house.process(article(5))
    assert record.run.status is RunStatus.FAILED
    assert record.run.error is not None
    assert f"{MODEL} is not known" in record.run.error.message
    assert f"{OTHER} is not known" in record.run.error.message
    assert server.calls == {ARTICLE: 2}
