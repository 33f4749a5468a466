"""What the payload models share: field types, errors that name the field, resolved times."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from newsdesk.benzinga.fields import (
    parse_author,
    parse_id,
    parse_image,
    parse_names,
    parse_number,
    parse_plain_text,
    parse_raw_text,
    parse_source,
    parse_url,
)
from newsdesk.benzinga.moments import parse_moment
from newsdesk.benzinga.quoting import storable
from newsdesk.benzinga.tickers import parse_stocks
from newsdesk.contracts.articles import Stock
from newsdesk.errors import ArticleRejectedError

ArticleId = Annotated[int, BeforeValidator(parse_id)]
Number = Annotated[int, BeforeValidator(parse_number)]
RawText = Annotated[str, BeforeValidator(parse_raw_text)]
PlainText = Annotated[str, BeforeValidator(parse_plain_text)]
Names = Annotated[tuple[str, ...], BeforeValidator(parse_names)]
Author = Annotated[str, BeforeValidator(parse_author)]
Source = Annotated[str, BeforeValidator(parse_source)]
Url = Annotated[str, BeforeValidator(parse_url)]
ImageUrl = Annotated[str, BeforeValidator(parse_image)]
Moment = Annotated[datetime | None, BeforeValidator(parse_moment)]
Stocks = Annotated[tuple[Stock, ...], BeforeValidator(parse_stocks)]


class Payload(BaseModel):
    """An item as it came; what we do not know of it is kept beside what we do."""

    model_config = ConfigDict(frozen=True, extra="allow")


PayloadT = TypeVar("PayloadT", bound=Payload)


def read(model: type[PayloadT], payload: Mapping[str, object], path: str = "") -> PayloadT:
    """Returns the payload as `model`.

    Raises ArticleRejectedError with the name of the first bad field (after `path`, where the
    payload stands inside another) and what was found there.
    """
    try:
        # An unknown field with an odd name is no reason to lose the article.
        return model.model_validate({storable(name): payload[name] for name in payload})
    except ValidationError as error:
        raise ArticleRejectedError(path + _describe(error)) from None


def _describe(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    if first["type"] == "missing":
        return f"{field}: missing"
    cause = first.get("ctx", {}).get("error")
    return f"{field}: {cause or first['msg']}"


def resolve_times(
    published: datetime | None, updated: datetime | None, field: str
) -> tuple[datetime, datetime]:
    """Returns when an article was published and last updated.

    Either stands in for the other where only one is known, and an update never comes before the
    publication. Raises ArticleRejectedError, naming the publication's `field`, without any time.
    """
    at = published or updated
    if at is None:
        raise ArticleRejectedError(f"{field}: missing; an article needs a time")
    return at, max(at, updated or at)
