"""Promotions, options primers and the frame of the site: phrases that begin or fill a block."""

import re

from newsdesk.cleaning.links import is_event, is_promotion
from newsdesk.cleaning.unit import Unit

_MAX_CHARS = 500
_OPTIONS = re.compile(
    r"\W*(?:options alert terminology\b"
    r"|for more information,? (?:visit|see|read) our guide to understanding options alerts"
    r"|(?:read )?(?:our )?guide to understanding options alerts)"
)
_OPTIONS_TERM = re.compile(
    r"\W*(?:call contracts|put contracts|expiration date|premium/option price)\s*:"
)
_PROMO = re.compile(
    r"\W*(?:subscribe to (?:the |our )?.{0,60}newsletter"
    r"|sign up (?:for|to|here|today|now).{0,80}(?:newsletter|inbox|alerts)"
    r"|(?:to )?(?:get|receive|want) .{0,80}(?:newsletter|in your inbox)"
    r"|join (?:our|the) .{0,40}(?:newsletter|telegram|discord|whatsapp|community)\b"
    r"|follow (?:us|benzinga) on\b|download (?:the|our) .{0,20}app\b"
    r"|check out more of benzinga's .{0,60}coverage"
    r"|(?:check out: )?the average american couple has saved"
    r"|if you want to stay updated on the latest options trades"
    r"|(?:to )?stay (?:updated|informed|ahead|on top).{0,160}benzinga pro\b"
    r"|benzinga pro (?:gives|provides|offers|alerts|users|subscribers)"
    r"|(?:try|get|start|unlock|upgrade to|subscribe to|sign up for) .{0,40}benzinga pro\b"
    r"|(?:a version of )?this (?:article|post|story)(?: was)? (?:originally|first) "
    r"(?:appeared|published|posted) (?:in|on) .{0,80}newsletter"
    r"|never miss (?:a|another) trade\b)"
)
_EVENT = re.compile(
    r"future of digital assets|cannabis capital conference|fintech (?:deal )?day\b"
    r"|benzinga (?:small cap conference|option school|boot ?camp|trading summit)"
    r"|benzinga(?:'s)? (?:(?:upcoming|annual|next|live|virtual|all|access) ){1,2}"
    r"(?:conference|event|summit)"
)
_EVENT_CALL = re.compile(
    r"\b(?:tickets?|register\b|join us|secure your|get your|reserve your|early bird|don't miss"
    r"|is back\b|is returning|is coming|(?:explored|discussed) at|attend the|heading to"
    r"|save (?:your|a) (?:seat|spot))"
)
_CALL = re.compile(
    r"\W*(?:click here|try benzinga|sign up|unlock|see how|learn how|learn more|subscribe"
    r"|claim your|discover)\b"
)
_CHROME = re.compile(
    r"\W*(?:(?:\(c\)|©|copyright)\W*(?:\d{4}\W*)?benzinga"
    r"|benzinga does not provide investment advice|market news and data brought to you by benzinga"
    r"|posted in\s*:|trade confidently with insights|add benzinga (?:news )?(?:as|on)"
    r"|to add benzinga news as your preferred source|this headline[- ]only article"
    r"|view comments and join the discussion|got a (?:news )?tip\b|all rights reserved\W*$"
    r"|log ?in to (?:comment|benzinga)|loading\.\.\.$|comments? (?:loading|are closed)"
    r"|(?:share|print|email) this (?:article|story)\W*$|overview rating:|benzinga rankings\W*$)"
)
_BARE_SOURCE = re.compile(
    r"\W*(?:all )?(?:data )?(?:according to|via|from) (?:data from )?benzinga pro(?: data)?\W*"
)


def is_options_primer(unit: Unit) -> bool:
    """Tells whether a unit explains what options are, as each automated alert does anew."""
    text = unit.folded
    return bool(_OPTIONS.match(text) and len(text) <= 1500)


def is_options_term(unit: Unit) -> bool:
    """Tells whether a unit is one of the terms that the primer explains, in a block of its own."""
    return bool(_OPTIONS_TERM.match(unit.folded)) and len(unit.text) <= 300


def is_promotion_block(unit: Unit) -> bool:
    """Tells whether a unit advertises a newsletter, an event or a product of the publisher."""
    text = unit.folded
    if len(text) > _MAX_CHARS:
        return False
    if _PROMO.match(text):
        return True
    bare_source = _BARE_SOURCE.fullmatch(text) and not text.rstrip().endswith(":")
    return bool(bare_source) or _plugs_event(unit) or _calls_to_buy(unit)


def is_site_chrome(unit: Unit) -> bool:
    """Tells whether a unit belongs to the site around the article."""
    return len(unit.text) <= _MAX_CHARS and bool(_CHROME.match(unit.folded))


def _plugs_event(unit: Unit) -> bool:
    named = _EVENT.search(unit.folded) or any(is_event(link) for link in unit.links)
    return bool(named and _EVENT_CALL.search(unit.folded))


def _calls_to_buy(unit: Unit) -> bool:
    sells = any(is_promotion(link) for link in unit.links)
    return sells and len(unit.text) <= 200 and bool(_CALL.match(unit.folded))
