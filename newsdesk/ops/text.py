"""Words of articles on a terminal: untrusted, so printed as text, never as mark-up or control."""

import unicodedata

_KEPT = "\n\t"


def plain(text: str) -> str:
    """Returns text without control and format characters, which could drive the terminal.

    Escape sequences lose their escape, and words cannot be turned round by bidirectional marks.
    """
    return "".join(
        char for char in text if char in _KEPT or not unicodedata.category(char).startswith("C")
    )


def one_line(text: str) -> str:
    """Returns plain text with every run of white space as a single space."""
    return " ".join(plain(text).split())


def score_text(score: float) -> str:
    """Returns a score with its sign and two places; next to nothing is no minus."""
    return f"{round(score, 2) + 0.0:+.2f}"
