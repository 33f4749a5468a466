"""Why an article was linked to a story, or starts one: short sentences that say only what is so."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from newsdesk.stories.similarity import Nearness
from newsdesk.stories.terms import is_common

TICKERS_SHOWN = 3
TERMS_SHOWN = 3


def _telling(shared: Mapping[str, float]) -> list[str]:
    """Returns the few shared terms that tell most; a word of a shown phrase is not repeated."""
    terms = sorted(shared, key=lambda term: (-round(shared[term], 9), term))
    shown: list[str] = []
    for term in terms:
        words = {word for other in shown for word in other.split()}
        if not is_common(term) and words.isdisjoint(term.split()):
            shown.append(term)
        if len(shown) == TERMS_SHOWN:
            break
    return shown or terms[:TERMS_SHOWN]


def _count(amount: int, unit: str) -> str:
    return f"{amount} {unit}" if amount == 1 else f"{amount} {unit}s"


def duration(apart: timedelta) -> str:
    """Returns a length of time in its largest fitting unit, rounded down."""
    minutes = apart // timedelta(minutes=1)
    if minutes < 1:
        return "less than a minute"
    if minutes < 60:
        return _count(minutes, "minute")
    if minutes < 48 * 60:
        return _count(minutes // 60, "hour")
    return _count(minutes // (24 * 60), "day")


def why_linked(near: Nearness, needed: float) -> str:
    """Returns what the article and the story share, how far apart they are, how similar.

    `needed`: the similarity that makes a member.
    """
    companies = _list(near.tickers[:TICKERS_SHOWN])
    words = _list([f"“{term}”" for term in _telling(near.shared)])
    about = f"Both about {companies}, and both with {words}" if companies else f"Both with {words}"
    alike = f"similarity {near.similarity:g}, {needed:g} needed to belong to the story"
    return f"{about}; {duration(near.apart)} apart; {alike}."


def _list(items: Sequence[str]) -> str:
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def why_started(nearest: Nearness | None, candidates: int, needed: float) -> str:
    """Returns why no story fitted: how near the nearest came, and what was needed.

    `nearest`: a story that came close; None where none did. `candidates`: how many there were.
    """
    if not candidates:
        return "Starts a story: there is no other story near in time."
    if nearest is None:
        compared = "the one story" if candidates == 1 else f"each of the {candidates} stories"
        return f"Starts a story: too little in common with {compared} near in time."
    return (
        f"Starts a story: the nearest, “{nearest.story.title}”, "
        f"reached {nearest.similarity:g} of the {needed:g} needed."
    )
