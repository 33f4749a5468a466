"""Credits of images: who took or made a picture that the text does not hold."""

import re

from newsdesk.cleaning.unit import Unit

_MAX_CHARS = 300
_KIND = (
    r"(?:photos?|images?|pictures?|photographs?|photography|illustrations?|graphics?|screenshots?"
    r"|artwork|thumbnail|photo illustration|fotos?|bildquelle)"
)
_LEAD = r"(?:(?:featured?|cover|lead|main|header|top|stock|file|courtesy|pixabay|this|the) )?"
_LABEL = re.compile(rf"\W*{_LEAD}{_KIND}(?: (?:credits?|sources?|courtesy))?(?: by)?\s*[:|-]\s*")
_PHRASE = re.compile(
    rf"\W*{_LEAD}{_KIND}(?: (?:was|is|were))?"
    r" (?:credits?|courtesy|via|by|from|provided|sourced|taken|created|generated|made|edited|used"
    r"|licensed|under|on|©)\b"
)
_AGENCY = re.compile(
    r"shutterstock|getty|unsplash|pixabay|pexels|flickr|wikimedia|wikipedia|istock|midjourney"
    r"|dall-?e\b|adobe stock|depositphotos|dreamstime|alamy|creative commons|\bap photo|\bnurphoto"
    r"|benzinga edit|artificial intelligence|courtesy|imagn|zuma press|bloomberg via|canva\b"
)
_ALONE = re.compile(r"\W*(?:via |from |by |courtesy of )?(?:shutterstock|unsplash|getty images)\W*")
_CREDIT_WORDS = frozenset(
    "a an and at by courtesy created credit credits edit edited editing file for from generated "
    "generator image images in is licensed made of on or own photo photos picture provided public "
    "domain screenshot shot source sourced stock taken the their through under used using via was "
    "with website work artificial intelligence ai company".split()
)
_WORD = re.compile(r"[^\W\d_][\w'’.-]*")


def is_image_credit(unit: Unit) -> bool:
    """Tells whether a unit is the credit of a picture, by its label and by its shape.

    A sentence about photos is not one: beyond the label, a credit holds names and words such as
    "via", or names an agency after a label with a colon.
    """
    if len(unit.text) > _MAX_CHARS:
        return False
    if _ALONE.fullmatch(unit.folded):
        return True
    label = _LABEL.match(unit.folded)
    agency = _AGENCY.search(unit.folded) is not None
    if label:
        return agency or _is_names(unit.text[label.end() :])
    if _PHRASE.match(unit.folded):
        return _is_names(unit.text) or (agency and len(unit.text) <= 120)
    return unit.hint == "caption" and agency


def _is_names(text: str) -> bool:
    words = _WORD.findall(text)
    plain = [word for word in words if word[0].islower()]
    return len(words) <= 20 and all(word.strip(".") in _CREDIT_WORDS for word in plain)
