"""The shipped reference table: US-listed companies by ticker and by name, largest first."""

import csv
import gzip
import io
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from newsdesk.analysis.names import core_words, data_lines, is_generic, normalize_ticker
from newsdesk.analysis.tokens import words_of

WELL_KNOWN = 1_500
"""Up to this place in the table a company is found untagged by a distinctive name of one word."""
KNOWN = 4_000
"""Up to this place it is found untagged by its full name of several words."""

_RARE_WORD = 12

US_EXCHANGES = frozenset(
    "NASDAQ NYSE AMEX ARCA BATS CBOE OTC OTCQB OTCQX OTCMKTS PINK NYSEARCA NYSEAMERICAN".split()
)
MARKET_PROXIES = frozenset(
    "SPY QQQ DIA IWM VOO VTI IVV VIX VXX UVXY TLT GLD SLV USO UNG XLF XLK XLE XLV XLY XLP XLI XLU "
    "XLB XLRE XLC SMH SOXX SOXL TQQQ SQQQ ARKK XBI IBB KRE XOP XRT ITB EEM EFA FXI KWEB HYG LQD "
    "BITO IBIT GBTC RSP MDY IJH IJR VEA VWO AGG BND SH SPXU UPRO JETS TAN ICLN LIT URA GDX GDXJ "
    "UUP FXE FXY EWJ EWZ INDA MCHI VNQ VT SCHD JEPI".split()
)
"""Exchange-traded funds that articles name as a stand-in for a market or sector."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A listed company. `rank` counts from 0 by market value."""

    ticker: str
    name: str
    rank: int


@dataclass(slots=True)
class Reference:
    """The table, and the indexes over it.

    `by_name`: first word of a name -> (the name's words, listing); longest names first.
    """

    by_ticker: dict[str, Listing] = field(default_factory=dict[str, Listing])
    aliases: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    by_name: dict[str, list[tuple[tuple[str, ...], Listing]]] = field(
        default_factory=dict[str, list[tuple[tuple[str, ...], Listing]]]
    )


@cache
def reference() -> Reference:
    """Returns the table; read once, when first asked for."""
    table = Reference()
    for ticker, name in _rows():
        table.by_ticker.setdefault(ticker, Listing(ticker, name, len(table.by_ticker)))
    for line in data_lines("aliases.csv")[1:]:
        ticker, alias = line.split(",", 1)
        table.aliases.setdefault(ticker, []).append(alias)
    _index_names(table)
    return table


def _rows() -> list[tuple[str, str]]:
    packed = files("newsdesk.analysis").joinpath("data", "companies.csv.gz").read_bytes()
    plain = gzip.decompress(packed).decode("utf-8")
    return [(normalize_ticker(row[0]), row[1]) for row in list(csv.reader(io.StringIO(plain)))[1:]]


def _index_names(table: Reference) -> None:
    cores = [(core_words(listing.name), listing) for listing in table.by_ticker.values()]
    frequency = Counter(word for words, _ in cores for word in set(words))
    taken: set[tuple[str, ...]] = set()
    for alias_ticker, aliases in table.aliases.items():
        listing = table.by_ticker.get(alias_ticker)
        for alias in aliases if listing is not None else ():
            words = words_of(alias)
            if listing is not None and not (len(words) == 1 and is_generic(words)):
                _enter(table, taken, words, listing)
    for words, listing in cores:
        if _findable(words, listing, frequency):
            _enter(table, taken, words, listing)
    for entries in table.by_name.values():
        entries.sort(key=lambda entry: (-len(entry[0]), entry[1].rank))


def _findable(words: tuple[str, ...], listing: Listing, frequency: Counter[str]) -> bool:
    """Tells whether a name alone, without a tag or ticker, can only mean this company."""
    if listing.ticker in MARKET_PROXIES or listing.rank >= KNOWN or is_generic(words):
        return False
    if len(words) == 1:
        return listing.rank < WELL_KNOWN and len(words[0]) >= 4 and not words[0].isdigit()
    return any(frequency[word] <= _RARE_WORD and not is_generic((word,)) for word in words)


def _enter(
    table: Reference, taken: set[tuple[str, ...]], words: tuple[str, ...], listing: Listing
) -> None:
    if words not in taken:
        taken.add(words)
        table.by_name.setdefault(words[0], []).append((words, listing))
