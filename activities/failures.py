"""Own exceptions become Temporal's here and nowhere else, as an activity interceptor."""

import logging
import random
from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError, CancelledError, FailureError
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
)

from newsdesk.errors import ModelError, NewsdeskError

MAX_MESSAGE_CHARS = 1000
"""A failure over 4 KiB is replaced by the server with "Failure exceeds size limit."."""

MAX_UNEXPECTED_ATTEMPTS = 3
"""An exception that is none of ours is a bug or a fault nobody foresaw: three tries, then red."""

SPREAD = 1.2

logger = logging.getLogger(__name__)


def application_error(error: Exception, attempt: int) -> ApplicationError:
    """Returns the error that Temporal stores: typed, short, retryable or not.

    Args:
        error: what the activity raised.
        attempt: its number, counted from 1; bounds the attempts of unexpected exceptions.
    """
    if isinstance(error, NewsdeskError):
        non_retryable = error.spent(attempt)
    else:
        non_retryable = attempt >= MAX_UNEXPECTED_ATTEMPTS
    message = str(error) or type(error).__name__
    told = isinstance(error, ModelError)
    return ApplicationError(
        message[:MAX_MESSAGE_CHARS],
        *((error.trouble,) if told else ()),
        type=type(error).__name__,
        non_retryable=non_retryable,
        next_retry_delay=_spread(error.retry_after) if told else None,
    )


def _spread(delay: timedelta | None) -> timedelta | None:
    """Returns a delay that a provider asked for, a little longer: not all at the same moment."""
    return None if delay is None else delay * random.uniform(1.0, SPREAD)  # noqa: S311 - no secret


class FailureInterceptor(Interceptor):
    """Translates what activities raise."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Wraps the activity."""
        return _FailureTranslation(next)


class _FailureTranslation(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        try:
            return await self.next.execute_activity(input)
        except (FailureError, CancelledError):
            raise
        except Exception as error:
            info = activity.info()
            if not isinstance(error, NewsdeskError):
                logger.exception("%s of %s failed", info.activity_type, info.workflow_id)
            # "from None": a long chain would push the failure over the server's 4 KiB.
            raise application_error(error, info.attempt) from None
