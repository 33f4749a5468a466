"""Taking items in: what is counted when the database goes away, and what is told at the end."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from rich.console import Console

from newsdesk.benzinga.files import FileItem
from newsdesk.contracts.articles import Enqueued, EnqueueOutcome, Incoming, Removal
from newsdesk.contracts.options import ProcessingOptions
from newsdesk.errors import StoreRejectedError, StoreUnavailableError
from newsdesk.ops.enqueueing import Desk, receive_all
from newsdesk.ops.services import Services

AT = datetime(2026, 3, 4, tzinfo=UTC)


class Intake:
    """Takes items in until the database goes away at one of them."""

    def __init__(self, away_at: int | None = None) -> None:
        self._away_at = away_at

    async def receive(self, incoming: Incoming, options: ProcessingOptions) -> Enqueued:
        if incoming.article_id == self._away_at:
            raise StoreUnavailableError("the database is unavailable")
        if incoming.article_id == 13:
            raise StoreRejectedError("the database refused it")
        return Enqueued(
            article_id=incoming.article_id,
            outcome=EnqueueOutcome.STARTED,
            run_number=incoming.article_id,
        )


def items(*article_ids: int) -> Iterator[FileItem]:
    for article_id in article_ids:
        removal = Removal(article_id=article_id, removed_at=AT, fetched_at=AT)
        yield FileItem(f"f:{article_id}", removal)


def services(intake: Intake) -> Services:
    return Services(store=cast("Any", None), client=None, intake=cast("Any", intake))


def desk(*, as_json: bool = False) -> tuple[Desk, io.StringIO]:
    talk = io.StringIO()
    return Desk(Console(file=talk, width=80), as_json=as_json), talk


async def test_an_item_that_the_database_refuses_keeps_no_other_out() -> None:
    told, talk = desk()
    await receive_all(services(Intake()), items(1, 13, 2), ProcessingOptions(), told, wait=False)
    told.close()
    assert talk.getvalue().splitlines() == [
        "f:13: the database refused it",
        "received 3: started 2, rejected 1",
    ]


async def test_what_was_stored_before_the_database_went_away_is_counted() -> None:
    told, talk = desk()
    coming = items(*range(100, 200))
    with pytest.raises(StoreUnavailableError, match="give the same files again"):
        await receive_all(services(Intake(140)), coming, ProcessingOptions(), told, wait=False)
    told.close()
    # Its own batch goes to its end; the next one is not begun.
    assert talk.getvalue() == "received 63: started 63\n"


async def test_items_that_were_not_waited_for_to_the_end_have_a_line_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told, talk = desk(as_json=True)
    await receive_all(services(Intake()), items(1, 13, 2), ProcessingOptions(), told, wait=True)
    assert [one.location for one in told.waiting] == ["f:1", "f:2"]
    told.report(told.waiting[0])
    told.close()
    lines = [json.loads(line)["location"] for line in capsys.readouterr().out.splitlines()]
    assert lines == ["f:13", "f:1", "f:2"]
    assert talk.getvalue().endswith("rejected 1; runs: still under way 2\n")


def test_words_of_an_article_stay_text_in_talk() -> None:
    told, talk = desk()
    told.say("f:1: \x1b[31mkeys [red]a\nb[/red]\u202e")
    assert talk.getvalue() == "f:1: [31mkeys [red]a b[/red]\n"
    told.close()
    assert talk.getvalue().count("\n") == 1
