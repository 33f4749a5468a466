"""What each company does in the article: subject, peer, commentator, passing or tagged only."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from newsdesk.analysis.companies import Found
from newsdesk.analysis.mentions import Span
from newsdesk.analysis.names import broker_names, core_words
from newsdesk.analysis.sentences import Unit, UnitKind
from newsdesk.analysis.tokens import words_of
from newsdesk.contracts.analysis import Role

_SPEAKS = (
    "say|says|said|note|notes|noted|write|writes|wrote|believe|believes|believed|think|thinks|see|sees|"
    "expects|expected|predicts|predicted|forecasts|forecast|projects|estimates|maintain|maintains|"
    "maintained|reiterates|reiterated|upgrades|upgraded|downgrades|downgraded|initiates|initiated|"
    "rates|rated|raises|raised|lifts|lifted|bumps|bumped|boosts|cuts|lowers|lowered|trims|trimmed|"
    "warns|warned|recommends|calls|called|keeps|kept|assumes|assumed|reaffirms|reaffirmed|adjusts|"
    "highlighted|added|remains|remain|names|likes|prefers|argues|argued|has an?|gave|gives"
)
_PEOPLE = r"analysts?|strategists?|economists?|researchers|research|notes?|reports?|survey|data"
_BROKER_AFTER = re.compile(
    rf"(?:['’]s?(?:\s(?-i:[A-Z])[\w.'’-]+){{0,3}})?\s*(?:,[^,.;]{{3,60}},\s*)?"
    rf"(?:{_SPEAKS}|{_PEOPLE}|securities {_PEOPLE})\b",
    re.IGNORECASE,
)
_SOURCE_AFTER = re.compile(
    r"(?:['’]s?)?\s*(?:analysts?|strategists?|economists?|(?:reported|reports) (?:that|on))\b",
    re.IGNORECASE,
)
_SOURCE_BEFORE = re.compile(
    r"(?:according to|(?:analysts?|strategists?|economists?|head of [\w ]{2,30}) "
    r"(?:at|from|with|of)|"
    r"(?:upgraded|downgraded|maintained|rated|reiterated|initiated|cited|reported|published|told|seen"
    r"|compiled|polled) (?:by|at|to)?|data from|survey by|(?:note|report|estimates?) (?:from|by)|"
    r"[:;,–—-]|\bsays?)\s*(?:the\s+)?$",
    re.IGNORECASE,
)
_PEER_AFTER = re.compile(
    r"(?:['’]s?)?[\s-]*(?:rivals?|competitors?|suppliers?|partners?|challengers?|peers?|backed|"
    r"owned|customers?|killer|clone)\b",
    re.IGNORECASE,
)
_PEER_BEFORE = re.compile(
    r"(?:\bvs\.?|\bversus|rivals?|competitors?|peers?|compared (?:to|with)|(?:such as|like|unlike)|"
    r"suppliers?|partners?(?: with)?|alongside|than)\s*(?:the\s+)?$",
    re.IGNORECASE,
)
_ASIDE_BEFORE = re.compile(r"\b(?:of|in|at|by|from|via|with|using|on)\s+(?:the\s+)?$", re.I)
_ABOUT_BEFORE = re.compile(
    r"\b(?:shares?|stocks?|stake|parent|owner|acquisition|purchase|takeover|demand|results?|"
    r"guidance|news|outlook|positive|negative|bullish|bearish|probe|lawsuits?) (?:of|in|at|by|from|"
    r"with|on)\s+$",
    re.I,
)
_LEAD_UNITS = 2
_AROUND = 80


@dataclass(frozen=True, slots=True)
class Cast:
    """A company with its role and prominence (higher: more of the article is about it)."""

    found: Found
    role: Role
    prominence: float


def assign_roles(
    text: str, units: Sequence[Unit], companies: Sequence[Found], *, told: Sequence[bool]
) -> list[Cast]:
    """Returns the companies with roles: subjects first, by prominence.

    `told[i]`: whether the text says something of weight about company i itself.
    """
    lead = _lead_units(units)
    weights = [_prominence(found, units, lead) for found in companies]
    roles = [
        _role(text, units, lead, found, weight, says)
        for found, weight, says in zip(companies, weights, told, strict=True)
    ]
    if Role.SUBJECT not in roles:
        roles = _promote(units, companies, roles, told)
    order = list(Role)
    cast = [Cast(*row) for row in zip(companies, roles, weights, strict=True)]
    return sorted(cast, key=lambda member: (order.index(member.role), -member.prominence))


def is_source_at(text: str, start: int, end: int, *, broker: bool) -> bool:
    """Returns whether text[start:end] names who says something, not whom it is said of."""
    before = text[max(0, start - _AROUND) : start].rpartition("\n")[2]
    after = text[end : end + _AROUND].partition("\n")[0]
    if broker:
        at_end = not after.strip(" .'\"”") and _SOURCE_BEFORE.search(before) is not None
        return at_end or _BROKER_AFTER.match(after) is not None or _quoted_before(before)
    return _SOURCE_AFTER.match(after) is not None or _quoted_before(before)


def _quoted_before(before: str) -> bool:
    found = _SOURCE_BEFORE.search(before)
    return found is not None and found.group().strip()[:1] not in tuple(":;,–—-")


def is_broker_name(name: str) -> bool:
    """Returns whether the business of a company of this name is opinion on others."""
    return words_of(name) in broker_names() or core_words(name) in broker_names()


def _is_broker(found: Found) -> bool:
    return found.broker or any(is_broker_name(name) for name in (found.name, *found.names))


def _lead_units(units: Sequence[Unit]) -> set[int]:
    body = [
        number
        for number, unit in enumerate(units)
        if unit.kind in (UnitKind.SENTENCE, UnitKind.ITEM) and number
    ]
    return set(body[:_LEAD_UNITS])


def _prominence(found: Found, units: Sequence[Unit], lead: set[int]) -> float:
    in_title = any(units[span.unit].kind is UnitKind.TITLE for span in found.spans)
    in_lead = any(span.unit in lead for span in found.spans)
    mentioned = min(len(found.spans), 10) * 0.3
    earliest = 1 / (1 + found.spans[0].start / 500) if found.spans else 0.0
    marks = 0.3 * found.tagged + 0.2 * found.anchored + 0.7 * found.primary
    return round(3.0 * in_title + 1.5 * in_lead + mentioned + earliest + marks, 4)


def _role(
    text: str, units: Sequence[Unit], lead: set[int], found: Found, weight: float, says: bool
) -> Role:
    if not found.spans:
        return Role.TAGGED_ONLY
    if _is_commentator(text, found, weight, says):
        return Role.COMMENTATOR
    if found.proxy:
        return Role.PASSING
    title = [span for span in found.spans if units[span.unit].kind is UnitKind.TITLE]
    compared = [span for span in title or found.spans if _is_compared(text, span)]
    if title:
        return Role.PEER if len(compared) == len(title) else Role.SUBJECT
    if _is_aside(text, lead, found):
        return Role.PEER if compared else Role.PASSING
    if _carries_article(units, lead, found) and len(compared) < len(found.spans):
        return Role.SUBJECT
    return Role.PEER if says or compared or len(found.spans) > 2 else Role.PASSING


def _is_commentator(text: str, found: Found, weight: float, says: bool) -> bool:
    broker = _is_broker(found)
    sources = sum(is_source_at(text, span.start, span.end, broker=broker) for span in found.spans)
    if found.primary or not sources:
        return False
    if broker and not (found.tagged and says):
        return 2 * sources >= len(found.spans)
    return sources == len(found.spans) and weight < 3.0


def _is_compared(text: str, span: Span) -> bool:
    before = text[max(0, span.start - _AROUND) : span.start].rpartition("\n")[2]
    after = text[span.end : span.end + _AROUND].partition("\n")[0]
    return bool(_PEER_AFTER.match(after) or _PEER_BEFORE.search(before))


def _is_aside(text: str, lead: set[int], found: Found) -> bool:
    """Tells whether a company is named once only, as a detail: "routers of Cisco"."""
    span = found.spans[0]
    if len(found.spans) > 1 or found.primary or span.unit == min(lead, default=-1):
        return False
    before = text[max(0, span.start - _AROUND) : span.start].rpartition("\n")[2]
    return _ASIDE_BEFORE.search(before) is not None and _ABOUT_BEFORE.search(before) is None


def _carries_article(units: Sequence[Unit], lead: set[int], found: Found) -> bool:
    """Tells whether a company outside the title is what the article is about all the same."""
    marked = found.tagged or found.anchored or found.primary
    repeated = len(found.spans) > 1
    in_lead = any(
        span.unit == min(lead) or (span.unit in lead and repeated) for span in found.spans if lead
    )
    sentences = sum(unit.kind is UnitKind.SENTENCE for unit in units) or 1
    share = len({span.unit for span in found.spans}) / sentences
    return (marked and in_lead) or found.primary or (len(found.spans) >= 4 and share >= 0.25)


def _promote(
    units: Sequence[Unit], companies: Sequence[Found], roles: list[Role], told: Sequence[bool]
) -> list[Role]:
    """In a list of movers, each company with a line of its own that says something is a subject."""
    return [
        Role.SUBJECT if role is Role.PEER and says and _opens_line(units, found) else role
        for found, role, says in zip(companies, roles, told, strict=True)
    ]


def _opens_line(units: Sequence[Unit], found: Found) -> bool:
    return found.anchored and any(
        units[span.unit].opens_line
        and units[span.unit].kind in (UnitKind.ITEM, UnitKind.ROW, UnitKind.SENTENCE)
        and span.start - units[span.unit].start < 20
        for span in found.spans
    )
