"""The story matcher: which stories an article belongs to. Pure and deterministic."""

from collections.abc import Sequence
from datetime import datetime

from newsdesk.contracts.analysis import Analysis, ArticleForAnalysis, Company, Role
from newsdesk.contracts.stories import Relation, StoryCandidate, StoryLink, StorySignature
from newsdesk.stories.explain import why_linked, why_started
from newsdesk.stories.similarity import Nearness, rank
from newsdesk.stories.terms import company_words, weighted_terms

MEMBER_THRESHOLD = 0.25
RELATED_THRESHOLD = 0.15
MOST_RELATED = 3


def _acting(analysis: Analysis) -> list[Company]:
    """Returns subjects, then peers: the companies that the news is about."""
    return [
        company
        for role in (Role.SUBJECT, Role.PEER)
        for company in analysis.companies
        if company.role is role
    ]


def _link(near: Nearness, relation: Relation) -> StoryLink:
    return StoryLink(
        story_id=near.story.story_id,
        relation=relation,
        similarity=near.similarity,
        why=why_linked(near, MEMBER_THRESHOLD),
    )


def _start(near: Sequence[Nearness], candidates: int) -> StoryLink:
    return StoryLink(
        story_id=None,
        relation=Relation.MEMBER,
        similarity=1.0,
        why=why_started(near[0] if near else None, candidates, MEMBER_THRESHOLD),
    )


class Matcher:
    """Matches articles to stories by shared terms, companies and time; implements StoryMatcher."""

    def signature(
        self, article: ArticleForAnalysis, analysis: Analysis, at: datetime
    ) -> StorySignature:
        """Returns the article's heaviest terms (title before lead before body) and its companies.

        Args:
            article: title and text are looked at.
            analysis: its subjects and peers give the tickers.
            at: when the article was published; must have an offset from UTC.
        """
        companies = _acting(analysis)
        tickers = tuple(dict.fromkeys(one.ticker for one in companies if one.ticker))
        # The tickers say whom the news is about; the terms are left to say what happened.
        words = company_words([*(one.name for one in companies if one.ticker), *tickers])
        return StorySignature(
            terms=weighted_terms(article.title, article.text, words),
            tickers=tickers,
            published_at=at,
        )

    def decide(
        self, signature: StorySignature, candidates: Sequence[StoryCandidate]
    ) -> Sequence[StoryLink]:
        """Returns one member link, to the nearest story or to a new one, then related ones.

        A link that starts a story has similarity 1.0, the article's similarity to itself; its why
        names a nearest story that came close, and what was needed. Links to related stories may
        follow either.
        """
        near = rank(signature, candidates, RELATED_THRESHOLD)
        if near and near[0].similarity >= MEMBER_THRESHOLD:
            member, rest = _link(near[0], Relation.MEMBER), near[1:]
        else:
            member, rest = _start(near, len(candidates)), near
        return [member, *(_link(one, Relation.RELATED) for one in rest[:MOST_RELATED])]
