"""Small rooms: files of at most 400 lines, functions of at most 60."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLACES = ("newsdesk", "workflows", "activities", "tests", "benchmarks", "worker.py", "starter.py")
MAX_FILE_LINES, MAX_FUNCTION_LINES = 400, 60


def python_files() -> Iterator[Path]:
    for place in PLACES:
        path = ROOT / place
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


def test_files_are_small() -> None:
    sizes = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in python_files()}
    assert len(sizes) > 50
    too_long = [str(file.relative_to(ROOT)) for file, n in sizes.items() if n > MAX_FILE_LINES]
    assert not too_long


def test_functions_are_small() -> None:
    too_long = [
        f"{file.relative_to(ROOT)}:{node.lineno} {node.name}"
        for file in python_files()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > MAX_FUNCTION_LINES
    ]
    assert not too_long
