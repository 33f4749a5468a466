"""Times as sources write them, made UTC. The offset is literal: Benzinga writes -0400 all year."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from newsdesk.benzinga.quoting import found, quoted

_FIRST_REAL_YEAR = 1971
_RFC_2822 = re.compile(
    r"(?:[A-Za-z]{3},?\s+)?\d{1,2}\s+[A-Za-z]{3}\s+\d{4}\s+\d{1,2}:\d\d(?::\d\d)?(?:\s+\S.*)?"
)
_JAVASCRIPT = re.compile(
    r"[A-Za-z]{3} (?P<month>[A-Za-z]{3}) (?P<day>\d{1,2}) (?P<year>\d{4}) (?P<clock>\d\d:\d\d:\d\d)"
    r"(?: (?P<zone>GMT|UTC)(?P<offset>[+-]\d{4})?)?(?: \([^)]*\))?"
)


def parse_moment(value: object) -> datetime | None:
    """Reads RFC 2822, RFC 3339 and JavaScript's `Wed Jan 14 2026 18:47:30 GMT+0000 (UTC)`.

    Returns the moment in UTC, or None where there is none: null, an empty text, or a time before
    1971, which is how sources write "no revision". Raises ValueError where the value is no time,
    or one without an offset: guessing a zone would be wrong by hours.
    """
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError(f"expected a time, found {found(value)}")
    text = value.strip()
    if not text:
        return None
    moment = _to_utc(text)
    return moment if moment.year >= _FIRST_REAL_YEAR else None


def _to_utc(text: str) -> datetime:
    try:
        moment = _parse(text)
        if moment.tzinfo is None:
            raise ValueError(f"{quoted(text)} has no offset from UTC")
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{quoted(text)} is out of range") from None


def _parse(text: str) -> datetime:
    try:
        javascript = _JAVASCRIPT.fullmatch(text)
        if javascript:
            return parsedate_to_datetime(_as_rfc_2822(javascript))
        if _RFC_2822.fullmatch(text):
            return parsedate_to_datetime(text)
        return datetime.fromisoformat(text)
    except (ValueError, TypeError, IndexError):
        raise ValueError(f"{quoted(text)} is no time") from None


def _as_rfc_2822(match: re.Match[str]) -> str:
    offset = match["offset"] or ("+0000" if match["zone"] else "")
    return f"{match['day']} {match['month']} {match['year']} {match['clock']} {offset}".strip()
