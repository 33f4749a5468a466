"""What an operator is to do about a failed run: one line for each type of error."""

TO_DO = "→"
"""Stands between a failure's cause and what to do about it."""

_REPLAY = "newsdesk failures replay {article}"
_UNKNOWN = f"see `newsdesk failures show {{article}}`; when the cause is mended: {_REPLAY}"

ADVICE: dict[str, str] = {
    # Models
    "ModelUnavailableError": f"when the model answers again: {_REPLAY}",
    "ModelTimeoutError": f"when the model answers in time again: {_REPLAY}",
    "ModelRateLimitedError": "set NEWSDESK_MODEL_REQUESTS_PER_MINUTE to what the provider takes,"
    f" restart the worker, then: {_REPLAY}",
    # Their messages say what to do before that.
    "ModelQuotaExhaustedError": _REPLAY,
    "ModelAccessError": _REPLAY,
    "ModelNotFoundError": _REPLAY,
    "ModelRequestError": "set another model (or NEWSDESK_MODEL_JSON=text), restart the worker,"
    f" then: {_REPLAY}",
    "ModelAnswerInvalidError": f"ask again, or another model: {_REPLAY}",
    "ModelContextError": "set NEWSDESK_MODEL_MAX_INPUT_CHARS lower, or another model, restart the"
    f" worker, then: {_REPLAY}",
    "ModelRefusedError": "add another model, or builtin, to NEWSDESK_MODEL_FALLBACKS, restart the"
    f" worker, then: {_REPLAY}",
    # Articles
    "ArticleUnusableError": "nothing to replay: the source has to send the article anew",
    "ArticleNotFoundError": "the database lacks the article: restore it, or enqueue it again",
    "OutputMissingError": "what an earlier step stored is gone; do all steps again:"
    f" {_REPLAY} --from clean_raw_article",
    # Postgres
    "StoreUnavailableError": f"when Postgres is back: {_REPLAY}",
    "StoreConflictError": _REPLAY,
    "StoreNotMigratedError": f"run `newsdesk db migrate`, then: {_REPLAY}",
    "StoreRejectedError": "mend what the database refused, or holds that cannot be read, then:"
    f" {_REPLAY} (with --from clean_raw_article all that steps store is made anew)",
    # Temporal
    "Timeout:START_TO_CLOSE": f"the step took too long, each time; replay it: {_REPLAY}",
    "Timeout:HEARTBEAT": f"its worker died, or was stuck, each time; replay it: {_REPLAY}",
    "Timeout:SCHEDULE_TO_CLOSE": f"the step's time was up; is a worker running? then: {_REPLAY}",
    "Timeout:SCHEDULE_TO_START": f"no worker took the step; start one, then: {_REPLAY}",
    "Canceled": f"an operator canceled it; to take that back: {_REPLAY}",
    "Terminated": f"somebody terminated it; to go on: {_REPLAY}",
    "TimedOut": f"its execution timeout passed; to go on: {_REPLAY}",
}
"""Type of error -> what to do. `{article}` stands for the article's id."""


def advice(error_type: str, article_id: int | str) -> str:
    """Returns what to do about a run that failed with this type of error."""
    return ADVICE.get(error_type, _UNKNOWN).format(article=article_id)
