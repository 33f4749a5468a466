"""Doing a job again and again beside a worker's steps."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from newsdesk.errors import NewsdeskError

logger = logging.getLogger(__name__)


async def repeatedly(name: str, every: timedelta, job: Callable[[], Awaitable[object]]) -> None:
    """Does a background job for as long as the worker lives; a failure waits for the next turn.

    A trouble is logged once when it begins, or becomes another one, and once when it ends.
    """
    trouble: type[Exception] | None = None
    while True:
        try:
            await job()
        except NewsdeskError as error:
            if trouble is not type(error):
                logger.warning("%s: %s; trying on", name, error)
            trouble = type(error)
        except Exception as error:
            # A bug here must not end the worker, whose steps do not depend on it.
            if trouble is not type(error):
                logger.exception("%s failed; trying on", name)
            trouble = type(error)
        else:
            if trouble is not None:
                logger.info("%s works again", name)
            trouble = None
        await asyncio.sleep(every.total_seconds())
