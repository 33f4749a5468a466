"""Origin flags: how a text came to be, read off before the disclosure that says so is dropped."""

from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from newsdesk.cleaning.disclosures import is_ai_disclosure, is_contributor_disclaimer
from newsdesk.cleaning.model import Block, Listing, Paragraph, Quote
from newsdesk.cleaning.press_release import has_dateline
from newsdesk.cleaning.unit import Unit, unit_of
from newsdesk.contracts.articles import Article
from newsdesk.contracts.cleaning import Origin

_CONTRIBUTOR_TAGS = frozenset({"contributors", "contributor", "external contributors"})
_AI_TAGS = frozenset({"ai generated", "ai-generated", "benzinga neuro"})
_RELEASE_CHANNELS = frozenset({"press releases", "press release"})
_WIRES = frozenset(
    {
        "prnewswire",
        "pr newswire",
        "globenewswire",
        "globe newswire",
        "business wire",
        "businesswire",
        "accesswire",
        "newsfile",
        "newsfile corp",
        "acn newswire",
        "ein presswire",
        "cision",
    }
)


def origin_of(article: Article, blocks: Sequence[Block]) -> tuple[Origin, ...]:
    """Returns the flags of an article from its tags, channels, author, address and body."""
    units = list(_units(blocks))
    checks = (
        (Origin.CONTRIBUTOR, _is_contributor(article, units)),
        (Origin.AI_ASSISTED, _is_ai_assisted(article, units)),
        (Origin.PRESS_RELEASE, _is_press_release(article, blocks)),
    )
    return tuple(flag for flag, holds in checks if holds)


def _is_contributor(article: Article, units: Sequence[Unit]) -> bool:
    tagged = _any_of(article.tags, _CONTRIBUTOR_TAGS)
    named = "contributor" in article.author.casefold()
    return tagged or named or any(is_contributor_disclaimer(unit) for unit in units)


def _is_ai_assisted(article: Article, units: Sequence[Unit]) -> bool:
    tagged = _any_of((*article.tags, *article.channels), _AI_TAGS)
    named = "benzinga neuro" in article.author.casefold()
    return tagged or named or any(is_ai_disclosure(unit) for unit in units)


def _is_press_release(article: Article, blocks: Sequence[Block]) -> bool:
    if _any_of((*article.channels, *article.tags), _RELEASE_CHANNELS):
        return True
    if article.author.strip().casefold() in _WIRES:
        return True
    try:
        path = urlsplit(article.url).path
    except ValueError:
        path = ""
    return path.casefold().startswith("/pressreleases/") or has_dateline(blocks)


def _any_of(values: Iterable[str], names: frozenset[str]) -> bool:
    return any(value.strip().casefold() in names for value in values)


def _units(blocks: Iterable[Block]) -> Iterator[Unit]:
    for block in blocks:
        match block:
            case Listing(items=items):
                for item in items:
                    yield from _units(item)
            case Quote(blocks=inner, post=False):
                yield from _units(inner)
            case Paragraph(lines=lines) if len(lines) > 1:
                yield from (Unit(line) for line in lines)
            case _:
                pass
        unit = unit_of(block)
        if unit is not None:
            yield unit
