"""What the import rules cannot say: how much an entry point loads, and what workflow files name."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("asyncpg", "litellm", "lxml", "trafilatura", "temporalio.bridge")


def loaded_by(statement: str) -> set[str]:
    """Returns the modules that a fresh interpreter has loaded after a statement."""
    code = f"import sys\n{statement}\nprint('\\n'.join(sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return set(answer.stdout.split())


@pytest.mark.parametrize("module", ["starter", "newsdesk.cli", "newsdesk.benzinga.files"])
def test_light_entry_points_load_no_driver(module: str) -> None:
    loaded = loaded_by(f"import {module}")
    assert not [name for name in HEAVY if name in loaded]


def test_workflows_load_no_driver() -> None:
    loaded = loaded_by("import workflows.article_processing")
    drivers = ("asyncpg", "litellm", "lxml", "trafilatura", "rich")
    assert not [name for name in drivers if name in loaded]


def test_the_check_sees_a_driver() -> None:
    assert "lxml" in loaded_by("import lxml.html")


@pytest.mark.parametrize("file", sorted((ROOT / "workflows").glob("*.py")), ids=lambda f: f.name)
def test_workflow_files_know_no_client_and_no_worker(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    named = {
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module is not None
    }
    named |= {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert not [
        name for name in named if name.startswith(("temporalio.client", "temporalio.worker"))
    ]
