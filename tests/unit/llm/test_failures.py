"""Every way a server can fail, over real HTTP: which exception it becomes, and what that tells."""

import json
import re
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from newsdesk.errors import (
    ModelAccessError,
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
from newsdesk.llm.wire import LONGEST_WAIT
from tests.helpers.model_server import ModelServer, faults
from tests.helpers.model_server.answers import Reply, error_reply, json_reply
from tests.helpers.model_server.faults import Fault
from tests.unit.llm.asking import NAME, QUIET, failure_of, failure_under, model_at, trickling_server

pytestmark = QUIET

RETRIED = (ModelRateLimitedError, ModelTimeoutError, ModelUnavailableError)


def status(number: int, words: str = "The parrot is asleep.", **more: Any) -> Fault:
    return faults.status(number, words, **more)


def body(value: object, code: int = 200) -> Fault:
    return Fault("body", lambda _: json_reply(code, value))


def page(code: int, html: bytes) -> Fault:
    return Fault("page", lambda _: Reply(code, html, "text/html"))


def check_message(error: ModelError, reason: str) -> None:
    message = str(error)
    assert message.startswith(f"{NAME} ")
    assert reason in message
    assert len(message) <= 600
    assert len(message.splitlines()) == 1
    assert not re.search(r"</?[a-z!]", message, re.IGNORECASE)
    assert not re.search(r"litellm|Error:|Exception|Traceback", message)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (304, ModelUnavailableError),
        (400, ModelRequestError),
        (401, ModelAccessError),
        (402, ModelQuotaExhaustedError),
        (403, ModelAccessError),
        (404, ModelNotFoundError),
        (405, ModelRequestError),
        (408, ModelTimeoutError),
        (409, ModelUnavailableError),
        (413, ModelRequestError),
        (422, ModelRequestError),
        (429, ModelRateLimitedError),
        (500, ModelUnavailableError),
        (501, ModelUnavailableError),
        (502, ModelUnavailableError),
        (503, ModelUnavailableError),
        (504, ModelTimeoutError),
        (520, ModelUnavailableError),
        (529, ModelUnavailableError),
    ],
)
@pytest.mark.parametrize("type_told", ["invalid_request_error", "some_other_error"])
async def test_statuses(code: int, kind: type[ModelError], type_told: str) -> None:
    error = await failure_under(status(code, kind=type_told))
    assert type(error) is kind
    assert error.retryable is (kind in RETRIED)
    assert (error.trouble.model, error.trouble.status) == (NAME, code)
    assert error.trouble.request_id == "req_00000001"
    assert error.retry_after is None
    check_message(error, f"(HTTP {code}): " + ("" if code == 304 else "The parrot is asleep."))


@pytest.mark.parametrize(
    ("fault", "kind", "code", "reason"),
    [
        (faults.unauthorized(), ModelAccessError, 401, "Incorrect API key provided: ***"),
        (faults.context_length(), ModelContextError, 400, "maximum context length is 100"),
        (faults.content_policy_error(), ModelRefusedError, 400, "against the content policy"),
        (faults.quota_exhausted(), ModelQuotaExhaustedError, 429, "account is used up"),
        (faults.bad_gateway_html(), ModelUnavailableError, 502, "502 Bad Gateway"),
        (faults.reset_mid_body(), ModelUnavailableError, None, "Connection reset by peer"),
        (faults.not_json(), ModelUnavailableError, None, "Please sign in"),
        (body({}), ModelUnavailableError, None, "choices"),
        (body([]), ModelUnavailableError, None, "[]"),
        (body({"choices": [{"index": 0}]}), ModelUnavailableError, None, "Invalid response"),
        (body({"error": {"message": "Owl", "code": 502}}), ModelUnavailableError, None, ": Owl"),
        (body({"error": {"message": "Owl", "code": 429}}), ModelRateLimitedError, None, ": Owl"),
        (page(500, b""), ModelUnavailableError, 500, "(HTTP 500): "),
        (page(503, b"upstream is away\n"), ModelUnavailableError, 503, ": upstream is away"),
        (body({"detail": "Not so."}, 400), ModelRequestError, 400, ": Not so."),
        (body({"message": "Wrong name."}, 404), ModelNotFoundError, 404, ": Wrong name."),
        (body({"error": "No such owl."}, 404), ModelNotFoundError, 404, ": No such owl."),
        (body([{"error": {"message": "Owl."}}], 400), ModelRequestError, 400, ": Owl."),
        (body({"detail": [{"msg": "extra"}]}, 422), ModelRequestError, 422, '"msg": "extra"'),
        (body([[]] * 3, 400), ModelRequestError, 400, "[[], [], []]"),
    ],
)
async def test_answers_of_other_forms(
    fault: Fault, kind: type[ModelError], code: int | None, reason: str
) -> None:
    error = await failure_under(fault)
    assert (type(error), error.trouble.status) == (kind, code)
    assert error.retryable is (kind in RETRIED)
    assert error.trouble.request_id == (None if code is None else "req_00000001")
    assert ("HTTP" in str(error)) is (code is not None), "a status that never came is told"
    check_message(error, reason)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (status(413, "Request too large for gpt-4o-mini.", kind="tokens"), ModelRequestError),
        (status(400, "The words rate limit are not allowed.", kind="x"), ModelRequestError),
        (status(400, "A timeout occurred while your image was read.", kind="x"), ModelRequestError),
        (status(503, "Request timed out.", kind="x"), ModelUnavailableError),
        (status(400, "Too long.", code="context_length_exceeded"), ModelContextError),
        (status(403, "Held back.", code="content_filter"), ModelRefusedError),
        (status(429, "Pay first.", code="billing_not_active"), ModelQuotaExhaustedError),
        (status(401, "Pay first.", code="insufficient_quota"), ModelQuotaExhaustedError),
        (status(429, "Pay.", kind="exceeded_current_quota_error"), ModelQuotaExhaustedError),
    ],
)
async def test_codes_and_statuses_go_before_words(fault: Fault, kind: type[ModelError]) -> None:
    assert type(await failure_under(fault)) is kind


GOOGLE = (
    "You exceeded your current quota, please check your billing details. See"
    " https://example.test/rate-limits. * Quota exceeded for metric: free_requests, limit: 20."
)


@pytest.mark.parametrize(
    ("fault", "is_quota"),
    [
        (status(429, "You exceeded your current quota, please check your billing."), True),
        (status(400, "Your credit balance is too low to use this."), True),
        (status(403, "Your team has used all available credits."), True),
        (status(429, "Insufficient balance, please recharge."), True),
        (status(429, "Quota exceeded for requests per minute."), False),
        (status(429, "Quota exceeded for metric 'Requests' and limit 'Requests a day'"), False),
        (status(429, GOOGLE), False),
        (status(429, "You exceeded your current quota. Please retry in 36.4s."), False),
        (status(429, "You exceeded your current quota.", retry_after=30), False),
        (status(429, "Insufficient quota: tokens per minute", kind="tokens"), False),
        (status(429, "Insufficient credits.", code="rate_limit_exceeded"), False),
        (status(400, "Bad input: " + "oats " * 150 + "insufficient funds, said Brandt."), False),
        (status(500, "The billing limit service is away."), False),
    ],
)
async def test_words_tell_of_a_quota_where_nothing_else_does(fault: Fault, is_quota: bool) -> None:
    error = await failure_under(fault)
    assert isinstance(error, ModelQuotaExhaustedError) is is_quota
    assert error.trouble.status is not None
    if error.trouble.status == 429 and not is_quota:
        assert isinstance(error, ModelRateLimitedError)


@pytest.mark.parametrize(
    ("code", "headers", "seconds"),
    [
        (429, {"Retry-After": "7"}, 7),
        (429, {"retry-after-ms": "1500"}, 1.5),
        (429, {"retry-after": "Tue, 06 May 2031 07:09:39 GMT"}, 90),
        (429, {"retry-after": "86400"}, LONGEST_WAIT.total_seconds()),
        (429, {"retry-after": "in a while"}, None),
        (503, {"retry-after": "20"}, 20),
        (401, {"retry-after": "20"}, None),
    ],
)
async def test_retry_after(code: int, headers: Mapping[str, str], seconds: float | None) -> None:
    fault = Fault("later", lambda _: error_reply(code, "Come back later.", headers=headers))
    error = await failure_under(fault)
    assert error.retry_after == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.usefixtures("warm")
async def test_silence_ends_at_the_time_out() -> None:
    error = await failure_under(faults.hang(), timeout_seconds=0.2)
    assert type(error) is ModelTimeoutError
    assert error.trouble.status is None
    assert str(error) == f"{NAME} did not answer in time: no answer within 0.2 s"


@pytest.mark.usefixtures("warm")
async def test_a_server_that_trickles_ends_at_the_time_out() -> None:
    async with trickling_server() as url:
        start = time.monotonic()
        error = await failure_of(model_at(url, timeout_seconds=0.4))
        assert 0.4 <= time.monotonic() - start < 4
    assert type(error) is ModelTimeoutError


async def test_nobody_listens() -> None:
    async with ModelServer() as server:
        url = server.url
    error = await failure_of(model_at(url))
    assert type(error) is ModelUnavailableError
    assert error.trouble.status is None
    check_message(error, "is not available: Connection error.")
    assert "Connect call failed ('127.0.0.1'" in str(error)


async def test_a_long_answer_is_cut() -> None:
    marked = "<p>No</p> " * 100_000
    error = await failure_under(Fault("long", lambda _: Reply(500, marked.encode(), "text/html")))
    check_message(error, "No No No")
    assert str(error).endswith("…")


async def test_an_id_is_cut_too() -> None:
    reply = error_reply(400, "No.", headers={"x-request-id": "<b>" + "r" * 5000})
    error = await failure_under(Fault("long id", lambda _: reply))
    assert error.trouble.request_id == "r" * 100


async def test_words_of_a_script_are_no_reason() -> None:
    html = b"<html><style>p {color: red}</style><script>let a = '<p>'</script><p>Closed</p></html>"
    check_message(await failure_under(page(503, html)), "(HTTP 503): Closed")


async def test_an_error_in_an_odd_form_is_told_as_it_came() -> None:
    error = await failure_under(body({"error": {"message": {"deep": [1]}, "code": 7}}, 400))
    assert json.dumps({"deep": [1]}) in str(error)
