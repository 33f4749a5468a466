"""Chooses one to three categories by Benzinga's channels and weighted phrases.

The rules stand in data/categories.csv: category, kind (channel, tag or phrase), pattern, weight.
A phrase counts three times in the title, and at most MAX_COUNT times elsewhere.
"""

import csv
from collections import Counter
from functools import cache

from newsdesk.analysis.names import data_lines
from newsdesk.analysis.phrases import PhraseBook
from newsdesk.analysis.tokens import words_of
from newsdesk.contracts.analysis import CATEGORIES, ArticleForAnalysis

MAX_COUNT = 2
_TITLE_FACTOR = 3.0
_LEAST = 2.0
_SHARE_OF_BEST = 0.5
_LONGEST_READ = 20_000

Rule = tuple[str, str, float]
"""Category, pattern, weight."""


@cache
def _marks() -> dict[tuple[str, str], list[tuple[str, float]]]:
    marks: dict[tuple[str, str], list[tuple[str, float]]] = {}
    for category, kind, pattern, weight in list(csv.reader(data_lines("categories.csv")))[1:]:
        if kind != "phrase":
            marks.setdefault((kind, pattern.lower()), []).append((category, float(weight)))
    return marks


@cache
def _phrases() -> PhraseBook[Rule]:
    book: PhraseBook[Rule] = PhraseBook()
    book.fill(
        (pattern, (category, pattern, float(weight)))
        for category, kind, pattern, weight in list(csv.reader(data_lines("categories.csv")))[1:]
        if kind == "phrase"
    )
    return book


def categorize(article: ArticleForAnalysis) -> tuple[str, ...]:
    """Returns one to three of CATEGORIES, most fitting first; "Other" where nothing fits."""
    scores = dict.fromkeys(CATEGORIES, 0.0)
    for kind, values in (("channel", article.channels), ("tag", article.tags)):
        for value in dict.fromkeys(value.strip().lower() for value in values):
            for category, weight in _marks().get((kind, value), ()):
                scores[category] += weight
    for category, points in _phrase_points(article.title, 1).items():
        scores[category] += _TITLE_FACTOR * points
    body = article.text[: len(article.title) + _LONGEST_READ].removeprefix(article.title)
    for category, points in _phrase_points(body, MAX_COUNT).items():
        scores[category] += points
    best = max(scores.values())
    ranked = sorted(scores, key=lambda category: -scores[category])
    fitting = [
        category for category in ranked if scores[category] >= max(_LEAST, _SHARE_OF_BEST * best)
    ]
    return tuple(fitting[:3]) or ("Other",)


def _phrase_points(text: str, at_most: int) -> dict[str, float]:
    counts = Counter(hit.value for hit in _phrases().find(words_of(text)))
    points: dict[str, float] = {}
    for (category, _, weight), count in counts.items():
        points[category] = points.get(category, 0.0) + weight * min(count, at_most)
    return points
