"""From which event a run goes on, over histories written by hand."""

import pytest
from temporalio.api.enums.v1 import EventType

from newsdesk.contracts.names import PUBLISH, Step
from newsdesk.errors import NotReplayableError
from newsdesk.temporal.reset_points import WORKFLOW_CODE, find_reset_point
from tests.unit.temporal.events import Tale

RAW, MARKDOWN = Step.CLEAN_RAW_ARTICLE, Step.CLEAN_MARKDOWN_ARTICLE
ARTICLE, LINK, SENTIMENT = (
    Step.ANALYZE_ARTICLE,
    Step.LINK_ARTICLE_TO_STORIES,
    Step.ANALYZE_SENTIMENT,
)
FIRST_THREE = (RAW, MARKDOWN, ARTICLE)


def analyzed() -> tuple[Tale, int]:
    """A history up to the workflow task that schedules the two parallel steps, and its id."""
    tale = Tale()
    task = tale.task()
    for step in FIRST_THREE:
        task = tale.run(step)
    return tale, task


def test_a_sibling_that_ended_before_is_kept() -> None:
    tale, _ = analyzed()
    link, sentiment = tale.schedule(LINK), tale.schedule(SENTIMENT)
    tale.end(link)
    tale.due()
    after_link = tale.task()
    tale.end(sentiment, "FAILED")
    tale.due()
    tale.task()
    tale.close("FAILED")
    point = find_reset_point(tale.events)
    assert point.event_id == after_link
    assert (point.again, point.repeated) == ((SENTIMENT,), ())
    assert point.kept == (*FIRST_THREE, LINK)


def test_a_sibling_that_ended_in_the_same_task_is_named_as_repeated() -> None:
    tale, task = analyzed()
    link, sentiment = tale.schedule(LINK), tale.schedule(SENTIMENT)
    tale.end(link)
    tale.due()
    tale.end(sentiment, "FAILED")
    tale.task()
    tale.close("FAILED")
    point = find_reset_point(tale.events)
    assert point.event_id == task
    assert (point.again, point.repeated, point.kept) == ((SENTIMENT,), (LINK,), FIRST_THREE)


def test_a_sibling_that_ended_after_the_failure_is_named_as_repeated() -> None:
    tale, task = analyzed()
    link, sentiment = tale.schedule(LINK), tale.schedule(SENTIMENT)
    tale.end(sentiment, "TIMED_OUT")
    tale.due()
    tale.task()
    tale.end(link)
    tale.due()
    tale.task()
    tale.close("FAILED")
    point = find_reset_point(tale.events)
    assert (point.event_id, point.again, point.repeated) == (task, (SENTIMENT,), (LINK,))


def test_where_both_failed_both_are_done_again() -> None:
    tale, task = analyzed()
    link, sentiment = tale.schedule(LINK), tale.schedule(SENTIMENT)
    for scheduled in (sentiment, link):
        tale.end(scheduled, "FAILED")
        tale.due()
        tale.task()
    tale.close("FAILED")
    point = find_reset_point(tale.events)
    assert (point.event_id, point.again, point.repeated) == (task, (LINK, SENTIMENT), ())


def test_of_a_chain_of_models_the_first_is_asked_again() -> None:
    tale, task = analyzed()
    for step in (SENTIMENT, SENTIMENT):
        tale.end(tale.schedule(step), "FAILED")
        tale.due()
        tale.task()
    tale.close("FAILED")
    point = find_reset_point(tale.events)
    assert (point.event_id, point.again) == (task, (SENTIMENT,))


def test_a_step_that_a_fallback_answered_did_not_fail() -> None:
    tale = Tale()
    tale.task()
    tale.run(RAW)
    tale.run(MARKDOWN)
    tale.end(tale.schedule(ARTICLE), "FAILED")
    tale.due()
    tale.task()
    task = tale.run(ARTICLE)
    tale.end(tale.schedule(SENTIMENT), "FAILED")
    tale.due()
    tale.task()
    tale.close("FAILED")
    point = find_reset_point(tale.events)
    assert (point.event_id, point.again, point.kept) == (task, (SENTIMENT,), FIRST_THREE)


def test_a_step_that_only_waited_is_not_done() -> None:
    tale, _ = analyzed()
    tale.end(tale.schedule(SENTIMENT), result={"pause": {"code": "step_paused"}})
    tale.due()
    waited = tale.task()
    tale.end(tale.schedule(SENTIMENT), "FAILED")
    tale.due()
    tale.task()
    tale.close("FAILED")
    point = find_reset_point(tale.events)
    assert (point.event_id, point.again, point.kept) == (waited, (SENTIMENT,), FIRST_THREE)


def test_where_the_workflow_itself_failed_its_last_task_is_done_again() -> None:
    tale, task = analyzed()
    tale.close("FAILED")
    point = find_reset_point(tale.events)
    assert (point.event_id, point.again, point.kept) == (task, (WORKFLOW_CODE,), FIRST_THREE)


@pytest.mark.parametrize("how", ["TERMINATED", "TIMED_OUT"])
def test_a_run_that_was_cut_off_does_again_what_was_open(how: str) -> None:
    tale, _ = analyzed()
    link, _ = tale.schedule(LINK), tale.schedule(SENTIMENT)
    tale.end(link)
    tale.due()
    after_link = tale.task()
    tale.close(how)
    point = find_reset_point(tale.events)
    assert (point.event_id, point.again) == (after_link, (SENTIMENT,))
    assert point.kept == (*FIRST_THREE, LINK)


def test_a_result_that_the_workflow_never_took_is_kept_too() -> None:
    tale, _ = analyzed()
    link, _ = tale.schedule(LINK), tale.schedule(SENTIMENT)
    tale.end(link)
    tale.due()
    closed = tale.close("TERMINATED")
    point = find_reset_point(tale.events)
    assert (point.event_id, point.again) == (closed, (SENTIMENT,))
    assert LINK in point.kept


def test_a_run_that_no_worker_had_taken_begins_at_its_beginning() -> None:
    tale = Tale()
    tale.close("TERMINATED")
    point = find_reset_point(tale.events)
    assert (point.event_id, point.repeated, point.kept) == (3, (), ())


def test_a_cancel_request_is_dropped() -> None:
    tale, _ = analyzed()
    link, sentiment = tale.schedule(LINK), tale.schedule(SENTIMENT)
    tale.end(link)
    tale.due()
    after_link = tale.task()
    tale.add(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED)
    tale.due()
    tale.task()
    tale.end(sentiment, "CANCELED")
    tale.due()
    tale.task()
    tale.close("CANCELED")
    point = find_reset_point(tale.events)
    assert (point.event_id, point.again) == (after_link, (SENTIMENT,))


def completed() -> Tale:
    tale, _ = analyzed()
    link, sentiment = tale.schedule(LINK), tale.schedule(SENTIMENT)
    tale.end(link)
    tale.end(sentiment)
    tale.due()
    tale.task()
    tale.run(PUBLISH)
    tale.close("COMPLETED")
    return tale


def test_from_a_named_step_all_that_follows_is_repeated() -> None:
    point = find_reset_point(completed().events, ARTICLE)
    assert (point.again, point.repeated) == ((ARTICLE,), (LINK, SENTIMENT, PUBLISH))
    assert point.kept == (RAW, MARKDOWN)


def test_from_a_step_that_it_never_came_to_it_cannot_go_on() -> None:
    tale = Tale()
    tale.task()
    tale.end(tale.schedule(RAW), "FAILED")
    tale.due()
    tale.task()
    tale.close("FAILED")
    with pytest.raises(NotReplayableError, match="never came to publish"):
        find_reset_point(tale.events, PUBLISH)


def test_from_a_step_that_its_options_skipped_it_cannot_go_on() -> None:
    tale, task = analyzed()
    tale.skip(LINK, "headline_only", task)
    tale.end(tale.schedule(SENTIMENT))
    tale.close("COMPLETED")
    with pytest.raises(NotReplayableError, match="--restart"):
        find_reset_point(tale.events, LINK)


def test_an_operators_skip_can_be_taken_back() -> None:
    tale, task = analyzed()
    tale.schedule(SENTIMENT)
    order = tale.order_skip()
    tale.due()
    handled = tale.task()
    tale.skip(LINK, "operator", handled)
    tale.close("COMPLETED")
    point = find_reset_point(tale.events, LINK)
    assert task <= point.event_id <= order
    assert point.event_id == task


def test_a_replayed_run_can_be_replayed_again() -> None:
    tale, _ = analyzed()
    tale.schedule(SENTIMENT)
    tale.due()
    reset = tale.task("FAILED")
    tale.end(tale.events[-4].event_id, "FAILED")
    tale.due()
    tale.task()
    tale.close("FAILED")
    point = find_reset_point(tale.events)
    assert (point.event_id, point.again, point.kept) == (reset, (SENTIMENT,), FIRST_THREE)
