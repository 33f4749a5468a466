"""Skipping link_article_to_stories on an operator's order, whenever it comes."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from temporalio.exceptions import is_cancelled_exception

from newsdesk.contracts.steps import Skip
from workflows.doing import StepsFailed

ResultT = TypeVar("ResultT")

SKIP_CODE = "operator"


class SkipOrder:
    """An operator's order to skip the step; it ends an attempt that is under way."""

    def __init__(self) -> None:
        """Begins without an order."""
        self.skip: Skip | None = None
        self._task: asyncio.Task[Any] | None = None

    def give(self, reason: str) -> None:
        """Orders the skip; a step that is done already stays as it is."""
        self.skip = Skip(code=SKIP_CODE, reason=reason)
        if self._task is not None:
            self._task.cancel()

    async def unless_given(self, work: Awaitable[ResultT]) -> ResultT | None:
        """Awaits the step; None where the order came before its end, whatever came of it then."""
        self._task = asyncio.current_task()
        try:
            result = await work
        except BaseException as error:
            ended_by_us = isinstance(error, StepsFailed) or is_cancelled_exception(error)
            if self.skip is None or not ended_by_us:
                raise
            return None
        finally:
            self._task = None
        return None if self.skip is not None else result
