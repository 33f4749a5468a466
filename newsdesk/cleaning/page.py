"""A saved page: finding the article on it. The only home of trafilatura."""

import copy
from collections.abc import Iterator

import lxml.etree as etree
import lxml.html

from newsdesk.cleaning.chars import printable
from newsdesk.cleaning.links import SITE
from newsdesk.cleaning.markup import removal_rule
from newsdesk.cleaning.model import blocks_text
from newsdesk.cleaning.reader import read_html
from newsdesk.cleaning.visibility import is_tiny

_MIN_PRECISE_SHARE = 0.75
"""Below this the strict extraction has cut into the story, not into what surrounds it."""
_MIN_CHUNK_CHARS = 200
_MIN_CHUNK_PARAGRAPHS = 2


def extract_article(page: str) -> str:
    """Returns the main content of a whole page as HTML; "" where there is none to be found.

    Strict extraction leaves teasers and notices out, but sometimes half of a story; where it finds
    much less than balanced extraction does, the latter counts.
    """
    try:
        tree = _parsed(page)
        if tree is None:
            return ""
        _drop_unseen(tree)
        _join_chunks(tree)
        precise, balanced = _extract(tree, precise=True), _extract(tree, precise=False)
    except RecursionError:
        # Parts of the extraction walk the page recursively; nesting that deep is read as it is.
        return page
    enough = _MIN_PRECISE_SHARE * _visible_chars(balanced)
    return precise if precise and _visible_chars(precise) >= enough else balanced


def _parsed(page: str) -> lxml.html.HtmlElement | None:
    """Returns the page's tree, None of an empty page. Raises RecursionError where it is too deep.

    The parser drops what is nested deeper than it can count.
    """
    data = printable(page).strip().encode("utf-8")
    if not data:
        return None
    parser = lxml.html.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True
    )
    tree = lxml.html.document_fromstring(data, parser=parser, ensure_head_body=True)
    if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log):
        raise RecursionError("the page is nested too deeply for the parser")
    return tree


def _drop_unseen(tree: lxml.html.HtmlElement) -> None:
    """Drops what no reader sees: extraction loses the styles that say so, and keeps the text."""
    for element in list(tree.iter("*")):
        if element.tag in ("html", "head", "body"):
            continue
        if removal_rule(element.tag, element.attrib) == "hidden" or _is_tiny(element):
            element.drop_tree()


def _is_tiny(element: lxml.html.HtmlElement) -> bool:
    style = element.get("style", "")
    if not style or not is_tiny(style, outer=False):
        return False
    return all(is_tiny(inner.get("style", ""), outer=True) for inner in element.iter("*"))


def _extract(tree: lxml.html.HtmlElement, *, precise: bool) -> str:
    from trafilatura import extract

    # A copy: the extraction prunes the tree it is given. Given text, it would parse anew, and lose
    # what is nested 256 deep.
    found = extract(
        copy.deepcopy(tree),
        output_format="html",
        include_comments=False,
        include_formatting=True,
        include_links=True,
        include_tables=True,
        favor_precision=precise,
    )
    return found or ""


def _visible_chars(html: str) -> int:
    return len(blocks_text(read_html(html, SITE).blocks))


def _join_chunks(tree: lxml.html.HtmlElement) -> None:
    """Joins the parts of an article that stand in several containers, e.g. between adverts.

    Extraction settles on one container. Parts are alike (same element, same class), near each
    other (same parent or grandparent), and hold several paragraphs each.
    """
    first: dict[tuple[object, str, str], lxml.html.HtmlElement] = {}
    for chunk in list(_chunks(tree)):
        parent = chunk.getparent()
        holders = [parent, parent.getparent() if parent is not None else None]
        keys = [(holder, chunk.tag, chunk.get("class", "")) for holder in holders]
        known = next((first[key] for key in keys if key in first), None)
        if known is None or known is parent:
            first.update({key: chunk for key in keys if key[0] is not None})
            continue
        known.extend(list(chunk))


def _chunks(tree: lxml.html.HtmlElement) -> Iterator[lxml.html.HtmlElement]:
    for element in tree.iter("div", "section"):
        if not element.get("class"):
            continue
        paragraphs = [child for child in element if child.tag == "p"]
        if len(paragraphs) < _MIN_CHUNK_PARAGRAPHS:
            continue
        if sum(len(child.text_content()) for child in paragraphs) >= _MIN_CHUNK_CHARS:
            yield element
