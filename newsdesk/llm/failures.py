"""litellm's exceptions become newsdesk's own here and nowhere else.

The HTTP status decides first, for litellm's classes differ by provider for one and the same
answer; then the class. Every class of litellm's has its row: a new one must be given one.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from newsdesk.contracts.models import ModelTrouble
from newsdesk.errors import (
    ModelAccessError,
    ModelAnswerInvalidError,
    ModelContextError,
    ModelError,
    ModelNotFoundError,
    ModelQuotaExhaustedError,
    ModelRateLimitedError,
    ModelRefusedError,
    ModelRequestError,
    ModelTimeoutError,
    ModelUnavailableError,
)
from newsdesk.llm.redacting import readable

BY_CLASS: dict[str, type[ModelError]] = {
    "APIConnectionError": ModelUnavailableError,
    "APIError": ModelUnavailableError,
    "APIResponseValidationError": ModelAnswerInvalidError,
    "AuthenticationError": ModelAccessError,
    "BadGatewayError": ModelUnavailableError,
    "BadRequestError": ModelRequestError,
    "BlockedPiiEntityError": ModelRefusedError,
    "BudgetExceededError": ModelQuotaExhaustedError,
    "ContentPolicyViolationError": ModelRefusedError,
    "ContextWindowExceededError": ModelContextError,
    "GuardrailRaisedException": ModelRefusedError,
    "ImageFetchError": ModelRequestError,
    "InternalServerError": ModelUnavailableError,
    "InvalidRequestError": ModelRequestError,
    "JSONSchemaValidationError": ModelAnswerInvalidError,
    "LiteLLMUnknownProvider": ModelNotFoundError,
    "MidStreamFallbackError": ModelUnavailableError,
    "MockException": ModelUnavailableError,
    "ModelNotMappedError": ModelNotFoundError,
    "ModifyResponseException": ModelRefusedError,
    "NotFoundError": ModelNotFoundError,
    "OpenAIError": ModelUnavailableError,
    "PaymentRequiredError": ModelQuotaExhaustedError,
    "PermissionDeniedError": ModelAccessError,
    "RateLimitError": ModelRateLimitedError,
    "RejectedRequestError": ModelRefusedError,
    "SensitiveDataRouteException": ModelRefusedError,
    "ServiceUnavailableError": ModelUnavailableError,
    "Timeout": ModelTimeoutError,
    "UnprocessableEntityError": ModelRequestError,
    "UnsupportedParamsError": ModelRequestError,
    "VectorStoreSearchError": ModelRequestError,
}
"""Every exception class of litellm's -> what it is to us."""

# These say more than their status, which is a mere 400 or 500.
_SURE = (
    ModelContextError,
    ModelRefusedError,
    ModelQuotaExhaustedError,
    ModelAnswerInvalidError,
)
BY_STATUS: dict[int, type[ModelError]] = {
    401: ModelAccessError,
    402: ModelQuotaExhaustedError,
    403: ModelAccessError,
    404: ModelNotFoundError,
    408: ModelTimeoutError,
    409: ModelUnavailableError,
    429: ModelRateLimitedError,
    504: ModelTimeoutError,
}
"""HTTP status -> what it is. Of the others, from 500 the server is not well, from 400 we erred."""

_QUOTA_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
# A quota that is used up comes with the status, and by most providers the class, of a rate limit
# or a bad request; litellm keeps no code of it, so that the provider's words alone tell it.
_QUOTA_WORDS = re.compile(
    r"insufficient[_ ]quota|exceeded your (?:current|monthly) quota|billing (?:hard )?limit"
    r"|credit balance is too low|payment required|insufficient (?:credits?|balance|funds)",
    re.IGNORECASE,
)
_ADVICE: dict[type[ModelError], str] = {
    ModelAccessError: "refused the key; correct it, restart the worker and replay",
    ModelQuotaExhaustedError: "has no quota or money left; top the account up and replay",
    ModelNotFoundError: "is not known to the provider; correct its name and replay",
    ModelRequestError: "refused the request",
    ModelContextError: "cannot read so long an article",
    ModelRefusedError: "declined to answer",
    ModelRateLimitedError: "wants fewer requests a minute",
    ModelTimeoutError: "did not answer in time",
    ModelUnavailableError: "is not available",
    ModelAnswerInvalidError: "gave an answer that cannot be read",
}

LONGEST_WAIT = timedelta(minutes=10)
"""A provider that asks for more is asked again after this: its clock may be wrong."""


def translate(error: Exception, model: str, secrets: Sequence[str], now: datetime) -> ModelError:
    """Returns newsdesk's exception for what a call of litellm raised.

    Args:
        error: an exception of litellm's, or of something below it.
        model: the model's name as settings call it.
        secrets: values that no message may hold, the longest first.
        now: the time, for a provider that names the hour at which it may be asked again.
    """
    kind = classify(error)
    status = _status(error)
    headers = _headers(error)
    shown = "" if status is None else f" (HTTP {status})"
    return kind(
        f"{model} {_ADVICE[kind]}{shown}: {readable(_words(error), secrets)}",
        ModelTrouble(
            model=model,
            status=status,
            request_id=headers.get("x-request-id") or headers.get("request-id"),
        ),
        retry_after(headers, now) if kind.retryable else None,
    )


def classify(error: Exception) -> type[ModelError]:
    """Returns which of newsdesk's exceptions an exception of litellm's is."""
    by_class = _by_class(error)
    if by_class in _SURE:
        return by_class
    if _is_quota(error):
        return ModelQuotaExhaustedError
    status = _status(error)
    if by_class is ModelTimeoutError or status is None:
        return by_class
    if status in BY_STATUS:
        return BY_STATUS[status]
    if status >= 500:
        return ModelUnavailableError
    return ModelRequestError if status >= 400 else by_class


def _by_class(error: Exception) -> type[ModelError]:
    if isinstance(error, TimeoutError):
        return ModelTimeoutError
    if isinstance(error, OSError):
        return ModelUnavailableError
    for kind in type(error).__mro__:
        if kind.__name__ in BY_CLASS and kind.__module__.startswith(("litellm", "openai")):
            return BY_CLASS[kind.__name__]
    # Not litellm's own: it stumbled over an answer that it did not foresee.
    return ModelAnswerInvalidError


def _is_quota(error: Exception) -> bool:
    if getattr(error, "code", None) in _QUOTA_CODES:
        return True
    return _status(error) in (400, 402, 403, 429) and bool(_QUOTA_WORDS.search(str(error)))


def _status(error: Exception) -> int | None:
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) and 100 <= status < 600 else None


def _headers(error: Exception) -> dict[str, str]:
    """Returns the answer's headers, which litellm keeps beside the response."""
    headers: object = getattr(error, "litellm_response_headers", None)
    if not headers:
        headers = getattr(getattr(error, "response", None), "headers", None)
    if not isinstance(headers, Mapping):
        return {}
    return {str(name).lower(): str(value) for name, value in headers.items()}


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Returns how long the provider wants to be left alone, at most LONGEST_WAIT; None: unsaid."""
    seconds: float | None = None
    try:
        if "retry-after-ms" in headers:
            seconds = float(headers["retry-after-ms"]) / 1000
        elif "retry-after" in headers:
            seconds = _seconds(headers["retry-after"], now)
    except (ValueError, TypeError):
        return None
    if seconds is None or seconds != seconds:
        return None
    return timedelta(seconds=min(max(seconds, 0.0), LONGEST_WAIT.total_seconds()))


def _seconds(text: str, now: datetime) -> float:
    try:
        return float(text)
    except ValueError:
        return (parsedate_to_datetime(text) - now).total_seconds()


_PREFIX = re.compile(r"^(?:litellm\.)?(?:\w+(?:Error|Exception|Timeout):\s*)+(?:\w+Exception - )?")


def _words(error: Exception) -> str:
    text = str(getattr(error, "message", "") or error) or type(error).__name__
    return _PREFIX.sub("", text) or type(error).__name__
