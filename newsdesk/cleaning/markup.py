"""What the elements of HTML mean to the reader, as tables."""

import re
from collections import Counter
from collections.abc import Mapping

from newsdesk.cleaning.visibility import is_unseen

BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dir div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html li listing main menu ol p pre "
    "section summary table tbody td tfoot th thead tr ul xmp".split()
)
HEADINGS = {f"h{level}": level for level in range(1, 7)}
STRONG = frozenset({"b", "strong"})
EMPHASIS = frozenset({"em", "i", "cite", "dfn", "var"})
PREFORMATTED = frozenset({"pre", "listing", "xmp"})
LISTS = frozenset({"ul", "ol", "menu", "dir"})
CAPTIONS = frozenset({"figcaption", "caption"})

DROPPED = {
    **dict.fromkeys(("script",), "script"),
    **dict.fromkeys(("style", "link", "meta", "base", "head", "title"), "style"),
    **dict.fromkeys(("iframe", "frame", "frameset"), "iframe"),
    **dict.fromkeys(
        ("object", "embed", "applet", "video", "audio", "canvas", "svg", "map"), "embed"
    ),
    **dict.fromkeys(
        ("button", "select", "textarea", "input", "label", "datalist", "dialog"), "form-control"
    ),
    **dict.fromkeys(("nav",), "navigation"),
    **dict.fromkeys(("noscript", "template"), "hidden"),
}
"""Element -> the rule under which it goes, with all that is in it."""

SILENT = frozenset({"head", "title", "meta", "link", "base"})
"""Dropped without a word: they are about the document, not in it."""

UNSEEN = frozenset({"script", "style", "hidden", "iframe", "embed"})
"""Rules whose blocks show a reader no text of the article's own."""

_ADVERT_CLASSES = frozenset({"adsbygoogle", "sharedaddy", "addtoany_share_save_container"})
_SWALLOWING = "iframe|textarea|title|script|style|noscript|video|audio|object"
_SELF_CLOSED = re.compile(rf"<({_SWALLOWING})\b([^<>]*)/>", re.IGNORECASE)
_PARAGRAPH_END = re.compile(r"</p\s*>", re.IGNORECASE)
_OPENED = re.compile(r"<(iframe|textarea|title)\b[^<>]*>", re.IGNORECASE)


_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.IGNORECASE)
_ENDS_THAT_COUNT = frozenset({"p", "br"})
_LARGE = 100_000


def removal_rule(tag: str, attributes: Mapping[str, str]) -> str | None:
    """Returns the rule under which an element goes with all its content, or None."""
    if not attributes:
        return DROPPED.get(tag)
    if is_unseen(attributes):
        return "hidden"
    if _ADVERT_CLASSES & set(attributes.get("class", "").lower().split()):
        return "advertisement"
    return DROPPED.get(tag)


def hint_of(tag: str, attributes: dict[str, str]) -> str:
    """Returns what mark-up says a block is: "caption", "contributor" or ""."""
    classes = attributes.get("class", "").lower()
    if tag in CAPTIONS or "caption" in classes.split("-") or "wp-caption-text" in classes:
        return "caption"
    return "contributor" if "contributor-disclaimer" in classes else ""


def without_strays(html: str) -> str:
    """Returns a large body without end tags that end nothing.

    The parser looks through all open elements for each of them, so many take time in the square.
    """
    if len(html) < _LARGE:
        return html
    opened: Counter[str] = Counter()

    def keep(found: re.Match[str]) -> str:
        name = found[2].lower()
        if not found[1]:
            opened[name] += 1
        elif opened[name] > 0:
            opened[name] -= 1
        elif name not in _ENDS_THAT_COUNT:
            return "<!x"  # what is left of the tag becomes a comment
        return found[0]

    return _TAG.sub(keep, html)


def closed(html: str) -> str:
    """Returns HTML in which elements end where their author thought they would.

    `<iframe src=… />` and an iframe without an end tag would swallow the rest of the story.
    """
    html = _SELF_CLOSED.sub(r"<\1\2></\1>", html)
    last = {found[1].lower(): found for found in _OPENED.finditer(html)}
    lower = html.lower()
    ends = sorted(
        (found.end(), tag) for tag, found in last.items() if lower.find(f"</{tag}", found.end()) < 0
    )
    for end, tag in reversed(ends):
        html = f"{html[:end]}</{tag}>{html[end:]}"
    # A </p> whose paragraph a table has closed already parts two paragraphs all the same, but the
    # parser passes it over; the rule after it is what the reader notices.
    return _PARAGRAPH_END.sub("</p><hr>", html)
