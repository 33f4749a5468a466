"""Links: which are kept, made absolute, and what ticker they stand for."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

SITE = "https://www.benzinga.com/"
_KEPT_IN_URL = "!#$%&'()*+,/:;=?@[]~-._"
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_HOST = re.compile(r"(?:[\w-]+\.)+[\w-]{2,}|localhost|\[[0-9a-f:.]+\]", re.IGNORECASE)
_NOT_IN_URL = re.compile(r"[\x00-\x20\x7f]*[\t\r\n]+[\x00-\x20\x7f]*")
_QUOTED_PATH = re.compile(r"/(?:stock|quote)/([^/?#]+)(?:/([^/?#]+))?", re.IGNORECASE)
_EXCHANGE = re.compile(r"[A-Z][A-Z0-9. -]{1,15}")
_ARTICLE_PATH = re.compile(r"/[a-z]?\d{7,}(?:/|$)")


@dataclass(frozen=True, slots=True)
class TickerLink:
    """What a link to a quote page says: the symbol, and the exchange where it tells."""

    symbol: str
    exchange: str | None


def base_of(url: str) -> str:
    """Returns the address that relative links are resolved against."""
    return absolute(url, SITE) or SITE


def absolute(href: str, base: str) -> str:
    """Returns a safe absolute address, or "" where the link leads nowhere or is not safe.

    Only http, https and mailto pass; a host must look like one, and carry no user name.
    """
    href = _NOT_IN_URL.sub("", href).strip()
    if not href or href.startswith("#"):
        return ""
    try:
        joined = href if _SCHEME.match(href) else urljoin(base, href)
        parts = urlsplit(joined)
        host = parts.hostname or ""
    except ValueError:
        return ""
    if parts.scheme == "mailto":
        return _encoded(joined) if "@" in parts.path else ""
    if parts.scheme not in ("http", "https") or "@" in parts.netloc:
        return ""
    return _encoded(joined) if _HOST.fullmatch(host) else ""


def _encoded(url: str) -> str:
    return quote(url.encode("utf-8", "replace"), safe=_KEPT_IN_URL) if url.isascii() else _iri(url)


def _iri(url: str) -> str:
    # Letters of other scripts stay readable; only what breaks mark-up is encoded.
    return "".join(char if char.isalnum() else quote(char, safe=_KEPT_IN_URL) for char in url)


def ticker_link(href: str) -> TickerLink | None:
    """Returns what a Benzinga quote link stands for, e.g. /stock/CSCO#NASDAQ or /quote/SOL-USD."""
    parts = _split(href)
    if parts is None or not is_benzinga(href):
        return None
    found = _QUOTED_PATH.match(parts.path)
    if not found:
        return None
    symbol = unquote(found[1]).upper()
    exchange = unquote(parts.fragment).upper()
    if symbol.endswith("-USD") or (found[2] or "").lower() == "usd":
        return TickerLink(symbol.removesuffix("-USD"), "CRYPTO")
    return TickerLink(symbol, exchange if _EXCHANGE.fullmatch(exchange) else None)


def is_benzinga(href: str) -> bool:
    """Tells whether a link leads to Benzinga's own site."""
    host = _host(href)
    return host == "benzinga.com" or host.endswith(".benzinga.com")


def is_promotion(href: str) -> bool:
    """Tells whether a link leads to something that Benzinga or an affiliate sells."""
    host = _host(href)
    sells = host in ("pro.benzinga.com", "benzinga.grsm.io", "go.benzinga.com")
    return sells or host.endswith(".grsm.io") or "itm_source=" in href


def is_event(href: str) -> bool:
    """Tells whether a link leads to one of Benzinga's events."""
    parts = _split(href)
    return parts is not None and is_benzinga(href) and "/events" in parts.path


def is_benzinga_article(href: str) -> bool:
    """Tells whether a link leads to an article on Benzinga."""
    parts = _split(href)
    return parts is not None and is_benzinga(href) and bool(_ARTICLE_PATH.search(parts.path))


def _split(href: str) -> SplitResult | None:
    try:
        return urlsplit(href)
    except ValueError:
        return None


def _host(href: str) -> str:
    parts = _split(href)
    return (parts.hostname or "").lower() if parts else ""
