"""What an answer's words must not be: empty, endless, or the prompt's own.

An article may try to make a model tell its instructions. What a model writes freely is therefore
held against them: a run of words that stands in the prompt and not in the article is refused.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from newsdesk.analysis.model.prompts import REPAIR, VERSIONS, Prompt, prompt_for, read_prompt

MAX_GIST, MAX_SUMMARY, MAX_REASON = 500, 2_000, 500
"""Code points; the prompt asks for a good deal less."""

_RUN = 7
"""So many words in a row are no chance: instructions and news share shorter ones."""
_WORD = re.compile(r"[^\W_]+")
_ADDRESS = re.compile(
    r"(?i)\b(?:(?:[a-z][a-z0-9+.-]{1,20}://|www\.|(?:javascript|vbscript|data|mailto):)[^\s<>\"')]+"
    # Without a scheme, where it carries something along.
    r"|(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?/[^\s<>\"')]*[?=&%][^\s<>\"')]*)"
)
_MARKER = re.compile(r"(?i)</?\s*article-[0-9a-f]{4,}|\barticle-[0-9a-f]{16}\b")
_LAST_MARKER = re.compile(r"</article-([0-9a-f]+)>\Z")
# Controls, what turns the direction of a line or has no width, halves of surrogate pairs (which
# cannot be stored), private letters; then letters that no font draws.
_UNSEEN_KINDS = frozenset({"Cc", "Cf", "Cs", "Co"})
_UNSEEN = re.compile("[\u034f\u115f\u1160\u2800\u3164\uffa0\U000e0100-\U000e01ef]")
_CODED = re.compile(r"[A-Za-z0-9+/=_-]{50,}")
_STOPS = ".,;:!?"
_TAG = re.compile(r"<[a-zA-Z/!?]")


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
        if _holds_unseen(words) or _TAG.search(words):
            found.append(f"{name} holds mark-up or control characters; write plain text")
        addresses = [found.group().rstrip(_STOPS) for found in _ADDRESS.finditer(words)]
        if any(address not in self.sent for address in addresses):
            found.append(f"{name} holds an address that is not in the article")
        if any(coded not in self.sent for coded in _CODED.findall(words)):
            found.append(f"{name} holds letters that are no words")
        if self._tells_prompt(words):
            found.append(f"{name} repeats the instructions; tell of the article only")
        return found

    def _tells_prompt(self, words: str) -> bool:
        marker = _LAST_MARKER.search(self.sent)
        if _MARKER.search(words) or (marker and marker[1] in words.lower()):
            return True
        runs = _runs(words) & _own_runs()
        return bool(runs) and not runs <= _runs(self.sent)


@cache
def _own_runs() -> frozenset[str]:
    """Returns what no answer may repeat: the prompts, their schemas, and the repair turn."""
    prompts = [prompt_for(step) for step in VERSIONS]
    told = [read_prompt(REPAIR), *(prompt.instructions for prompt in prompts)]
    schemas = [json.dumps(prompt.schema) for prompt in prompts]
    return frozenset(run for text in (*told, *schemas) for run in _runs(text))


def _holds_unseen(words: str) -> bool:
    kinds = {unicodedata.category(char) for char in words if char not in "\t\n"}
    return bool(kinds & _UNSEEN_KINDS) or _UNSEEN.search(words) is not None


def _runs(text: str) -> set[str]:
    # Other forms of the same letters, e.g. wide ones, count as the same.
    words = [word.lower() for word in _WORD.findall(unicodedata.normalize("NFKC", text))]
    return {" ".join(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1)}


def tidy(words: str) -> str:
    """Returns a field's words on one line."""
    return " ".join(words.split())


def listed(problems: Iterable[Sequence[str]]) -> list[str]:
    """Returns problems of several fields as one list."""
    return [problem for part in problems for problem in part]
