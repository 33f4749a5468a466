"""How near an article is to stories: shared telling terms, companies and time."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import repeat
from operator import mul
from typing import NamedTuple

from newsdesk.contracts.stories import StoryCandidate, StorySignature
from newsdesk.stories.terms import MAX_TERMS

# Rarity is counted over the candidates; this many imagined stories without the term keep it
# sane where there are few.
IMAGINED_STORIES = 2
# Terms leave the companies' own words out, so a shared company has to be worth something; but it
# only ever multiplies what is shared beside it. Two companies together are rarer than either.
SHARED_TICKER = 0.8
# Below the member threshold even for equal words: two companies' results are told alike.
DIFFERENT_TICKERS = 0.2
FRESH = timedelta(days=3)
HALVED_EVERY = timedelta(days=10)
# Below this many terms an article says too little for its length to mean anything.
FEWEST_TERMS = 4

Terms = Mapping[str, float]


class Nearness(NamedTuple):
    """How near an article is to one story, and by what.

    `similarity`: 0..1, three places. `shared`: common terms and how much each adds to it.
    """

    story: StoryCandidate
    similarity: float
    shared: Terms
    tickers: tuple[str, ...]
    apart: timedelta


class _Rarity:
    """Squared inverse story frequency of terms, over the candidate stories' profiles."""

    def __init__(self, profiles: Sequence[Terms]) -> None:
        counts: Counter[str] = Counter()
        for profile in profiles:
            counts.update(profile.keys())
        stories = len(profiles) + IMAGINED_STORIES
        by_count = [math.log(1 + stories / (count + 1)) ** 2 for count in range(len(profiles) + 1)]
        self._unseen = by_count[0]
        self._squares = {term: by_count[count] for term, count in counts.items()}

    def square(self, term: str) -> float:
        return self._squares.get(term, self._unseen)

    def norm(self, terms: Terms) -> float:
        # Built of maps alone: with every candidate's terms to go through, this is the hot place.
        weights = terms.values()
        squares = map(self._squares.get, terms, repeat(self._unseen))
        return math.sqrt(math.fsum(map(mul, map(mul, weights, weights), squares)))


def _profile(story: StoryCandidate) -> Terms:
    """Returns the sum of a story's articles: its centroid, but for a factor."""
    summed: defaultdict[str, float] = defaultdict(float)
    for signature in story.signatures:
        for term, weight in signature.terms.items():
            summed[term] += weight
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
        return 1 + SHARED_TICKER * math.sqrt(min(len(shared), 2))
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
    return Nearness(story, round(min(similarity, 1.0), 3), shared, tickers, apart)


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
