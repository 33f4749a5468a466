"""Which companies an article is about or names: from mark-up, tags, and names in the text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from newsdesk.analysis.anchors import NamedTicker, all_anchors, name_anchor
from newsdesk.analysis.mentions import (
    MAX_MENTIONS,
    Name,
    NameIndex,
    NameKind,
    Span,
    find_spans,
    short_names,
    ticker_name,
)
from newsdesk.analysis.names import (
    broker_names,
    core_words,
    is_generic,
    normalize_ticker,
    same_company,
    spelled_like,
)
from newsdesk.analysis.reference import (
    MARKET_PROXIES,
    US_EXCHANGES,
    WELL_KNOWN,
    Listing,
    reference,
)
from newsdesk.analysis.sentences import Unit
from newsdesk.analysis.tokens import Token, tokenize, words_of
from newsdesk.contracts.analysis import ArticleForAnalysis
from newsdesk.contracts.articles import Stock
from newsdesk.contracts.cleaning import TickerAnchor

CRYPTO = "CRYPTO"
MAX_COMPANIES = 500
"""A market wrap names some dozens. Comparing names takes the square of their number."""


@dataclass(slots=True)
class Found:
    """A company with all the names it goes by here, and the places where it is named."""

    name: str
    ticker: str | None
    exchange: str | None
    tickers: set[str] = field(default_factory=set[str])
    names: list[str] = field(default_factory=list[str])
    tagged: bool = False
    primary: bool = False
    anchored: bool = False
    proxy: bool = False
    broker: bool = False
    spans: list[Span] = field(default_factory=list[Span])


def find_companies(
    article: ArticleForAnalysis, units: Sequence[Unit], *, read_names: bool
) -> list[Found]:
    """Returns the companies in the order in which they were found, mentions in text order.

    Of marked-up and tagged companies the first MAX_COMPANIES are looked at.

    `read_names=False` keeps to mark-up and tags: for languages that are not read.
    """
    text = article.text[: units[-1].end] if units else ""
    stocks = {normalize_ticker(stock.ticker): stock for stock in article.stocks}
    roll = _Roll()
    # A headline that begins with a name, as the text repeats, settles where that name begins.
    opening = " ".join(article.title.split()[:2])
    repeated = [opening] if " " in opening and text.count(opening) > 1 else []
    anchors = [
        name_anchor(text, anchor, _known_names(normalize_ticker(anchor.ticker), stocks) or repeated)
        for anchor in _of_first_tickers(all_anchors(text, article.anchors))
    ]
    for anchor in anchors:
        roll.add_anchor(anchor, stocks.get(anchor.ticker))
    for stock in article.stocks[:MAX_COMPANIES]:
        roll.add_stock(stock)
    companies = roll.companies
    if read_names:
        for found in companies:
            found.names += [] if found.names else spelled_like(found.name, article.title)
        companies += _named_only(text, units, companies)
    _locate(text, units, companies, anchors, short=read_names)
    return [found for found in companies if found.spans or found.tagged]


def _of_first_tickers(anchors: Sequence[TickerAnchor]) -> list[TickerAnchor]:
    """Returns the anchors of the first MAX_COMPANIES tickers."""
    first = set(list(dict.fromkeys(anchor.ticker for anchor in anchors))[:MAX_COMPANIES])
    return [anchor for anchor in anchors if anchor.ticker in first]


def _known_names(ticker: str, stocks: dict[str, Stock]) -> list[str]:
    """Returns what a ticker's company is called by its tag, the table and the aliases."""
    stock, listing = stocks.get(ticker), reference().by_ticker.get(ticker)
    names = [stock.name.strip()] if stock and stock.name and stock.name.strip() else []
    names += [listing.name] if listing else []
    return names + reference().aliases.get(ticker, [])


class _Roll:
    """Companies by ticker; those of one name become one."""

    def __init__(self) -> None:
        self.companies: list[Found] = []
        self._by_ticker: dict[str, Found] = {}

    def add_anchor(self, anchor: NamedTicker, stock: Stock | None) -> None:
        """Adds a ticker that stands in the text."""
        names = [anchor.name] if anchor.name and anchor.name != anchor.ticker else []
        exchange = anchor.exchange or (stock.exchange if stock else None)
        found = self._get(anchor.ticker, exchange, names, stock)
        found.anchored = True

    def add_stock(self, stock: Stock) -> None:
        """Adds a ticker that was tagged; one that is blank is no company."""
        ticker = normalize_ticker(stock.ticker)
        if not ticker:
            return
        coin = ticker.removesuffix("USD").rstrip("-")
        anchored = self._by_ticker.get(coin)
        in_text = anchored is not None and anchored.exchange == CRYPTO
        is_coin = in_text or f"{CRYPTO}:{coin}" in reference().aliases
        is_pair = is_coin and coin != ticker
        ticker = coin if is_pair else ticker
        marked = stock.ticker.strip().startswith("$") and (is_coin or stock.exchange is None)
        exchange = CRYPTO if is_pair or marked else stock.exchange
        found = self._get(ticker, exchange, [], stock)
        found.tagged = True
        found.primary = found.primary or bool(stock.primary)

    def _get(
        self, ticker: str, exchange: str | None, in_text: list[str], stock: Stock | None
    ) -> Found:
        exchange = exchange.strip().upper() or None if exchange else None
        if exchange == CRYPTO or ticker in self._by_ticker:
            names = [*in_text, *reference().aliases.get(f"{CRYPTO}:{ticker}", [])]
            known = self._by_ticker.get(ticker)
            names = names if known is None or known.exchange == CRYPTO else in_text
        else:
            names = _display_names(ticker, exchange, in_text, stock)
        found = self._by_ticker.get(ticker) or self._same_name(names)
        if found is None:
            found = Found(name=names[0] if names else ticker, ticker=ticker, exchange=exchange)
            found.proxy = ticker in MARKET_PROXIES
            self.companies.append(found)
        self._by_ticker[ticker] = found
        found.tickers.add(ticker)
        found.exchange = found.exchange or exchange
        found.names += [name for name in names if name not in found.names]
        return found

    def _same_name(self, names: list[str]) -> Found | None:
        core = core_words(names[0]) if names else ()
        return next(
            (found for found in self.companies if core and core_words(found.name) == core), None
        )


def _display_names(
    ticker: str, exchange: str | None, in_text: list[str], stock: Stock | None
) -> list[str]:
    """Returns the names of a company, the one to show first.

    A tag's own name wins; then the table's, unless the text calls the ticker something else
    altogether (a ticker that another firm has taken over since); then the text's.
    """
    tagged = [stock.name.strip()] if stock and stock.name and stock.name.strip() else []
    listing = reference().by_ticker.get(ticker)
    abroad = exchange is not None and exchange.replace(" ", "") not in US_EXCHANGES
    if listing is None or abroad:
        return tagged + in_text
    listed = [listing.name, *reference().aliases.get(ticker, [])]
    agrees = not in_text or any(same_company(name, in_text[0]) for name in listed)
    return tagged + listed + in_text if agrees else tagged + in_text


def _named_only(text: str, units: Sequence[Unit], known: Sequence[Found]) -> list[Found]:
    """Returns companies that the text names without ticker or tag: known ones and brokers."""
    tickers = {ticker for found in known for ticker in found.tickers}
    cores = {core_words(name) for found in known for name in found.names}
    lowered = {token.lower for unit in units for token in _uncapitalised(unit)}
    result: dict[str, Found] = {}
    for unit in units:
        for words, spelled, listing in _listed_names(text, unit, lowered):
            if words in cores or (listing is not None and listing.ticker in tickers):
                continue
            name = listing.name if listing else spelled
            found = result.setdefault(
                name, Found(name=name, ticker=listing.ticker if listing else None, exchange=None)
            )
            found.broker = found.broker or words in broker_names()
            found.names += [] if spelled in found.names else [spelled]
    return list(result.values())


def _uncapitalised(unit: Unit) -> Iterator[Token]:
    return (token for token in tokenize(unit.text) if token.text.islower())


def _listed_names(
    text: str, unit: Unit, lowered: set[str]
) -> Iterator[tuple[tuple[str, ...], str, Listing | None]]:
    """Yields (words, spelling, listing) of each name in a unit that can only be a company's."""
    if unit.text.isupper():
        return
    tokens = tokenize(unit.text, unit.start)
    position = 0
    while position < len(tokens):
        hit = _listed_at(tokens, position, unit, lowered)
        if hit is None:
            position += 1
            continue
        words, listing = hit
        stop = position + len(words)
        yield words, text[tokens[position].start : tokens[stop - 1].end], listing
        position = stop


def _listed_at(
    tokens: Sequence[Token], position: int, unit: Unit, lowered: set[str]
) -> tuple[tuple[str, ...], Listing | None] | None:
    first = tokens[position]
    if not (first.text[0].isupper() or first.text[0].isdigit() or not first.text.islower()):
        return None
    for words, listing in _names_from(first.lower):
        run = tokens[position : position + len(words)]
        if tuple(token.lower for token in run) != words or not _capital_run(run):
            continue
        if len(words) == 1 and (first.lower in lowered or len(first.text) < 2):
            continue
        trusted = listing is None or listing.rank < WELL_KNOWN or not unit.title_case
        if trusted and _stands_alone(tokens, position, len(words), unit):
            return words, listing
    return None


def _names_from(first: str) -> Iterator[tuple[tuple[str, ...], Listing | None]]:
    yield from reference().by_name.get(first, ())
    yield from ((words, None) for words in _brokers_by_first().get(first, ()))


@cache
def _brokers_by_first() -> dict[str, list[tuple[str, ...]]]:
    firsts: dict[str, list[tuple[str, ...]]] = {}
    for words in sorted(broker_names(), key=lambda words: (-len(words), words)):
        if not is_generic(words):
            firsts.setdefault(words[0], []).append(words)
    return firsts


def _capital_run(run: Sequence[Token]) -> bool:
    return all(
        not token.text.islower() or token.text.isdigit() or token.lower in ("of", "and", "the")
        for token in run
    )


def _stands_alone(tokens: Sequence[Token], position: int, width: int, unit: Unit) -> bool:
    """Refuses a name that is part of a longer one, as "Wells" in "Orson Wells"."""
    if width > 1 or unit.title_case or position == 0:
        return True
    before = tokens[position - 1]
    joined = unit.text[before.end - unit.start : tokens[position].start - unit.start] == " "
    is_part = joined and before.text[0].isupper() and position > 1 and not before.text.isupper()
    return not is_part or len(before.text) < 3


def _locate(
    text: str,
    units: Sequence[Unit],
    companies: list[Found],
    anchors: Sequence[NamedTicker],
    *,
    short: bool,
) -> None:
    """Fills in the mentions: names in the text, and the places of anchors that names missed."""
    index = NameIndex()
    index.add(_index_names(companies, short=short))
    index.sort()
    repeated = {anchor.ticker_start for anchor in anchors if anchor.name}
    spans = [span for span in find_spans(text, units, index) if span.start not in repeated]
    by_ticker = {ticker: place for place, found in enumerate(companies) for ticker in found.tickers}
    covered = _cover(spans)
    for anchor in anchors:
        unit = _unit_at(units, anchor.start)
        if unit is not None and not _meets(covered, anchor.start, anchor.end):
            spans.append(Span(anchor.start, anchor.end, unit, by_ticker[anchor.ticker]))
            covered.update(range(anchor.start, anchor.end))
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        found = companies[span.company]
        if len(found.spans) < MAX_MENTIONS:
            found.spans.append(span)


def _index_names(companies: Sequence[Found], *, short: bool) -> Iterator[Name]:
    firsts: dict[str, set[int]] = {}
    for place, found in enumerate(companies):
        for name in found.names or [found.name]:
            firsts.setdefault((core_words(name) or ("",))[0], set()).add(place)
    taken = {word for word, places in firsts.items() if len(places) > 1}
    for place, found in enumerate(companies):
        names = found.names or [found.name]
        if short and (found.tagged or found.anchored):
            yield from short_names(place, [name for name in names if name != found.ticker], taken)
            for ticker in sorted(found.tickers):
                yield from ticker_name(place, ticker)
        else:
            yield from (_exact(place, name) for name in names if words_of(name))


def _exact(place: int, name: str) -> Name:
    return Name(words_of(name), name, NameKind.FULL, place)


def _cover(spans: Sequence[Span]) -> set[int]:
    return {offset for span in spans for offset in range(span.start, span.end)}


def _meets(covered: set[int], start: int, end: int) -> bool:
    return any(offset in covered for offset in range(start, end))


def _unit_at(units: Sequence[Unit], offset: int) -> int | None:
    low, high = 0, len(units)
    while low < high:
        middle = (low + high) // 2
        if units[middle].end <= offset:
            low = middle + 1
        else:
            high = middle
    return low if low < len(units) and units[low].start <= offset else None
