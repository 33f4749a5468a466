"""Cuts a sentence into clauses, so that each company gets what is said of it and no more."""

import re
from dataclasses import dataclass

_CUT = re.compile(
    r";\s|\s[–—-]{1,2}\s|:\s(?!\$?[A-Z0-9.\-/]{1,10}[),])|"
    r",?\s(?=(?:while|whereas|but|although|though|however|meanwhile|even as)\s)|"
    r",\s(?=(?:as|and|after|with)\s)|\s(?=as\s[A-Z])",
)


@dataclass(frozen=True, slots=True)
class Clause:
    """text[start:end] of the whole text, trimmed."""

    start: int
    end: int


def split_clauses(text: str, start: int, end: int) -> list[Clause]:
    """Returns the clauses of text[start:end] in order; together they hold all its words."""
    clauses: list[Clause] = []
    begin = start
    for match in _CUT.finditer(text, start, end):
        clauses += _trimmed(text, begin, match.end())
        begin = match.end()
    return clauses + _trimmed(text, begin, end)


def _trimmed(text: str, start: int, end: int) -> list[Clause]:
    while start < end and (text[start].isspace() or text[start] in ",;:–—-"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in ",;:–—-"):
        end -= 1
    return [Clause(start, end)] if start < end else []
