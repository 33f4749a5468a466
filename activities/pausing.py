"""What operators have paused is answered "paused" instead of done, as an activity interceptor."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from temporalio import activity
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
)

from newsdesk.contracts.models import Pause
from newsdesk.contracts.operations import StepPause
from newsdesk.contracts.steps import paused_result
from newsdesk.ports import StepGate

WAIT = timedelta(minutes=15)
"""After so long, and up to SPREAD more, a run looks again by itself: a signal may be lost."""

SPREAD = timedelta(minutes=5)
"""Thousands of runs wait for one step; they are not to come back in the same second."""

MAX_REASON_BYTES = 180
"""The sentence becomes a timer's summary, for which Temporal names a limit of 400 bytes in all."""


class PauseInterceptor(Interceptor):
    """Asks the gate before each activity.

    Has its place within the one that translates failures: a gate that cannot look fails the attempt
    as the step itself would, which meets the same database.
    """

    def __init__(self, gate: StepGate, clock: Callable[[], datetime]) -> None:
        """Takes the gate, and a clock in UTC."""
        self._gate = gate
        self._clock = clock

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Wraps the activity."""
        return _Pausing(next, self._gate, self._clock)


class _Pausing(ActivityInboundInterceptor):
    def __init__(
        self, next: ActivityInboundInterceptor, gate: StepGate, clock: Callable[[], datetime]
    ) -> None:
        super().__init__(next)
        self._gate = gate
        self._clock = clock

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        step = activity.info().activity_type
        request: Any = input.args[0]
        # Cleaning is told its revision only: no single run's pause reaches it.
        paused = await self._gate.find_pause(step, getattr(request, "run_number", 0))
        if paused is None:
            return await self.next.execute_activity(input)
        wait = WAIT + SPREAD * random.random()  # noqa: S311 - no secret
        reason = pause_reason(paused, request.article_id)
        return paused_result(
            step, Pause(code="step_paused", reason=reason, until=self._clock() + wait)
        )


def pause_reason(pause: StepPause, article_id: int) -> str:
    """Returns a sentence for people: what is paused, since when, why, and how it goes on."""
    since = f"{pause.paused_at:%Y-%m-%d %H:%M} UTC"
    why = f" ({_short(pause.reason)})" if pause.reason else ""
    if pause.run_number:
        what, resumed = f"{pause.step} of run #{pause.run_number}", str(article_id)
    else:
        what, resumed = pause.step, pause.step
    return f"{what} is paused since {since}{why}; `newsdesk resume {resumed}` lets it go on."


def _short(reason: str) -> str:
    encoded = reason.encode()
    if len(encoded) <= MAX_REASON_BYTES:
        return reason
    # A character that the cut went through is left out.
    return encoded[: MAX_REASON_BYTES - len("…".encode())].decode(errors="ignore") + "…"
