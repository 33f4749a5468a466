"""The typed search attributes of a run, made from their names and types in contracts."""

import json

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
)
from temporalio.service import RPCError

from newsdesk.contracts.articles import PendingRun
from newsdesk.contracts.names import SEARCH_ATTRIBUTES
from newsdesk.errors import ConfigurationError

MAX_KEYWORD_CHARS = 255
"""Postgres keeps a Keyword in a VARCHAR(255); a longer one fails the start of a run."""

MAX_VALUE_BYTES = 1500
"""The server takes 2 KiB of one attribute's JSON; what does not fit is left out of the search."""

ARTICLE_ID = SearchAttributeKey.for_int("ArticleId")
REVISION = SearchAttributeKey.for_int("Revision")
RUN_NUMBER = SearchAttributeKey.for_int("RunNumber")
SOURCE = SearchAttributeKey.for_keyword("Source")
TICKERS = SearchAttributeKey.for_keyword_list("Tickers")
CHANNELS = SearchAttributeKey.for_keyword_list("Channels")
FAILED_STEP = SearchAttributeKey.for_keyword("FailedStep")
ERROR_TYPE = SearchAttributeKey.for_keyword("ErrorType")
OUTCOME = SearchAttributeKey.for_keyword("Outcome")
WAITING_FOR = SearchAttributeKey.for_keyword("WaitingFor")
SKIPPED_STEPS = SearchAttributeKey.for_keyword_list("SkippedSteps")
COST_USD = SearchAttributeKey.for_float("CostUsd")
PUBLISHED_AT = SearchAttributeKey.for_datetime("PublishedAt")

_TYPES = {
    "Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "KeywordList": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
    "Int": IndexedValueType.INDEXED_VALUE_TYPE_INT,
    "Double": IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE,
    "Datetime": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
}


def start_attributes(run: PendingRun) -> TypedSearchAttributes:
    """Returns what a run can be found by from its first moment."""
    return TypedSearchAttributes(
        [
            SearchAttributePair(ARTICLE_ID, run.article_id),
            SearchAttributePair(REVISION, run.revision),
            SearchAttributePair(RUN_NUMBER, run.run_number),
            SearchAttributePair(SOURCE, run.source[:MAX_KEYWORD_CHARS]),
            SearchAttributePair(TICKERS, _keywords(run.tickers)),
            SearchAttributePair(CHANNELS, _keywords(run.channels)),
            SearchAttributePair(PUBLISHED_AT, run.published_at),
        ]
    )


def _keywords(values: tuple[str, ...]) -> list[str]:
    kept: list[str] = []
    left = MAX_VALUE_BYTES
    for value in values:
        clipped = value[:MAX_KEYWORD_CHARS]
        # As the SDK sends it: beyond ASCII a character takes six bytes or twelve.
        left -= len(json.dumps(clipped)) + len(", ")
        if left < 0:
            break
        kept.append(clipped)
    return kept


async def register_search_attributes(client: Client) -> None:
    """Adds our search attributes to the client's namespace where they are missing.

    A start with an unknown attribute fails, so a worker makes sure before it polls.

    Raises:
        ConfigurationError: the server refuses, or knows one under another type.
    """
    try:
        known = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace),
            retry=True,  # a server that has just come up may not have all its parts yet
        )
        missing = {name: _TYPES[kind] for name, kind in SEARCH_ATTRIBUTES.items()}
        for name, kind in known.custom_attributes.items():
            if missing.pop(name, kind) != kind:
                raise ConfigurationError(
                    f"search attribute {name} of namespace {client.namespace} has another type;"
                    f" newsdesk needs {SEARCH_ATTRIBUTES[name]}"
                )
        if missing:
            await client.operator_service.add_search_attributes(
                AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing),
                retry=True,
            )
    except RPCError as error:
        raise ConfigurationError(
            f"the search attributes of namespace {client.namespace} cannot be set up"
            f" ({error.message}); add these by hand: {', '.join(sorted(SEARCH_ATTRIBUTES))}"
        ) from error
