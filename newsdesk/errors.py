"""Our own exceptions. Each class says whether trying again can help, and its docstring what it is.

A driver's exceptions become these in the adapter that owns the driver. Messages name what
happened, where, and what to do; never a secret.
"""

from datetime import timedelta
from typing import ClassVar

from newsdesk.contracts.models import ModelTrouble, Pause


class NewsdeskError(Exception):
    """Something went wrong in newsdesk."""

    retryable: ClassVar[bool] = False
    max_attempts: ClassVar[int | None] = None
    """With so many attempts spent, another is not worth it; None: only the step's bound counts."""

    def __init__(self, message: str | None = None) -> None:
        """Takes the message; without one, the first line of the class's docstring is it."""
        super().__init__(message or (type(self).__doc__ or "").strip().splitlines()[0])

    def spent(self, attempt: int) -> bool:
        """Returns whether no further attempt is worth it after this one, counted from 1."""
        bounded = self.max_attempts is not None and attempt >= self.max_attempts
        return bounded or not self.retryable


class UsageError(NewsdeskError):
    """The call was wrong; the message says what is allowed."""


class ConfigurationError(NewsdeskError):
    """A setting is missing or malformed."""


class ArticleRejectedError(NewsdeskError):
    """A received item is not an article that can be taken in."""


class ArticleUnusableError(NewsdeskError):
    """This article can never be processed, however often it is tried."""


class ArticleNotFoundError(NewsdeskError):
    """No such article, revision or run is stored."""


class OutputMissingError(NewsdeskError):
    """A stored output of an earlier step is not there under its hash."""


class StoreUnavailableError(NewsdeskError):
    """The database cannot be reached or refuses connections just now."""

    retryable = True


class StoreConflictError(NewsdeskError):
    """Two transactions met (deadlock or serialization failure); one has to go again."""

    retryable = True


class StoreNotMigratedError(NewsdeskError):
    """The database lacks a migration; somebody has to run `newsdesk db migrate`."""

    retryable = True  # runs that are under way wait for it, instead of failing for good


class StoreRejectedError(NewsdeskError):
    """The database refused a statement: a constraint, or bad data."""


class TemporalUnavailableError(NewsdeskError):
    """The Temporal server cannot be reached just now."""

    retryable = True


class NotReplayableError(NewsdeskError):
    """A run cannot be replayed as it was asked; the message says why and what can be done."""


class EmbeddedServerError(NewsdeskError):
    """An embedded server could not be started or kept up."""


class StepPaused(Exception):
    """The step may not ask its model yet; it is to come back later. No failure."""

    def __init__(self, pause: Pause) -> None:
        """Takes until when, and why."""
        super().__init__(pause.reason)
        self.pause = pause


class ModelError(NewsdeskError):
    """A language model did not give what was asked of it.

    `trouble` names model, HTTP status and request id; `retry_after`: what the provider asked for;
    `exhausted`: this model has had its chance, another one is asked.
    """

    def __init__(
        self,
        message: str | None = None,
        trouble: ModelTrouble | None = None,
        retry_after: timedelta | None = None,
    ) -> None:
        """Takes the message, which names the model and what to do, and the facts."""
        super().__init__(message)
        self.trouble = trouble or ModelTrouble()
        self.retry_after = retry_after
        self.exhausted = False

    def spent(self, attempt: int) -> bool:
        """Returns whether no further attempt is worth it after this one, counted from 1."""
        return self.exhausted or super().spent(attempt)


class ModelUnavailableError(ModelError):
    """The model's server cannot be reached, or is not well just now."""

    retryable = True


class ModelTimeoutError(ModelError):
    """The model did not answer in time."""

    retryable = True


class ModelRateLimitedError(ModelError):
    """The provider wants fewer requests a minute."""

    retryable = True


class ModelAnswerInvalidError(ModelError):
    """The model's answer does not follow its schema, even after it was shown what is wrong."""

    retryable = True
    max_attempts = 3


class ModelQuotaExhaustedError(ModelError):
    """The account at the provider has run out of money or quota."""


class ModelAccessError(ModelError):
    """The provider refuses the key, or the key may not use the model."""


class ModelNotFoundError(ModelError):
    """The provider does not know the model."""


class ModelRequestError(ModelError):
    """The provider refuses the request as malformed."""


class ModelContextError(ModelError):
    """The article is longer than the model can read, even shortened."""


class ModelRefusedError(ModelError):
    """The model or its provider declines to answer about this article."""
