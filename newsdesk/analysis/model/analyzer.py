"""The analyzer over a language model. Whatever the model says is checked against the text."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from newsdesk.analysis.alerts import is_automated_alert
from newsdesk.analysis.builtin import reads
from newsdesk.analysis.model.answers import ArticleAnswer, SentimentAnswer
from newsdesk.analysis.model.asking import Asker, Checked, Query
from newsdesk.analysis.model.checks import MAX_GIST, MAX_SUMMARY, Source, tidy
from newsdesk.analysis.model.companies import checked_companies
from newsdesk.analysis.model.excerpts import Excerpt, around_mentions, shortened
from newsdesk.analysis.model.prompts import article_data, companies_data, prompt_for
from newsdesk.analysis.model.scores import assessable, checked_scores, unassessed
from newsdesk.analysis.sentences import split_units
from newsdesk.contracts.analysis import (
    Analysis,
    AnalyzerInfo,
    ArticleForAnalysis,
    SentimentAnalysis,
    Usage,
)
from newsdesk.contracts.models import Assignment, ModelLimits
from newsdesk.contracts.names import Step
from newsdesk.errors import ModelContextError
from newsdesk.ports import LanguageModel, ModelLedger

VERSION = "1"
"""Raised by one whenever the code makes another record of the same answer."""

FEWEST_CHARS = 400
"""Of less no analysis is worth having: a model that cannot read so much is the wrong one."""
MAX_CATEGORIES = 3

ResultT = TypeVar("ResultT")


class ModelAnalyzer:
    """Answers both analyzing steps by asking a language model, once each."""

    def __init__(
        self,
        model: LanguageModel,
        ledger: ModelLedger,
        limits: ModelLimits,
        max_input_chars: int,
    ) -> None:
        """Takes the model, the ledger of all workers, its limits, and how much it is given."""
        self._name = model.name
        self._asker = Asker(model, ledger, limits)
        self._max_chars = max_input_chars

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    async def analyze_article(
        self, article: ArticleForAnalysis, assignment: Assignment
    ) -> tuple[Analysis, Usage]:
        """Returns categories, gist, summary and companies; see the port for what it raises."""

        async def ask(excerpt: Excerpt) -> tuple[Analysis, Usage]:
            return await self._asker.ask(self._article_query(article, excerpt), assignment)

        return await _shorter_until_read(ask, partial(shortened, article.text), self._max_chars)

    async def analyze_sentiment(
        self, article: ArticleForAnalysis, analysis: Analysis, assignment: Assignment
    ) -> tuple[SentimentAnalysis, Usage]:
        """Returns one sentiment a company; where none can be assessed, no model is asked."""
        version = prompt_for(Step.ANALYZE_SENTIMENT).version
        chosen = assessable(analysis)
        if not chosen:
            usage = Usage(model=self._name, prompt_version=version)
            sentiments = tuple(unassessed(company, analysis) for company in analysis.companies)
            return SentimentAnalysis(sentiments=sentiments, analyzer=self._info(version)), usage
        companies = [analysis.companies[number] for number in chosen]

        async def ask(excerpt: Excerpt) -> tuple[SentimentAnalysis, Usage]:
            query = self._sentiment_query(article, analysis, chosen, excerpt)
            return await self._asker.ask(query, assignment)

        cut = partial(around_mentions, article.text, companies)
        return await _shorter_until_read(ask, cut, self._max_chars)

    def _article_query(
        self, article: ArticleForAnalysis, excerpt: Excerpt
    ) -> Query[ArticleAnswer, Analysis]:
        prompt = prompt_for(Step.ANALYZE_ARTICLE)
        data = article_data(article, excerpt.text)
        source = Source(prompt, data)
        check = partial(self._check_article, article, excerpt, source)
        return Query(prompt, data, ArticleAnswer, check)

    def _check_article(
        self,
        article: ArticleForAnalysis,
        excerpt: Excerpt,
        source: Source,
        answer: ArticleAnswer,
    ) -> Checked[Analysis]:
        gist, summary = tidy(answer.gist), tidy(answer.summary)
        problems = [
            *source.problems_of("gist", answer.gist, MAX_GIST),
            *source.problems_of("summary", answer.summary, MAX_SUMMARY),
        ]
        categories = tuple(dict.fromkeys(answer.categories))
        if not 1 <= len(categories) <= MAX_CATEGORIES:
            problems.append(
                f"categories: one to {MAX_CATEGORIES} are wanted, not {len(categories)}"
            )
        if problems:
            return Checked(None, fatal=tuple(problems))
        units = split_units(article.text, article.title)
        companies, dropped = checked_companies(
            article, units, answer.companies, read_names=reads(article)
        )
        return Checked(
            Analysis(
                categories=categories,
                gist=gist,
                summary=summary,
                companies=companies,
                analyzer=self._info(source.prompt.version),
                note=excerpt.note,
                automated_alert=is_automated_alert(article),
                dropped_companies=dropped,
            )
        )

    def _sentiment_query(
        self,
        article: ArticleForAnalysis,
        analysis: Analysis,
        chosen: list[int],
        excerpt: Excerpt,
    ) -> Query[SentimentAnswer, SentimentAnalysis]:
        prompt = prompt_for(Step.ANALYZE_SENTIMENT)
        data = companies_data([analysis.companies[number] for number in chosen], excerpt.text)
        source = Source(prompt, data)

        def check(answer: SentimentAnswer) -> Checked[SentimentAnalysis]:
            scores = checked_scores(article.text, excerpt.spans, analysis, chosen, answer, source)
            if scores.fatal:
                return Checked(None, fatal=scores.fatal)
            result = SentimentAnalysis(
                sentiments=scores.sentiments,
                analyzer=self._info(prompt.version),
                note=excerpt.note,
                dropped_quotes=scores.dropped_quotes,
            )
            return Checked(result, flaws=scores.flaws)

        return Query(prompt, data, SentimentAnswer, check)

    def _info(self, prompt_version: str) -> AnalyzerInfo:
        return AnalyzerInfo(name=self._name, version=VERSION, prompt_version=prompt_version)


async def _shorter_until_read(
    ask: Callable[[Excerpt], Awaitable[ResultT]], cut: Callable[[int], Excerpt], most_chars: int
) -> ResultT:
    """Asks with less and less of the text while the model cannot read so much.

    Raises ModelContextError where even a small part is too much for it.
    """
    while True:
        excerpt = cut(most_chars)
        try:
            return await ask(excerpt)
        except ModelContextError:
            most_chars = len(excerpt.text) // 2
            if most_chars < FEWEST_CHARS:
                raise
