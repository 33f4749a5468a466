import time
from random import Random

from newsdesk.contracts.stories import StorySignature
from newsdesk.stories import Matcher
from tests.unit.stories.articles import NOON, story

STORIES, ARTICLES, TERMS = 500, 5, 80
# Ten times what is promised on a quiet machine (0.1 s), so that only a wrong order of growth fails.
LIMIT_SECONDS = 1.0


def test_a_full_window_is_decided_quickly() -> None:
    random = Random(1)
    words = [f"word{number}" for number in range(20_000)]

    def made() -> StorySignature:
        terms = {word: round(random.random(), 4) for word in random.sample(words, TERMS)}
        return StorySignature(terms=terms, published_at=NOON)

    candidates = [story(one, *(made() for _ in range(ARTICLES))) for one in range(STORIES)]
    article = made()
    began = time.process_time()
    Matcher().decide(article, candidates)
    assert time.process_time() - began < LIMIT_SECONDS
