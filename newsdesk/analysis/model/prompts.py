"""Prompts: versioned files, put together with the schema and the data of one article.

Why they are worded as they are stands in prompts/README.md.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, JsonValue

from newsdesk.analysis.model.answers import (
    ArticleAnswer,
    SentimentAnswer,
    answer_schema,
    schema_version,
)
from newsdesk.contracts.analysis import ArticleForAnalysis, Company
from newsdesk.contracts.models import ModelMessage
from newsdesk.contracts.names import Step

VERSIONS = {
    Step.ANALYZE_ARTICLE: "analyze_article_1",
    Step.ANALYZE_SENTIMENT: "analyze_sentiment_1",
}
REPAIR = "repair_1"
MAX_TAGS = 40
MAX_FACT_CHARS = 80
_ANSWERS: dict[Step, type[BaseModel]] = {
    Step.ANALYZE_ARTICLE: ArticleAnswer,
    Step.ANALYZE_SENTIMENT: SentimentAnswer,
}
LEFT_OUT = "[…]"
"""Stands in an excerpt for paragraphs that are left out."""


@dataclass(frozen=True)
class Prompt:
    """What a model is told for a step, whatever the article."""

    step: Step
    version: str
    instructions: str
    schema: dict[str, JsonValue]
    schema_version: str


@cache
def prompt_for(step: Step) -> Prompt:
    """Returns the prompt in force for a step."""
    schema = answer_schema(_ANSWERS[step])
    version = VERSIONS[step]
    return Prompt(step, version, read_prompt(version), schema, schema_version(schema))


@cache
def read_prompt(version: str) -> str:
    """Returns the text of a prompt file."""
    folder = files("newsdesk.analysis.model").joinpath("prompts")
    return folder.joinpath(f"{version}.md").read_text(encoding="utf-8").strip()


def article_data(article: ArticleForAnalysis, text: str) -> str:
    """Returns the message that puts an article before analyze_article."""
    facts: dict[str, JsonValue] = {
        "stocks": [
            {
                "ticker": _fact(stock.ticker),
                "exchange": _fact(stock.exchange or ""),
                "name": _fact(stock.name or ""),
            }
            for stock in article.stocks[:MAX_TAGS]
        ],
        "channels": [_fact(channel) for channel in article.channels[:MAX_TAGS]],
        "tags": [_fact(tag) for tag in article.tags[:MAX_TAGS]],
        "origin": list(article.origin),
    }
    told = {name: value for name, value in facts.items() if value}
    return marked(json.dumps(told, ensure_ascii=False), text)


def companies_data(companies: Sequence[Company], excerpt: str) -> str:
    """Returns the message that puts companies, numbered from 1, before analyze_sentiment."""
    lines = [
        f"{number}. {_fact(company.name)}{f' ({company.ticker})' if company.ticker else ''}"
        for number, company in enumerate(companies, start=1)
    ]
    return marked("\n".join(lines), excerpt)


def marked(told: str, text: str) -> str:
    """Returns what is told of a text, and the text between its markers."""
    name = marker(told, text)
    return f"{told}\n<{name}>\n{text}\n</{name}>"


def marker(told: str, text: str) -> str:
    """Returns the marker's name: made from all that is sent, which so cannot hold it."""
    sent = f"{told}\n{text}".encode("utf-8", "surrogatepass")
    return f"article-{hashlib.sha256(sent).hexdigest()[:16]}"


def repair_message(problems: Sequence[str]) -> ModelMessage:
    """Returns the message that shows a model what is wrong with its answer."""
    told = "\n".join(f"- {problem}" for problem in problems)
    return ModelMessage(role="user", content=read_prompt(REPAIR).replace("{problems}", told))


def _fact(text: str) -> str:
    return " ".join(text.split())[:MAX_FACT_CHARS]
