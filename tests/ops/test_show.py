"""`newsdesk show`, for people and for programs, over articles of every kind."""

import unicodedata

import pytest

from tests.ops import articles
from tests.ops.articles import HOSTILE_TITLE
from tests.ops.conftest import Call, House

SKIPS = {
    articles.HEADLINE: "headline_only",
    articles.GERMAN: "language_not_read",
    articles.ALERT: "automated_alert",
    articles.ROUNDUP: "roundup",
}


async def test_a_full_article(house: House, filled: Call) -> None:
    (line,) = filled.of(articles.FULL)
    code, out, err = await house.newsdesk("show", str(articles.FULL))
    assert (code, err) == (0, "")
    assert "\nGist\nTidewater Terminals" in out
    assert "Tidewater Terminals (NYSE:TDWX) · subject · Bullish +" in out
    assert f"Benzinga Article Processing #{line['run_number']}: completed in " in out
    assert "✓ link_article_to_stories completed " in out
    assert out.split("\nStories\n")[1].startswith("  #")
    assert f"Article id: {articles.FULL}, revision 1" in out
    assert "04 Mar 2026, 12:00:00 UTC" in out


@pytest.mark.parametrize(("article_id", "code"), SKIPS.items())
async def test_a_skip_has_its_code_and_its_sentence(
    house: House, filled: Call, article_id: int, code: str
) -> None:
    (line,) = filled.of(article_id)
    assert line["run"]["skipped"] == {"link_article_to_stories": code}
    _, out, _ = await house.newsdesk("show", str(article_id))
    steps = out.splitlines()
    at = steps.index("  ⊘ link_article_to_stories skipped")
    assert steps[at + 1].startswith(f"      {code}: ")
    assert steps[at + 1].endswith(".")


async def test_the_older_run_of_an_updated_article(house: House, filled: Call) -> None:
    older, newer = filled.of(articles.UPDATED)
    assert (older["revision"], newer["revision"]) == (1, 2)
    current = await house.record(articles.UPDATED)
    assert current["run"]["number"] == newer["run_number"]
    assert current["article"]["revision"] == 2
    record = await house.record(articles.UPDATED, "--run", str(older["run_number"]))
    assert record["run"]["number"] == older["run_number"]
    assert record["run"]["published"] is False
    assert record["article"]["revision"] == 1
    code, out, _ = await house.newsdesk(
        "show", str(articles.UPDATED), "--run", f"#{older['run_number']}"
    )
    assert code == 0
    assert "Not what readers see: superseded by revision 2." in out


async def test_a_removed_article(house: House, filled: Call) -> None:
    assert filled.of(articles.REMOVED)
    code, out, _ = await house.newsdesk("show", str(articles.REMOVED))
    assert code == 0
    assert "Removed by the publisher at 05 Mar 2026, 01:20:32 UTC." in out
    assert "\nArticle\n" not in out


async def test_an_article_that_can_never_be_processed(house: House, filled: Call) -> None:
    (line,) = filled.of(articles.UNUSABLE)
    assert line["run"]["error"]["type"] == "ArticleUnusableError"
    code, out, _ = await house.newsdesk("show", str(articles.UNUSABLE))
    assert code == 0
    assert "✗ clean_raw_article       failed" in out
    assert "1 attempt\n" in out
    assert f"ArticleUnusableError: article {articles.UNUSABLE} has no title" in out


async def test_a_step_that_fails_twice_shows_three_attempts(house: House, filled: Call) -> None:
    assert filled.of(articles.FLAKY)[0]["run"]["status"] == "completed"
    record = await house.record(articles.FLAKY)
    attempts = {step["name"]: step["attempts"] for step in record["run"]["steps"]}
    assert attempts.pop("analyze_article") == 3
    assert set(attempts.values()) == {1}
    _, out, _ = await house.newsdesk("show", str(articles.FLAKY))
    (line,) = [line for line in out.splitlines() if "analyze_article" in line]
    assert line.endswith("  3 attempts")


async def test_untrusted_text_stays_text(house: House, filled: Call) -> None:
    assert filled.of(articles.HOSTILE)
    code, out, _ = await house.newsdesk("show", str(articles.HOSTILE))
    assert code == 0
    controls = {char for char in out if unicodedata.category(char) in {"Cc", "Cf"}}
    assert controls == {"\n"}
    assert "[red]Terminals[/red] [link=https://evil.example]Lifts[/link]" in out
    code, out, _ = await house.newsdesk("show", str(articles.HOSTILE), "--json")
    assert out.isascii()
    assert out.isprintable() or out.rstrip("\n").isprintable()
    record = await house.record(articles.HOSTILE)
    assert record["article"]["title"] == HOSTILE_TITLE


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["999999"], 1, "newsdesk show: article 999999 is not stored"),
        ([str(articles.FULL), "--run", "999999"], 1, f"article {articles.FULL} has no run 999999"),
        (["12x"], 2, "not an article id (a positive whole number): '12x'"),
        (["0"], 2, "not an article id"),
        (["9223372036854775808"], 2, "not an article id"),
        ([str(articles.FULL), "--run", "99999999999999999999"], 2, "not a run number"),
    ],
)
async def test_what_is_not_there_and_what_is_no_number(
    house: House, filled: Call, arguments: list[str], code: int, message: str
) -> None:
    assert filled.lines
    ended, out, err = await house.newsdesk("show", *arguments)
    assert (ended, out) == (code, "")
    assert message in err.splitlines()[-1]
    assert "Traceback" not in err


async def test_json_is_one_line(house: House, filled: Call) -> None:
    assert filled.lines
    _, out, err = await house.newsdesk("show", str(articles.FULL), "--json")
    assert out.count("\n") == 1
    assert out.startswith("{")
    assert out.endswith("}\n")
    assert err == ""


async def test_any_locale_will_do(house: House, filled: Call) -> None:
    assert filled.lines
    code, out, err = await house.newsdesk(
        "show", str(articles.GERMAN), PYTHONIOENCODING="ascii", PYTHONUTF8="0"
    )
    assert (code, err) == (0, "")
    assert out.isascii()
    assert "f\\xfcr das laufende Jahr" in out


async def test_temporal_is_not_needed_for_a_finished_run(house: House, filled: Call) -> None:
    away = {"TEMPORAL_ADDRESS": "127.0.0.1:9"}
    assert filled.lines
    code, _, err = await house.newsdesk("show", str(articles.FULL), **away)
    assert (code, err) == (0, "")
    code, out, err = await house.newsdesk("show", str(articles.UNUSABLE), **away)
    assert code == 0
    assert "no Temporal server answers at 127.0.0.1:9" in err
    assert err.rstrip().endswith("; showing what is recorded")
    assert "✗ clean_raw_article" in out
