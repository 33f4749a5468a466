import re
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from newsdesk.contracts.stories import Relation, StoryCandidate, StorySignature
from newsdesk.stories import Matcher
from newsdesk.stories.matcher import MEMBER_THRESHOLD, RELATED_THRESHOLD
from newsdesk.stories.similarity import rank
from tests.unit.stories.articles import NOON, signature, story

MATCHER = Matcher()
WORDS = ("crane", "harbor", "weld", "inquiry", "overtime", "harbor weld", "guidance", "share")
TICKERS = ("OBRL", "CSVL", "TDWK")

signatures = st.builds(
    StorySignature,
    terms=st.dictionaries(st.sampled_from(WORDS), st.floats(0.01, 1).map(lambda x: round(x, 4))),
    tickers=st.lists(st.sampled_from(TICKERS), unique=True).map(tuple),
    published_at=st.integers(0, 60 * 24 * 30).map(
        lambda minutes: NOON + timedelta(minutes=minutes)
    ),
)
candidates = st.lists(
    st.builds(
        StoryCandidate,
        story_id=st.integers(1, 99),
        title=st.just("A story"),
        signatures=st.lists(signatures, max_size=3).map(tuple),
    ),
    max_size=6,
    unique_by=lambda candidate: candidate.story_id,
)


@given(signatures, candidates)
def test_links_keep_their_rules(article: StorySignature, stories: list[StoryCandidate]) -> None:
    first, *rest = MATCHER.decide(article, stories)
    assert first.relation is Relation.MEMBER
    assert first.similarity >= MEMBER_THRESHOLD
    assert all(link.relation is Relation.RELATED for link in rest)
    assert len(rest) <= 3
    ids = [link.story_id for link in (first, *rest)]
    assert len(set(ids)) == len(ids)
    assert set(ids) <= {None, *(one.story_id for one in stories)}
    for link in (first, *rest):
        assert RELATED_THRESHOLD <= link.similarity <= 1
        assert link.similarity == round(link.similarity, 3)


@given(signatures, candidates, st.data())
def test_the_order_of_candidates_changes_nothing(
    article: StorySignature, stories: list[StoryCandidate], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(stories))
    assert MATCHER.decide(article, shuffled) == MATCHER.decide(article, stories)


@given(signatures, candidates, st.sampled_from([0.1, 0.15, 0.25, 0.6]))
def test_the_spared_work_changes_no_figure(
    article: StorySignature, stories: list[StoryCandidate], least: float
) -> None:
    everything = rank(article, stories)
    assert len(everything) == len(stories)
    assert rank(article, stories, least) == [one for one in everything if one.similarity >= least]


@given(signatures, signatures)
def test_nearness_goes_both_ways(one: StorySignature, other: StorySignature) -> None:
    (there,) = rank(one, [story(1, other)])
    (back,) = rank(other, [story(1, one)])
    assert set(there.shared) == set(back.shared)
    assert set(there.tickers) == set(back.tickers)
    assert there.apart == back.apart
    if one.terms.keys() == other.terms.keys():  # else a term of one alone is rarer than of both
        assert abs(there.similarity - back.similarity) <= 0.0015


@given(signatures, candidates)
def test_why_says_only_what_is_so(article: StorySignature, stories: list[StoryCandidate]) -> None:
    by_id = {one.story_id: one for one in stories}
    for link in MATCHER.decide(article, stories):
        if link.story_id is None:
            continue
        facts, apart, similarity = link.why.split("; ")
        linked = by_id[link.story_id].signatures
        for quoted in re.findall("“(.*?)”", facts):
            assert quoted in article.terms
            assert any(quoted in one.terms for one in linked)
        for ticker in re.findall(r"\b[A-Z]{4}\b", facts):
            assert ticker in article.tickers
            assert any(ticker in one.tickers for one in linked)
        assert similarity.startswith(f"similarity {link.similarity:g}, ")
        assert apart.endswith(" apart")


@given(st.text(max_size=80), st.text(max_size=400))
def test_any_text_has_a_signature_that_matches_itself(title: str, body: str) -> None:
    made = signature((title, body))
    assert made == signature((title, body))
    assert StorySignature.model_validate_json(made.model_dump_json()) == made
    (near,) = rank(made, [story(1, made)])
    assert near.similarity == (1.0 if made.terms else 0.0)
