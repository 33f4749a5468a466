"""Tickers that a text spells out, as in "Cisco Network (NASDAQ: CSCO)", and their names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from newsdesk.analysis.names import core_words, normalize_ticker
from newsdesk.analysis.tokens import words_of
from newsdesk.contracts.cleaning import TickerAnchor

_EXCHANGES = (
    "NASDAQ|NYSE|NYSEARCA|NYSEAMERICAN|NYSE American|NYSE Arca|AMEX|ARCA|BATS|CBOE|OTC|OTCQB|OTCQX"
    "|OTCMKTS|OTCPK|PINK|TSX|TSXV|TSX-V|CSE|LSE|ASX|HKEX|HKG|SEHK|FRA|ETR|EPA|BSE|NSE|CRYPTO"
)
_SPELLED = re.compile(
    rf"\(\s?({_EXCHANGES})\s?:\s?\$?([A-Za-z0-9][A-Za-z0-9.\-/]{{0,9}})(?=[\s),;])", re.IGNORECASE
)
_OPENING = re.compile(r"\(\s?(?:([A-Za-z][\w \-]{1,13}?)\s?:\s?)?\$?(?:[\w.\-/: ]{1,16}[,;]\s?)*$")
_EARLIER_TICKER = re.compile(r"\(\s?[A-Za-z\- ]{2,13}\s?:[^()]{1,16}\)\s*$")
_POSSESSIVE = re.compile(r"['’]s?$")
_LEADING = frozenset(
    "the a an shares stock stocks ahead and but while as when if for from with after before on in "
    "at by of to meanwhile also both like including rival rivals peer peers competitor chipmaker "
    "automaker retailer drugmaker giant ceo cfo chairman founder analyst analysts ev tech "
    "according why what how here is are was has have its their this that these those u us "
    "regarding despite during since although however der "
    "die das den dem le la les el los il".split()
)
_LEGAL_NEXT = frozenset("inc corp co ltd llc plc lp incorporated limited".split())
_MAX_WORDS = 8
_REACH = 120


@dataclass(frozen=True, slots=True)
class NamedTicker:
    """A ticker in the text, at `ticker_start`, and the name before it.

    `start`, `end`: the span of the name; without a name, the ticker's own.
    """

    ticker: str
    exchange: str | None
    name: str | None
    start: int
    end: int
    ticker_start: int


def all_anchors(text: str, given: Sequence[TickerAnchor]) -> list[TickerAnchor]:
    """Returns the publisher's anchors that lie in `text`, and those it spells out, by offset."""
    found = {
        anchor.start: anchor
        for anchor in given
        if 0 <= anchor.start < anchor.end <= len(text) and normalize_ticker(anchor.ticker)
    }
    for match in _SPELLED.finditer(text):
        start, end = match.span(2)
        if start not in found:
            found[start] = TickerAnchor(
                ticker=match.group(2), exchange=match.group(1).upper(), start=start, end=end
            )
    return [found[start] for start in sorted(found)]


def name_anchor(text: str, anchor: TickerAnchor, known_names: Sequence[str]) -> NamedTicker:
    """Returns the anchor with the name that stands before its parenthesis, if one does.

    `known_names` of the ticker settle how far back the name reaches.
    """
    before = text[max(0, anchor.start - 60) : anchor.start]
    opening = _OPENING.search(before.rpartition("\n")[2])
    exchange = anchor.exchange or (opening.group(1) if opening else None)
    span = None
    if opening is not None:
        width = len(opening.group())
        span = _name_span(text, anchor.start - width, known_names)
    start, end = span or (anchor.start, anchor.end)
    return NamedTicker(
        ticker=normalize_ticker(anchor.ticker),
        exchange=exchange.strip().upper() if exchange else None,
        name=text[start:end] if span else None,
        start=start,
        end=end,
        ticker_start=anchor.start,
    )


def _name_span(text: str, stop: int, known_names: Sequence[str]) -> tuple[int, int] | None:
    base = max(0, stop - _REACH)
    region = text[base:stop]
    while earlier := _EARLIER_TICKER.search(region):
        region = region[: earlier.start()]
    line = region.rpartition("\n")[2]
    base += len(region) - len(line)
    run = _capitalised_run(line, known_names)
    run = _trim(run, known_names)
    if not run:
        return None
    possessive = _POSSESSIVE.search(run[-1].group())
    tail = len(possessive.group()) if possessive else 0
    return base + _inner_start(run[0]), base + run[-1].end() - tail


def _inner_start(word: re.Match[str]) -> int:
    return word.start() + len(word.group()) - len(word.group().lstrip("\"'“‘("))


def _capitalised_run(line: str, known_names: Sequence[str]) -> list[re.Match[str]]:
    known = {word for name in known_names for word in words_of(name)}
    run: list[re.Match[str]] = []
    for word in reversed(list(re.finditer(r"\S+", line))):
        if len(run) == _MAX_WORDS or not _belongs(word.group(), run, known):
            break
        run.insert(0, word)
    return run


def _belongs(raw: str, run: list[re.Match[str]], known: set[str]) -> bool:
    """Tells whether a word, read from right to left, still belongs to the name."""
    core = raw.strip("\"'“”‘’(),.;:")
    if run and not _joins(raw, run[0].group()):
        return False
    if raw == "&" or core.lower() in _LEGAL_NEXT:
        return True
    if not core:
        return False
    if core.lower() in ("of", "and", "the", "for", "de"):
        return core.lower() in known
    if run and _POSSESSIVE.search(raw):
        return words_of(core)[0] in known if words_of(core) else False
    return any(char.isupper() for char in core[:2]) or (core[0].isdigit() and not core.isdigit())


def _joins(raw: str, following: str) -> bool:
    if raw[-1] == ",":
        return (words_of(following) or ("",))[0] in _LEGAL_NEXT
    if raw[-1] == ".":
        return len(raw) <= 4 or raw.strip(".").lower() in _LEGAL_NEXT
    return raw[-1] not in ';:!?)”"—–'


def _trim(run: list[re.Match[str]], known_names: Sequence[str]) -> list[re.Match[str]]:
    firsts = {core_words(name)[0] for name in known_names if core_words(name)}
    for index, word in enumerate(run):
        inner = words_of(word.group())
        if inner and inner[0] in firsts - _LEADING:
            return run[index:]
    while run and (not words_of(run[0].group()) or words_of(run[0].group())[0] in _LEADING):
        run = run[1:]
    return run
