"""Every activity is registered, every activity has bounds, and steps are named once."""

import ast
from pathlib import Path
from typing import cast

from newsdesk.contracts.names import PUBLISH, SEARCH_ATTRIBUTES, Step
from worker import Adapters, build_activities, build_analyzing
from workflows.options import OPTIONS

ROOT = Path(__file__).parents[2]


def defined_activities() -> set[str]:
    """Returns the names of all functions under activities/ that are decorated as activities."""
    return {
        node.name
        for file in (ROOT / "activities").glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.AsyncFunctionDef)
        and any(ast.unparse(decorator) == "activity.defn" for decorator in node.decorator_list)
    }


class _Anything:
    """Stands for every adapter: registration calls none of them."""

    def __getattr__(self, name: str) -> object:
        return self


def test_the_worker_registers_every_activity() -> None:
    anything = cast("Adapters", _Anything())
    others = {method.__name__ for method in build_activities(anything)}
    analyzing = {method.__name__ for method in build_analyzing(anything)}
    assert others | analyzing == defined_activities() == {*Step, PUBLISH}
    assert analyzing == {Step.ANALYZE_ARTICLE, Step.ANALYZE_SENTIMENT}


def test_every_activity_has_a_total_bound_and_a_heartbeat() -> None:
    assert set(OPTIONS) == {*Step, PUBLISH}
    for options in OPTIONS.values():
        assert options.get("start_to_close_timeout")
        assert options.get("schedule_to_close_timeout")
        assert options.get("heartbeat_timeout")


def test_search_attributes_stay_within_what_sql_visibility_allows() -> None:
    kinds = list(SEARCH_ATTRIBUTES.values())
    assert kinds.count("Keyword") <= 10
    for kind in set(kinds) - {"Keyword"}:
        assert kinds.count(kind) <= 3
