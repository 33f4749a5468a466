"""litellm's exceptions become newsdesk's own here and nowhere else.

What came over the wire decides first, its error code and then its status, for litellm's classes
differ by provider for one and the same answer, and follow words that merely occur in it; where
nothing came, the class does. Every class of litellm's has its row: a new one must be given one.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from json import JSONDecodeError

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
from newsdesk.llm.wire import Answer, answer_of, causes_of, headers_of, retry_after

BY_CLASS: dict[str, type[ModelError]] = {
    "APIConnectionError": ModelUnavailableError,
    "APIError": ModelUnavailableError,
    "APIResponseValidationError": ModelAnswerInvalidError,
    "APIStatusError": ModelUnavailableError,
    "APITimeoutError": ModelTimeoutError,
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
"""Every exception class of litellm's, and of openai's below them -> what it is to us."""

# These say more than their status, which is a mere 400 or 500.
_SURE = (ModelContextError, ModelRefusedError, ModelQuotaExhaustedError)
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

BY_CODE: dict[str, type[ModelError]] = {
    "API_KEY_INVALID": ModelAccessError,
    "billing_hard_limit_reached": ModelQuotaExhaustedError,
    "billing_not_active": ModelQuotaExhaustedError,
    "content_filter": ModelRefusedError,
    "content_policy_violation": ModelRefusedError,
    "context_length_exceeded": ModelContextError,
    "exceeded_current_quota_error": ModelQuotaExhaustedError,
    "insufficient_quota": ModelQuotaExhaustedError,
    "invalid_api_key": ModelAccessError,
}
"""The code or type in an error's body -> what it is, whatever its status."""

_RATE_CODES = frozenset({"rate_limit_error", "rate_limit_exceeded"})
# Some providers tell an account that has run dry in words alone, under a status that also stands
# for too many requests or for a bad one. Only where no code says more are they read, only at the
# beginning (a body may repeat the article), and not where they say when to come back: Google
# speaks of an exceeded quota, and of billing details, when it means requests a minute.
_QUOTA_STATUSES = (400, 403, 429)
_QUOTA_WORDS = re.compile(
    r"exceeded your (?:current|monthly) quota|billing (?:hard )?limit|credit balance is too low"
    r"|insufficient (?:credits?|balance|funds|quota)|used all available credits|spending limit"
    r"|reached your specified (?:api )?usage limits",
    re.IGNORECASE,
)
_COME_BACK = re.compile(
    r"(?:retry|try again) (?:in|after)\b|rate[-_ ]?limit|per[-_ ]?(?:second|minute|hour|day)",
    re.IGNORECASE,
)
_QUOTA_CHARS = 600
_ADVICE: dict[type[ModelError], str] = {
    ModelAccessError: "refused the key; correct it, restart the worker and replay",
    ModelQuotaExhaustedError: "has no quota or money left; top the account up and replay",
    ModelNotFoundError: "is not known there; correct its name or NEWSDESK_MODEL_API_BASE, replay",
    ModelRequestError: "refused the request",
    ModelContextError: "cannot read so long an article",
    ModelRefusedError: "declined to answer",
    ModelRateLimitedError: "wants fewer requests a minute",
    ModelTimeoutError: "did not answer in time",
    ModelUnavailableError: "is not available",
    ModelAnswerInvalidError: "gave an answer that cannot be read",
}

_LONGEST_ID = 100


def translate(error: Exception, model: str, secrets: Sequence[str], now: datetime) -> ModelError:
    """Returns newsdesk's exception for what a call of litellm raised.

    Args:
        error: an exception of litellm's, or of something below it.
        model: the model's name as settings call it.
        secrets: values that no message may hold, the longest first.
        now: the time, for a provider that names the hour at which it may be asked again.
    """
    answer = answer_of(error)
    kind = classify(error)
    headers = _headers(error, answer)
    status = None if answer is None else answer.status
    shown = "" if status is None else f" (HTTP {status})"
    request_id = headers.get("x-request-id") or headers.get("request-id")
    return kind(
        f"{model} {_ADVICE[kind]}{shown}: {readable(_words(error, answer), secrets)}",
        ModelTrouble(
            model=model,
            status=status,
            request_id=request_id and readable(request_id, secrets)[:_LONGEST_ID],
        ),
        retry_after(headers, now) if kind.retryable else None,
    )


def classify(error: Exception) -> type[ModelError]:
    """Returns which of newsdesk's exceptions an exception of litellm's is."""
    answer = answer_of(error)
    by_class = _by_class(error)
    if answer is None:
        return _without_answer(error, by_class)
    by_code = next((kind for code, kind in BY_CODE.items() if code in answer.codes), None)
    if by_code is not None or by_class in _SURE:
        return by_code or by_class
    if _has_run_dry(answer):
        return ModelQuotaExhaustedError
    if answer.status in BY_STATUS:
        return BY_STATUS[answer.status]
    return ModelRequestError if 400 <= answer.status < 500 else ModelUnavailableError


def _without_answer(error: Exception, by_class: type[ModelError]) -> type[ModelError]:
    if any(isinstance(cause, JSONDecodeError) for cause in causes_of(error)):
        return ModelUnavailableError  # a page came: what answers there is not the model
    # Some gateways answer 200, and tell the status in the body; litellm reads it there.
    status = getattr(error, "status_code", None)
    return BY_STATUS.get(status, by_class) if isinstance(status, int) else by_class


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


def _has_run_dry(answer: Answer) -> bool:
    if answer.status not in _QUOTA_STATUSES or answer.codes & _RATE_CODES:
        return False
    words = answer.message[:_QUOTA_CHARS]
    comes_back = "retry-after" in answer.headers or _COME_BACK.search(words) is not None
    return bool(_QUOTA_WORDS.search(words)) and not (answer.status == 429 and comes_back)


def _headers(error: Exception, answer: Answer | None) -> Mapping[str, str]:
    if answer is not None:
        return answer.headers
    return headers_of(getattr(error, "litellm_response_headers", None))


_PREFIX = re.compile(r"^(?:(?:litellm\.)?\w*(?:Error|Exception|Timeout)(?: Error)?(?::| -)\s*)+")


def _words(error: Exception, answer: Answer | None) -> str:
    """Returns the provider's reason; where it gave none, what litellm and the system say."""
    if answer is not None and answer.message.strip():
        return answer.message
    text = str(getattr(error, "message", "") or error)
    # A traceback has nothing for an operator, and maybe the article.
    words = _PREFIX.sub("", text.partition("Traceback (most recent call last)")[0]).strip()
    below = [str(cause) for cause in causes_of(error) if isinstance(cause, OSError)]
    if below and below[-1] not in words:
        words = f"{words} ({below[-1]})"
    return words or type(error).__name__
