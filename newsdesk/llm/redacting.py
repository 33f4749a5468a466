"""Blanking out secrets in what providers say: some echo the key that they refuse."""

import html
import re
from collections.abc import Sequence

_HIDDEN = "***"
_MOST_CHARS = 20_000
"""Of more text the rest is not even searched; far fewer characters are shown."""

# Words of a message are not keys: those are long and hold digits, or stars where one is told back
# in part. Every run is bounded, so that no text takes long.
_CODED = r"(?=[^\s\"',;&]{0,80}[0-9*])"
_KEYS = re.compile(
    r"\bsk-[\w*.-]{20,}"
    r"|\b(?:[a-z]?sk|fw|gh[opsu]|glpat|hf|key|nvapi|pplx|r8|rk|tgp|xai)[-_]"
    + _CODED
    + r"[\w*.-]{12,}"
    r"|\bdapi" + _CODED + r"[0-9a-f]{20,}"
    r"|\bAIza[\w-]{20,}"
    r"|\b(?:AQ|ya29)\.[\w.-]{20,}"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{12,}"
    r"|\beyJ[\w-]{10,}\.[\w.-]{10,}",
    re.ASCII,
)
_NAMED = re.compile(
    r"(\bauthorization[\"']?\s*[:=]\s*[\"']?(?:(?:bearer|basic)\s+)?|[?&](?:api_?)?key=)[^\s\"',;&]+"
    r"|(\bbearer\s+|\b(?:api[-_ ]?key|token|secret|password)[\"']?(?: provided)?\s*[:=]\s*[\"']?)"
    r"(?:" + _CODED + r"[^\s\"',;&]{8,}|[^\s\"',;&]{24,})",
    re.IGNORECASE,
)
_HIDDEN_MARKUP = re.compile(
    r"<(script|style)\b[^>]*>.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL | re.IGNORECASE
)
_TAGS = re.compile(r"</?[a-z!][^<>]*>", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e]")

MAX_CHARS = 400


def readable(text: str, secrets: Sequence[str]) -> str:
    """Returns a provider's words on one line: no secret, no mark-up, at most MAX_CHARS.

    Args:
        text: what the provider, or a library on the way to it, said.
        secrets: values that must not be shown, the longest first.
    """
    text = html.unescape(text)
    for secret in secrets:
        text = text.replace(secret, _HIDDEN)
    text = _TAGS.sub(" ", _HIDDEN_MARKUP.sub(" ", text[:_MOST_CHARS]))
    text = _NAMED.sub(_keep_name, _KEYS.sub(_HIDDEN, text))
    words = " ".join(_CONTROLS.sub(" ", text).split())
    return words if len(words) <= MAX_CHARS else f"{words[: MAX_CHARS - 1]}…"


def _keep_name(found: re.Match[str]) -> str:
    return f"{found[1] or found[2]}{_HIDDEN}"
