"""`newsdesk costs`, for people and for programs, over a database with a few days' calls."""

import io
import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest
from rich.console import Console

from newsdesk import cli
from newsdesk.contracts.analysis import Usage
from newsdesk.contracts.models import Assignment, CostLine, ModelQuestion
from newsdesk.contracts.names import Step
from newsdesk.ops.costs import cost_table, parse_since
from newsdesk.store.opening import open_store
from tests.helpers.pipeline import ROOT, command

TODAY = datetime.now(UTC).date()
NO_DAYS = ("", "yesterday", "2026-02-30", "2026-3-4", "20260304", "2026-W10-3", "2026-03-04\n")
NO_NUMBERS_OF_DAYS = ("d", "30", "-1d", "1.5d", "30D", "999999d", "٣d")
HEADINGS = ["Day", "Model", "Step", "Calls", "Unusable", "Input", "Cached", "Output", "USD"]
QUESTION = ModelQuestion(
    model="vendor/model", prompt_version="p", schema_version="s", input_hash=""
)
CALL = Usage(
    model="vendor/model",
    input_tokens=1500,
    cached_input_tokens=1000,
    output_tokens=70,
    cost_usd=0.5,
)


async def costs(url: str, *flags: str) -> tuple[int, str, str]:
    """Runs `newsdesk costs FLAGS` against a database; returns exit code, stdout, stderr."""
    environment = {**os.environ, "NEWSDESK_DATABASE_URL": url}
    return await command(environment, "-m", "newsdesk.cli", "costs", *flags)


async def fill(url: str) -> None:
    """Books calls of today, and of a day that is 40 days ago."""
    article = Assignment(run_number=1, article_id=11, step=Step.ANALYZE_ARTICLE)
    sentiment = article.model_copy(update={"step": Step.ANALYZE_SENTIMENT})
    unpriced = CALL.model_copy(update={"cost_usd": None})
    local = QUESTION.model_copy(update={"model": "\x1b[31mlocal/[red]model"})
    async with open_store(url) as store:
        await store.ledger.note_unusable(QUESTION, article, CALL)
        await store.ledger.keep(QUESTION, article, CALL, "answer")
        await store.ledger.note_unusable(QUESTION, sentiment, unpriced)
        await store.ledger.keep(QUESTION, sentiment, CALL, "answer")
        await store.ledger.keep(local, article, unpriced, "answer")
    connection = await asyncpg.connect(url)
    await connection.execute(
        "INSERT INTO model_days VALUES"
        " ($1, 'vendor/model', 'analyze_article', 1200, 3, 2500000, 0, 90, 1234.5, 0)",
        TODAY - timedelta(days=40),
    )
    await connection.close()


async def test_a_table_by_day_model_and_step_with_its_sum(database_url: str) -> None:
    await fill(database_url)
    code, out, err = await costs(database_url)
    assert (code, err) == (0, "")
    rows = [line.split() for line in out.splitlines()]
    today = TODAY.isoformat()
    assert rows == [
        HEADINGS,
        f"{today} [31mlocal/[red]model analyze_article 1 0 1,500 1,000 70 1 unpriced".split(),
        f"{today} vendor/model analyze_article 2 1 3,000 2,000 140 1.0000".split(),
        f"{today} vendor/model analyze_sentiment 2 1 3,000 2,000 140 0.5000 + 1 unpriced".split(),
        "Total 5 2 7,500 5,000 350 1.5000 + 2 unpriced".split(),
    ]
    assert "\x1b" not in out


async def test_since_names_the_first_day(database_url: str) -> None:
    await fill(database_url)
    before = f"{TODAY - timedelta(days=40)} vendor/model analyze_article 1,200 3 2,500,000 0 90"
    for since in ("40d", "99d", f"{TODAY - timedelta(days=40)}"):
        code, out, _ = await costs(database_url, "--since", since)
        lines = [" ".join(line.split()) for line in out.splitlines()]
        assert (code, lines[1]) == (0, f"{before} 1,234.5000")
        assert lines[-1] == "Total 1,205 5 2,507,500 5,000 440 1,236.0000 + 2 unpriced"
    for since in ("0d", "39d", f"{TODAY - timedelta(days=39)}"):
        code, out, _ = await costs(database_url, "--since", since)
        assert (code, len(out.splitlines())) == (0, 5)


async def test_json_is_a_line_for_each(database_url: str) -> None:
    await fill(database_url)
    code, out, err = await costs(database_url, "--json", "--since", "40d")
    assert (code, err) == (0, "")
    lines = [CostLine.model_validate(json.loads(line)) for line in out.splitlines()]
    async with open_store(database_url) as store:
        assert tuple(lines) == await store.ledger.costs(TODAY - timedelta(days=40))
    assert json.loads(out.splitlines()[-1]) == {
        "day": TODAY.isoformat(),
        "model": "vendor/model",
        "step": "analyze_sentiment",
        "calls": 2,
        "unusable": 1,
        "input_tokens": 3000,
        "cached_input_tokens": 2000,
        "output_tokens": 140,
        "cost_usd": 0.5,
        "unpriced": 1,
    }
    assert "\x1b" not in out


async def test_nothing_is_said_to_be_nothing(database_url: str) -> None:
    code, out, err = await costs(database_url, "--since", "2026-03-04")
    assert (code, out, err) == (0, "no model was asked since 2026-03-04\n", "")
    assert await costs(database_url, "--json") == (0, "", "")


async def test_an_old_schema_is_told_what_to_do(bare_database_url: str) -> None:
    code, out, err = await costs(bare_database_url)
    assert (code, out) == (1, "")
    assert err.startswith("newsdesk costs: sum what models took: ")
    assert "run `newsdesk db migrate`" in err


@pytest.mark.parametrize("since", [*NO_DAYS, *NO_NUMBERS_OF_DAYS])
def test_a_malformed_day_is_a_wrong_call(capsys: pytest.CaptureFixture[str], since: str) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["costs", f"--since={since}"])
    out, err = capsys.readouterr()
    assert (end.value.code, out) == (2, "")
    assert err.startswith("usage: newsdesk costs [-h]")
    assert err.splitlines()[-1].endswith(
        f"argument --since: not a day: {since!r}; write YYYY-MM-DD, or Nd for N days back, like 30d"
    )


def test_a_day_of_its_own_and_days_back() -> None:
    assert parse_since("2026-03-04") == date(2026, 3, 4)
    assert parse_since("99999d").year < TODAY.year - 270


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("NEWSDESK_FOO", "1", "NEWSDESK_FOO is no setting"),
        ("TEMPORAL_PROFILE", "nonesuch", "no database is known: start `newsdesk dev`"),
    ],
)
def test_a_wrong_setting_is_a_wrong_call(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    said: str,
) -> None:
    monkeypatch.setenv(name, value)
    code = cli.main(["costs", "--state", "/nonexistent"])
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert err.startswith(f"newsdesk costs: {said}")


def test_help_fits_a_terminal_and_names_every_flag(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as end:
        cli.main(["costs", "--help"])
    out, _ = capsys.readouterr()
    assert end.value.code == 0
    assert max(len(line) for line in out.splitlines()) <= 80
    for flag in ("--since WHEN", "--json", "--state DIR", "YYYY-MM-DD", "(default: 30d)"):
        assert flag in out


def test_help_and_a_wrong_call_load_no_driver() -> None:
    program = (
        "import sys, newsdesk.cli\n"
        "try: newsdesk.cli.main(['costs', '--since', 'x'])\n"
        "except SystemExit: print(*(name.partition('.')[0] for name in sys.modules))"
    )
    out = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert "newsdesk" in out.split()
    assert {"asyncpg", "rich", "temporalio", "litellm"}.isdisjoint(out.split())


def line(**changes: object) -> CostLine:
    made = CostLine(
        day=date(2026, 3, 4),
        model="vendor/a-model-with-a-long-name-20260304",
        step=Step.ANALYZE_SENTIMENT,
        calls=12345,
        unusable=123,
        input_tokens=98_765_432,
        cached_input_tokens=12_345_678,
        output_tokens=1_234_567,
        cost_usd=1234.5678,
        unpriced=0,
    )
    return made.model_copy(update=changes)


def printed(width: int, *lines: CostLine) -> str:
    out = io.StringIO()
    Console(file=out, width=width, color_system=None).print(cost_table(lines, width))
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 120, 200])
def test_no_number_is_cut(width: int) -> None:
    out = printed(width, line())
    assert max(len(row) for row in out.splitlines()) <= width
    assert "…" not in out
    for number in ("12,345", "123", "98,765,432", "12,345,678", "1,234,567", "1,234.5678"):
        assert out.split().count(number) == 2


@pytest.mark.parametrize(
    ("cost", "unpriced", "shown"),
    [
        (0.0, 0, "0.0000"),
        (0.00002, 0, "<0.0001"),
        (0.0, 10, "10 unpriced"),
        (0.25, 3, "0.2500 + 3 unpriced"),
        (0.0, 3, "0.0000 + 3 unpriced"),
    ],
)
def test_an_unknown_price_is_never_a_zero(cost: float, unpriced: int, shown: str) -> None:
    out = printed(200, line(calls=10, cost_usd=cost, unpriced=unpriced))
    assert [row.endswith(f"  {shown}") for row in out.splitlines()] == [False, True, True]
