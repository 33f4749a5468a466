"""The table of runs: one readable line a run at every width."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from newsdesk.contracts.analysis import Role, SentimentState, label_for
from newsdesk.contracts.record import RunStatus, StepError
from newsdesk.contracts.steps import PublishOutcome, Skip
from newsdesk.ops.tables import clipped, fitting, run_table
from newsdesk.store.summaries import CompanySummary, RunSummary


def company(ticker: str | None, score: float | None) -> CompanySummary:
    state = SentimentState.NOT_ASSESSED if score is None else SentimentState.SCORED
    return CompanySummary(
        name="Tidewater Terminals",
        ticker=ticker,
        exchange=None,
        role=Role.SUBJECT,
        state=state,
        score=score,
        label=None if score is None else label_for(score),
    )


def summary(**changes: object) -> RunSummary:
    made = RunSummary(
        run_number=2148,
        article_id=49965372,
        revision=1,
        workflow_id="benzinga-49965372-r1",
        title="Tidewater Terminals Lifts Dividend After Profit Beats Every Expectation There Was",
        status=RunStatus.COMPLETED,
        outcome=PublishOutcome.PUBLISHED,
        superseded_by=None,
        companies=(company("TDWX", 0.42), company("HRBK", None), company(None, -0.5)),
        stories=("Tidewater Terminals Lifts Dividend As Ports Fill Up", "A Second Story"),
        skips={},
        duration_seconds=12.345,
        error=None,
    )
    return made.model_copy(update=changes)


def printed(width: int, *summaries: RunSummary) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width, color_system=None).print(run_table(summaries, width))
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [66, 80, 120, 200])
def test_a_run_is_a_line(width: int) -> None:
    long = summary(title="見出し" * 60, stories=("物語" * 80,))
    failed = StepError(type="ArticleUnusableError", message="no words at all\nin it")
    lines = printed(
        width,
        summary(),
        long,
        summary(title="two\nlines\tof title"),
        summary(status=RunStatus.FAILED, outcome=None, companies=(), stories=(), error=failed),
        summary(skips={"link_article_to_stories": Skip(code="no_subject_company", reason="x")}),
        summary(companies=(), stories=(), duration_seconds=None, title="", revision=12),
    )
    assert len(lines) == 7
    assert all(cell_len(line) <= width for line in lines)
    for line in lines[1:]:
        assert line.split()[:2] == ["#2148", "49965372"]
    assert [line.split()[-1] for line in lines[1:]] == ["12.3"] * 5 + ["-"]


def test_eighty_columns_keep_what_matters() -> None:
    heading, row = printed(80, summary())
    assert heading.split() == ["Run", "Article", "Title", "Outcome", "Companies", "Story", "Sec"]
    assert "Tidewater" in row
    assert " completed TDWX +0.42" in row
    assert row.count("…") == 2


def test_a_wide_terminal_shows_all_of_it() -> None:
    _, row = printed(260, summary())
    assert summary().title in row
    assert "TDWX +0.42, HRBK n/a, Tidewater Terminals -0.50" in row
    assert "Ports Fill Up; A Second Story" in row


@pytest.mark.parametrize(
    ("changes", "narrow", "wide"),
    [
        ({"outcome": PublishOutcome.SUPERSEDED}, "superseded", "superseded by its removal"),
        (
            {"outcome": PublishOutcome.SUPERSEDED, "superseded_by": 3},
            "superseded",
            "superseded by r3",
        ),
        ({"status": RunStatus.TIMED_OUT}, "timed_out", "timed_out"),
        (
            {"skips": {"link_article_to_stories": Skip(code="roundup", reason="x")}},
            "⊘ roundup",
            "skipped: roundup",
        ),
        ({"revision": 2}, "49965372 r2", "49965372 r2"),
        ({"revision": 1}, "49965372 ", "49965372 r1"),
        (
            {"error": StepError(type="OddError", message="why")},
            "OddError: why",
            "OddError: why",
        ),
    ],
)
def test_words_for_what_came_of_it(changes: dict[str, object], narrow: str, wide: str) -> None:
    assert narrow in printed(80, summary(**changes))[1]
    assert wide in printed(160, summary(**changes))[1]


@pytest.mark.parametrize(
    ("width", "text"),
    [
        (100, "TDWX +0.42, HRBK n/a, CRVT -0.10 +1"),
        (34, "TDWX +0.42, HRBK n/a +2"),
        (23, "TDWX +0.42, HRBK n/a +2"),
        (22, "TDWX +0.42 +3"),
        (12, "TDWX +0.42"),
        (8, "TDWX +0…"),
    ],
)
def test_companies_are_left_out_whole(width: int, text: str) -> None:
    companies = [company("TDWX", 0.42), company("HRBK", None), company("CRVT", -0.1)]
    shown = fitting([*companies, company("LAST", 1.0)], width)
    assert cell_len(shown) <= width
    assert shown == text


def test_no_companies() -> None:
    assert fitting([], 20) == "-"


def test_a_cell_is_text_and_never_mark_up() -> None:
    cell = clipped("\x1b[31m[red]Tide[/red]\u202e\n[link=x]water", 60)
    assert cell.plain == "[31m[red]Tide[/red] [link=x]water"
    assert cell.spans == []
    assert clipped("Tidewater Terminals", 8).plain == "Tidewat…"
