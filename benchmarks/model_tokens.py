"""What an article costs a language model: tokens of both steps together, against the plain way.

    python -m benchmarks.model_tokens [--data FILE] [--words 900] [--articles 20]

Ours: instructions, lean schema and the text for analyze_article; for analyze_sentiment only the
paragraphs around mentions. The plain way, for comparison: two calls, each with its instructions,
the full text, and the full schema, which is the record's own (contracts Analysis and
SentimentAnalysis). Counted are input tokens, the schema included as JSON, by the tokenizer of
gpt-4o; and, beside it, what two calls with our own lean schemas and the full text would take.

Without --data the articles are made: paragraphs of some sentences, of which about half name the
company. FILE: JSON or JSON Lines in any shape that `newsdesk enqueue files` reads; its articles of
at least a third of the words are counted as they are. Prints one JSON object.
"""

import argparse
import json
import random
import statistics
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from activities.reading import article_for_analysis
from benchmarks.load import AT
from benchmarks.pipeline import commit
from newsdesk.analysis.builtin import analyze
from newsdesk.analysis.model.excerpts import around_mentions
from newsdesk.analysis.model.prompts import (
    Prompt,
    article_data,
    companies_data,
    prompt_for,
)
from newsdesk.analysis.model.scores import assessable
from newsdesk.benzinga.files import read_files
from newsdesk.cleaning import Cleaner
from newsdesk.contracts.analysis import Analysis, ArticleForAnalysis, SentimentAnalysis
from newsdesk.contracts.articles import Article, Stock
from newsdesk.contracts.names import Step
from newsdesk.llm.tokens import count_tokens

_NAMING = (
    "{name} (NYSE: {ticker}) said revenue climbed {n}% to ${m} million in the quarter.",
    "{name} also lifted its forecast for the year and raised its dividend.",
    "For {name} the new plant is the largest investment since its listing {n} years ago.",
    "Shares of {name} rose {n}% in early trading on Wednesday.",
)
_OTHER = (
    "Freight rates between the two coasts have doubled since the spring, port data show.",
    "Economists expect the central bank to keep rates where they are until the autumn.",
    "Regulators in {n} states are looking into how terminals bill for the time that boxes wait.",
    "A union vote on the new contract for {m} dock workers is due at the end of the month.",
    "Importers moved orders forward to be ahead of tariffs, which filled yards inland.",
    "The weather service warned of a storm that may close the channel for some days.",
)


def made_article(number: int, words: int) -> Article:
    """Returns an article on an invented company; about half of its paragraphs name it."""
    chance = random.Random(number)  # noqa: S311 - repeatable, not secret
    paragraphs: list[str] = []
    while sum(len(paragraph.split()) for paragraph in paragraphs) < words:
        naming = not paragraphs or chance.random() < 0.5
        sentences = [chance.choice(_NAMING)] if naming else []
        sentences += chance.sample(_OTHER, 3 - len(sentences))
        facts = {"name": "Cobalt Logistics", "ticker": "COLO"}
        numbers = {"n": chance.randint(2, 90), "m": chance.randint(100, 9000)}
        paragraphs.append(" ".join(sentences).format(**facts, **numbers))
    return Article(
        article_id=number,
        title=f"Cobalt Logistics Lifts Forecast As Freight Rates Double, No. {number}",
        body="".join(f"<p>{text}</p>\n" for text in paragraphs),
        published_at=AT,
        updated_at=AT,
        fetched_at=AT,
        channels=("News", "Earnings"),
        stocks=(Stock(ticker="COLO", exchange="NYSE"),),
    )


def read_articles(path: Path, words: int) -> Iterator[Article]:
    """Yields the articles of a file that are long enough."""
    for item in read_files([str(path)], datetime.now(UTC)):
        article = item.incoming
        if isinstance(article, Article) and 3 * len(article.body.split()) >= words:
            yield article


def as_analyzed(article: Article) -> tuple[ArticleForAnalysis, Analysis]:
    """Returns an article cleaned, with the companies that the builtin analyzer finds."""
    cleaner = Cleaner()
    html = cleaner.clean_html(article)
    readable = article_for_analysis(article, html, cleaner.to_markdown(article, html))
    return readable, analyze(readable)


def tokens_of(prompt: Prompt, data: str, schema: object) -> int:
    """Returns the input tokens of one call."""
    told = json.dumps(schema, separators=(",", ":"))
    return sum(count_tokens(part) for part in (prompt.instructions, told, data))


def full_schema() -> object:
    """Returns the schema of the record's own parts."""
    return [Analysis.model_json_schema(), SentimentAnalysis.model_json_schema()]


def counted(readable: ArticleForAnalysis, analysis: Analysis) -> dict[str, int]:
    """Returns the tokens of an article, ours and the plain way's."""
    first, second = prompt_for(Step.ANALYZE_ARTICLE), prompt_for(Step.ANALYZE_SENTIMENT)
    companies = [analysis.companies[number] for number in assessable(analysis)]
    excerpt = around_mentions(readable.text, companies, len(readable.text))
    whole = article_data(readable, readable.text)
    part = companies_data(companies, excerpt.text)
    again = companies_data(companies, readable.text)
    ours = [tokens_of(first, whole, first.schema)]
    if companies:
        ours.append(tokens_of(second, part, second.schema))
    full = full_schema()
    return {
        "words": len(readable.text.split()),
        "ours": sum(ours),
        "plain": tokens_of(first, whole, full) + tokens_of(second, again, full),
        "lean_schema_full_text": tokens_of(first, whole, first.schema)
        + tokens_of(second, again, second.schema),
    }


def measure(articles: Sequence[Article]) -> dict[str, object]:
    """Returns the means over articles, and what never changes from article to article."""
    rows = [counted(*as_analyzed(article)) for article in articles]
    means = {name: round(statistics.mean(row[name] for row in rows)) for name in rows[0]}
    first, second = prompt_for(Step.ANALYZE_ARTICLE), prompt_for(Step.ANALYZE_SENTIMENT)
    return {
        "articles": len(rows),
        **means,
        "share_of_plain": round(means["ours"] / means["plain"], 3),
        "largest_share": round(max(row["ours"] / row["plain"] for row in rows), 3),
        "share_of_lean": round(means["ours"] / means["lean_schema_full_text"], 3),
        "fixed": {
            prompt.version: {
                "instructions": count_tokens(prompt.instructions),
                "schema": count_tokens(json.dumps(prompt.schema, separators=(",", ":"))),
            }
            for prompt in (first, second)
        },
        "full_schema": count_tokens(json.dumps(full_schema(), separators=(",", ":"))),
        "commit": commit(),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description="tokens of an article, both steps together")
    parser.add_argument("--data", type=Path, help="articles to count instead of made ones")
    parser.add_argument("--words", type=int, default=900)
    parser.add_argument("--articles", type=int, default=20)
    options = parser.parse_args(arguments)
    path = cast("Path | None", options.data)
    if path is None:
        articles = [made_article(n, options.words) for n in range(1, options.articles + 1)]
    else:
        articles = list(read_articles(path, options.words))[: options.articles]
    if not articles:
        parser.error("no article is long enough; lower --words")
    print(json.dumps(measure(articles)))


if __name__ == "__main__":
    main()
