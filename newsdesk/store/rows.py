"""Rows of the database to contracts and back."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from newsdesk.contracts.articles import Article, PendingRun, Stock
from newsdesk.contracts.options import ProcessingOptions

Row = Mapping[str, Any]
"""A row by column name; the driver's Record is one."""

_STOCKS: TypeAdapter[tuple[Stock, ...]] = TypeAdapter(tuple[Stock, ...])


def tickers_of(article: Article) -> list[str]:
    """Returns the tickers that Benzinga tagged, in its order, each once."""
    return list(dict.fromkeys(stock.ticker for stock in article.stocks))


def revision_values(article: Article, revision: int, substance: str) -> tuple[object, ...]:
    """Returns the parameters of `insert_revision`, in its order."""
    return (
        article.article_id,
        revision,
        substance,
        article.source,
        article.source_revision,
        article.title,
        article.teaser,
        article.author,
        article.url,
        article.image_url,
        article.published_at,
        article.updated_at,
        article.fetched_at,
        list(article.channels),
        list(article.tags),
        _STOCKS.dump_json(article.stocks).decode(),
        tickers_of(article),
        article.body,
        article.body_kind.value,
    )


def article_from(row: Row) -> Article:
    """Returns the article of a row of `revisions`."""
    known = {name: row[name] for name in Article.model_fields if name != "stocks"}
    return Article.model_validate({**known, "stocks": _STOCKS.validate_json(row["stocks"])})


def pending_run_from(row: Row) -> PendingRun:
    """Returns the pending run of a row that joins a run and its revision."""
    return PendingRun(
        run_number=row["number"],
        workflow_id=row["workflow_id"],
        article_id=row["article_id"],
        revision=row["revision"],
        source=row["source"],
        title=row["title"],
        url=row["url"],
        tickers=tuple(row["tickers"]),
        channels=tuple(row["channels"]),
        published_at=row["published_at"],
        options=ProcessingOptions.model_validate_json(row["options"]),
    )
