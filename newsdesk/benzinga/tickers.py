"""Tagged securities in their many spellings."""

import re
from collections.abc import Iterator

from newsdesk.benzinga.fields import as_object, entries, parse_plain_text
from newsdesk.benzinga.quoting import found
from newsdesk.contracts.articles import Stock

_EXCHANGE_AND_SYMBOL = re.compile(r"(?:([A-Z][A-Z0-9 ._-]{0,15}?)\s*:)?\s*\$?\s*(.*)", re.DOTALL)
# BRK/B, BRK-B and "BRK B" are share classes; BTC/USD is a pair and stays as it is.
_SHARE_CLASS = re.compile(r"([A-Z]{1,5})[/\- ]([A-Z])")
_TEXT_KEYS = ("symbol", "ticker", "name", "exchange", "isin")
_TICKER = re.compile(r"[A-Z0-9][A-Z0-9._/=^-]{0,23}")


def parse_stocks(value: object) -> tuple[Stock, ...]:
    """Reads `stocks`, `securities`, `symbols` or `tickers`: texts or objects, in the given order.

    Nulls, blanks and what can be no ticker are dropped, and so are doubles: the first one stays.
    Raises ValueError where an entry is neither a text nor an object.
    """
    kept: dict[str, list[Stock]] = {}
    order: list[Stock] = []
    for stock in _stocks(value):
        namesakes = kept.setdefault(stock.ticker, [])
        if not any(_is_same(stock, other) for other in namesakes):
            namesakes.append(stock)
            order.append(stock)
    return tuple(order)


def split_ticker(text: str) -> tuple[str | None, str]:
    """Returns exchange and ticker of `$AAPL`, `brk-b` or `TSX:SHOP`; "" where it is no ticker."""
    parts = _EXCHANGE_AND_SYMBOL.fullmatch(text.strip().upper())
    exchange, symbol = (parts[1], parts[2]) if parts else (None, "")
    share_class = _SHARE_CLASS.fullmatch(symbol)
    ticker = f"{share_class[1]}.{share_class[2]}" if share_class else symbol
    return exchange, ticker if _TICKER.fullmatch(ticker) else ""


def _is_same(stock: Stock, other: Stock) -> bool:
    # One ticker on two exchanges may be two companies (CAT in New York and in Toronto).
    return None in (stock.exchange, other.exchange) or stock.exchange == other.exchange


def _stocks(value: object) -> Iterator[Stock]:
    for at, entry in enumerate(entries(value), start=1):
        fields = as_object(entry)
        if fields is not None:
            yield from _from_object(fields, at)
        elif isinstance(entry, str):
            yield from _from_text(entry)
        else:
            raise ValueError(f"entry {at}: expected a ticker, found {found(entry)}")


def _from_text(text: str) -> Iterator[Stock]:
    for part in text.split(","):
        exchange, ticker = split_ticker(part)
        if ticker:
            yield Stock(ticker=ticker, exchange=exchange)


def _from_object(fields: dict[str, object], at: int) -> Iterator[Stock]:
    texts = {key: _text(fields.get(key), key, at) for key in _TEXT_KEYS}
    symbol = texts["symbol"] or texts["ticker"] or texts["name"]
    exchange, ticker = split_ticker(symbol)
    if not ticker:
        return
    # Benzinga's own `name` is the ticker again; only beside a symbol can it be a real name.
    is_name = texts["name"] and split_ticker(texts["name"])[1] != ticker
    yield Stock(
        ticker=ticker,
        exchange=texts["exchange"].upper() or exchange,
        name=texts["name"] if is_name else None,
        isin=texts["isin"].upper() or None,
        primary=_flag(fields.get("primary"), at),
    )


def _text(value: object, key: str, at: int) -> str:
    try:
        return parse_plain_text(value)
    except ValueError as error:
        raise ValueError(f"entry {at}: {key}: {error}") from None


def _flag(value: object, at: int) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    raise ValueError(f"entry {at}: primary: expected true or false, found {found(value)}")
