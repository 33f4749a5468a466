"""A saved article page, as a browser or a crawler keeps it, read for what names the article.

The page itself becomes the article's raw body; finding the story in it is the cleaning's work.
Importing this module loads lxml.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from lxml import html

from newsdesk.benzinga.fields import (
    as_list,
    as_object,
    parse_author,
    parse_id,
    parse_image,
    parse_names,
    parse_plain_text,
    parse_url,
)
from newsdesk.benzinga.moments import parse_moment
from newsdesk.benzinga.payloads import iter_payloads, refuse_oversize
from newsdesk.benzinga.quoting import quoted, storable
from newsdesk.contracts.articles import Article, BodyKind
from newsdesk.errors import ArticleRejectedError

_HOST = "benzinga.com"
_ID_IN_PATH = re.compile(r"/[a-z]?(\d{5,19})(?=[/?#]|$)")
_SITE_NAME = re.compile(r"\s+[-–—|]\s+Benzinga(?:\.com)?$", re.IGNORECASE)
_CHARSET = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE
)

_ID_NAMES = ("article:id", "article_id", "parsely-post-id", "content-id", "nid")
_TITLE_NAMES = ("og:title", "twitter:title")
_TEASER_NAMES = ("og:description", "description", "twitter:description")
_AUTHOR_NAMES = ("author", "article:author", "parsely-author")
_IMAGE_NAMES = ("og:image", "twitter:image")
_PUBLISHED_NAMES = ("article:published_time", "datepublished", "parsely-pub-date")
_UPDATED_NAMES = ("article:modified_time", "og:updated_time", "datemodified")
_TAG_NAMES = ("article:tag",)
_KEYWORD_NAMES = ("news_keywords", "keywords")
_CHANNEL_NAMES = ("article:section",)


@dataclass(frozen=True, slots=True)
class _Page:
    """What a page says about itself, in its own words."""

    meta: dict[str, list[str]]
    canonical: str
    title: str
    linked_data: dict[str, object]

    def said(self, names: tuple[str, ...]) -> list[str]:
        return [text for name in names for text in self.meta.get(name, ())]


def parse_page(data: bytes, fetched_at: datetime) -> Article:
    """Returns a saved page as an article whose body is the whole page.

    Raises ArticleRejectedError with what the page lacks (an id, a title, a time), or where it is
    too large, in no readable encoding, or not of Benzinga: ids of other sites would collide.
    """
    refuse_oversize(len(data))
    text = _decoded(data)
    page = _read(text)
    url = _url(page)
    number, title, published_at = _id(page, url), _title(page), _published_at(page)
    if number is None or not title or published_at is None:
        raise ArticleRejectedError(_missing(page, number, title, published_at))
    updated_at = _first_moment([*page.said(_UPDATED_NAMES), page.linked_data.get("dateModified")])
    return Article(
        article_id=number,
        title=title,
        teaser=_teaser(page),
        author=_author(page),
        url=url,
        image_url=_image(page),
        published_at=published_at,
        updated_at=max(published_at, updated_at or published_at),
        fetched_at=fetched_at,
        channels=_names(page.said(_CHANNEL_NAMES) or page.linked_data.get("articleSection")),
        tags=_tags(page),
        body=text,
        body_kind=BodyKind.PAGE,
    )


def _decoded(data: bytes) -> str:
    for encoding in _encodings(data):
        try:
            return storable(data.decode(encoding))
        except (UnicodeError, LookupError):
            continue
    raise ArticleRejectedError("not UTF-8, and the page names no other encoding that fits")


def _encodings(data: bytes) -> Iterator[str]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield "utf-16"
        return
    yield "utf-8-sig"
    named = _CHARSET.search(data[:4096])
    if named:
        yield named[1].decode("ascii")


def _read(text: str) -> _Page:
    # Bytes, since lxml refuses text that names an encoding; the parser is told which one.
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    try:
        root = html.document_fromstring(text.encode(), parser=parser)
    except (html.etree.LxmlError, ValueError):
        raise ArticleRejectedError("not readable as HTML") from None
    return _Page(
        meta=_meta(root),
        canonical=next((str(href) for href in root.xpath("//link[@rel='canonical']/@href")), ""),
        title=next((str(title) for title in root.xpath("//head/title/text()")), ""),
        linked_data=_linked_data(root),
    )


def _meta(root: html.HtmlElement) -> dict[str, list[str]]:
    meta: dict[str, list[str]] = {}
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        content = (element.get("content") or "").strip()
        if name and content:
            meta.setdefault(name.strip().lower(), []).append(content)
    return meta


def _linked_data(root: html.HtmlElement) -> dict[str, object]:
    """Returns the JSON-LD object that describes the article, or an empty one."""
    for script in root.xpath("//script[@type='application/ld+json']/text()"):
        try:
            document: object = json.loads(str(script), strict=False)
        except (ValueError, RecursionError):
            continue  # one broken block says nothing about the next
        for candidate in _objects(document):
            if any(kind.endswith("Article") for kind in _kinds(candidate)):
                return candidate
    return {}


def _objects(document: object) -> Iterator[dict[str, object]]:
    for value in iter_payloads(document):
        fields = as_object(value)
        if fields is not None:
            yield fields
            yield from (
                inner for inner in map(as_object, as_list(fields.get("@graph")) or ()) if inner
            )


def _kinds(fields: dict[str, object]) -> list[str]:
    kind = fields.get("@type")
    return [text for text in as_list(kind) or [kind] if isinstance(text, str)]


def _url(page: _Page) -> str:
    main = page.linked_data.get("mainEntityOfPage")
    fields = as_object(main)
    main = main if fields is None else fields.get("@id")
    said = [page.canonical, *page.said(("og:url",)), page.linked_data.get("url"), main]
    urls = [url for url in (parse_url(text) for text in said if isinstance(text, str)) if url]
    if not urls:
        return ""
    host = urlsplit(urls[0]).hostname or ""
    if host != _HOST and not host.endswith(f".{_HOST}"):
        raise ArticleRejectedError(f"a page of {quoted(host)}, not of {_HOST}")
    return next((url for url in urls if _ID_IN_PATH.search(urlsplit(url).path)), urls[0])


def _id(page: _Page, url: str) -> int | None:
    in_path = _ID_IN_PATH.findall(urlsplit(url).path)
    for candidate in (*in_path[-1:], *page.said(_ID_NAMES)):
        try:
            return parse_id(candidate)
        except ValueError:
            continue
    return None


def _title(page: _Page) -> str:
    headline = page.linked_data.get("headline")
    said = [*page.said(_TITLE_NAMES), headline if isinstance(headline, str) else "", page.title]
    titles = (_SITE_NAME.sub("", parse_plain_text(text)) for text in said)
    return next((title for title in titles if title), "")


def _teaser(page: _Page) -> str:
    return next((parse_plain_text(text) for text in page.said(_TEASER_NAMES)), "")


def _said_published(page: _Page) -> list[object]:
    return [*page.said(_PUBLISHED_NAMES), page.linked_data.get("datePublished")]


def _published_at(page: _Page) -> datetime | None:
    return _first_moment(_said_published(page))


def _missing(page: _Page, number: int | None, title: str, published_at: datetime | None) -> str:
    missing: list[str] = []
    if number is None:
        missing.append("no article id (none in canonical link, og:url or meta tags)")
    if not title:
        missing.append("no title (no og:title, no headline in JSON-LD, no <title>)")
    if published_at is None:
        said = next((text for text in _said_published(page) if isinstance(text, str)), "")
        nothing = "no article:published_time, no datePublished in JSON-LD"
        found = f"{quoted(said)} is none with an offset" if said else nothing
        missing.append(f"no time of publication ({found})")
    return "; ".join(missing)


def _first_moment(said: list[object]) -> datetime | None:
    for text in said:
        try:
            moment = parse_moment(text)
        except ValueError:
            continue
        if moment is not None:
            return moment
    return None


def _author(page: _Page) -> str:
    names = [name for name in page.said(_AUTHOR_NAMES) if "://" not in name]
    return _joined(page.linked_data.get("author")) or ", ".join(_names(names))


def _joined(author: object) -> str:
    try:
        return parse_author(author)
    except ValueError:
        return ""


def _image(page: _Page) -> str:
    for said in (page.said(_IMAGE_NAMES), page.linked_data.get("image")):
        try:
            image = parse_image(said)
        except ValueError:
            continue
        if image:
            return image
    return ""


def _tags(page: _Page) -> tuple[str, ...]:
    tags = page.said(_TAG_NAMES) or page.linked_data.get("keywords")
    return _names(tags or page.said(_KEYWORD_NAMES))


def _names(said: object) -> tuple[str, ...]:
    texts = as_list(said) or [said]
    split = [part for text in texts if isinstance(text, str) for part in text.split(",")]
    return parse_names(split)
