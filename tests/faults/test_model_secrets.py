"""The key of a model shows nowhere, be it right, wrong or missing: not even in a debug log.

The worker is a process of its own, as in production. All that it leaves is searched: its log, the
histories with their payloads, every row of the database, and what the commands print.
"""

import json
from collections.abc import AsyncGenerator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from tests.helpers.eventually import eventually
from tests.helpers.model_house import KEY, MODEL
from tests.helpers.model_server import ModelServer, faults
from tests.helpers.model_server.answers import Asked
from tests.helpers.model_server.faults import Fault
from tests.helpers.pipeline import Pipeline, command, newsfeed_item, worker_process

RIGHT, WRONG = 5, 6
WRONG_TITLE = "Tidewater Is Asked About With A Key That Is Refused"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"


def refused(asked: Asked) -> Fault | None:
    """A server that tells the key that it refuses, as some do."""
    told = str(asked.body["messages"])
    return faults.unauthorized(echo_key=True) if WRONG_TITLE in told else None


def environment_of(pipeline: Pipeline, server: ModelServer, **changes: str) -> dict[str, str]:
    own = {
        "NEWSDESK_MODEL": MODEL,
        "NEWSDESK_MODEL_API_BASE": server.url,
        "NEWSDESK_LOG_LEVEL": "debug",
    }
    return {**pipeline.environment, **own, **changes}


async def rows(database_url: str) -> AsyncGenerator[str, None]:
    """Yields every row of every table as text."""
    connection = await asyncpg.connect(database_url)
    try:
        for table in await connection.fetch(TABLES):
            name = table["tablename"]
            for row in await connection.fetch(f'SELECT t::text AS row FROM "{name}" AS t'):
                yield row["row"]
    finally:
        await connection.close()


async def left_behind(pipeline: Pipeline, environment: dict[str, str], log: Path) -> list[bytes]:
    """Returns all that the worker has left, in pieces."""
    found = [log.read_bytes()]
    async for execution in pipeline.client.list_workflows():
        handle = pipeline.client.get_workflow_handle(execution.id, run_id=execution.run_id)
        found += [event.SerializeToString() for event in (await handle.fetch_history()).events]
        found.append((await handle.describe()).raw_description.SerializeToString())
    found += [row.encode() async for row in rows(pipeline.database_url)]
    for arguments in (["show", str(RIGHT), "--json"], ["show", str(WRONG), "--json"], ["costs"]):
        _, out, err = await command(environment, "-m", "newsdesk.cli", *arguments)
        found += [out.encode(), err.encode()]
    return found


@pytest.mark.parametrize("name", ["NEWSDESK_MODEL_API_KEY", "OPENAI_API_KEY"])
async def test_the_key_is_nowhere(pipeline: Pipeline, tmp_path: Path, name: str) -> None:
    log = tmp_path / "worker.log"
    async with ModelServer() as server:
        server.choose = refused
        environment = environment_of(pipeline, server, **{name: KEY})
        items = [newsfeed_item(RIGHT), newsfeed_item(WRONG, title=WRONG_TITLE)]
        async with worker_process(environment, log=log):
            code, _, err = await command(
                environment,
                *("starter.py", "files", "-", "--wait"),
                stdin="\n".join(json.dumps(item) for item in items),
            )
        assert code == 1, err
        found = await left_behind(pipeline, environment, log)
    sent = {request.headers["authorization"] for request in server.requests}
    assert sent == {f"Bearer {KEY}"}
    whole = b"\n".join(found)
    assert b"ModelAccessError" in whole
    assert b"refused the key" in whole
    assert b"DEBUG" in found[0]
    assert [piece[:300] for piece in found if KEY.encode() in piece] == []
    # Nor a good part of it, as where somebody masks the middle of a key.
    assert KEY.encode()[4:16] not in whole


async def test_the_search_would_find_it(pipeline: Pipeline, tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_text("nothing")
    marked = f"Tidewater {uuid4().hex}"
    environment = {**pipeline.environment}
    items = [newsfeed_item(RIGHT, title=marked), newsfeed_item(WRONG)]
    code, _, err = await command(
        environment,
        *("starter.py", "files", "-"),
        stdin="\n".join(json.dumps(item) for item in items),
    )
    assert code == 0, err

    async def seen() -> bool:
        found = await left_behind(pipeline, environment, log)
        return sum(marked.encode() in piece for piece in found) >= 3  # row, summary, command

    await eventually(seen)


async def test_a_missing_key_stops_the_start(pipeline: Pipeline) -> None:
    own = {"NEWSDESK_MODEL": "openai/gpt-4o-mini", "OPENAI_API_KEY": ""}
    code, out, err = await command({**pipeline.environment, **own}, "worker.py")
    assert (code, out) == (2, "")
    assert err == (
        "newsdesk worker: model openai/gpt-4o-mini needs a key: set OPENAI_API_KEY in the worker's"
        " environment, or NEWSDESK_MODEL_API_KEY\n"
    )
