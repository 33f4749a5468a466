"""Ticker anchors: where a text shows a ticker that the publisher marked as one."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from newsdesk.cleaning.links import ticker_link
from newsdesk.cleaning.model import Run
from newsdesk.contracts.cleaning import TickerAnchor

_EXCHANGES = (
    "NASDAQ(?: ?(?:GS|GM|CM))?|NYSE(?: ?(?:AMERICAN|ARCA|MKT))?|AMEX|ARCA|BATS|CBOE(?: ?CA)?|IEX"
    "|OTC(?: ?(?:MARKETS|PINK|QB|QX|PK|BB|MKTS|ID))?|PINK|TSX(?:[-. ]?V)?|TSXV|CSE|NEO|LSE|LON|AIM"
    "|ASX|HKEX|HKG|HKSE|SEHK|SSE|SHA|SHE|SZSE|TYO|TSE|KRX|KOSPI|KOSDAQ|NSE|BSE|FRA|FWB|FSE|XETRA|ETR"
    "|EPA|AMS|BIT|BME|SWX|SIX|STO|OSE|OSL|SGX|JSE|BMV|B3|BVMF|TPE|TWSE|EURONEXT|CRYPTO"
)
_TICKER = r"\$?(?P<ticker>[A-Z0-9]{1,6}(?:[.\-/][A-Z]{1,4})?)"
_WRITTEN = re.compile(rf"\b(?P<exchange>{_EXCHANGES})\s*:\s*{_TICKER}(?![\w$])", re.IGNORECASE)
_ALSO = re.compile(rf"\s*(?:,|;|/|&|and|or)\s*{_TICKER}(?=\s*(?:[),;/&\]]|and\b|or\b))")
_VISIBLE = re.compile(r"\$?(?P<ticker>[A-Z0-9]{1,6}(?:[.\-/][A-Z]{1,4})?)")
_LOOK_BACK = 60


@dataclass(frozen=True, slots=True)
class Placed:
    """A run, and where it starts in the text."""

    run: Run
    start: int


def anchors_in(text: str, runs: Iterable[Placed]) -> tuple[TickerAnchor, ...]:
    """Returns the anchors of a text in order, each once; `text[start:end] == ticker`.

    From links to quote pages whose visible text is the ticker, and from written forms such as
    (NASDAQ: CSCO), (NYSE:BRK.A) and (NYSE: A, B). An exchange named in writing wins.
    """
    found: dict[tuple[int, int], TickerAnchor] = {}
    for placed in runs:
        anchor = _linked(placed)
        if anchor is not None:
            found[anchor.start, anchor.end] = anchor
    for anchor in _written(text):
        found[anchor.start, anchor.end] = anchor
    return tuple(found[span] for span in sorted(found))


def _linked(placed: Placed) -> TickerAnchor | None:
    visible = _VISIBLE.fullmatch(placed.run.text)
    link = ticker_link(placed.run.href) if placed.run.href else None
    if visible is None or not (placed.run.ticker or link):
        return None
    ticker = visible["ticker"]
    # A link that says "Q3" or "2024" and leads to a quote page shows no ticker.
    if not placed.run.ticker and link is not None and _bare(link.symbol) != _bare(ticker):
        return None
    start = placed.start + visible.start("ticker")
    exchange = link.exchange if link else None
    return TickerAnchor(ticker=ticker, exchange=exchange, start=start, end=start + len(ticker))


def _bare(symbol: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", symbol.upper())


def _written(text: str) -> Iterator[TickerAnchor]:
    for found in _WRITTEN.finditer(text):
        ticker = found["ticker"]
        if ticker != ticker.upper() or not _in_brackets(text, found.start()):
            continue
        exchange = found["exchange"].upper()
        yield _anchor(ticker, exchange, found.start("ticker"))
        also = _ALSO.match(text, found.end())
        while also is not None:
            yield _anchor(also["ticker"], exchange, also.start("ticker"))
            also = _ALSO.match(text, also.end())


def _in_brackets(text: str, position: int) -> bool:
    before = text[max(0, position - _LOOK_BACK) : position]
    opened = max(before.rfind("("), before.rfind("["))
    return opened >= 0 and max(before.rfind(")"), before.rfind("]")) < opened


def _anchor(ticker: str, exchange: str, start: int) -> TickerAnchor:
    return TickerAnchor(ticker=ticker, exchange=exchange, start=start, end=start + len(ticker))
