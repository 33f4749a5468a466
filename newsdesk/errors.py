"""Our own exceptions. Each class says whether trying again can help, and its docstring what it is.

A driver's exceptions become these in the adapter that owns the driver. Messages name what
happened, where, and what to do; never a secret.
"""

from typing import ClassVar


class NewsdeskError(Exception):
    """Something went wrong in newsdesk."""

    retryable: ClassVar[bool] = False

    def __init__(self, message: str | None = None) -> None:
        """Takes the message; without one, the first line of the class's docstring is it."""
        super().__init__(message or (type(self).__doc__ or "").strip().splitlines()[0])


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


class EmbeddedServerError(NewsdeskError):
    """An embedded server could not be started or kept up."""
