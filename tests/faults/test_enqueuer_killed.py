"""Nothing is lost when the enqueuer dies between storing and starting."""

import json
import signal

from newsdesk.store.opening import open_store
from tests.helpers.eventually import eventually
from tests.helpers.pipeline import Pipeline, article, command, newsfeed_item, show, worker_process


async def test_the_article_is_processed_all_the_same_and_once(pipeline: Pipeline) -> None:
    killed = await command(
        pipeline.environment, "-m", "tests.faults.killed_enqueuer", pipeline.database_url
    )
    assert killed[0] == -signal.SIGKILL
    async with open_store(pipeline.database_url) as store:
        assert (await store.runs.counts()).pending == 1
        async with worker_process(pipeline.environment):

            async def done() -> bool:
                return (await store.runs.counts()).completed == 1

            await eventually(done, timeout=40)
        assert (await store.runs.counts()).open == 0
    found = [run.id async for run in pipeline.client.list_workflows()]
    assert found == ["benzinga-5-r1"]
    record = await show(pipeline.environment, 5)
    assert record["run"]["published"] is True
    assert [step["attempts"] for step in record["run"]["steps"]] == [1] * 5


async def test_enqueueing_again_starts_what_stayed_pending(pipeline: Pipeline) -> None:
    environment = pipeline.environment
    await command(environment, "-m", "tests.faults.killed_enqueuer", pipeline.database_url)
    item = newsfeed_item(5, author="", url="", channels=[], stocks=[])
    assert item["title"] == article(5).title
    code, out, err = await command(
        environment, "starter.py", "files", "-", "--json", stdin=json.dumps(item)
    )
    assert code == 0, err
    line = json.loads(out)
    assert (line["outcome"], line["revision"], line["pending"]) == ("unchanged", 1, False)
    assert (await pipeline.client.get_workflow_handle("benzinga-5-r1").describe()).run_id
