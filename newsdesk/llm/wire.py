"""What really came over the wire when a call failed: litellm's exceptions tell it in part only.

They invent a status where no answer came, change some that did come, and lose the provider's
error code. The exceptions from which they were made, httpx's and openai's, hold the answer.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeGuard

_CLIENTS = ("httpx", "openai")
_MOST_CHARS = 100_000
"""Of a longer body the rest is not looked at."""

LONGEST_WAIT = timedelta(minutes=10)
"""A provider that asks for more is asked again after this: its clock may be wrong."""


@dataclass(frozen=True)
class Answer:
    """An answer that is an error: status, headers by lower-case name, what the body says.

    `codes`: the error's code, type, status and reasons as the provider names them. `message`: what
    it says of them; the body as it came where that says nothing.
    """

    status: int
    headers: Mapping[str, str]
    codes: frozenset[str]
    message: str


def causes_of(error: BaseException) -> Iterator[BaseException]:
    """Yields an exception and those that it was made from, the first of all last."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def answer_of(error: BaseException) -> Answer | None:
    """Returns the answer for which a call failed; None: none came, or it was no error."""
    found = None
    for cause in causes_of(error):
        response = getattr(cause, "response", None)
        if response is not None and type(cause).__module__.partition(".")[0] in _CLIENTS:
            found = response
    status = getattr(found, "status_code", None)
    if found is None or not isinstance(status, int) or status < 300:
        return None
    text = _text_of(found)
    codes, message = _told(text)
    return Answer(status, headers_of(found.headers), codes, message or text)


def headers_of(headers: object) -> dict[str, str]:
    """Returns headers by lower-case name, whatever kind of mapping they are in."""
    if not isinstance(headers, Mapping):
        return {}
    return {str(name).lower(): str(value) for name, value in headers.items()}


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Returns how long the provider wants to be left alone, at most LONGEST_WAIT; None: unsaid."""
    told = (_milliseconds(headers.get("retry-after-ms")), _seconds(headers.get("retry-after"), now))
    seconds = next((each for each in told if each is not None and not math.isnan(each)), None)
    if seconds is None:
        return None
    return timedelta(seconds=min(max(seconds, 0.0), LONGEST_WAIT.total_seconds()))


def _milliseconds(text: str | None) -> float | None:
    try:
        return None if text is None else float(text) / 1000
    except ValueError:
        return None


def _seconds(text: str | None, now: datetime) -> float | None:
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return (parsedate_to_datetime(text) - now).total_seconds()
    except (ValueError, TypeError):  # no date, or one without its time zone
        return None


def _text_of(response: Any) -> str:
    try:
        return str(response.text)[:_MOST_CHARS]
    except RuntimeError:  # the connection was lost before the body was read
        return ""


def _told(text: str) -> tuple[frozenset[str], str]:
    """Returns the codes and the reason in an error's body; nothing where it is not JSON."""
    try:
        body: Any = json.loads(text)
    except (ValueError, RecursionError):
        return frozenset(), ""
    if isinstance(body, list):  # as Google does
        body = body[0] if body else None
    outer: dict[str, Any] = body if isinstance(body, dict) else {"error": body}
    error = outer.get("error", outer)
    if not isinstance(error, dict):
        return frozenset(), error if isinstance(error, str) else ""
    details = error.get("details")
    reasons = [each.get("reason") for each in details] if _are_objects(details) else []
    codes = [*reasons, *(error.get(name) for name in ("code", "type", "status"))]
    reason = error.get("message") or error.get("detail") or outer.get("message") or ""
    message = reason if isinstance(reason, str) else json.dumps(reason, ensure_ascii=False)
    return frozenset(code for code in codes if isinstance(code, str)), message


def _are_objects(value: object) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)
