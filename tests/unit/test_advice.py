"""Every way a run can fail has its advice, and its place in the runbook."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from temporalio.exceptions import TimeoutType

from newsdesk import errors
from newsdesk.contracts.advice import ADVICE, advice

RUNBOOK = (Path(__file__).parents[2] / "deploy" / "RUNBOOK.md").read_text(encoding="utf-8")
NEVER_RAISED_BY_STEPS = {
    "ArticleRejectedError",
    "ConfigurationError",
    "EmbeddedServerError",
    "ModelError",  # its kinds are
    "NewsdeskError",
    "NotReplayableError",
    "TemporalUnavailableError",
    "UsageError",
}


def own_errors(kind: type[errors.NewsdeskError] = errors.NewsdeskError) -> Iterator[str]:
    yield kind.__name__
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from own_errors(child)


def test_every_error_of_a_step_has_its_advice() -> None:
    timeouts = {f"Timeout:{kind.name}" for kind in TimeoutType}
    closings = {"Canceled", "Terminated", "TimedOut"}
    assert set(own_errors()) - NEVER_RAISED_BY_STEPS | timeouts | closings == set(ADVICE)


@pytest.mark.parametrize("error", ADVICE)
def test_the_runbook_tells_of_every_error(error: str) -> None:
    assert f"`{error}`" in RUNBOOK


def test_advice_names_the_article() -> None:
    assert advice("ModelUnavailableError", 49204497).endswith("newsdesk failures replay 49204497")
    assert "failures show 5" in advice("KeyError", 5)
