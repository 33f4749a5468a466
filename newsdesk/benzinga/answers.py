"""What an API answers instead of news: its errors, in their many forms, and control frames."""

from newsdesk.benzinga.fields import as_list, as_object
from newsdesk.benzinga.quoting import quoted, storable

_QUOTE_LENGTH = 200
_ERROR_KEYS = ("message", "error", "errors")
_TEXT_KEYS = ("message", "msg", "value", "error", "errors", "code")
_ITEM_KEYS = ("id", "benzinga_id", "data", "title", "headline", "news", "removed")
_CONTROL_FRAMES = ("success", "subscription")
_MAX_DEPTH = 5


def is_control_frame(payload: dict[str, object]) -> bool:
    """Tells whether this is a frame about the connection itself, as Alpaca's stream sends them."""
    return payload.get("T") in _CONTROL_FRAMES


def api_error(payload: object) -> str | None:
    """Returns an API's error message, quoted and clipped, or None where this is no error answer.

    Errors come as a bare text, as a list of texts (see `payloads.iter_payloads`), or as objects.
    """
    fields = as_object(payload)
    if fields is None:
        return quoted(payload, _QUOTE_LENGTH) if isinstance(payload, str) else None
    return quoted(_message(fields), _QUOTE_LENGTH) if _is_error(fields) else None


def _is_error(fields: dict[str, object]) -> bool:
    if fields.get("ok") is False or fields.get("T") == "error":
        return True
    if any(key in fields for key in _ITEM_KEYS):
        return False
    return fields.get("status") in ("ERROR", "error") or any(key in fields for key in _ERROR_KEYS)


def _message(value: object) -> str:
    for _ in range(_MAX_DEPTH):
        fields, items = as_object(value), as_list(value)
        if fields is not None:
            value = next((fields[key] for key in _TEXT_KEYS if fields.get(key)), "no message")
        elif items is not None:
            value = items[0] if items else "no message"
    return storable(value) if isinstance(value, str) else "no message"
