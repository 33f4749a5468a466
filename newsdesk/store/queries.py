"""Named queries: `sql/queries/*.sql`, a statement under each line `-- name: snake_case`."""

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources

_HEADING = re.compile(r"^-- name: ([a-z][a-z0-9_]*)[ ]*$", re.MULTILINE)


def parse_queries(text: str) -> dict[str, str]:
    """Returns the statements of a file by name, in its order.

    Raises ValueError for a name taken twice, an empty statement, or words before the first name.
    """
    preamble, *parts = _HEADING.split(text)
    if any(line.strip() and not line.startswith("--") for line in preamble.splitlines()):
        raise ValueError("a statement stands before the first `-- name:`")
    queries: dict[str, str] = {}
    for name, statement in zip(parts[::2], parts[1::2], strict=True):
        if name in queries:
            raise ValueError(f"query {name} is there twice")
        queries[name] = _checked(name, statement.strip())
    return queries


def _checked(name: str, statement: str) -> str:
    if all(not line.strip() or line.startswith("--") for line in statement.splitlines()):
        raise ValueError(f"query {name} is empty")
    return statement.removesuffix(";")


@cache
def load_queries(name: str) -> Mapping[str, str]:
    """Returns the queries of `sql/queries/<name>.sql`."""
    folder = resources.files("newsdesk.store.sql").joinpath("queries")
    return parse_queries(folder.joinpath(f"{name}.sql").read_text("utf-8"))
