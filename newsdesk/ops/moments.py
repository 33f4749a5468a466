"""Moments as operators write them: how long ago, a day, or a time."""

import argparse
import re
from datetime import UTC, datetime, timedelta

_BACK = re.compile(r"(\d{1,6})([smhd])", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_WRITTEN = re.compile(r"\d{4}-\d{2}-\d{2}([T ].+)?", re.ASCII)

HOW = "30m, 2h or 7d back, a day YYYY-MM-DD, or a time like 2026-03-04T15:00Z (UTC unless told)"


def parse_moment(text: str) -> datetime:
    """Returns the moment that WHEN names, in UTC. Raises ArgumentTypeError for anything else."""
    back = _BACK.fullmatch(text)
    if back is not None:
        return datetime.now(UTC) - timedelta(**{_UNITS[back[2]]: int(back[1])})
    try:
        if _WRITTEN.fullmatch(text):
            moment = datetime.fromisoformat(text)
            aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
            return aware.astimezone(UTC)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"not a moment: {text!r}; write {HOW}")


def parse_length(text: str) -> timedelta:
    """Returns how long 90s, 30m, 2h or 7d are. Raises ArgumentTypeError for anything else."""
    found = _BACK.fullmatch(text)
    if found is None or not int(found[1]):
        raise argparse.ArgumentTypeError(f"not a length of time: {text!r}; write 90s, 30m, 2h, 7d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def ago(moment: datetime, now: datetime) -> str:
    """Returns how long ago a moment was, in its largest unit: 12s, 5m, 3h, 2d."""
    seconds = max(int((now - moment).total_seconds()), 0)
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
