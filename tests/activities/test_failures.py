"""What Temporal stores of an exception: type, message, and whether a retry can help."""

import inspect

import pytest

import newsdesk.errors
from activities.failures import MAX_MESSAGE_CHARS, MAX_UNEXPECTED_ATTEMPTS, application_error
from newsdesk.errors import NewsdeskError

OWN = [
    value
    for value in vars(newsdesk.errors).values()
    if inspect.isclass(value) and issubclass(value, NewsdeskError)
]


@pytest.mark.parametrize("kind", OWN, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("attempt", [1, 50])
def test_own_exceptions_say_themselves_whether_a_retry_helps(
    kind: type[NewsdeskError], attempt: int
) -> None:
    error = application_error(kind("told"), attempt)
    assert (error.type, error.message) == (kind.__name__, "told")
    bound = kind.max_attempts
    assert error.non_retryable is not (kind.retryable and (bound is None or attempt < bound))


@pytest.mark.parametrize("kind", OWN, ids=lambda kind: kind.__name__)
def test_without_a_message_the_docstring_is_it(kind: type[NewsdeskError]) -> None:
    assert len(str(kind())) > 20


def test_an_unexpected_exception_is_tried_a_few_times() -> None:
    assert application_error(KeyError("x"), 1).non_retryable is False
    assert application_error(KeyError("x"), MAX_UNEXPECTED_ATTEMPTS).non_retryable is True


def test_a_long_message_is_cut_below_the_servers_limit() -> None:
    assert len(application_error(ValueError("x" * 9999), 1).message) == MAX_MESSAGE_CHARS


def test_an_exception_without_words_gives_its_type() -> None:
    assert application_error(RuntimeError(), 1).message == "RuntimeError"
