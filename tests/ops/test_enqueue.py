"""`python starter.py files`: again, with servers away, and cut short."""

import asyncio
import json
import os
import signal
import sys

import pytest

from newsdesk.dev.ports import free_ports
from newsdesk.store.opening import open_store
from tests.helpers.eventually import eventually
from tests.helpers.pipeline import ROOT, command, newsfeed_item
from tests.ops import articles
from tests.ops.conftest import Call, House

FIRST_BATCH = 32


async def start(house: House, *flags: str) -> asyncio.subprocess.Process:
    """Starts the starter on a standard input that stays open."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "starter.py", "files", "-", *flags),
        cwd=ROOT,
        env=house.environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_enqueueing_again_does_nothing_and_says_so(house: House, filled: Call) -> None:
    async with open_store(house.database_url) as store:
        before = await store.runs.counts()
        code, out, err = await house.enqueue("--json", items=[newsfeed_item(articles.FULL)])
        assert await store.runs.counts() == before
    assert (code, err) == (0, "received 1: unchanged 1\n")
    line = json.loads(out)
    (first,) = filled.of(articles.FULL)
    assert (line["outcome"], line["reason"]) == ("unchanged", "same content")
    assert (line["run_number"], line["pending"]) == (first["run_number"], False)


async def test_people_get_a_table_and_the_sums(house: House, filled: Call) -> None:
    number = filled.of(articles.FULL)[0]["run_number"]
    code, out, err = await house.enqueue("--wait", items=[newsfeed_item(articles.FULL)])
    assert (code, err) == (0, "received 1: unchanged 1; runs: completed 1\n")
    heading, row = out.splitlines()
    titles = ["Run", "Article", "Title", "Outcome", "Companies", "Story", "Seconds"]
    assert heading.split() == titles
    assert row.split()[:3] == [f"#{number}", str(articles.FULL), "r1"]
    assert "TDWX +" in row


async def test_linking_can_be_switched_off(house: House) -> None:
    code, _, err = await house.enqueue("--wait", "--no-linking", items=[newsfeed_item(301)])
    assert code == 0, err
    record = await house.record(301)
    (step,) = [one for one in record["run"]["steps"] if one["name"] == "link_article_to_stories"]
    assert (step["status"], step["attempts"]) == ("skipped", 0)
    assert step["reason_code"] == "linking_off"
    assert step["reason"] == "Linking was switched off when this run was enqueued."
    assert record["stories"] == []


async def test_without_temporal_items_are_stored_for_later(house: House) -> None:
    away = {"TEMPORAL_ADDRESS": f"127.0.0.1:{free_ports(1)[0]}"}
    item = newsfeed_item(302)
    code, out, err = await house.enqueue("--json", items=[item], **away)
    assert code == 0
    assert (json.loads(out)["outcome"], json.loads(out)["pending"]) == ("started", True)
    assert f"no Temporal server answers at {away['TEMPORAL_ADDRESS']}" in err
    assert "not started yet: 1 (stored; a worker starts them as soon as Temporal answers)" in err

    code, out, err = await house.enqueue("--wait", "--json", items=[item], **away)
    assert code == 1
    assert json.loads(out)["run_number"] > 0
    assert "still under way 1" in err
    assert err.splitlines()[-1].startswith("newsdesk enqueue: cannot wait, for no Temporal server")
    assert "Traceback" not in err

    code, _, err = await house.enqueue("--wait", items=[item])
    assert (code, err) == (0, "received 1: unchanged 1; runs: completed 1\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("starter.py", "files", "samples"),
        ("-m", "newsdesk.cli", "show", "101"),
        ("-m", "newsdesk.cli", "db", "status"),
    ],
)
async def test_without_postgres_a_line_says_so(house: House, arguments: tuple[str, ...]) -> None:
    url = f"postgresql://someone:secretword@127.0.0.1:{free_ports(1)[0]}/newsdesk"
    code, out, err = await command(house.environment | {"NEWSDESK_DATABASE_URL": url}, *arguments)
    assert (code, out) == (1, "")
    assert len(err.splitlines()) == 1
    assert "the database is unavailable (Connection refused)" in err
    assert "secretword" not in err


async def test_a_database_without_tables_is_told_once(house: House, bare_database_url: str) -> None:
    bare = {"NEWSDESK_DATABASE_URL": bare_database_url}
    for arguments in (("starter.py", "files", "samples"), ("-m", "newsdesk.cli", "show", "5")):
        code, out, err = await command(house.environment | bare, *arguments)
        assert (code, out) == (1, "")
        assert len(err.splitlines()) == 1
        assert err.endswith("; run `newsdesk db migrate`\n")

    code, out, _ = await house.newsdesk("db", "status", **bare)
    assert code == 1
    assert all(line.endswith("  missing") for line in out.splitlines())
    code, out, _ = await house.newsdesk("db", "migrate", **bare)
    assert code == 0
    assert out.startswith("applied 0001_")
    code, out, _ = await house.newsdesk("db", "migrate", **bare)
    assert (code, out) == (0, "nothing to apply: the database is up to date\n")
    code, out, _ = await house.newsdesk("db", "status", **bare)
    assert code == 0
    assert "missing" not in out


async def test_ctrl_c_ends_a_read_of_standard_input(house: House) -> None:
    process = await start(house, "--json")
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdin.write(b'{"no": "article"}\n' * (FIRST_BATCH + 1))
    await process.stdin.drain()
    for _ in range(FIRST_BATCH):
        assert json.loads(await process.stdout.readline())["outcome"] == "rejected"
    process.send_signal(signal.SIGINT)
    err = await asyncio.wait_for(process.stderr.read(), 10)
    assert await asyncio.wait_for(process.wait(), 10) == 130
    process.stdin.close()
    talk = err.decode().splitlines()
    assert talk[-2:] == ["received 32: rejected 32", "newsdesk enqueue: interrupted"]


async def test_a_reader_that_goes_away_ends_the_call_calmly(house: House) -> None:
    reading, writing = os.pipe()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "starter.py", "files", "-", "--json"),
        cwd=ROOT,
        env=house.environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=writing,
        stderr=asyncio.subprocess.PIPE,
    )
    os.close(reading)
    os.close(writing)
    _, err = await process.communicate(b'{"no": "article"}\n')
    assert process.returncode == 1
    assert b"stopped: nobody reads the output any more" in err
    assert b"Traceback" not in err


async def test_ctrl_c_ends_the_waiting_and_not_the_run(house: House) -> None:
    """While it waits, `show` has the run's steps live from the server."""
    process = await start(house, "--wait", "--json")
    assert process.stdin is not None
    process.stdin.write(json.dumps(newsfeed_item(303, title="Held: Tidewater Climbs")).encode())
    process.stdin.close()
    await eventually((house.folder / "reached-303").exists, timeout=30)

    run = (await house.record(303))["run"]
    assert (run["status"], run["completed_at"], run["published"]) == ("running", None, False)
    steps = [(step["status"], step["attempts"]) for step in run["steps"]]
    assert steps == [("completed", 1), ("completed", 1), ("running", 1)] + [("pending", 0)] * 2
    _, out, _ = await house.newsdesk("show", "303")
    assert "… analyze_article         running" in out
    assert "Not published yet." in out

    process.send_signal(signal.SIGINT)
    out, err = await asyncio.wait_for(process.communicate(), 10)
    assert process.returncode == 130
    assert json.loads(out)["outcome"] == "started"
    assert err.decode().splitlines() == [
        "interrupted: what is stored is processed all the same",
        "received 1: started 1; runs: still under way 1",
        "newsdesk enqueue: interrupted",
    ]
    (house.folder / "go-303").touch()

    async def completed() -> bool:
        return (await house.record(303))["run"]["status"] == "completed"

    await eventually(completed, timeout=30)
