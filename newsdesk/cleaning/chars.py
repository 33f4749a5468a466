"""Characters: what may stand in text, and how strings are compared."""

import re
import unicodedata

_INVISIBLE = "\u00ad\u180e\u200b\u2060\u2061\u2062\u2063\u2064\ufeff"
_KEPT_CONTROLS = "\t\n\r"
_DELETED = {
    **{code: None for code in range(0x20) if chr(code) not in _KEPT_CONTROLS},
    **{ord(char): None for char in _INVISIBLE},
    0x0B: " ",
    0x0C: " ",
    0x7F: None,
}
# Pages that mislabel Windows-1252 leave its curly quotes and dashes as C1 controls.
_C1 = {
    code: bytes([code]).decode("cp1252", "ignore") or None
    for code in range(0x80, 0xA0)
    if code != 0x85
}
_TABLE = {**_DELETED, **_C1, 0x85: "…"}
# Letters in disguise: no font draws them, machines read them. Some flags are spelled with the first
# kind, and a single one of the second chooses a glyph.
_DISGUISED = re.compile(
    "(?P<kept>\U0001f3f4[\U000e0030-\U000e007a]{2,7}\U000e007f)|[\U000e0000-\U000e007f]"
    "|(?<=[\ufe00-\ufe0f\U000e0100-\U000e01ef])[\ufe00-\ufe0f\U000e0100-\U000e01ef]+"
)
_MAY_DISGUISE = re.compile("[\ufe00-\ufe0f\U000e0000-\U000e01ef]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_UNPRINTABLE = re.compile(f"[{re.escape(''.join(map(chr, _TABLE)))}]")
_SPACES = re.compile(r"\s+")
_SQUEEZABLE = re.compile(r"\s\s|[^\S ]")
_FOLDED = str.maketrans("‘’‚‛“”„‟‐‑‒–—―：", "''''\"\"\"\"------:")
_SUPERSCRIPT = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
_NUMBER = re.compile(r"[0-9+-]+")


def printable(text: str) -> str:
    """Returns text without control and invisible characters; a lone surrogate becomes U+FFFD."""
    if _SURROGATES.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if _UNPRINTABLE.search(text):
        text = text.translate(_TABLE)
    if _MAY_DISGUISE.search(text):
        text = _DISGUISED.sub(lambda found: found["kept"] or "", text)
    return text


def squeezed(text: str) -> str:
    """Returns text with each stretch of white space, no-break spaces included, as one space."""
    return _SPACES.sub(" ", text) if _SQUEEZABLE.search(text) else text


def tidy(text: str) -> str:
    """Returns plain text fit for display: printable, single spaces, trimmed, NFC."""
    return unicodedata.normalize("NFC", squeezed(printable(text)).strip())


def folded(text: str) -> str:
    """Returns text for comparing: lower case, straight quotes, hyphens for dashes."""
    return text.translate(_FOLDED).lower()


def letters(text: str) -> str:
    """Returns the letters and digits of text alone, case folded: equal for the same words."""
    return "".join(char for char in text.casefold() if char.isalnum())


def superscript(text: str) -> str:
    """Returns a raised number in raised digits, so that 10 to the 6th never reads as 106."""
    bare = text.strip()
    return bare.translate(_SUPERSCRIPT) if _NUMBER.fullmatch(bare) else text
