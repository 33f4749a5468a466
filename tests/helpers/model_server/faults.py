"""What can go wrong with a model's answer, each by its name, to be ordered from a ModelServer.

A fault says what goes over the wire and how late. Some are none: `NORMAL` is the right answer,
and what `fenced` says is right too.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tests.helpers.model_server.answers import (
    Asked,
    Reply,
    completion,
    completion_of,
    error_reply,
    texts_of,
)

_PAGE = b"<html><head><title>%s</title></head><body><h1>%s</h1></body></html>\n"
_INVENTED_QUOTE = "Nobody at the harbour had ever counted so many violet umbrellas in a single day."


def right(asked: Asked) -> Reply:
    """The right answer in the right form."""
    return completion(asked, asked.answer())


@dataclass(frozen=True)
class Fault:
    """What is replied to a request, and after how many seconds; infinitely many: never."""

    name: str
    reply: Callable[[Asked], Reply] = right
    delay_seconds: float = 0.0


NORMAL = Fault("normal")


def rate_limited(retry_after: float | None = None, retry_after_ms: float | None = None) -> Fault:
    """429: too many requests; `retry_after` in seconds. A header that is None is not sent."""
    waits = {"retry-after": retry_after, "retry-after-ms": retry_after_ms}
    headers = {name: f"{wait:g}" for name, wait in waits.items() if wait is not None}
    return Fault(
        "rate_limited",
        lambda asked: error_reply(
            429,
            f"Rate limit reached for {asked.body['model']}. Try again later.",
            code="rate_limit_exceeded",
            kind="requests",
            headers=headers,
        ),
    )


def quota_exhausted() -> Fault:
    """429: nothing left to spend; waiting does not help."""
    kind = "insufficient_quota"
    message = "The quota of this account is used up. Look at its plan and its billing details."
    return Fault("quota_exhausted", lambda _: error_reply(429, message, code=kind, kind=kind))


def status(
    status_code: int,
    message: str = "Something went wrong.",
    code: str | None = None,
    *,
    kind: str | None = None,
    retry_after: float | None = None,
) -> Fault:
    """An error of this HTTP status, with a JSON body; `kind` is the error's type in it."""
    headers = {} if retry_after is None else {"retry-after": f"{retry_after:g}"}
    reply = error_reply(status_code, message, code=code, kind=kind, headers=headers)
    return Fault("status", lambda _: reply)


def bad_gateway_html() -> Fault:
    """502 with a page, as proxies answer for a server that is away."""
    page = _PAGE % (b"502 Bad Gateway", b"502 Bad Gateway")
    return Fault("bad_gateway_html", lambda _: Reply(502, page, "text/html"))


def slow(seconds: float) -> Fault:
    """The right answer, so much later."""
    return Fault("slow", delay_seconds=seconds)


def hang() -> Fault:
    """No answer, until the client or the server closes the connection."""
    return Fault("hang", delay_seconds=math.inf)


def reset_mid_body() -> Fault:
    """Half of the right answer, then a reset of the connection."""
    return Fault("reset_mid_body", lambda asked: replace(right(asked), reset=True))


def truncated_json() -> Fault:
    """An answer cut in its middle by the limit of output tokens, and said to be so."""
    return _content("truncated_json", _first_half, "length")


def broken_json() -> Fault:
    """An answer cut in its middle, and said to be whole."""
    return _content("broken_json", _first_half)


def wrong_schema() -> Fault:
    """JSON of another shape than was asked for."""
    return _content("wrong_schema", lambda _: '{"result": [1, 2, 3], "ok": true}')


def fenced() -> Fault:
    """The right answer, among prose and in a fence. A tolerant parser takes it."""
    before, after = "Here is what I found:\n\n```json\n", "\n```\n\nTell me if you need more."
    return _content("fenced", lambda answer: f"{before}{answer}{after}")


def invented_quote() -> Fault:
    """The right answer, but its quotes stand nowhere in the text."""
    return _content("invented_quote", _with_each_company("quote", _INVENTED_QUOTE))


def invented_company() -> Fault:
    """The right answer, and one company more that the text does not name."""

    def add(answer: str) -> str:
        told = json.loads(answer)
        told["companies"].append(_invented(told["companies"]))
        return json.dumps(told)

    return _content("invented_company", add)


def out_of_range() -> Fault:
    """The right answer, but its scores are 1.7."""
    return _content("out_of_range", _with_each_company("score", 1.7))


def refusal() -> Fault:
    """No content; the model says that it will not answer."""
    words = "I cannot help with that."
    return Fault("refusal", lambda asked: completion(asked, None, refusal=words))


def content_filter() -> Fault:
    """No content; the provider's filter held the answer back."""
    return Fault("content_filter", lambda asked: completion(asked, None, "content_filter"))


def content_policy_error() -> Fault:
    """400: the provider's policy forbids the question."""
    message, code = "This text goes against the content policy.", "content_policy_violation"
    return Fault("content_policy_error", lambda _: error_reply(400, message, code=code))


def context_length() -> Fault:
    """400: the messages are longer than the model's context."""
    return Fault("context_length", _too_long)


def context_length_over(chars: int) -> Fault:
    """The same where the last user message has more than `chars` characters, else no fault."""

    def reply(asked: Asked) -> Reply:
        return _too_long(asked) if len(texts_of(asked.body, "user")[-1]) > chars else right(asked)

    return Fault("context_length_over", reply)


def unauthorized(echo_key: bool = True) -> Fault:
    """401. Some servers repeat the key that was sent; it must not reach logs or records."""

    def reply(asked: Asked) -> Reply:
        key = asked.headers.get("authorization", "").removeprefix("Bearer ")
        which = f": {key}" if echo_key else ""
        return error_reply(401, f"Incorrect API key provided{which}.", code="invalid_api_key")

    return Fault("unauthorized", reply)


def empty_choices() -> Fault:
    """A completion without any choice."""
    return Fault("empty_choices", lambda asked: completion_of(asked, [], ""))


def empty_content() -> Fault:
    """A completion whose content is empty."""
    return _content("empty_content", lambda _: "")


def huge(megabytes: float = 3) -> Fault:
    """The right answer, and a member `padding` of so many megabytes."""
    padding = "x" * int(megabytes * 2**20)
    return _content("huge", lambda answer: json.dumps(json.loads(answer) | {"padding": padding}))


def not_json() -> Fault:
    """200 with a page, as captive portals and wrong addresses answer."""
    page = _PAGE % (b"Welcome", b"Please sign in")
    return Fault("not_json", lambda _: Reply(200, page, "text/html"))


_ALL: tuple[Callable[..., Fault], ...] = (
    rate_limited,
    quota_exhausted,
    status,
    bad_gateway_html,
    slow,
    hang,
    reset_mid_body,
    truncated_json,
    broken_json,
    wrong_schema,
    fenced,
    invented_quote,
    invented_company,
    out_of_range,
    refusal,
    content_filter,
    content_policy_error,
    context_length,
    context_length_over,
    unauthorized,
    empty_choices,
    empty_content,
    huge,
    not_json,
)
FAULTS: dict[str, Callable[..., Fault]] = {function.__name__: function for function in _ALL}
"""Every fault by its name, for those who order it from another process."""


def _content(name: str, change: Callable[[str], str], finish_reason: str = "stop") -> Fault:
    return Fault(name, lambda asked: completion(asked, change(asked.answer()), finish_reason))


def _first_half(answer: str) -> str:
    return answer[: len(answer) // 2]


def _with_each_company(member: str, value: object) -> Callable[[str], str]:
    def change(answer: str) -> str:
        told: dict[str, Any] = json.loads(answer)
        for company in told["companies"]:
            if member in company:
                company[member] = value
        return json.dumps(told)

    return change


def _invented(companies: list[dict[str, Any]]) -> dict[str, Any]:
    if companies and "number" in companies[0]:
        reason = "Zyxwort Holdings (ZYXW) is praised."
        return {"number": len(companies) + 1, "score": 0.5, "quote": "", "reason": reason}
    return {"name": "Zyxwort Holdings", "ticker": "ZYXW", "role": "peer"}


def _too_long(asked: Asked) -> Reply:
    # litellm knows this error by the first half of the sentence alone.
    tokens = sum(map(len, texts_of(asked.body, "system", "user", "assistant"))) // 4
    message = f"This model's maximum context length is 100 tokens, and yours are {tokens + 101}."
    return error_reply(400, message, code="context_length_exceeded")
