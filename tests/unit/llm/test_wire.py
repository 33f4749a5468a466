"""Reading the answer for which a call failed out of what was raised."""

import httpx

from newsdesk.llm.wire import Answer, answer_of, causes_of

REQUEST = httpx.Request("POST", "http://127.0.0.1:9/v1")


def raised(response: httpx.Response) -> Exception:
    """Returns what litellm makes of it: one exception upon another."""
    outer = ValueError("whatever litellm says")
    outer.__context__ = RuntimeError("in between")
    outer.__context__.__cause__ = httpx.HTTPStatusError("", request=REQUEST, response=response)
    return outer


def answer(status: int, body: bytes, **headers: str) -> Answer | None:
    return answer_of(raised(httpx.Response(status, content=body, headers=headers)))


def test_codes_and_reason() -> None:
    body = b'{"error": {"message": "Owl.", "code": "c", "type": "t", "status": "s", "details": '
    told = answer(418, body + b'[{"reason": "r"}, {"other": 1}]}}', X="y")
    assert told is not None
    assert (told.status, told.message) == (418, "Owl.")
    assert told.codes == {"c", "t", "s", "r"}
    assert told.headers["x"] == "y"


def test_codes_that_are_none() -> None:
    told = answer(500, b'{"error": {"message": "Owl.", "code": 5, "type": null, "details": [1]}}')
    assert told is not None
    assert told.codes == frozenset()


def test_where_there_is_no_reason_the_body_is_told() -> None:
    for body in (b"plain", b"[", b"[]", b'""', b"3", b"[" * 50_000, b'{"error": null}'):
        told = answer(500, body)
        assert told is not None
        assert (told.message, told.codes) == (body.decode(), frozenset())


def test_a_body_that_was_not_read() -> None:
    response = httpx.Response(503, stream=httpx.ByteStream(b"lost on the way"))
    assert answer_of(raised(response)) == Answer(503, {}, frozenset(), "")


def test_no_answer() -> None:
    assert answer_of(httpx.ReadError("gone")) is None
    assert answer(200, b"<html>") is None
    stranger = ValueError("not of a client of ours")
    vars(stranger)["response"] = httpx.Response(500)
    assert answer_of(stranger) is None


def test_causes_that_bite_their_tail() -> None:
    first, second = ValueError("1"), ValueError("2")
    first.__context__, second.__context__ = second, first
    assert list(causes_of(first)) == [first, second]
