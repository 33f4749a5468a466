"""Records put together from parts, without a database."""

import pytest

from newsdesk.contracts.analysis import not_assessed
from newsdesk.contracts.articles import Stock
from newsdesk.contracts.cleaning import ContentKind
from newsdesk.contracts.record import RunBlock, RunStatus
from newsdesk.contracts.stories import Relation
from newsdesk.store.assembling import RecordParts, RecordStory, assemble
from tests.store.lives import make_block
from tests.store.samples import (
    ANALYZER,
    HTML,
    TEXT,
    at,
    make_analysis,
    make_article,
    make_sentiments,
)

STORY = RecordStory(
    id=3, title="S", relation=Relation.MEMBER, similarity=1.0, why="first", article_count=2
)
WHOLE = RecordParts(
    article=make_article(
        teaser="A teaser",
        stocks=(Stock(ticker="QRY", isin="US0", primary=True), Stock(ticker="QRY", exchange="X")),
    ),
    revision=2,
    run=make_block(7, closed=10),
    html=HTML,
    text=TEXT,
    analysis=make_analysis("QRY", "PIT"),
    sentiments=make_sentiments(not_assessed("one"), not_assessed("two")),
    stories=(STORY,),
)


def test_a_whole_record() -> None:
    record = assemble(WHOLE)
    assert (record.article.id, record.article.revision, record.article.state) == (1, 2, "active")
    assert (record.article.text, record.article.markdown) == (TEXT.text, TEXT.markdown)
    assert (record.article.content, record.article.language) == (ContentKind.FULL, "en")
    assert record.article.tickers == ("QRY",)
    assert [stock.exchange for stock in record.article.stocks] == [None, "X"]
    assert record.article.cleaning == HTML.removals
    assert record.analysis is not None
    assert (record.analysis.analyzer, record.analysis.analyzed_at) == (ANALYZER, at(9))
    assert [one.sentiment and one.sentiment.reason for one in record.companies] == ["one", "two"]
    assert record.stories == (STORY,)
    assert record.run == WHOLE.run


def test_without_sentiments_companies_stand_without_them() -> None:
    parts = RecordParts(article=WHOLE.article, revision=2, run=WHOLE.run, analysis=WHOLE.analysis)
    assert [company.sentiment for company in assemble(parts).companies] == [None, None]


def test_sentiments_of_other_companies_are_an_error() -> None:
    parts = RecordParts(
        article=WHOLE.article,
        revision=2,
        run=WHOLE.run,
        analysis=WHOLE.analysis,
        sentiments=make_sentiments(),
    )
    with pytest.raises(ValueError, match="shorter"):
        assemble(parts)


def test_without_a_recorded_step_the_time_of_the_analysis_is_open() -> None:
    skeleton = RunBlock(number=7, workflow_id="w", status=RunStatus.RUNNING)
    parts = RecordParts(article=WHOLE.article, revision=2, run=skeleton, analysis=WHOLE.analysis)
    record = assemble(parts)
    assert record.analysis is not None
    assert record.analysis.analyzed_at is None
    assert (record.article.content, record.article.text) == (None, "")
