"""What models are asked to answer, and the JSON schema that says so.

Flat, every field required, no bounds and no references: what the strictest provider takes. Bounds
are checked in code. Mentions and labels are not asked for at all: code finds and makes them.
"""

import hashlib
import json
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    JsonValue,
    WithJsonSchema,
)

from newsdesk.contracts.analysis import CATEGORIES

CHECKS_VERSION = 1
"""Raised by one when the checks of answers become stricter: kept ones are asked for anew then."""


def _on_the_list(name: str) -> str:
    if name not in CATEGORIES:
        raise ValueError("it is not on the schema's list")
    return name


Category = Annotated[
    str,
    AfterValidator(_on_the_list),
    WithJsonSchema({"type": "string", "enum": list(CATEGORIES)}),
]


def _a_number(value: object) -> object:
    # pydantic would read true as 1 and "0.5" as 0.5; what was not given as a number is none.
    if isinstance(value, bool | str):
        raise ValueError("a number is wanted")
    return value


Number = BeforeValidator(_a_number)
AnswerRole = Literal["subject", "peer", "commentator", "passing"]


class _Answer(BaseModel):
    # What a model adds is left aside; where it has a strict schema it cannot add anything.
    model_config = ConfigDict(frozen=True, extra="ignore")


class CompanyAnswer(_Answer):
    """A company that the article names."""

    name: str
    ticker: str
    role: AnswerRole


class ArticleAnswer(_Answer):
    """What analyze_article asks for."""

    categories: list[Category]
    gist: str
    summary: str
    companies: list[CompanyAnswer]


class ScoreAnswer(_Answer):
    """What an article means for the company of this number."""

    number: Annotated[int, Number]
    score: Annotated[float, Number]
    quote: str
    reason: str


class SentimentAnswer(_Answer):
    """What analyze_sentiment asks for."""

    companies: list[ScoreAnswer]


def answer_schema(kind: type[BaseModel]) -> dict[str, JsonValue]:
    """Returns the JSON schema of an answer: references put in place, titles left out."""
    schema = kind.model_json_schema()
    definitions = schema.pop("$defs", {})
    return _plain(schema, definitions)


def _plain(part: dict[str, JsonValue], definitions: dict[str, JsonValue]) -> dict[str, JsonValue]:
    reference = part.get("$ref")
    if isinstance(reference, str):
        target = definitions[reference.rpartition("/")[2]]
        return _plain(target, definitions) if isinstance(target, dict) else {}
    kept = {key: value for key, value in part.items() if key not in ("title", "description")}
    plain: dict[str, JsonValue] = {}
    for key, value in kept.items():
        if key == "properties" and isinstance(value, dict):
            plain[key] = {
                name: _plain(field, definitions)
                for name, field in value.items()
                if isinstance(field, dict)
            }
        else:
            plain[key] = _plain(value, definitions) if isinstance(value, dict) else value
    if plain.get("type") == "object":
        plain["additionalProperties"] = False
    return plain


def schema_version(schema: dict[str, JsonValue]) -> str:
    """Returns a short name of a schema, and of the checks, that changes when one of them does."""
    digest = hashlib.sha256(json.dumps(schema, sort_keys=True).encode()).hexdigest()
    return f"{digest[:12]}-{CHECKS_VERSION}"
