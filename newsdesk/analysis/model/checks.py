"""What an answer's words must not be: empty, endless, or the prompt's own.

An article may try to make a model tell its instructions. What a model writes freely is therefore
held against them: a run of words that stands in the prompt and not in the article is refused.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from newsdesk.analysis.model.evidence import fold
from newsdesk.analysis.model.prompts import Prompt

MAX_GIST, MAX_SUMMARY, MAX_REASON = 500, 2_000, 500
"""Code points; the prompt asks for a good deal less."""

_RUN = 7
"""So many words in a row are no chance: instructions and news share shorter ones."""
_WORD = re.compile(r"[^\W_]+")
_ADDRESS = re.compile(r"(?i)\b(?:https?://|www\.)[^\s<>\"')]+")
_MARKER = re.compile(r"(?i)</?\s*article-[0-9a-f]{4,}|\barticle-[0-9a-f]{16}\b")
# With those that turn the direction of a line, and halves of surrogate pairs, which cannot be
# stored.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_STOPS = ".,;:!?"
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")


@dataclass(frozen=True)
class Source:
    """What an answer may be made of: the text that was sent, and what must stay out of it."""

    prompt: Prompt
    sent: str

    def problems_of(self, name: str, words: str, most_chars: int) -> list[str]:
        """Returns what is wrong with a field's words; `name` is how the model knows the field."""
        if not words.strip():
            return [f"{name} is empty"]
        if len(words) > most_chars:
            return [f"{name} is longer than {most_chars} characters"]
        found: list[str] = []
        if _CONTROL.search(words) or _TAG.search(words):
            found.append(f"{name} holds mark-up or control characters; write plain text")
        addresses = [found.group().rstrip(_STOPS) for found in _ADDRESS.finditer(words)]
        if any(address not in self.sent for address in addresses):
            found.append(f"{name} holds an address that is not in the article")
        if self._tells_prompt(words):
            found.append(f"{name} repeats the instructions; tell of the article only")
        return found

    def _tells_prompt(self, words: str) -> bool:
        if _MARKER.search(words):
            return True
        runs = _runs(words) & _prompt_runs(self.prompt.instructions)
        return bool(runs) and not runs <= _runs(self.sent)


@cache
def _prompt_runs(instructions: str) -> frozenset[str]:
    return frozenset(_runs(instructions))


def _runs(text: str) -> set[str]:
    words = [word.lower() for word in _WORD.findall(text)]
    return {" ".join(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1)}


def tidy(words: str) -> str:
    """Returns a field's words on one line."""
    return " ".join(words.split())


def stands_in(text: str, words: str) -> bool:
    """Returns whether words stand in a text, marks and spaces apart."""
    return fold(words).text.strip() in fold(text).text


def listed(problems: Iterable[Sequence[str]]) -> list[str]:
    """Returns problems of several fields as one list."""
    return [problem for part in problems for problem in part]
