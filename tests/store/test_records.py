"""Records as readers get them."""

import pytest

from newsdesk.contracts.names import Step
from newsdesk.contracts.record import RunStatus, StepRecord, StepStatus
from newsdesk.errors import ArticleNotFoundError, OutputMissingError
from tests.store.lives import Lives, make_block
from tests.store.samples import HTML, OPTIONS, TEXT, at, make_article, make_removal


async def test_before_publish_a_record_has_the_article_and_a_skeleton_of_the_run(
    lives: Lives,
) -> None:
    article = make_article(teaser="A teaser", channels=("News",))
    run = await lives.enqueue(article)
    record = await lives.records.load(1)
    assert (record.article.title, record.article.teaser) == (article.title, "A teaser")
    assert (record.article.text, record.article.content) == ("", None)
    assert (record.analysis, record.companies, record.stories) == (None, (), ())
    assert (record.run.number, record.run.workflow_id) == (run, "benzinga-1-r1")
    assert (record.run.status, record.run.published) == (RunStatus.PENDING, False)
    await lives.runs.mark_started(run, "e1")
    assert (await lives.records.load(1)).run.status is RunStatus.RUNNING
    assert (await lives.records.load(1)).run.run_id == "e1"


async def test_once_recorded_the_run_is_told_in_full(lives: Lives) -> None:
    run = await lives.enqueue(make_article())
    await lives.publish(run)
    block = make_block(run, closed=10)
    await lives.runs.record(block)
    record = await lives.records.load(1)
    assert record.run == block.model_copy(update={"published": True, "outcome": "published"})
    assert record.article.text == TEXT.text
    assert record.article.cleaning == HTML.removals
    assert record.analysis is not None
    assert record.analysis.analyzed_at == at(9)


async def test_without_a_publication_the_latest_revision_s_run_is_shown(lives: Lives) -> None:
    await lives.enqueue(make_article())
    latest = await lives.enqueue(make_article(updated=5, body="<p>edited</p>"))
    assert (await lives.records.load(1)).run.number == latest
    assert (await lives.records.load(1)).article.revision == 2


async def test_a_touch_shows_in_the_published_record(lives: Lives) -> None:
    await lives.publish(await lives.enqueue(make_article()))
    await lives.articles.enqueue(make_article(updated=7), OPTIONS)
    assert (await lives.records.load(1)).article.updated_at == at(7)


async def test_of_a_removed_article_the_words_are_withheld(lives: Lives) -> None:
    article = make_article(teaser="A teaser")
    run = await lives.enqueue(article)
    await lives.publish(run)
    await lives.articles.enqueue(make_removal(removed=5), OPTIONS)
    record = await lives.records.load(1)
    shown = record.article
    assert (shown.state, shown.removed_at) == ("removed", at(5))
    assert (shown.text, shown.markdown, shown.teaser, shown.cleaning) == ("", "", "", ())
    assert (record.analysis, record.companies, record.stories) == (None, (), ())
    assert not record.run.published
    assert record.run.number == run


async def test_back_after_a_removal_only_the_new_revision_is_shown(lives: Lives) -> None:
    before = await lives.enqueue(make_article())
    await lives.publish(before)
    await lives.articles.enqueue(make_removal(removed=5), OPTIONS)
    back = await lives.enqueue(make_article(updated=6))
    record = await lives.records.load(1)
    assert (record.run.number, record.article.state) == (back, "active")
    assert record.article.removed_at is None
    assert (await lives.records.load(1, before)).article.state == "removed"
    assert (await lives.records.load(1, before)).article.text == ""


async def test_what_is_not_there_is_named(lives: Lives) -> None:
    await lives.enqueue(make_article(1))
    other = await lives.enqueue(make_article(2))
    await lives.articles.enqueue(make_removal(3), OPTIONS)
    with pytest.raises(ArticleNotFoundError, match="article 9 is not stored"):
        await lives.records.load(9)
    with pytest.raises(ArticleNotFoundError, match=f"article 1 has no run {other}"):
        await lives.records.load(1, other)
    with pytest.raises(ArticleNotFoundError, match="article 3 was removed unseen"):
        await lives.records.load(3)


async def test_a_published_version_that_is_gone_is_an_error_and_not_an_empty_text(
    lives: Lives,
) -> None:
    await lives.publish(await lives.enqueue(make_article()))
    async with lives.pool.connection("lose") as connection:
        await connection.execute("DELETE FROM outputs WHERE kind = 'ArticleText'")
    with pytest.raises(OutputMissingError, match="ArticleText"):
        await lives.records.load(1)


async def test_a_run_that_failed_shows_how_far_it_came(lives: Lives) -> None:
    run = await lives.enqueue(make_article())
    request = await lives.request(run)
    steps = tuple(
        StepRecord(name=name, status=StepStatus.COMPLETED, output=digest)
        for name, digest in (
            (Step.CLEAN_RAW_ARTICLE, request.html_hash),
            (Step.CLEAN_MARKDOWN_ARTICLE, request.text_hash),
            (Step.ANALYZE_ARTICLE, request.analysis_hash),
        )
    )
    failed = StepRecord(name=Step.ANALYZE_SENTIMENT, status=StepStatus.FAILED)
    block = make_block(run, status=RunStatus.FAILED, steps=(*steps, failed))
    await lives.runs.record(block)
    record = await lives.records.load(1)
    assert record.article.text == TEXT.text
    assert record.analysis is not None
    assert [company.sentiment for company in record.companies] == [None]
    assert not record.run.published
