"""Every exception that litellm, and openai below it, can raise has its place in the table."""

import inspect
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest

from newsdesk.errors import (
    ModelAccessError,
    ModelAnswerInvalidError,
    ModelError,
    ModelRateLimitedError,
    ModelTimeoutError,
    ModelUnavailableError,
)
from newsdesk.llm.failures import BY_CLASS, classify, translate
from newsdesk.llm.loading import load_litellm
from newsdesk.llm.wire import LONGEST_WAIT, retry_after
from tests.unit.llm.asking import NAME, NOW, QUIET

pytestmark = QUIET

TEACHING = """
litellm has exception classes that newsdesk.llm.failures.BY_CLASS does not know: {missing}
Read in litellm/exceptions.py when each is raised, and give each its row there. Ask: may the very
same request succeed later (Unavailable, Timeout, RateLimited: retried), might another answer be
better (AnswerInvalid: three tries), or must a human act first (Access, NotFound, QuotaExhausted,
Request, Context, Refused: never retried)?
"""
GONE = """
BY_CLASS has rows for classes that litellm and openai do not have: {extra}
If litellm renamed one, move the row to the new name; if it dropped one, drop the row.
"""


def exceptions_of_litellm() -> dict[str, type[Exception]]:
    module = load_litellm().exceptions
    return {
        name: kind
        for name, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Exception)
    }


def exceptions_below() -> Iterator[type[Exception]]:
    """Yields those of openai's from which litellm's are derived."""
    for kind in exceptions_of_litellm().values():
        for base in kind.__mro__:
            if base.__module__.partition(".")[0] == "openai" and issubclass(base, Exception):
                yield base


def test_every_class_of_litellm_has_a_row() -> None:
    found = exceptions_of_litellm()
    assert len(found) > 20, "the exceptions of litellm are elsewhere now; look for them"
    missing = sorted(set(found) - set(BY_CLASS))
    assert not missing, TEACHING.format(missing=", ".join(missing))


def test_every_class_below_has_a_row() -> None:
    generic = {"APIError", "OpenAIError", "APIStatusError"}
    specific = {kind.__name__ for kind in exceptions_below()} - generic
    assert "APITimeoutError" in specific
    missing = sorted(specific - set(BY_CLASS))
    assert not missing, TEACHING.format(missing=", ".join(missing))


def test_every_row_has_a_class() -> None:
    known = set(exceptions_of_litellm()) | {kind.__name__ for kind in exceptions_below()}
    extra = sorted(set(BY_CLASS) - known)
    assert not extra, GONE.format(extra=", ".join(extra))


def bare(kind: type[Exception]) -> Exception:
    """Returns one that knows nothing but its words: their constructors ask for much."""
    error = kind.__new__(kind)
    vars(error)["message"] = "so it was told"
    return error


@pytest.mark.parametrize("name", sorted(BY_CLASS))
def test_a_bare_one_is_told_by_its_class(name: str) -> None:
    kinds = {kind.__name__: kind for kind in exceptions_below()} | exceptions_of_litellm()
    error = bare(kinds[name])
    assert classify(error) is BY_CLASS[name]
    translated = translate(error, NAME, (), NOW)
    assert type(translated) is BY_CLASS[name]
    assert translated.trouble.status is None
    assert re.fullmatch(rf"{NAME} [a-zA-Z_,; ]+: so it was told", str(translated))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimeoutError("no answer"), ModelTimeoutError),
        (ConnectionResetError("gone"), ModelUnavailableError),
        (KeyError("choices"), ModelAnswerInvalidError),
    ],
)
def test_others(error: Exception, kind: type[ModelError]) -> None:
    assert classify(error) is kind


def test_one_that_is_derived_later_is_told_by_its_base() -> None:
    base = exceptions_of_litellm()["RateLimitError"]
    derived = type("SlowDownError", (base,), {"__module__": "litellm.exceptions"})
    assert classify(bare(derived)) is ModelRateLimitedError
    stranger = type("AuthenticationError", (Exception,), {"__module__": "elsewhere"})
    assert classify(stranger()) is not ModelAccessError


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "86400"}, LONGEST_WAIT.total_seconds()),
        ({"retry-after": "1e400"}, LONGEST_WAIT.total_seconds()),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9),
        ({"retry-after-ms": "nan", "retry-after": "9"}, 9),
        ({"retry-after": "Tue, 06 May 2031 07:09:39 GMT"}, 90),
        ({"retry-after": "Tue, 06 May 2031 09:09:39 +0200"}, 90),
        ({"retry-after": "Mon, 05 May 2031 07:08:09 GMT"}, 0),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, LONGEST_WAIT.total_seconds()),
        ({"retry-after": "Tue, 06 May 2031 07:09:39"}, None),
        ({"retry-after": "Tue, 99 May 2031 07:09:39 GMT"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
    ],
)
def test_retry_after(headers: Mapping[str, str], seconds: float | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert retry_after(headers, NOW) == expected
