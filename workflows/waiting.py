"""Waiting: a step that may not go on yet has its run wait on a durable timer.

That takes no worker, no attempt and none of the step's bound. The resume signal ends it early.
"""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import SearchAttributeKey

with workflow.unsafe.imports_passed_through():
    from newsdesk.contracts.models import Pause
    from workflows.progress import Progress

_WAITING_FOR = SearchAttributeKey.for_keyword("WaitingFor")

RESUMED_WHILE_ASKED = "resumed-while-asked"
"""Patch: until v2 a resume that came while the activity was under way was lost."""


class Waiting:
    """A run's waits: two steps side by side may both wait."""

    def __init__(self, progress: Progress) -> None:
        """Begins without any; takes where waits are shown."""
        self._progress = progress
        self.resumes = 0
        self._told: dict[str, str] = {}

    def resume(self) -> None:
        """Ends the waits that are under way, and those that are just about to begin."""
        self.resumes += 1

    async def until(self, step: str, pause: Pause, asked_after: int) -> None:
        """Waits until the pause is over or the run is resumed; operators see for what.

        Args:
            step: the activity that answered that it has to wait.
            pause: until when, and why.
            asked_after: `resumes` when the activity was scheduled. A resume since then may have
                come after it looked: it is asked again at once.
        """
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            # The activity answered in spite of it, and so hid it from whoever awaited.
            raise asyncio.CancelledError
        if self.resumes > asked_after and workflow.patched(RESUMED_WHILE_ASKED):
            return
        seen = self.resumes
        self._progress.show(step, "waiting", pause.reason)
        # A turn comes by itself soon; a budget or a paused step is for an operator to know of.
        if pause.code != "rate_limit":
            self._tell({**self._told, step: pause.code})
        try:
            await workflow.wait_condition(
                lambda: self.resumes > seen,
                timeout=max(pause.until - workflow.now(), timedelta()),
                timeout_summary=f"{step}: {pause.reason}",
            )
        except TimeoutError:
            pass  # the ordinary end of a wait
        self.forget(step)

    def forget(self, step: str) -> None:
        """Notes that a step does not wait any more."""
        if step in self._told:
            self._tell({name: code for name, code in self._told.items() if name != step})

    def _tell(self, told: dict[str, str]) -> None:
        self._told = told
        # Both may wait for the same.
        codes = ", ".join(sorted(set(told.values())))
        update = _WAITING_FOR.value_set(codes) if codes else _WAITING_FOR.value_unset()
        workflow.upsert_search_attributes([update])
