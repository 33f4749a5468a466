"""From what a model wrote to an answer: tolerant of wrapping, strict in content."""

import json
from collections.abc import Iterator, Sequence
from typing import TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

MAX_ANSWER_CHARS = 200_000
"""No right answer is near it; what is longer is not looked at."""
MAX_PROBLEMS = 8
MAX_STARTS = 20
"""Braces at which an object is tried: one in the prose before it is no reason to give up."""

AnswerT = TypeVar("AnswerT", bound=BaseModel)


class UnreadableAnswer(Exception):
    """An answer that does not follow its schema; `problems` say why, for the model to read."""

    def __init__(self, *problems: str) -> None:
        """Takes at least one problem."""
        super().__init__("; ".join(problems))
        self.problems = problems


def parse_answer(text: str, kind: type[AnswerT], *, truncated: bool = False) -> AnswerT:
    """Returns the answer in a model's text, which may stand in prose or a fenced block.

    Raises UnreadableAnswer.
    """
    if len(text) > MAX_ANSWER_CHARS:
        raise UnreadableAnswer(f"it is longer than {MAX_ANSWER_CHARS:,} characters; be brief")
    if truncated:
        raise UnreadableAnswer("it was cut short by the limit on its length; be brief")
    if not text.strip():
        raise UnreadableAnswer("it is empty")
    problems, longest = ("it holds no JSON object",), -1
    for found, length in _objects_in(text):
        try:
            return kind.model_validate(_read(found))
        except UnreadableAnswer as error:
            told = error.problems
        except ValidationError as error:
            told = problems_of(error)
        if length > longest:  # of several, that was meant to be the answer
            problems, longest = told, length
    raise UnreadableAnswer(*problems)


def _objects_in(text: str) -> Iterator[tuple[dict[str, JsonValue] | UnreadableAnswer, int]]:
    """Yields the JSON objects in a text, or what is wrong with one, and how long each is.

    Behind one that cannot be read it goes on within it: a brace of the prose may have begun it.
    """
    at = text.find("{")
    for _ in range(MAX_STARTS):
        if at < 0:
            return
        try:
            found, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            end = error.pos if isinstance(error, json.JSONDecodeError) else len(text)
            yield UnreadableAnswer(f"it is not JSON: {error}"[:200]), end - at
            at = text.find("{", at + 1)
        else:
            yield found, end - at
            at = text.find("{", end)


def _read(found: dict[str, JsonValue] | UnreadableAnswer) -> dict[str, JsonValue]:
    if isinstance(found, UnreadableAnswer):
        raise found
    return found


def _once_each(pairs: Sequence[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {}
    for name, value in pairs:
        if found.setdefault(name, value) != value:
            raise ValueError("a name is there twice, with different values")
    return found


def _refuse(name: str) -> JsonValue:
    raise ValueError(f"{name} is no JSON number")


def problems_of(error: ValidationError) -> tuple[str, ...]:
    """Returns what does not follow the schema, for the model to read."""
    told = [
        f"{'.'.join(str(part) for part in problem['loc']) or 'the object'}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_input=False)[:MAX_PROBLEMS]
    ]
    more = error.error_count() - len(told)
    return (*told, f"and {more} more") if more > 0 else tuple(told)


_DECODER = json.JSONDecoder(parse_constant=_refuse, object_pairs_hook=_once_each)
