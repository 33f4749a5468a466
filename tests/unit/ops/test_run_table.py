"""The table of `newsdesk runs`: one readable line a run at every width, and the sums below it."""

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from newsdesk.contracts.names import Step
from newsdesk.contracts.record import RunStatus, StepError
from newsdesk.ops.run_lines import RunLine
from newsdesk.ops.run_looks import Look
from newsdesk.ops.run_table import look_view, print_look, rows_that_fit, run_table, sums_words
from newsdesk.ops.run_words import length, what
from newsdesk.temporal.current import CurrentRun, PendingStep, most_troubled_first
from newsdesk.temporal.listing import ListedRun
from newsdesk.temporal.sums import RunSums

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
TITLE = "Tidewater Terminals Lifts Dividend After Profit Beats Every Expectation There Was"
ERROR = StepError(type="StoreUnavailableError", message="publish: no server at\n10.0.0.7")
PENDING = PendingStep(
    name=Step.ANALYZE_ARTICLE, attempt=1, started=True, paused=False, error=None, next_try_at=None
)
RETRYING = replace(PENDING, attempt=3, error=ERROR)
LINKING = replace(PENDING, name=Step.LINK_ARTICLE_TO_STORIES)
COST = 0.0123
URL = "http://127.0.0.1:8233/namespaces/default/workflows?query=" + "x" * 200


def run_line(
    status: RunStatus = RunStatus.RUNNING,
    *pending: PendingStep,
    title: str | None = TITLE,
    ending: StepError | None = None,
    skips: dict[str, str] | None = None,
    task_attempt: int = 0,
    unclaimed: bool = False,
    **changes: object,
) -> RunLine:
    run = ListedRun(
        workflow_id="benzinga-49965372-r1",
        run_id="01a218b0",
        status=status,
        article_id=49965372,
        revision=1,
        run_number=2148,
        tickers=("TDWX", "HRBK"),
        failed_step=None,
        error_type=None,
        waiting_for=None,
        skipped=(),
        outcome=None,
        cost_usd=None,
        started_at=NOW - timedelta(minutes=5),
        closed_at=None if status is RunStatus.RUNNING else NOW - timedelta(minutes=4),
    )
    current = CurrentRun(
        run=replace(run, **changes),
        title=title,
        skips=skips or {},
        pending=pending,
        task_attempt=task_attempt,
        unclaimed=unclaimed,
    )
    return RunLine(current=current, title=title, ending=ending, temporal_url=None)


def failed(step: str | None, error: StepError) -> RunLine:
    return run_line(RunStatus.FAILED, ending=error, failed_step=step)


SKIPPED = run_line(
    RunStatus.COMPLETED,
    skips={"link_article_to_stories": "roundup"},
    outcome="published",
    cost_usd=COST,
)
FAILED = failed(
    "analyze_article",
    StepError(type="ModelAccessError", message="analyze_article failed: the key is refused"),
)
EVERY_KIND = (
    run_line(RunStatus.RUNNING, RETRYING, LINKING),
    run_line(title=None, waiting_for="daily_budget"),
    run_line(title="見出し" * 60, run_number=None, revision=12),
    SKIPPED,
    FAILED,
    run_line(RunStatus.TERMINATED, title="two\nlines\x1b[2J of title", article_id=None),
)


def look(*lines: RunLine, exact: bool = True, more: int = 0, url: str | None = None) -> Look:
    counts = {RunStatus.COMPLETED: more}
    for line in lines:
        counts[line.run.status] = counts.get(line.run.status, 0) + 1
    return Look(lines, RunSums(counts, exact), NOW, url)


def printed(width: int, *lines: RunLine) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width, color_system=None).print(run_table(lines, width, NOW))
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [80, 110, 180])
def test_a_run_is_a_line_that_fits(width: int) -> None:
    lines = printed(width, *EVERY_KIND)
    assert len(lines) == 1 + len(EVERY_KIND)
    assert all(cell_len(line) <= width for line in lines)
    assert lines[1].split()[0] == "#2148"
    took = [line.split()[-1] for line in lines[1:]]
    assert took == ["5m00s"] * 3 + ["1m00s"] * 3


def test_eighty_columns_keep_step_attempt_and_error() -> None:
    heading, retrying, bad = printed(80, EVERY_KIND[0], FAILED)
    assert heading.split() == "Run Article Title Status Doing, or end Ago Took".split()
    assert " running analyze_article ×3: StoreUna" in retrying
    assert " failed  analyze_article ModelAccess" in bad
    assert " Tidewater" in bad
    assert bad.endswith("…  5m 1m00s")


def test_a_wide_terminal_shows_all_of_it() -> None:
    _, retrying, skipped = printed(260, EVERY_KIND[0], SKIPPED)
    for row in (retrying, skipped):
        assert f"#2148  49965372 r1  {TITLE}  " in row
        assert "  5m ago  " in row
    assert (
        "analyze_article attempt 3: StoreUnavailableError: publish: no server at 10.0.0.7;"
        " link_article_to_stories  " in retrying
    )
    assert "published, skipped link_article_to_stories (roundup), $0.0123  " in skipped


def test_tickers_stand_in_for_a_title() -> None:
    assert " TDWX, HRBK " in printed(110, run_line(title=None))[1]


def styles(*lines: RunLine) -> list[str]:
    """Returns the style of each run's status."""
    cells = run_table(lines, 180, NOW).columns[3].cells
    return [str(cell.style) for cell in cells if isinstance(cell, Text)]


def test_colours_tell_well_troubled_and_failed_runs() -> None:
    assert styles(SKIPPED, run_line(RunStatus.RUNNING, PENDING), *EVERY_KIND[:2], FAILED) == [
        *("green", "cyan", "yellow", "yellow", "red")
    ]


@pytest.mark.parametrize(
    ("line", "narrow", "wide"),
    [
        (run_line(RunStatus.RUNNING, PENDING), "analyze_article", "analyze_article"),
        (
            run_line(RunStatus.RUNNING, replace(PENDING, started=False)),
            *("analyze_article queued",) * 2,
        ),
        (
            run_line(
                RunStatus.RUNNING,
                replace(RETRYING, started=False, next_try_at=NOW + timedelta(seconds=12)),
            ),
            "analyze_article ×3: StoreUnavailableError: publish: no server at\n10.0.0.7",
            "analyze_article attempt 3 in 12.0s: StoreUnavailableError: publish: no server at"
            "\n10.0.0.7",
        ),
        (
            run_line(RunStatus.RUNNING, replace(PENDING, paused=True)),
            *("analyze_article paused",) * 2,
        ),
        (
            run_line(RunStatus.RUNNING, LINKING, waiting_for="daily_budget"),
            *("waits: daily_budget; link_article_to_stories",) * 2,
        ),
        (run_line(task_attempt=1, unclaimed=True), *("waits for a worker",) * 2),
        (run_line(task_attempt=1), *("between steps",) * 2),
        (run_line(), *("waits on a timer",) * 2),
        (run_line(task_attempt=4), *("workflow task, attempt 4: see the worker's log",) * 2),
        (
            SKIPPED,
            "published, ⊘ roundup, $0.0123",
            "published, skipped link_article_to_stories (roundup), $0.0123",
        ),
        (
            run_line(RunStatus.COMPLETED, outcome="superseded", cost_usd=0.0),
            *("superseded",) * 2,
        ),
        (FAILED, *("analyze_article ModelAccessError: the key is refused",) * 2),
        (failed(None, StepError(type="KeyError", message="'x'")), *("KeyError: 'x'",) * 2),
        (
            # Its history is gone: what the search attributes tell.
            run_line(RunStatus.FAILED, failed_step="publish", error_type="StoreConflictError"),
            *("publish StoreConflictError",) * 2,
        ),
        (
            run_line(
                RunStatus.TERMINATED,
                PENDING,
                ending=StepError(type="Terminated", message="Terminated by me: enough"),
            ),
            *("Terminated by me: enough (during analyze_article)",) * 2,
        ),
        (
            run_line(
                RunStatus.CANCELED,
                ending=StepError(type="Canceled", message="The run was canceled."),
            ),
            *("The run was canceled.",) * 2,
        ),
    ],
)
def test_words_for_what_a_run_does(line: RunLine, narrow: str, wide: str) -> None:
    assert what(line, NOW, narrow=True) == narrow
    assert what(line, NOW, narrow=False) == wide


def test_of_two_steps_the_more_troubled_is_told() -> None:
    worse = replace(LINKING, attempt=4, error=ERROR)
    for steps in ([PENDING, worse], [RETRYING, worse], [worse, RETRYING]):
        line = run_line(RunStatus.RUNNING, *most_troubled_first(steps))
        assert (line.step, line.attempt, line.error) == ("link_article_to_stories", 4, ERROR)
    line = run_line(RunStatus.RUNNING, *most_troubled_first([LINKING, PENDING]))
    assert (line.step, line.attempt, line.error) == ("analyze_article", 1, None)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (5.26, "5.3s"),
        (59.94, "59.9s"),
        (250, "4m10s"),
        (11_100, "3h05m"),
        (187_200, "2d04h"),
    ],
)
def test_lengths(seconds: float, text: str) -> None:
    assert length(seconds) == text


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (look(FAILED, SKIPPED), "runs: completed 1, failed 1"),
        (look(FAILED, more=1234), "runs: completed 1,234, failed 1; shown 1"),
        (
            look(FAILED, exact=False),
            "runs: failed 1 (executions: replayed runs' earlier ones count, too)",
        ),
        (look(), "no such run"),
    ],
)
def test_sums(seen: Look, words: str) -> None:
    assert sums_words(seen) == words


def shown(height: int, width: int, url: str | None, lines: Sequence[RunLine]) -> list[str]:
    out = io.StringIO()
    console = Console(file=out, width=width, height=height, color_system=None)
    console.print(look_view(look(*lines, url=url), width))
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [80, 110, 180])
@pytest.mark.parametrize("url", [None, URL])
def test_what_fits_a_terminal_fits_it(width: int, url: str | None) -> None:
    console = Console(width=width, height=24, force_terminal=True)
    rows = rows_that_fit(console, url)
    assert rows is not None
    seen = shown(24, width, url, [FAILED] * rows)
    # A line above and one below are left for what a watch says, or for the prompt.
    assert 24 - 3 <= len(seen) <= 24 - 2
    assert all(cell_len(line) <= width for line in seen)
    assert rows_that_fit(Console(width=width, force_terminal=False), url) is None
    assert rows_that_fit(Console(width=width, height=4, force_terminal=True), url) == 5


def test_an_address_is_printed_in_one_piece() -> None:
    out = io.StringIO()
    print_look(look(FAILED, url=URL), Console(file=out, width=80, color_system=None))
    assert out.getvalue().splitlines()[-1] == URL
