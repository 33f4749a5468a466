"""The analyzers of a step, in the order in which they are asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from newsdesk.errors import ModelError
from newsdesk.ports import Analyzer


@dataclass(frozen=True)
class AnalyzerList:
    """The first analyzer and its fallbacks.

    `patience`: how long one that may yet recover is tried before the next is asked.
    """

    analyzers: Sequence[Analyzer]
    patience: timedelta = timedelta(minutes=10)

    def at(self, position: int) -> Analyzer:
        """Returns the analyzer of a position, or the last, where the list has become shorter."""
        return self.analyzers[min(position, len(self.analyzers) - 1)]

    def offer_fallback(
        self, error: ModelError, position: int, attempt: int, waited: timedelta
    ) -> None:
        """Tells a model's failure who could be asked next, and ends its tries when it is time.

        Args:
            error: the failure; gets the fallback's position and name, where there is one.
            position: of the analyzer that failed.
            attempt: the number of its attempt, from 1.
            waited: how long the step has been tried with this analyzer.
        """
        following = min(position, len(self.analyzers) - 1) + 1
        if following >= len(self.analyzers):
            return
        error.trouble = error.trouble.model_copy(
            update={
                "fallback": following,
                "fallback_model": self.analyzers[following].name,
            }
        )
        error.exhausted = error.spent(attempt) or waited >= self.patience
