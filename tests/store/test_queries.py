"""The files of named queries, and what Postgres says of each query in them."""

import re
from importlib import resources
from pathlib import Path

import pytest

import newsdesk.store
from newsdesk.store.pool import StorePool
from newsdesk.store.queries import load_queries, parse_queries


def files() -> list[str]:
    folder = resources.files("newsdesk.store.sql").joinpath("queries")
    return sorted(file.name.removesuffix(".sql") for file in folder.iterdir())


def test_statements_are_told_apart_by_name() -> None:
    text = "-- About the file.\n\n-- name: one\n-- Why.\nSELECT 1;\n\n-- name: two\nSELECT 2\n"
    assert parse_queries(text) == {"one": "-- Why.\nSELECT 1", "two": "SELECT 2"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("-- name: one\nSELECT 1\n-- name: one\nSELECT 2", "twice"),
        ("-- name: one\n-- Nothing.\n", "empty"),
        ("SELECT 1\n-- name: one\nSELECT 2", "before the first"),
    ],
)
def test_a_malformed_file_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_queries(text)


@pytest.mark.parametrize("name", files())
async def test_every_query_is_one_that_postgres_understands(pool: StorePool, name: str) -> None:
    async with pool.connection("prepare") as connection:
        for statement in load_queries(name).values():
            await connection.prepare(statement)


def test_every_query_is_used_and_every_used_one_exists() -> None:
    folder = Path(newsdesk.store.__file__).parent
    code = "\n".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    named = set(re.findall(r'"([a-z_]+)"', code))
    stored = {query for name in files() for query in load_queries(name)}
    assert stored - named == set()
    asked = set(re.findall(r'SQL\["([a-z_]+)"\]', code))
    assert asked - stored == set()


# Look-ups that run every few seconds, or under a lock, while their tables grow.
PLANS = [
    ("runs", "list_pending_runs", "runs_pending"),
    ("runs", "list_open_runs", "runs_open"),
    ("runs", "find_run", "runs_workflow_id_key"),
    ("stories", "list_candidates", "memberships_window"),
    ("stories", "list_memberships", "memberships_run"),
    ("stories", "find_lone_story", "stories_founded_by_run_key"),
    ("publishing", "show_memberships", "memberships_run"),
    ("publishing", "withdraw_older_runs", "memberships_article"),
    ("publishing", "forget_article_companies", "article_companies_article"),
    ("records", "find_latest_run", "runs_article_id_revision_restart_key"),
]


@pytest.mark.parametrize(("file", "query", "index"), PLANS)
async def test_a_look_up_has_its_index(pool: StorePool, file: str, query: str, index: str) -> None:
    # Without its limit: over a handful of imagined rows, walking another index in the order that is
    # asked for costs about as much, and which of the two is cheaper changes from run to run.
    statement = re.sub(r"\nLIMIT \S+$", "", load_queries(file)[query])
    parameters = len(set(re.findall(r"\$\d+", statement)))
    nulls = ", ".join(["NULL"] * parameters)
    async with pool.transaction("explain") as connection:
        # On empty tables a scan is always cheaper; the question is whether the index serves.
        await connection.execute("SET LOCAL enable_seqscan = off")
        await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        await connection.execute(f"PREPARE look_up AS {statement}")
        plan = await connection.fetch(f"EXPLAIN EXECUTE look_up({nulls})")
        await connection.execute("DEALLOCATE look_up")
    assert index in "\n".join(row[0] for row in plan)


async def test_articles_are_found_by_ticker(pool: StorePool) -> None:
    query = (
        "SELECT a.article_id FROM article_companies c"
        " JOIN articles a ON a.published_run = c.run_number WHERE c.ticker = 'QRY'"
    )
    async with pool.transaction("explain") as connection:
        await connection.execute("SET LOCAL enable_seqscan = off")
        plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {query}"))
    assert "article_companies_ticker" in plan
    assert "articles_published_run" in plan
