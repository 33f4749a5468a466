"""How near an article is to stories: shared telling terms, companies and time."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from newsdesk.contracts.stories import StoryCandidate, StorySignature
from newsdesk.stories.terms import MAX_TERMS

# Rarity is counted over the candidates; this many imagined stories without the term keep it
# sane where there are few.
IMAGINED_STORIES = 2
SHARED_TICKER = 1.2
DIFFERENT_TICKERS = 0.6
FRESH = timedelta(days=3)
HALVED_EVERY = timedelta(days=10)
# Below this many terms an article says too little for its length to mean anything.
FEWEST_TERMS = 4

Terms = Mapping[str, float]


class Nearness(NamedTuple):
    """How near an article is to one story, and by what: similarity 0..1, three places."""

    story: StoryCandidate
    similarity: float
    terms: tuple[str, ...]
    tickers: tuple[str, ...]
    apart: timedelta


class _Rarity:
    """Squared inverse story frequency of terms, over the candidate stories' profiles."""

    def __init__(self, profiles: Sequence[Terms]) -> None:
        self._stories: Counter[str] = Counter()
        for profile in profiles:
            self._stories.update(profile.keys())
        imagined = len(profiles) + IMAGINED_STORIES
        self._squares = [
            math.log(1 + imagined / (count + 1)) ** 2 for count in range(len(profiles) + 1)
        ]

    def square(self, term: str) -> float:
        return self._squares[self._stories[term]]

    def norm(self, terms: Terms) -> float:
        squares, stories = self._squares, self._stories
        return math.sqrt(
            math.fsum(weight * weight * squares[stories[term]] for term, weight in terms.items())
        )


def _profile(story: StoryCandidate) -> dict[str, float]:
    """Returns the sum of a story's articles: its centroid, but for a factor."""
    summed: dict[str, float] = {}
    for signature in story.signatures:
        for term, weight in signature.terms.items():
            summed[term] = summed.get(term, 0.0) + weight
    return summed


def _shared(terms: Terms, profile: Terms, rarity: _Rarity) -> dict[str, float]:
    return {
        term: weight * profile[term] * rarity.square(term)
        for term, weight in terms.items()
        if term in profile
    }


def _evened(cosine: float, terms: int) -> float:
    """Evens out length: of a headline's few words fewer recur than of a long article's many.

    Chance and agreement both grow with about the root of the number of terms; 0 and 1 stay.
    """
    exponent = math.sqrt(MAX_TERMS / max(terms, FEWEST_TERMS))
    return 1 - (1 - min(cosine, 1.0)) ** exponent


def _apart(signature: StorySignature, story: StoryCandidate) -> timedelta:
    """Returns the time between the article and the story's article nearest in time."""
    return min(
        (abs(signature.published_at - other.published_at) for other in story.signatures),
        default=timedelta(0),
    )


def _fading(apart: timedelta) -> float:
    return 0.5 ** (max(apart - FRESH, timedelta(0)) / HALVED_EVERY)


def _same_companies(shared: Sequence[str], own: Sequence[str], theirs: Sequence[str]) -> float:
    if shared:
        return SHARED_TICKER
    return DIFFERENT_TICKERS if own and theirs else 1.0


def _nearness(
    signature: StorySignature,
    own_norm: float,
    story: StoryCandidate,
    profile: Terms,
    rarity: _Rarity,
) -> Nearness:
    shared = _shared(signature.terms, profile, rarity)
    norm = own_norm * rarity.norm(profile) if shared else 0.0
    cosine = math.fsum(shared.values()) / norm if norm else 0.0
    theirs = {ticker: None for other in story.signatures for ticker in other.tickers}
    tickers = tuple(ticker for ticker in signature.tickers if ticker in theirs)
    apart = _apart(signature, story)
    similarity = (
        _evened(cosine, len(signature.terms))
        * _same_companies(tickers, signature.tickers, tuple(theirs))
        * _fading(apart)
    )
    telling = sorted(shared, key=lambda term: (-round(shared[term], 9), term))
    return Nearness(story, round(min(similarity, 1.0), 3), tuple(telling), tickers, apart)


def rank(signature: StorySignature, candidates: Sequence[StoryCandidate]) -> list[Nearness]:
    """Returns the candidates by falling similarity; equally near ones by story id."""
    stories = sorted(candidates, key=lambda story: story.story_id)
    profiles = [_profile(story) for story in stories]
    rarity = _Rarity(profiles)
    own_norm = rarity.norm(signature.terms)
    near = [
        _nearness(signature, own_norm, story, profile, rarity)
        for story, profile in zip(stories, profiles, strict=True)
    ]
    return sorted(near, key=lambda one: (-one.similarity, one.story.story_id))
