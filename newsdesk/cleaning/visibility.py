"""What a reader of the page does not see, as far as an element's own attributes tell.

Orders to machines hide in such text. What stands in style sheets is not known here, so that white
letters without a background of their own stay: the one behind them may be dark.
"""

import re
from collections.abc import Mapping

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# React sends parts of a page hidden under such ids, and puts them in their places by script.
_STREAMED = re.compile(r"S:[0-9a-f]+")
_HIDDEN_CLASSES = frozenset({"screen-reader-text", "sr-only", "visually-hidden"})
_HIDDEN_STYLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_NOTHING = re.compile(r"0*\.?0*%?")
_FAR_OFF = re.compile(r"-(?:\d{4,}|\d{3,}(?:\.\d+)?(?:r?em|v[wh]|%))")
_OFFSETS = ("left", "right", "top", "bottom", "margin-left", "margin-top")
_CLIPPED = re.compile(r"rect\((?:[01](?:px)?[\s,]*){4}\)|inset\((?:50|100)%|circle\(0")
_CLEAR = re.compile(r"transparent|rgba\([^)]*,\s*0*\.?0+%?\s*\)|hsla\([^)]*,\s*0*\.?0+%?\s*\)")
_SIZE = re.compile(r"(\d*\.?\d+)\s*(px|pt|rem)?(?![\w%.])")
_KEYWORD_SIZES = frozenset("xx-small x-small small medium large x-large xx-large".split())
_LEAST_SIZE = 2
"""Pixels, or points: letters of fewer are specks."""
_NAMED = {"white": "#ffffff", "black": "#000000"}
_SHORT_COLOUR = re.compile(r"#([0-9a-f])([0-9a-f])([0-9a-f])")
_RGB = re.compile(r"rgb\((\d{1,3}),(\d{1,3}),(\d{1,3})\)")


def is_unseen(attributes: Mapping[str, str]) -> bool:
    """Returns whether an element is not shown, with all that is in it."""
    if "hidden" in attributes and not _STREAMED.fullmatch(attributes.get("id", "")):
        return True
    if _HIDDEN_CLASSES & set(attributes.get("class", "").lower().split()):
        return True
    style = attributes.get("style")
    if not style:
        return False
    return bool(_HIDDEN_STYLE.search(_COMMENT.sub("", style))) or _styled_away(_declared(style))


def is_tiny(style: str, outer: bool) -> bool:
    """Returns whether text in an element is too small to be seen; `outer`: it is around it.

    Other than what `is_unseen` tells, an element within may set a size again.
    """
    declared = _declared(style)
    size = declared.get("font-size", declared.get("font", ""))
    if size in _KEYWORD_SIZES:
        return False
    found = _SIZE.match(size)
    if found is None:
        return outer
    number = float(found[1])
    if not found[2]:
        # Without a unit only 0 is a size; `font: 700 …` begins with a weight.
        return number == 0 or outer
    return number * (16 if found[2] == "rem" else 1) < _LEAST_SIZE


def _declared(style: str) -> dict[str, str]:
    """Returns a style's properties, lower case, the last of each."""
    parts = (part.partition(":") for part in _COMMENT.sub("", style).lower().split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in parts}


def _styled_away(declared: Mapping[str, str]) -> bool:
    opacity = declared.get("opacity")
    if opacity and _NOTHING.fullmatch(opacity):
        return True
    if _FAR_OFF.match(declared.get("text-indent", "")):
        return True
    clip = declared.get("clip-path") or declared.get("clip", "")
    if _CLIPPED.match(clip):
        return True
    placed = declared.get("position") in ("absolute", "fixed")
    if placed and any(_FAR_OFF.match(declared.get(side, "")) for side in _OFFSETS):
        return True
    return _letters_vanish(declared)


def _letters_vanish(declared: Mapping[str, str]) -> bool:
    colour = _colour(declared.get("color", ""))
    behind = declared.get("background-color") or declared.get("background", "")
    return bool(colour) and (bool(_CLEAR.fullmatch(colour)) or colour == _colour(behind))


def _colour(value: str) -> str:
    value = re.sub(r"\s*,\s*", ",", value)
    value = _NAMED.get(value, value)
    if short := _SHORT_COLOUR.fullmatch(value):
        return "#" + "".join(digit * 2 for digit in short.groups())
    if rgb := _RGB.fullmatch(value):
        return "#" + "".join(f"{int(part):02x}" for part in rgb.groups())
    return value
