"""No article's words keep Temporal from starting its run."""

import pytest

from newsdesk.contracts.articles import Stock
from newsdesk.contracts.options import ProcessingOptions
from newsdesk.store.opening import open_store
from newsdesk.temporal.starting import Intake, TemporalRunStarter
from tests.helpers.pipeline import Pipeline, article

LONG = tuple(Stock(ticker=f"証券{number}" * 20) for number in range(300))


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "\N{GRINNING FACE}" * 300},
        {"title": '"\\\n\t\x01' * 200},
        {"stocks": LONG},
        {"stocks": (Stock(ticker="\N{GRINNING FACE}" * 300),)},
        {"channels": tuple(f"é{number}" * 100 for number in range(100))},
        {"channels": ('"' * 200,) * 10},
        {"channels": ("", "a'b\"c\\")},
        {"source": "証" * 400},
    ],
    ids=["long title", "odd title", "tickers", "ticker", "channels", "quotes", "empty", "source"],
)
async def test_its_run_is_started_and_can_be_found(
    pipeline: Pipeline, changes: dict[str, object]
) -> None:
    async with open_store(pipeline.database_url) as store:
        intake = Intake(store.articles, store.runs, TemporalRunStarter(pipeline.client))
        answer = await intake.receive(article(1, **changes), ProcessingOptions())
    assert answer.pending is None
    assert (await pipeline.client.get_workflow_handle("benzinga-1-r1").describe()).run_id
