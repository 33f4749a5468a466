"""Company names: their core without the legal form, and the ways a text shortens them."""

import re
from functools import cache
from importlib.resources import files

from newsdesk.analysis.tokens import words_of

_LEGAL = frozenset(
    "inc incorporated corp corporation co company cos companies ltd limited plc llc lp nv sa ag se "
    "ab asa spa kgaa adr ads holding holdings group the".split()
)
_SPLIT_LEGAL = (
    ("n", "v"),
    ("s", "a"),
    ("a", "s"),
    ("l", "p"),
    ("s", "p", "a"),
    ("common", "stock"),
    ("class", "a"),
    ("class", "b"),
    ("class", "c"),
    ("ordinary", "shares"),
)
_OPENING_WORD = re.compile(r"(?:^|[\"“‘':;,] ?)([A-Z][a-z]{3,})")
_HEADLINE = 300
_TICKER_JUNK = re.compile(r"[^A-Z0-9.\-]")


def data_lines(file_name: str) -> tuple[str, ...]:
    """Returns the lines of a shipped data file, without comments and blank lines."""
    text = files("newsdesk.analysis").joinpath("data", file_name).read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line.strip() and not line.startswith("#"))


@cache
def common_names() -> frozenset[str]:
    """Returns words that are more often something else than a company."""
    return frozenset(word for line in data_lines("common_names.txt") for word in line.split())


@cache
def broker_names() -> frozenset[tuple[str, ...]]:
    """Returns the names (as words) of firms whose business is opinion on others."""
    return frozenset(words_of(line) for line in data_lines("brokers.txt"))


def normalize_ticker(ticker: str) -> str:
    """Returns a ticker in one spelling: upper case, no `$`, BRK/B and BRK.B as BRK-B."""
    upper = ticker.strip().upper().lstrip("$").replace("/", "-")
    return _TICKER_JUNK.sub("", upper).replace(".", "-").strip("-")


def core_words(name: str) -> tuple[str, ...]:
    """Returns the words of a name without a leading "The" and its legal form.

    A name that is nothing else ("The Group") keeps its words.
    """
    words = words_of(name)
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    shorter = _without_tail(words)
    while len(shorter) < len(words):
        words, shorter = shorter, _without_tail(shorter)
    return words


def _without_tail(words: tuple[str, ...]) -> tuple[str, ...]:
    if len(words) > 1 and words[-1] in _LEGAL:
        return words[:-1]
    for tail in _SPLIT_LEGAL:
        if len(words) > len(tail) and words[-len(tail) :] == tail:
            return words[: -len(tail)]
    return words


def is_generic(words: tuple[str, ...]) -> bool:
    """Returns whether every word is an ordinary one."""
    return all(word in common_names() or len(word) < 3 for word in words)


def same_company(one: str, other: str) -> bool:
    """Returns whether two names share their first distinctive word."""
    mine, theirs = core_words(one), core_words(other)
    if mine == theirs:
        return True
    distinctive = [word for word in mine if word not in common_names() and len(word) > 2]
    return bool(distinctive) and distinctive[0] in theirs


def spelled_like(ticker: str, title: str) -> list[str]:
    """Returns the word that opens a headline, or a quote in it, and abbreviates to the ticker.

    For tickers that neither tag nor table names: CSCO is "Cisco" in "Cisco Sells".
    """
    for opening in _OPENING_WORD.finditer(title[:_HEADLINE]):
        word = opening.group(1)
        letters = iter(word.upper())
        fits = word[0] == ticker[0] and all(char in letters for char in ticker)
        if fits and 2 < len(ticker) < len(word) and word.lower() not in common_names():
            return [word]
    return []
