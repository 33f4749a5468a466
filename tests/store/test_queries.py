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


PLANS = {
    "the sweeper": (
        "SELECT number FROM runs WHERE state = 'pending' AND enqueued_at <= now()"
        " ORDER BY enqueued_at LIMIT 10",
        "runs_pending",
    ),
    "the recorder": (
        "SELECT number FROM runs WHERE state = 'started' AND number > 5 ORDER BY number LIMIT 10",
        "runs_open",
    ),
    "candidates of a linking": (
        "SELECT story_id FROM memberships WHERE state <> 'withdrawn'"
        " AND published_at BETWEEN '2026-01-01' AND '2026-01-02'",
        "memberships_window",
    ),
    "a run's memberships": ("SELECT 1 FROM memberships WHERE run_number = 5", "memberships_run"),
    "an article's memberships": (
        "SELECT 1 FROM memberships WHERE article_id = 5",
        "memberships_article",
    ),
    "articles by ticker": (
        "SELECT c.article_id FROM article_companies c"
        " JOIN articles a ON a.published_run = c.run_number WHERE c.ticker = 'QRY'",
        "article_companies_ticker",
    ),
}


@pytest.mark.parametrize("look_up", PLANS)
async def test_a_look_up_has_its_index(pool: StorePool, look_up: str) -> None:
    query, index = PLANS[look_up]
    async with pool.transaction("explain") as connection:
        # On empty tables a scan is always cheaper; the question is whether the index serves.
        await connection.execute("SET LOCAL enable_seqscan = off")
        plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {query}"))
    assert index in plan
