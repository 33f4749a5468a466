"""An enqueuer that is killed (SIGKILL) between storing an article and starting its run."""

import asyncio
import os
import signal
import sys

from newsdesk.contracts.articles import PendingRun
from newsdesk.contracts.options import ProcessingOptions
from newsdesk.store.opening import open_store
from newsdesk.temporal.starting import Intake
from tests.helpers.pipeline import article


class Killed:
    """A run starter that never gets to start anything."""

    async def start(self, run: PendingRun) -> str | None:
        """Kills the process."""
        os.kill(os.getpid(), signal.SIGKILL)
        return None


async def main(url: str) -> None:
    """Enqueues article 5."""
    async with open_store(url) as store:
        intake = Intake(store.articles, store.runs, Killed())
        await intake.receive(article(5), ProcessingOptions())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
