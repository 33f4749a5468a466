"""Which run an operator means: by article id, by run number, or by workflow id."""

import argparse
import re
from dataclasses import dataclass

from newsdesk.contracts.record import RunStatus
from newsdesk.errors import ArticleNotFoundError
from newsdesk.store.operations import KnownRun, PostgresOperations

_HIGHEST = 2**63 - 1
_NUMBER = re.compile(r"(#?)(\d{1,19})", re.ASCII)
_WORKFLOW = re.compile(r"benzinga-\d{1,19}-r\d{1,9}(-\d{1,9})?", re.ASCII)

HOW = "an article id, a run number like #2148, or a workflow id like benzinga-49204497-r1"


@dataclass(frozen=True)
class Target:
    """What was typed: one of the three."""

    text: str
    article_id: int | None = None
    number: int | None = None
    workflow_id: str | None = None


def parse_target(text: str) -> Target:
    """Returns what an operator names. Raises ArgumentTypeError for anything else."""
    found = _NUMBER.fullmatch(text)
    if found is not None and 0 < int(found[2]) <= _HIGHEST:
        number = int(found[2])
        return Target(text, number=number) if found[1] else Target(text, article_id=number)
    if _WORKFLOW.fullmatch(text):
        return Target(text, workflow_id=text)
    raise argparse.ArgumentTypeError(f"not {HOW}: {text!r}")


async def find_run(operations: PostgresOperations, target: Target) -> KnownRun:
    """Returns the run that is meant: of an article's runs the latest that did not complete.

    One that was started afresh since stands back for its successor. Where all completed it is the
    latest. Raises ArticleNotFoundError.
    """
    known = await operations.known(
        article_id=target.article_id, number=target.number, workflow_id=target.workflow_id
    )
    if not known:
        raise ArticleNotFoundError(f"no run of {target.text} is stored")
    standing = [run for run in known if run.successor is None] or known
    return next((run for run in standing if run.status is not RunStatus.COMPLETED), standing[0])
