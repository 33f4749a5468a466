"""What the two analyzing steps say about an article."""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from newsdesk.contracts.articles import Stock
from newsdesk.contracts.base import Contract
from newsdesk.contracts.cleaning import ContentKind, Origin, TickerAnchor

CATEGORIES: tuple[str, ...] = (
    "Market Analysis",
    "Sector Analysis",
    "Regulatory/Policy",
    "Macroeconomy",
    "Earnings",
    "Guidance",
    "Analyst Ratings",
    "Mergers & Acquisitions",
    "Offerings & IPOs",
    "Dividends & Buybacks",
    "Management",
    "Products & Services",
    "Partnerships & Contracts",
    "Clinical & Drug Approval",
    "Legal",
    "Labor",
    "Cybersecurity",
    "Insider & Institutional Trades",
    "Options Activity",
    "Crypto",
    "Commodities & Energy",
    "Stock Movers",
    "Personal Finance",
    "Other",
)
"""The fixed list. An analyzer chooses one to three of them, most fitting first."""


class Role(StrEnum):
    """What a company does in the article."""

    SUBJECT = "subject"
    PEER = "peer"
    COMMENTATOR = "commentator"
    PASSING = "passing"
    TAGGED_ONLY = "tagged_only"


class AnalyzerInfo(Contract):
    """Who answered."""

    name: str
    version: str
    prompt_version: str | None = None


class Usage(Contract):
    """What an answer took, unusable ones before it included.

    The builtin analyzer takes nothing: zeros, cost 0.0. `cached_input_tokens` are part of
    `input_tokens`. `cost_usd`: None where a price is not known. `reused`: another run had paid for
    the answer, this one took nothing.
    """

    model: str
    input_tokens: int = 0
    cached_input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = 0.0
    prompt_version: str | None = None
    reused: bool = False


class Mention(Contract):
    """A place where the text names a company: code-point offsets into ArticleText.text."""

    start: int
    end: int
    sentence: str


class Company(Contract):
    """A company in the text, or only in Benzinga's tags (then without mentions)."""

    name: str
    ticker: str | None = None
    exchange: str | None = None
    role: Role
    mentions: tuple[Mention, ...] = ()


class ArticleForAnalysis(Contract):
    """All that an analyzer may look at."""

    article_id: int
    title: str
    teaser: str = ""
    text: str
    content: ContentKind
    language: str
    origin: tuple[Origin, ...] = ()
    channels: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    stocks: tuple[Stock, ...] = ()
    anchors: tuple[TickerAnchor, ...] = ()


class Analysis(Contract):
    """The answer of analyze_article.

    `language_read` is False where the analyzer cannot read the article's language: then there are
    no categories, the gist is the title, the summary is empty, `note` says so, and companies come
    from mark-up and tags alone. `dropped_companies`: how many the analyzer named that are neither
    in the text nor tagged; none of them is in `companies`.
    """

    categories: tuple[str, ...]
    gist: str
    summary: str
    companies: tuple[Company, ...]
    analyzer: AnalyzerInfo
    language_read: bool = True
    note: str = ""
    automated_alert: bool = False
    dropped_companies: int = 0


class EvidenceState(StrEnum):
    """Whether the quote stands in the text: exactly, but for marks and spaces, or not at all."""

    VERIFIED = "verified"
    REPAIRED = "repaired"
    NONE = "none"


class Evidence(Contract):
    """The quote that proves a score; `text[start:end] == quote` in either shown state."""

    state: EvidenceState = EvidenceState.NONE
    quote: str | None = None
    start: int | None = None
    end: int | None = None

    @model_validator(mode="after")
    def _whole_or_nothing(self) -> Self:
        has_quote = None not in (self.quote, self.start, self.end)
        if has_quote != (self.state is not EvidenceState.NONE):
            raise ValueError("a shown quote needs its offsets, and state none has no quote")
        return self


class SentimentState(StrEnum):
    """Scored, or not assessed and the reason says why. There is no bare 0."""

    SCORED = "scored"
    NOT_ASSESSED = "not_assessed"


class Label(StrEnum):
    """Words for a score, made from it by fixed thresholds; see label_for."""

    BEARISH = "Bearish"
    SOMEWHAT_BEARISH = "Somewhat-Bearish"
    NEUTRAL = "Neutral"
    SOMEWHAT_BULLISH = "Somewhat-Bullish"
    BULLISH = "Bullish"


def label_for(score: float) -> Label:
    """Returns the label: Bearish <= -0.35 < Somewhat-Bearish <= -0.15 < Neutral < 0.15 <= ..."""
    if score <= -0.35:
        return Label.BEARISH
    if score <= -0.15:
        return Label.SOMEWHAT_BEARISH
    if score < 0.15:
        return Label.NEUTRAL
    return Label.SOMEWHAT_BULLISH if score < 0.35 else Label.BULLISH


class Sentiment(Contract):
    """How an article bodes for one company."""

    state: SentimentState
    score: float | None = Field(default=None, ge=-1.0, le=1.0)
    label: Label | None = None
    reason: str
    evidence: Evidence = Evidence()

    @model_validator(mode="after")
    def _scored_or_not(self) -> Self:
        scored = self.state is SentimentState.SCORED
        if scored != (self.score is not None) or scored != (self.label is not None):
            raise ValueError("a score and its label belong to state scored, and to no other")
        if self.score is not None and self.label is not label_for(self.score):
            raise ValueError(f"label {self.label} does not follow from score {self.score}")
        return self


def scored(score: float, reason: str, evidence: Evidence) -> Sentiment:
    """Returns a scored sentiment, its label made from the score (rounded to three places)."""
    rounded = round(score, 3)
    return Sentiment(
        state=SentimentState.SCORED,
        score=rounded,
        label=label_for(rounded),
        reason=reason,
        evidence=evidence,
    )


def not_assessed(reason: str) -> Sentiment:
    """Returns the sentiment of a company that the article says nothing about, with the reason."""
    return Sentiment(state=SentimentState.NOT_ASSESSED, reason=reason)


class SentimentAnalysis(Contract):
    """The answer of analyze_sentiment: one sentiment a company, in Analysis.companies' order.

    `note`: what the analyzer did not look at. `dropped_quotes`: how many quotes it gave that do not
    stand in the text; none of them is shown.
    """

    sentiments: tuple[Sentiment, ...]
    analyzer: AnalyzerInfo
    note: str = ""
    dropped_quotes: int = 0
