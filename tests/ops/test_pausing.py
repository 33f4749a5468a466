"""`newsdesk pause` and `newsdesk resume`: a provider's outage, in a real pipeline."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable

import pytest

from newsdesk import cli
from newsdesk.contracts.names import ACTIVITIES, PUBLISH, RESUME_SIGNAL, Step
from newsdesk.contracts.options import LinkingOptions, ProcessingOptions
from newsdesk.contracts.record import RunStatus, StepRecord, StepStatus
from newsdesk.ops import waking
from newsdesk.ops.pausing import MAX_REASON_CHARS, PAUSED_RUNS
from newsdesk.store.opening import open_store
from newsdesk.temporal.search_attributes import WAITING_FOR
from newsdesk.temporal.starting import Intake, TemporalRunStarter
from tests.helpers.eventually import eventually
from tests.helpers.model_house import ModelHouse, model_house, step
from tests.helpers.model_server import ModelServer
from tests.helpers.pipeline import ROOT, Pipeline, article

ARTICLE, SENTIMENT, LINK = (
    Step.ANALYZE_ARTICLE,
    Step.ANALYZE_SENTIMENT,
    Step.LINK_ARTICLE_TO_STORIES,
)
NOWHERE = "127.0.0.1:1"
Newsdesk = Callable[..., Awaitable[tuple[int, str, str]]]


@pytest.fixture
def newsdesk(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Newsdesk:
    """Runs `newsdesk ARGUMENTS` in this process; returns exit code, stdout, stderr."""

    async def call(pipeline: Pipeline | str, *argv: str) -> tuple[int, str, str]:
        if isinstance(pipeline, str):
            own = {"NEWSDESK_DATABASE_URL": pipeline, "TEMPORAL_ADDRESS": NOWHERE}
        else:
            names = ("NEWSDESK_DATABASE_URL", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE")
            own = {name: pipeline.environment[name] for name in names}
        for name, value in own.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(waking, "LOOK_AGAIN_SECONDS", 0.1)
        code = await asyncio.to_thread(cli.main, [*argv, "--state", "/nonexistent"])
        out, err = capsys.readouterr()
        return code, out, err

    return call


async def waiting(house: ModelHouse, count: int) -> None:
    """Waits until so many runs wait for a paused step."""

    async def so_many() -> bool:
        return (await house.pipeline.client.count_workflows(PAUSED_RUNS)).count == count

    await eventually(so_many, timeout=30)


async def rests(house: ModelHouse, article_id: int) -> bool:
    """Returns whether a run has nothing to do but to wait: a signal that comes now ends that."""
    handle = house.pipeline.client.get_workflow_handle(f"benzinga-{article_id}-r1")
    described = await handle.describe()
    raw = described.raw_description
    busy = raw.pending_activities or raw.HasField("pending_workflow_task")
    return not busy and described.typed_search_attributes.get(WAITING_FOR) == "step_paused"


async def ended(house: ModelHouse, *workflow_ids: str) -> None:
    """Waits until runs have ended; not for the quarter of an hour of a wait that nothing ended."""
    async with asyncio.timeout(20):
        await asyncio.gather(*(house.ended(workflow_id) for workflow_id in workflow_ids))


async def of(house: ModelHouse, article_id: int, name: str) -> StepRecord:
    return step(await house.record(article_id), name)


async def test_while_a_step_is_paused_runs_wait_and_nothing_is_asked(
    pipeline: Pipeline, newsdesk: Newsdesk
) -> None:
    async with ModelServer() as server, model_house(pipeline, server) as house:
        code, out, err = await newsdesk(pipeline, "pause", ARTICLE, "--reason", "it is\nout")
        assert (code, err) == (0, "")
        assert re.match(r"analyze_article  paused since .* UTC, \ds ago: it is out\n", out)
        assert out.endswith("\nresume with: newsdesk resume analyze_article\n")
        articles = [article(number, title=f"Tidewater No. {number}") for number in (1, 2, 3)]
        runs = await asyncio.gather(*(house.start(one) for one in articles))
        await waiting(house, 3)
        for number in (1, 2, 3):
            record = await house.record(number)
            waits = step(record, ARTICLE)
            assert (record.run.status, waits.status) == (RunStatus.RUNNING, StepStatus.RUNNING)
            assert (waits.reason_code, waits.attempts, waits.error) == ("step_paused", 1, None)
            assert "is paused since" in str(waits.reason)
            assert "(it is out); `newsdesk resume analyze_article`" in str(waits.reason)
        code, out, err = await newsdesk(pipeline, "pause")
        assert (code, err) == (0, "")
        assert out.splitlines()[1].startswith("3 runs wait for a paused step; ")
        code, out, err = await newsdesk(pipeline, "resume")
        assert (code, err, len(out.splitlines())) == (0, "", 6)
        assert "benzinga-2-r1  waits for: step_paused\n" in out

        # One of them, while the step stays paused: it looks, and waits again.
        code, out, err = await newsdesk(pipeline, "resume", "2")
        assert (code, out) == (0, "benzinga-2-r1  resumed\n")
        assert err.startswith("newsdesk resume: analyze_article: paused for everybody; ")
        await eventually(lambda: rests(house, 2))
        await waiting(house, 3)
        assert (await of(house, 2, ARTICLE)).attempts == 2
        assert server.calls == {}

        code, out, err = await newsdesk(pipeline, "resume", ARTICLE)
        assert (code, err) == (0, "")
        assert out == "analyze_article  resumed\n3 waiting runs resumed\n"
        await ended(house, *runs)
        records = [await house.record(number) for number in (1, 2, 3)]
        assert (await newsdesk(pipeline, "pause"))[1] == "no step is paused\n"
        assert (await newsdesk(pipeline, "resume"))[1] == "no run waits\n"
    assert {record.run.status for record in records} == {RunStatus.COMPLETED}
    assert [step(record, ARTICLE).attempts for record in records] == [2, 3, 2]
    assert {step(record, ARTICLE).reason_code for record in records} == {None}
    assert server.calls == {ARTICLE: 3, SENTIMENT: 3}


async def start(house: ModelHouse, article_id: int) -> tuple[str, int]:
    """Enqueues an article that is to be linked; returns its run's id and number."""
    runs = house.store.runs
    intake = Intake(house.store.articles, runs, TemporalRunStarter(house.pipeline.client))
    options = ProcessingOptions(linking=LinkingOptions(require_subject=False))
    enqueued = await intake.receive(article(article_id), options)
    workflow_id = f"benzinga-{enqueued.article_id}-r{enqueued.revision}"
    number = await runs.find(workflow_id)
    assert number is not None
    return workflow_id, number


async def test_every_activity_of_a_run_can_be_paused(pipeline: Pipeline) -> None:
    async with ModelServer() as server, model_house(pipeline, server) as house:
        pauses = house.store.pauses
        for name in ACTIVITIES:
            await pauses.pause(name, "")
        workflow_id, _ = await start(house, 5)
        handle = pipeline.client.get_workflow_handle(workflow_id)
        for name in (Step.CLEAN_RAW_ARTICLE, Step.CLEAN_MARKDOWN_ARTICLE, ARTICLE, SENTIMENT, LINK):
            await eventually(lambda name=name: _waits_at(house, name), timeout=20)
            # Side by side two steps wait, or one of them alone.
            assert (await of(house, 5, LINK)).status is not StepStatus.COMPLETED
            await eventually(lambda: rests(house, 5))
            await pauses.resume(name)
            await handle.signal(RESUME_SIGNAL)
            await eventually(lambda name=name: _done(house, name), timeout=20)
        await eventually(lambda: rests(house, 5))
        record = await house.record(5)
        assert (record.run.status, record.run.published) == (RunStatus.RUNNING, False)
        await pauses.resume(PUBLISH)
        await handle.signal(RESUME_SIGNAL)
        await ended(house, workflow_id)
        record = await house.record(5)
    assert (record.run.status, record.run.published) == (RunStatus.COMPLETED, True)
    assert {step(record, name).status for name in Step} == {StepStatus.COMPLETED}
    assert server.calls == {ARTICLE: 1, SENTIMENT: 1}


async def _waits_at(house: ModelHouse, name: str) -> bool:
    return (await of(house, 5, name)).reason_code == "step_paused"


async def _done(house: ModelHouse, name: str) -> bool:
    return (await of(house, 5, name)).status is StepStatus.COMPLETED


async def test_a_run_that_is_held_alone_goes_on_by_its_article(
    pipeline: Pipeline, newsdesk: Newsdesk
) -> None:
    async with ModelServer() as server, model_house(pipeline, server) as house:
        await house.store.pauses.pause(LINK, "a replay that was killed", 2)
        runs = [await start(house, number) for number in (4, 5)]
        assert [number for _, number in runs] == [1, 2]
        await ended(house, "benzinga-4-r1")
        await waiting(house, 1)
        assert "newsdesk resume 5" in str((await of(house, 5, LINK)).reason)
        code, out, _ = await newsdesk(pipeline, "resume", LINK)
        assert (code, out.splitlines()[0]) == (0, f"{LINK}  was not paused")
        await eventually(lambda: rests(house, 5))
        await waiting(house, 1)
        code, out, err = await newsdesk(pipeline, "resume", "5")
        assert (code, out, err) == (0, "benzinga-5-r1  resumed\n", "")
        await ended(house, "benzinga-5-r1")
        record = await house.record(5)
    assert step(record, LINK).status is StepStatus.COMPLETED
    assert record.run.published


async def test_postgres_alone_is_enough_to_pause_and_to_lift(
    database_url: str, newsdesk: Newsdesk
) -> None:
    code, out, err = await newsdesk(database_url, "pause", ARTICLE, PUBLISH, ARTICLE)
    assert (code, err) == (0, "")
    assert out.endswith("resume with: newsdesk resume analyze_article publish\n")
    code, out, err = await newsdesk(database_url, "pause")
    lines = out.splitlines()
    assert (code, err, len(lines)) == (0, "", 3)
    assert re.fullmatch(r"publish  paused since [\d-]+ [\d:]+ UTC, \ds ago", lines[1])
    assert lines[2].startswith("how many runs wait is not known: no Temporal server answers at ")
    code, out, err = await newsdesk(database_url, "resume", ARTICLE)
    assert (code, out) == (1, "analyze_article  resumed\n")
    assert f"no Temporal server answers at {NOWHERE}" in err
    assert "look again by themselves within 20 minutes" in err
    async with open_store(database_url) as store:
        assert [pause.step for pause in await store.pauses.list()] == [PUBLISH]


async def test_all_lifts_every_pause_and_once_more_is_no_failure(
    pipeline: Pipeline, newsdesk: Newsdesk
) -> None:
    async with open_store(pipeline.database_url) as store:
        await store.pauses.pause(ARTICLE, "")
        await store.pauses.pause(LINK, "", 7)
        code, out, err = await newsdesk(pipeline, "resume", "--all")
        assert (code, err) == (0, "")
        lifted = ["analyze_article  resumed", "link_article_to_stories of run #7  resumed"]
        assert out.splitlines() == [*lifted, "0 waiting runs resumed"]
        assert await store.pauses.list() == ()
    code, out, _ = await newsdesk(pipeline, "resume", ARTICLE)
    assert (code, out) == (0, "analyze_article  was not paused\n0 waiting runs resumed\n")


async def test_articles_are_resumed_without_a_database(
    temporal_address: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal_address)

    async def resume(*argv: str) -> tuple[int, str, str]:
        argv = ("resume", *argv, "--state", "/nonexistent")
        code = await asyncio.to_thread(cli.main, argv)
        out, err = capsys.readouterr()
        return code, out, err

    assert await resume("987654321") == (1, "no run of these articles waits\n", "")
    code, out, err = await resume()
    assert (code, out) == (0, "no run waits\n")
    assert err.startswith("newsdesk resume: paused steps are not listed: no database is known")
    monkeypatch.setenv("NEWSDESK_DATABASE_URL", f"postgresql://{NOWHERE}/newsdesk")
    code, out, err = await resume()
    assert (code, out) == (1, "no run waits\n")
    assert (
        "paused steps are not listed: see which steps are paused: the database is unavailable"
        in err
    )
    monkeypatch.delenv("NEWSDESK_DATABASE_URL")
    for argv in (["--all"], [ARTICLE]):
        code, out, err = await resume(*argv)
        assert (code, out) == (2, "")
        assert err.startswith("newsdesk resume: no database is known")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (
            ["pause", "analyse_article"],
            "no step: 'analyse_article'; choose from clean_raw_article, ",
        ),
        (["pause", "publish", "--reason", " "], f"write 1 to {MAX_REASON_CHARS} characters"),
        (["pause", "publish", "--reason", "x" * 161], "write 1 to 160 characters"),
        (["resume", "publsh"], "neither an article id nor a step: 'publsh'; steps are clean_raw_"),
        (["resume", "0"], "neither an article id nor a step: '0'"),
        (["resume", "9" * 19], f"neither an article id nor a step: '{'9' * 19}'"),
        (["resume", "٣"], "neither an article id nor a step: '٣'"),
    ],
)
def test_a_wrong_name_is_a_wrong_call(
    capsys: pytest.CaptureFixture[str], argv: list[str], said: str
) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(argv)
    out, err = capsys.readouterr()
    assert (end.value.code, out) == (2, "")
    assert err.startswith(f"usage: newsdesk {argv[0]} [-h]")
    assert said in err.splitlines()[-1]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["pause", "--reason", "out"], "--reason is for a step"),
        (["resume", "5", "--all"], "--all is for everything"),
        (["pause", "publish", "--state", "/nonexistent"], "no database is known"),
    ],
)
def test_a_call_that_contradicts_itself_is_refused(
    capsys: pytest.CaptureFixture[str], argv: list[str], said: str
) -> None:
    assert cli.main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"newsdesk {argv[0]}: {said}")


@pytest.mark.parametrize("command", ["pause", "resume"])
def test_help_fits_a_terminal_and_names_every_step(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as end:
        cli.main([command, "--help"])
    out, _ = capsys.readouterr()
    assert end.value.code == 0
    assert max(len(line) for line in out.splitlines()) <= 80
    for name in (*ACTIVITIES, "--state DIR", {"pause": "--reason TEXT"}.get(command, "--all")):
        assert name in out


def test_help_and_a_wrong_call_load_no_driver() -> None:
    program = (
        "import sys, newsdesk.cli\n"
        "for name in ('pause', 'resume'):\n"
        "  try: newsdesk.cli.main([name, 'x'])\n"
        "  except SystemExit: pass\n"
        "print(*(name.partition('.')[0] for name in sys.modules))"
    )
    out = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert "newsdesk" in out.split()
    assert {"asyncpg", "rich", "temporalio", "litellm"}.isdisjoint(out.split())
