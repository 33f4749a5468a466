"""How near an article is to stories: shared telling terms, companies and time."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from itertools import chain, repeat
from operator import mul
from typing import NamedTuple

from newsdesk.contracts.stories import StoryCandidate, StorySignature
from newsdesk.stories.terms import MAX_TERMS
from newsdesk.stories.words import EVENT_WORDS

# Rarity is counted over the candidates; this many imagined stories without the term keep it
# sane where there are few.
IMAGINED_STORIES = 2
# Terms leave the companies' own words out, so a shared company has to be worth something; but it
# only ever multiplies what is shared beside it. Two companies together are rarer than either.
SHARED_TICKER = 0.8
# Below the member threshold even for equal words: two companies' results are told alike.
DIFFERENT_TICKERS = 0.2
# What a word for a kind of news ("guidance") counts where the company is the same one.
SAME_EVENT = 4.0
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
    """Squared inverse story frequency of terms, over the terms of each candidate story."""

    def __init__(self, stories_terms: Sequence[Collection[str]]) -> None:
        counts = Counter(chain.from_iterable(stories_terms))
        stories = len(stories_terms) + IMAGINED_STORIES
        by_count = [
            math.log(1 + stories / (count + 1)) ** 2 for count in range(len(stories_terms) + 1)
        ]
        self._unseen = by_count[0]
        self._squares = {term: by_count[count] for term, count in counts.items()}

    def square(self, term: str) -> float:
        return self._squares.get(term, self._unseen)

    def norm(self, terms: Terms) -> float:
        # Built of maps alone: a story of many articles has many terms.
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


def _all_terms(story: StoryCandidate) -> set[str]:
    return set[str]().union(*(signature.terms for signature in story.signatures))


class _Glance(NamedTuple):
    """What can be told of a story by its shared terms alone.

    `weights`: of the shared terms in the story's profile. `factor`: for companies and time.
    `most`: the similarity is no more than this.
    """

    story: StoryCandidate
    weights: Terms
    shared: Terms
    tickers: tuple[str, ...]
    apart: timedelta
    factor: float
    most: float


def _glance(
    signature: StorySignature,
    own_norm: float,
    story: StoryCandidate,
    common: Collection[str],
    rarity: _Rarity,
) -> _Glance:
    weights = {
        term: sum(other.terms.get(term, 0.0) for other in story.signatures)
        for term in signature.terms
        if term in common
    }
    theirs = {ticker: None for other in story.signatures for ticker in other.tickers}
    tickers = tuple(ticker for ticker in signature.tickers if ticker in theirs)
    event = SAME_EVENT if tickers else 1.0
    shared = {
        term: (event if term in EVENT_WORDS else 1.0)
        * signature.terms[term]
        * weight
        * rarity.square(term)
        for term, weight in weights.items()
    }
    apart = _apart(signature, story)
    factor = _same_companies(tickers, signature.tickers, tuple(theirs)) * _fading(apart)
    most = _similarity(signature, shared, own_norm * rarity.norm(weights), factor)
    return _Glance(story, weights, shared, tickers, apart, factor, most)


def _similarity(signature: StorySignature, shared: Terms, norms: float, factor: float) -> float:
    """Returns 0..1, three places. `norms`: the product of both norms."""
    cosine = math.fsum(shared.values()) / norms if norms else 0.0
    return round(min(_evened(cosine, len(signature.terms)) * factor, 1.0), 3)


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
    signature: StorySignature, own_norm: float, glance: _Glance, rarity: _Rarity
) -> Nearness:
    norm = own_norm * rarity.norm(_profile(glance.story)) if glance.shared else 0.0
    similarity = _similarity(signature, glance.shared, norm, glance.factor)
    return Nearness(glance.story, similarity, glance.shared, glance.tickers, glance.apart)


def _most_beside(
    signature: StorySignature, own_norm: float, glance: _Glance, rarity: _Rarity
) -> float:
    """Returns a closer bound than `most`: a story's norm is no less than one of its articles'."""
    floor = rarity.norm(glance.weights)
    for other in glance.story.signatures[:1]:
        floor = max(floor, rarity.norm(other.terms))
    return _similarity(signature, glance.shared, own_norm * floor, glance.factor)


def rank(
    signature: StorySignature, candidates: Sequence[StoryCandidate], least: float = 0.0
) -> list[Nearness]:
    """Returns the candidates of `least` similarity by its fall; equally near ones by story id.

    Most stories share a word or two at most: the cost of weighing all their words is spared.
    """
    stories = sorted(candidates, key=lambda story: story.story_id)
    terms = [_all_terms(story) for story in stories]
    rarity = _Rarity(terms)
    own_norm = rarity.norm(signature.terms)
    glances = [
        _glance(signature, own_norm, story, signature.terms.keys() & theirs, rarity)
        for story, theirs in zip(stories, terms, strict=True)
    ]
    near = [
        _nearness(signature, own_norm, one, rarity)
        for one in glances
        if one.most >= least and _most_beside(signature, own_norm, one, rarity) >= least
    ]
    near = [one for one in near if one.similarity >= least]
    return sorted(near, key=lambda one: (-one.similarity, one.story.story_id))
