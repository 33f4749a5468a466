"""The articles of samples/, through the same door as everybody else's."""

import asyncio
import sys
from pathlib import Path

from rich.console import Console

import newsdesk
from newsdesk.errors import UsageError
from newsdesk.settings import DATABASE_URL, TEMPORAL_UI_URL, Settings, current_environment


async def run_samples(settings: Settings, console: Console) -> int:
    """Enqueues samples/, waits for the runs, and returns 0, or 1 where one failed.

    Raises UsageError where there are no samples: they come with a clone, not with the package.
    """
    samples = Path(newsdesk.__file__).parents[1] / "samples"
    if not samples.is_dir():
        raise UsageError(f"no samples at {samples}: run this from a clone of the repository")
    console.print("Processing the articles of samples/ ...")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "starter", "files", str(samples), "--wait"),
        env=_environment(settings),
    )
    try:
        return await process.wait()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


def _environment(settings: Settings) -> dict[str, str]:
    own = {
        DATABASE_URL.name: settings.require_database_url(),
        TEMPORAL_UI_URL.name: settings.temporal_ui_url or "",
    }
    return {**current_environment(), **settings.temporal_environment, **own}
