"""Disclosures: how a text came to be, said in a block of its own."""

import re

from newsdesk.cleaning.unit import Unit

_MAX_AI_CHARS = 500
_MAX_DISCLAIMER_CHARS = 2000
_TEXT = (
    r"(?:this|the above|the preceding) (?:content|story|article|post|report|piece|summary|headline)"
)
_MADE = r"(?:generated|produced|created|written|drafted|translated|compiled|assisted|prepared)"
_AI = (
    r"(?:\bai\b|artificial intelligence|benzinga neuro|automated content engine|chatgpt"
    r"|language model|automation technology)"
)
_AI_TEXT = re.compile(
    rf"\W*(?:(?:ai )?(?:disclaimer|disclosure|note)s?\W+)?{_TEXT} .*{_MADE}.*{_AI}"
)
_NEURO = re.compile(
    r"\W*(?:engineered|generated|produced|written|created|powered) by benzinga neuro"
)
_CONTRIBUTOR = re.compile(
    r"(?:unpaid|external|guest|outside|unaffiliated|third-party|benzinga) (?:external )?contributor"
)
_OWN_VIEWS = re.compile(
    r"\W*(?:the )?(?:views|opinions)(?: and (?:views|opinions))?(?: expressed)?\b.{0,120}\b"
    r"(?:are (?:those|solely|my|the author)|do(?:es)? not|not necessarily)\b"
)
_LABEL = re.compile(r"\W*(?:disclaimer|legal notice)\s*[:-]\s*")
_DISCLOSURE = re.compile(
    r"\W*(?:full |editor's )?disclosures?\s*[:-].*\b(?:author|writer|benzinga"
    r"|(?:i|we) (?:am|are|have|own|hold|do)|my"
    r"|this (?:article|post|content|story)|sponsored|affiliate)\b"
)
_LABEL_TOPIC = re.compile(
    r"informational|advice|position|own(?:s|ed)?\b|hold|long|short|compensat|sponsor|paid|opinion"
    r"|contribut|endorse|advertis|risk|benzinga|generated|affiliate|liab|not intended"
)
_NO_ADVICE = re.compile(
    r"\W*(?:this|the) (?:article|content|post|material|information|story)\b.{0,200}\b"
    r"(?:informational (?:\w+ ){0,4}purposes|sponsored|investment advice|investing advice"
    r"|financial advice)"
)


def is_ai_disclosure(unit: Unit) -> bool:
    """Tells whether a unit says that software wrote, or helped to write, this very text."""
    if len(unit.text) > _MAX_AI_CHARS:
        return False
    return bool(_NEURO.match(unit.folded) or _AI_TEXT.match(unit.folded))


def is_contributor_disclaimer(unit: Unit) -> bool:
    """Tells whether a unit says that somebody outside Benzinga wrote this text."""
    if len(unit.text) > _MAX_DISCLAIMER_CHARS:
        return False
    if unit.hint == "contributor":
        return True
    text = unit.folded
    speaks_of_itself = re.match(rf"\W*(?:\w+\W+)?{_TEXT}", text) is not None
    return speaks_of_itself and _CONTRIBUTOR.search(text) is not None


def is_disclaimer(unit: Unit) -> bool:
    """Tells whether a unit only limits what the text may be taken for, or declares interests."""
    if len(unit.text) > _MAX_DISCLAIMER_CHARS:
        return False
    text = unit.folded
    label = _LABEL.match(text)
    if label and (_LABEL_TOPIC.search(text) or label.end() == len(text)):
        return True
    if _DISCLOSURE.match(text) or _NO_ADVICE.match(text):
        return True
    return len(text) <= 600 and _OWN_VIEWS.match(text) is not None
