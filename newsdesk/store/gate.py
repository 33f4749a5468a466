"""A gate before every activity that costs no query of its own while nothing is paused."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from newsdesk.contracts.names import Step
from newsdesk.contracts.operations import StepPause
from newsdesk.ports import StepGate

LOOK_SECONDS = 1.0
"""How long "nothing of this step is paused" is believed: a pause holds within that time."""

HELD = frozenset({Step.LINK_ARTICLE_TO_STORIES.value})
"""Steps that are held for a single run, by a command that has the run come to them at once. A look
that is a second old would miss that hold, so it is looked for each time: one more query beside the
half a dozen of a step that comes once in a run."""


class Pauses(StepGate, Protocol):
    """What the gate looks at."""

    async def list(self) -> Sequence[StepPause]:
        """Returns all pauses."""
        ...


class CachedGate:
    """Looks at all pauses once a second at most, however many activities ask.

    Only that a step is not paused is taken from the look. A pause is asked for anew, each time:
    whoever is resumed must not run into one that was lifted half a second ago, for that would be
    another wait of a quarter of an hour.
    """

    def __init__(self, pauses: Pauses, clock: Callable[[], float]) -> None:
        """Takes what it looks at, and a clock in seconds that never goes back."""
        self._pauses = pauses
        self._clock = clock
        self._paused: frozenset[str] = frozenset()
        self._good_until = float("-inf")
        self._look: asyncio.Task[None] | None = None

    async def find_pause(self, step: str, run_number: int) -> StepPause | None:
        """Returns the pause that holds an activity back; raises what the look raises."""
        if step not in HELD and step not in await self._paused_steps():
            return None
        return await self._pauses.find_pause(step, run_number)

    async def _paused_steps(self) -> frozenset[str]:
        if self._clock() >= self._good_until:
            if self._look is None:
                self._look = asyncio.create_task(self._look_again())
                self._look.add_done_callback(_retrieve)
            # Shielded: others wait for the same look when an activity is canceled.
            await asyncio.shield(self._look)
        return self._paused

    async def _look_again(self) -> None:
        began = self._clock()
        try:
            self._paused = frozenset(pause.step for pause in await self._pauses.list())
            self._good_until = began + LOOK_SECONDS
        finally:
            # A look that failed is believed by nobody: who comes next looks again.
            self._look = None


def _retrieve(look: asyncio.Task[None]) -> None:
    """Takes note of a failure that nobody waits for any more, so that asyncio does not complain."""
    if not look.cancelled():
        look.exception()
