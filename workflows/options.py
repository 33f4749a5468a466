"""Timeouts and retry policies: one entry an activity, each bound with its reason.

Three facts shape all of them. Every activity heartbeats every HEARTBEAT / 3 (see
activities/heartbeats.py), so a killed worker is noticed after HEARTBEAT, not after
start_to_close. Every activity reads or writes Postgres, so the total bound is what an outage
there may last before a run fails and an operator is called. What can never work is raised as
non-retryable by the activity, so no attempt is spent on it.
"""

from datetime import timedelta

from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityCancellationType, ActivityConfig

from newsdesk.contracts.names import PUBLISH, Step

HEARTBEAT = timedelta(seconds=6)
"""6 s unheard + 1 s first back-off + the worker's sticky queue of 4 s stay below 15 s."""

OUTAGE = timedelta(hours=6)
"""How long a database may be away before runs fail: a night's repair, not a week's silence."""

PAUSE = timedelta(seconds=30)
"""The longest pause between attempts: after an outage runs go on within half a minute."""


def _bounds(attempt: timedelta, longest_pause: timedelta = PAUSE) -> ActivityConfig:
    return ActivityConfig(
        start_to_close_timeout=attempt,
        schedule_to_close_timeout=OUTAGE,
        heartbeat_timeout=HEARTBEAT,
        retry_policy=RetryPolicy(
            initial_interval=timedelta(seconds=1),
            backoff_coefficient=2.0,
            maximum_interval=longest_pause,
        ),
    )


# A 4 MB body is cleaned in seconds; sixteen at once on busy processors took minutes each. An
# attempt that is given up goes on in its thread beside the next, so the bound is far above that.
_COMPUTING = _bounds(timedelta(minutes=10))
# An analyzer may wait for two answers of a model, of four minutes at most each, and for its turns.
# How long it is tried in all travels in the run's input; providers are asked less and less often.
_ANALYZING = _bounds(timedelta(minutes=10), longest_pause=timedelta(minutes=2))
# Terms are counted beside other computing, then it goes one at a time through the database's lock,
# which the store waits for no longer than half a minute.
# Where an operator has it skipped, its attempt is awaited: it must not link after all, later.
_LINKING: ActivityConfig = {
    **_bounds(timedelta(minutes=5)),
    "cancellation_type": ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
}
# One transaction: milliseconds; half a minute allows for a queue at an article's lock.
_STORING = _bounds(timedelta(seconds=30))

OPTIONS: dict[str, ActivityConfig] = {
    Step.CLEAN_RAW_ARTICLE: _COMPUTING,
    Step.CLEAN_MARKDOWN_ARTICLE: _COMPUTING,
    Step.ANALYZE_ARTICLE: _ANALYZING,
    Step.LINK_ARTICLE_TO_STORIES: _LINKING,
    Step.ANALYZE_SENTIMENT: _ANALYZING,
    PUBLISH: _STORING,
}
