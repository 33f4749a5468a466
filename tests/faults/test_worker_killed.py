"""A worker killed in the middle of a step: the step goes on elsewhere within 15 seconds."""

import json
import os
import signal
import time
from datetime import datetime
from pathlib import Path

from tests.helpers.eventually import eventually
from tests.helpers.histories import told_by_history
from tests.helpers.pipeline import Pipeline, command, newsfeed_item, show, worker_process

GOES_ON_WITHIN_SECONDS = 15.0


async def test_the_step_goes_on_elsewhere(pipeline: Pipeline, tmp_path: Path) -> None:
    environment, reached = pipeline.environment, tmp_path / "reached"
    stuck = ("-m", "tests.faults.slow_worker", str(reached))
    async with worker_process(environment, *stuck) as first:
        code, _, err = await command(
            environment, "starter.py", "files", "-", stdin=json.dumps(newsfeed_item(5))
        )
        assert code == 0, err
        await eventually(reached.exists, timeout=30)
        async with worker_process(environment):
            os.kill(first.pid, signal.SIGKILL)
            killed_at = time.monotonic()
            handle = pipeline.client.get_workflow_handle("benzinga-5-r1")
            await handle.result()
            took = time.monotonic() - killed_at

            async def recorded() -> bool:
                return (await show(environment, 5))["run"]["status"] == "completed"

            await eventually(recorded)
    assert took < GOES_ON_WITHIN_SECONDS
    record = await show(environment, 5)
    told = await told_by_history(pipeline.client, "benzinga-5-r1")
    for step in record["run"]["steps"]:
        assert step["attempts"] == told[step["name"]].attempts
        assert datetime.fromisoformat(step["started_at"]) == told[step["name"]].scheduled
        assert datetime.fromisoformat(step["completed_at"]) == told[step["name"]].closed
    attempts = {step["name"]: step["attempts"] for step in record["run"]["steps"]}
    assert attempts["analyze_article"] == 2
    assert sum(attempts.values()) == 6
