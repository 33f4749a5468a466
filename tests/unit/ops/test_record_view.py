"""A record on a terminal."""

import io
import unicodedata
from datetime import UTC, datetime

import pytest
from rich.console import Console

from newsdesk.contracts.analysis import (
    AnalyzerInfo,
    Evidence,
    EvidenceState,
    Mention,
    Role,
    not_assessed,
    scored,
)
from newsdesk.contracts.cleaning import CleaningRemoval, ContentKind
from newsdesk.contracts.names import Step
from newsdesk.contracts.record import (
    ArticleRecord,
    RecordAnalysis,
    RecordArticle,
    RecordCompany,
    RecordStory,
    RunBlock,
    RunStatus,
    StepError,
    StepRecord,
    StepStatus,
    Tokens,
)
from newsdesk.contracts.stories import Relation
from newsdesk.ops.record_view import print_record, sentiment_words, when

AT = datetime(2026, 3, 4, 16, 47, 9, tzinfo=UTC)
EVIL = "\x1b[31mEvil\x07 [red]text[/red]\u202e"
SENTENCE = "Tidewater Terminals raised its dividend by a tenth after profit beat expectations."


def record(run: RunBlock | None = None, words: str = "Words", **article: object) -> ArticleRecord:
    made = RecordArticle(
        id=5,
        revision=2,
        source="benzinga",
        title=words,
        author=words,
        url="https://www.benzinga.com/" + "long-" * 30,
        teaser=words,
        image_url="",
        published_at=AT,
        updated_at=AT,
        fetched_at=AT,
        channels=(words,),
        tags=(words,),
        stocks=(),
        tickers=(),
        content=ContentKind.FULL,
        language="en",
        origin=(),
        state="active",
        markdown=f"{words}\n\n{SENTENCE}",
        text=words,
        cleaning=(CleaningRemoval(rule="related-link", removed_chars=9, sample=words),),
    )
    quote = Evidence(state=EvidenceState.VERIFIED, quote=SENTENCE, start=0, end=len(SENTENCE))
    mention = Mention(start=0, end=9, sentence="Harbeck is named here.")
    company = RecordCompany(
        name=words,
        ticker="TDWX",
        exchange="NYSE",
        role=Role.TAGGED_ONLY,
        mentions=(),
        sentiment=scored(0.42, words, quote),
    )
    passing = company.model_copy(
        update={"mentions": (mention,), "sentiment": not_assessed("Named in passing.")}
    )
    story = RecordStory(
        id=3, title=words, relation=Relation.MEMBER, similarity=0.5, why=words, article_count=2
    )
    return ArticleRecord(
        article=made.model_copy(update=article),
        analysis=RecordAnalysis(
            categories=(words,),
            gist=words,
            summary="",
            analyzed_at=AT,
            analyzer=AnalyzerInfo(name="builtin", version="1"),
            note=words,
        ),
        companies=(company, passing),
        stories=(story,),
        run=run or RunBlock(number=7, workflow_id="benzinga-5-r2", status=RunStatus.COMPLETED),
    )


def printed(shown: ArticleRecord, width: int | None = None) -> str:
    """Prints for a terminal of this width, or for a pipe."""
    out = io.StringIO()
    terminal = width is not None
    print_record(
        shown,
        Console(file=out, width=width or 180, force_terminal=terminal, color_system=None),
    )
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 120, None])
def test_untrusted_text_stays_text(width: int | None) -> None:
    out = printed(record(words=EVIL), width)
    assert not [char for char in out if char != "\n" and unicodedata.category(char)[0] == "C"]
    assert out.count("[31mEvil [red]text[/red]") == 15


def test_a_terminal_gets_whole_words_and_addresses_in_one_piece() -> None:
    lines = printed(record(), 60).splitlines()
    (url,) = [line for line in lines if line.startswith("https://")]
    assert len(url) > 60
    assert all(len(line) <= 60 for line in lines if line != url)
    assert "    “Tidewater Terminals raised its dividend by a tenth" in "\n".join(lines)
    assert f"    “{SENTENCE}”" in printed(record()).splitlines()


def test_a_company_that_is_not_assessed_shows_the_sentence_that_names_it() -> None:
    out = printed(record())
    assert "  Words (NYSE:TDWX) · tagged only · Bullish +0.42\n" in out
    at = out.index(" · not assessed\n")
    assert out[at:].startswith(
        " · not assessed\n    “Harbeck is named here.”\n    Named in passing.\n"
    )


def test_steps_with_attempts_reason_and_error() -> None:
    steps = (
        StepRecord(
            name=Step.CLEAN_RAW_ARTICLE,
            status=StepStatus.COMPLETED,
            attempts=1,
            duration_ms=1234,
        ),
        StepRecord(name=Step.CLEAN_MARKDOWN_ARTICLE, status=StepStatus.FAILED, attempts=None),
        StepRecord(
            name=Step.ANALYZE_ARTICLE,
            status=StepStatus.RUNNING,
            attempts=3,
            error=StepError(type="SomeError", message="twice"),
        ),
        StepRecord(
            name=Step.LINK_ARTICLE_TO_STORIES,
            status=StepStatus.SKIPPED,
            reason_code="roundup",
            reason="It is one.",
        ),
        StepRecord(name=Step.ANALYZE_SENTIMENT),
    )
    run = RunBlock(
        number=7,
        workflow_id="benzinga-5-r2",
        status=RunStatus.FAILED,
        error=StepError(type="SomeError", message="for good"),
        started_at=AT,
        duration_seconds=2.5,
        steps=steps,
    )
    block = printed(record(run)).split("\nBenzinga Article Processing #7: ")[1]
    assert block.splitlines()[:11] == [
        "failed in 2.5 s",
        "  ✓ clean_raw_article       completed     1.23 s  1 attempt",
        "  ✗ clean_markdown_article  failed      attempts unknown",
        "  … analyze_article         running     3 attempts",
        "      SomeError: twice",
        "  ⊘ link_article_to_stories skipped",
        "      roundup: It is one.",
        "  · analyze_sentiment       pending",
        "  SomeError: for good",
        "  Not published: readers see an earlier run's record, if there is one.",
        "  started 04 Mar 2026, 16:47:09 UTC · ended -",
    ]


PAID = StepRecord(
    name=Step.ANALYZE_SENTIMENT,
    status=StepStatus.COMPLETED,
    attempts=1,
    model="vendor/model",
    prompt_version="p1",
    tokens=Tokens(input=1200, cached_input=1000, output=80),
    cost_usd=0.00125,
)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "1 attempt  vendor/model, 1,200 (1,000 cached) + 80 tokens, $0.0013"),
        (
            {"cost_usd": None},
            "1 attempt  vendor/model, 1,200 (1,000 cached) + 80 tokens, price unknown",
        ),
        ({"answer_reused": True}, "1 attempt  vendor/model, answer of an earlier run"),
        ({"model": "builtin", "prompt_version": None}, "1 attempt"),
    ],
)
def test_what_a_step_took(changes: dict[str, object], said: str) -> None:
    run = RunBlock(
        number=7,
        workflow_id="benzinga-5-r2",
        status=RunStatus.COMPLETED,
        steps=(PAID.model_copy(update=changes),),
    )
    [line] = [line for line in printed(record(run)).splitlines() if "analyze_sentiment" in line]
    assert line.endswith(f" {said}")


def test_a_step_that_waits_or_was_answered_by_another_model_says_why() -> None:
    reason = "Another model was asked, for: a is not available"
    error = StepError(type="ModelAccessError", message="b refused the key")
    step = PAID.model_copy(update={"reason_code": "fallback", "reason": reason, "error": error})
    run = RunBlock(number=7, workflow_id="benzinga-5-r2", status=RunStatus.FAILED, steps=(step,))
    lines = printed(record(run)).splitlines()
    assert f"      fallback: {reason}" in lines
    assert "      ModelAccessError: b refused the key" in lines


@pytest.mark.parametrize(
    ("companies", "quotes", "said"),
    [
        (0, 0, None),
        (1, 0, "Left out, for not being in the text: 1 company."),
        (2, 3, "Left out, for not being in the text: 2 companies, 3 quotes."),
    ],
)
def test_what_was_left_out_is_counted(companies: int, quotes: int, said: str | None) -> None:
    whole = record()
    assert whole.analysis is not None
    analysis = whole.analysis.model_copy(
        update={"dropped_companies": companies, "dropped_quotes": quotes}
    )
    text = printed(whole.model_copy(update={"analysis": analysis}))
    assert (said in text) if said else ("Left out" not in text)


@pytest.mark.parametrize(
    ("run", "said"),
    [
        ({"published": True}, None),
        ({"superseded_by": 4}, "superseded by revision 4."),
        ({"outcome": "superseded"}, "Not what readers see: the article was removed."),
        ({"status": RunStatus.RUNNING}, "Not published yet."),
        ({"status": RunStatus.PENDING}, "Not published yet."),
        ({"status": RunStatus.TERMINATED}, "Not published: "),
    ],
)
def test_why_readers_do_not_see_it(run: dict[str, object], said: str | None) -> None:
    block = RunBlock(number=7, workflow_id="benzinga-5-r2", status=RunStatus.COMPLETED)
    out = printed(record(block.model_copy(update=run)))
    assert ("ublished" in out or "readers" in out) is (said is not None)
    assert said is None or said in out


def test_a_removed_article_and_a_headline_say_so() -> None:
    out = printed(record(state="removed", removed_at=AT, markdown="", cleaning=()))
    assert "Removed by the publisher at 04 Mar 2026, 16:47:09 UTC." in out
    assert "\nArticle\n" not in out
    assert " · headline\n" in printed(record(content=ContentKind.HEADLINE))


def test_words_for_moments_and_scores() -> None:
    assert (when(None), when(AT)) == ("-", "04 Mar 2026, 16:47:09 UTC")
    assert sentiment_words(None) == "not analyzed yet"
    assert sentiment_words(not_assessed("x")) == "not assessed"
    assert sentiment_words(scored(-0.2, "x", Evidence())) == "Somewhat-Bearish -0.20"
