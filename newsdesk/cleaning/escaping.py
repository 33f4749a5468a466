"""Escaping plain text in Markdown: only what Markdown would otherwise take for a mark."""

import re

_ENTITY = re.compile(r"&(?=#?\w+;)")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_BACKSLASH = re.compile(r"\\(?=[!-/:-@\[-`{-~]|$)")
_STAR = re.compile(r"\*")
_UNDERSCORES = re.compile(r"_+")
_TILDES = re.compile(r"(?<=\S)~+|~~+")
_CLOSING_BRACKET = re.compile(r"\](?=[(\[:]|$)")
_BANG = re.compile(r"!(?=\[|$)")
_LINE_START = re.compile(r"(?:#{1,6}|[-+])(?= |$)|>|(?:-\s*){3,}$|=+$|~~~")
_NUMBER_START = re.compile(r"(\d{1,9})([.)])(?= |$)")
_TASK = re.compile(r"\[(?=[ xX]\](?: |$))")


def escape_text(text: str, before: str, after: str) -> str:
    """Returns inline text with its would-be marks escaped.

    `before`, `after`: what stands next to it in the line, "" at an end.
    """
    text = _BACKSLASH.sub(r"\\\\", text)
    text = text.replace("`", "\\`")
    text = _STAR.sub(lambda found: _star(found, before, after), text)
    text = _UNDERSCORES.sub(lambda found: _underscores(found, before, after), text)
    text = _ENTITY.sub(r"\\&", text)
    text = _TAG.sub(r"\\<", text)
    text = _TILDES.sub(lambda found: found[0].replace("~", "\\~"), text)
    text = _CLOSING_BRACKET.sub(lambda found: _at_end(found, after, "[(:*", "\\]"), text)
    return _BANG.sub(lambda found: _at_end(found, after, "[*", "\\!"), text)


def escape_link_text(text: str) -> str:
    """Returns text for the inside of a link: brackets would end it."""
    return re.sub(r"(?<!\\)([\[\]])", r"\\\1", text)


def escape_line_start(line: str) -> str:
    """Returns a rendered line that does not start like a heading, a list, a quote or a rule."""
    found = _LINE_START.match(line)
    if found:
        return f"\\{line}"
    if _TASK.match(line):
        return f"\\{line}"
    return _NUMBER_START.sub(r"\1\\\2", line, count=1) if _NUMBER_START.match(line) else line


def escape_url(url: str) -> str:
    """Returns an address for a link's brackets."""
    return url.replace("(", "%28").replace(")", "%29").replace("\\", "%5C")


def _neighbours(found: re.Match[str], before: str, after: str) -> tuple[str, str]:
    text = found.string
    left = text[found.start() - 1] if found.start() else before[-1:]
    right = text[found.end()] if found.end() < len(text) else after[:1]
    return left, right


def _star(found: re.Match[str], before: str, after: str) -> str:
    left, right = _neighbours(found, before, after)
    # Alone between spaces it can open and close nothing, but at the start it is a bullet.
    return "*" if left == " " and right == " " else "\\*"


def _underscores(found: re.Match[str], before: str, after: str) -> str:
    left, right = _neighbours(found, before, after)
    inside_word = left.isalnum() and right.isalnum()
    between_spaces = left == " " and right == " "
    return found[0] if inside_word or between_spaces else found[0].replace("_", "\\_")


def _at_end(found: re.Match[str], after: str, risky: str, escaped: str) -> str:
    at_end = found.end() == len(found.string)
    if at_end and not (after and after[0] in risky):
        return found[0]
    return escaped
