"""Blanking out secrets in what providers say: some echo the key that they refuse."""

import re
from collections.abc import Sequence

_HIDDEN = "***"
_KEY_SHAPES = re.compile(
    r"(?i:bearer)\s+\S{6,}"
    r"|\b(?:sk|pk|rk|key|api|gsk|xai|hf|AIza)[-_][A-Za-z0-9_*.\-]{6,}"
    r"|\bAIza[A-Za-z0-9_\-]{20,}"
    r"|(?i:(?:api[-_ ]?key|token|authorization)[\"']?\s*[:=]\s*[\"']?)[A-Za-z0-9_*.\-]{6,}"
)
_TAGS = re.compile(r"<[^<>]*>")

MAX_CHARS = 400


def readable(text: str, secrets: Sequence[str]) -> str:
    """Returns a provider's words on one line: no secret, no mark-up, at most MAX_CHARS.

    Args:
        text: what the provider, or a library on the way to it, said.
        secrets: values that must not be shown, the longest first.
    """
    for secret in secrets:
        text = text.replace(secret, _HIDDEN)
    text = _KEY_SHAPES.sub(_HIDDEN, text)
    words = " ".join(_TAGS.sub(" ", text).split())
    return words if len(words) <= MAX_CHARS else f"{words[: MAX_CHARS - 1]}…"
