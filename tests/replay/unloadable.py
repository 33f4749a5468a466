"""A workflow that the sandbox refuses: its module takes in a driver, and not as passed through."""

import asyncpg
from temporalio import workflow

from newsdesk.contracts.names import WORKFLOW_TYPE


@workflow.defn(name=WORKFLOW_TYPE)
class Unloadable:
    """Does nothing, with a driver at hand."""

    @workflow.run
    async def run(self) -> str:
        """Returns the driver's version."""
        return asyncpg.__version__
