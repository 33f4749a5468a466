"""Waiting for something to become true, without sleeping blindly."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

ResultT = TypeVar("ResultT")

_PAUSE_SECONDS = 0.05


async def eventually(
    check: Callable[[], ResultT | Awaitable[ResultT]], timeout: float = 10.0
) -> ResultT:
    """Calls `check` until it returns something true without an AssertionError, and returns that.

    After `timeout` seconds it raises: the last AssertionError, or one that says what came last.
    """
    deadline = time.monotonic() + timeout
    while True:
        failure: AssertionError | None = None
        result: ResultT | None = None
        try:
            answer = check()
            result = await answer if inspect.isawaitable(answer) else answer
        except AssertionError as error:
            failure = error
        if failure is None and result:
            return result
        if time.monotonic() > deadline:
            raise failure or AssertionError(f"not so after {timeout} s; last: {result!r}")
        await asyncio.sleep(_PAUSE_SECONDS)
