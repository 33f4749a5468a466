"""Pointers to other articles: a label such as "Read Next:" and what it points to."""

import re

from newsdesk.cleaning.links import is_benzinga_article
from newsdesk.cleaning.unit import Unit

_MAX_CHARS = 600
_MAX_UNLINKED_CHARS = 250
_LABELS = (
    r"read next|next read|read also|also read|see also|also see|now read|now see|read more"
    r"|related(?: (?:links?|reads?|readings?|articles?|stor(?:y|ies)|news|content|coverage|posts?"
    r"|topics?|videos?))"
    r"|check out|check this out|also check(?: out)?|don't miss(?: (?:this|out|it))?"
    r"|must read|you (?:may|might) also like|further reading|recommended (?:reads?|reading|stor\w+)"
    r"|more from benzinga|more on (?:this|the) (?:topic|story)|in case you missed it"
    r"|trending now|read now|keep reading"
)
_WEAK_LABELS = r"related|read|see|more|also|watch|watch now|trending|learn more|icymi|up next|next"
_LABEL = re.compile(rf"\W*(?P<label>{_LABELS})\s*(?P<colon>[:|>»→-]+\s*|$)")
_BARE_LABEL = re.compile(rf"\W*(?:{_LABELS})\s+(?=\S)")
_WEAK_LABEL = re.compile(rf"\W*(?:{_WEAK_LABELS})\s*:\s*")
_NEXT_SENTENCE = re.compile(r"[.!?][\"')\]]*\s+[\"'(]*[A-Z]")


def is_related_link(unit: Unit) -> bool:
    """Tells whether a unit only points elsewhere: a label, alone or with links or one title."""
    if len(unit.text) > _MAX_CHARS:
        return False
    label = _LABEL.match(unit.folded)
    if label:
        return _only_points(unit, label.end())
    bare = _BARE_LABEL.match(unit.folded)
    if bare and unit.linked_share(bare.end()) >= 0.99:
        return True
    weak = _WEAK_LABEL.match(unit.folded)
    return weak is not None and unit.linked_share(weak.end()) >= 0.9


def is_label_alone(unit: Unit) -> bool:
    """Tells whether a unit is a label and no more, so that what it points to comes next."""
    label = _LABEL.match(unit.folded) or _WEAK_LABEL.match(unit.folded)
    return label is not None and not unit.text[label.end() :].strip()


def is_links_only(unit: Unit) -> bool:
    """Tells whether nothing but links stands in a unit."""
    return bool(unit.links) and unit.linked_share() >= 0.9 and len(unit.text) <= _MAX_CHARS


def is_unlabelled_pointer(unit: Unit) -> bool:
    """Tells whether a unit is one linked title of another article, its label lost or left out."""
    if unit.heading or not is_links_only(unit):
        return False
    if len(set(unit.links)) != 1 or not is_benzinga_article(unit.links[0]):
        return False
    return len(unit.text.split()) >= 4 and not unit.text.rstrip("\"'”’").endswith((".", ":"))


def _only_points(unit: Unit, start: int) -> bool:
    rest = unit.text[start:]
    if not rest.strip() or unit.linked_share(start) >= 0.5:
        return True
    return len(rest) <= _MAX_UNLINKED_CHARS and not _NEXT_SENTENCE.search(rest)
