"""Builds articles for the analyzer's tests."""

from newsdesk.contracts.analysis import Analysis, ArticleForAnalysis, Company
from newsdesk.contracts.articles import Stock
from newsdesk.contracts.cleaning import ContentKind, TickerAnchor


def article(
    title: str,
    *blocks: str,
    stocks: tuple[Stock | str, ...] = (),
    language: str = "en",
    teaser: str = "",
    channels: tuple[str, ...] = (),
    tags: tuple[str, ...] = (),
    anchors: tuple[TickerAnchor, ...] = (),
) -> ArticleForAnalysis:
    """Returns an article whose text is its title and blocks; without blocks, headline-only."""
    return ArticleForAnalysis(
        article_id=1,
        title=title,
        teaser=teaser,
        text="\n\n".join([title, *blocks, *([teaser] if teaser and not blocks else [])]),
        content=ContentKind.FULL if blocks else ContentKind.HEADLINE,
        language=language,
        channels=channels,
        tags=tags,
        stocks=tuple(Stock(ticker=item) if isinstance(item, str) else item for item in stocks),
        anchors=anchors,
    )


def company(analysis: Analysis, ticker: str) -> Company:
    """Returns the company of this ticker; fails where it is not there exactly once."""
    found = [company for company in analysis.companies if company.ticker == ticker]
    assert len(found) == 1, [company.ticker for company in analysis.companies]
    return found[0]
