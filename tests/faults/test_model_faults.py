"""Everything that can go wrong with a model, through the whole pipeline over real HTTP.

Each fault happens to an article of its own; all are under way at the same time. A fault that stays
ends as a failed run with its cause; one that passes is not to be seen in the record.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from newsdesk.contracts.analysis import EvidenceState
from newsdesk.contracts.models import ModelTrouble
from newsdesk.contracts.names import Step
from newsdesk.contracts.record import ArticleRecord, RunStatus, StepStatus
from tests.helpers.model_house import MODEL, ModelHouse, asked_about, model_house, step
from tests.helpers.model_server import ModelServer, faults
from tests.helpers.model_server.answers import Asked
from tests.helpers.model_server.faults import Fault
from tests.helpers.pipeline import Pipeline, article

ARTICLE, SENTIMENT = Step.ANALYZE_ARTICLE, Step.ANALYZE_SENTIMENT
GIVE_UP_AFTER_SECONDS = 12
"""Long enough for three attempts (after 0, 1 and 3 s), short enough for a test."""


@dataclass(frozen=True)
class Case:
    """A fault of one step: how often it happens (None: always), and what has to come of it."""

    fault: Fault
    where: Step = ARTICLE
    times: int | None = None
    error: str | None = None
    attempts: int | None = 1
    requests: int | None = 1
    says: str = ""


def passing(fault: Fault, where: Step = ARTICLE, times: int = 1, repaired: bool = False) -> Case:
    """A fault that passes: by a retry, or by the repair turn within one attempt."""
    attempts = 1 if repaired else times + 1
    return Case(fault, where, times, attempts=attempts, requests=times + 1)


def final(fault: Fault, error: str, says: str, where: Step = ARTICLE, requests: int = 1) -> Case:
    """A fault that no retry helps against: one attempt, and the run fails."""
    return Case(fault, where, error=error, says=says, requests=requests)


def lasting(fault: Fault, error: str, says: str) -> Case:
    """A fault that might pass and does not: tried until the step's bound, then the run fails."""
    return Case(fault, error=error, says=says, attempts=None, requests=None)


def unusable(fault: Fault, says: str, where: Step = ARTICLE) -> Case:
    """Answers that cannot be used: three attempts of two requests each, then the run fails."""
    return Case(fault, where, error="ModelAnswerInvalidError", says=says, attempts=3, requests=6)


CASES: Mapping[str, Case] = {
    "429 once": passing(faults.rate_limited(retry_after=1)),
    "500 twice": passing(faults.status(500), times=2),
    "502 page once": passing(faults.bad_gateway_html()),
    "503 once at sentiment": passing(faults.status(503), SENTIMENT),
    "529 once": passing(faults.status(529, "Overloaded")),
    "late once": passing(faults.slow(4)),
    "reset once": passing(faults.reset_mid_body()),
    "no JSON once": passing(faults.not_json()),
    "cut once": passing(faults.truncated_json(), repaired=True),
    "broken once": passing(faults.broken_json(), repaired=True),
    "wrong schema once": passing(faults.wrong_schema(), repaired=True),
    "empty once": passing(faults.empty_content(), repaired=True),
    "no choices once": passing(faults.empty_choices(), repaired=True),
    "score 1.7 once": passing(faults.out_of_range(), SENTIMENT, repaired=True),
    "quote once": passing(faults.invented_quote(), SENTIMENT, repaired=True),
    "fenced": Case(faults.fenced(), attempts=1, requests=1),
    "429 always": lasting(faults.rate_limited(0.2), "ModelRateLimitedError", "fewer requests"),
    "500 always": lasting(faults.status(500), "ModelUnavailableError", "HTTP 500"),
    "502 page always": lasting(faults.bad_gateway_html(), "ModelUnavailableError", "HTTP 502"),
    "hangs always": lasting(faults.hang(), "ModelTimeoutError", "did not answer in time"),
    "reset always": lasting(faults.reset_mid_body(), "ModelUnavailableError", "not available"),
    "cut always": unusable(faults.truncated_json(), "cut short"),
    "broken always": unusable(faults.broken_json(), "not JSON"),
    "wrong schema always": unusable(faults.wrong_schema(), "Field required"),
    "empty always": unusable(faults.empty_content(), "empty"),
    "no choices always": unusable(faults.empty_choices(), "empty"),
    "3 MB always": unusable(faults.huge(3), "longer than"),
    "score 1.7 always": unusable(faults.out_of_range(), "between -1.0 and 1.0", SENTIMENT),
    "quota": final(faults.quota_exhausted(), "ModelQuotaExhaustedError", "top the account up"),
    "401": final(faults.unauthorized(), "ModelAccessError", "refused the key"),
    "403": final(faults.status(403, "No access"), "ModelAccessError", "No access"),
    "404": final(faults.status(404, "No such model"), "ModelNotFoundError", "No such model"),
    "400": final(faults.status(400, "Bad temperature"), "ModelRequestError", "Bad temperature"),
    "refusal": final(faults.refusal(), "ModelRefusedError", "declined", SENTIMENT),
    "filter": final(faults.content_filter(), "ModelRefusedError", "content filter"),
    "policy": final(faults.content_policy_error(), "ModelRefusedError", "declined"),
    "never fits": final(faults.context_length(), "ModelContextError", "so long"),
}


class Chooser:
    """Gives each article's requests the fault that its title names."""

    def __init__(self) -> None:
        self._left = {name: case.times for name, case in CASES.items()}

    def __call__(self, asked: Asked) -> Fault | None:
        told = str(asked.body["messages"][1]["content"])
        name = next((name for name in CASES if f"[{name}]" in told), None)
        if name is None or asked.step != CASES[name].where:
            return None
        left = self._left[name]
        if left is None:
            return CASES[name].fault
        self._left[name] = left - 1
        return CASES[name].fault if left > 0 else None


def titled(name: str) -> str:
    return f"Tidewater Terminals Lifts Dividend [{name}]"


async def run_all(house: ModelHouse) -> dict[str, ArticleRecord]:
    house.server.choose = Chooser()
    numbers = {name: number for number, name in enumerate(CASES, start=100)}
    records = await asyncio.gather(
        *(
            house.process(article(number, title=titled(name)), GIVE_UP_AFTER_SECONDS)
            for name, number in numbers.items()
        )
    )
    return dict(zip(numbers, records, strict=True))


def wrong(name: str, case: Case, record: ArticleRecord, requests: int) -> list[str]:
    """Returns what of a case did not come as it has to."""
    done, error = step(record, case.where), record.run.error
    found = {
        "status": (record.run.status, RunStatus.FAILED if case.error else RunStatus.COMPLETED),
        "step": (done.status, StepStatus.FAILED if case.error else StepStatus.COMPLETED),
        "type": (error.type if error else None, case.error),
        "published": (record.run.published, case.error is None),
        "attempts": (done.attempts, case.attempts or done.attempts),
        "requests": (requests, case.requests or max(2, requests)),
    }
    told = [
        f"{name}: {what} {got!r}, not {want!r}"
        for what, (got, want) in found.items()
        if got != want
    ]
    if error and not (case.says in error.message and MODEL in error.message):
        told.append(f"{name}: it says {error.message!r}")
    if error and ("\n" in error.message or "<" in error.message):
        told.append(f"{name}: more than a line of text: {error.message!r}")
    return told


@pytest.mark.timeout(180)
async def test_each_fault_ends_as_it_should(pipeline: Pipeline) -> None:
    async with ModelServer() as server, model_house(pipeline, server) as house:
        records = await run_all(house)
    counts = {
        name: len(asked_about(server, titled(name), CASES[name].where.value)) for name in CASES
    }
    report(records, counts)
    trouble = [wrong(name, CASES[name], record, counts[name]) for name, record in records.items()]
    assert not [line for lines in trouble for line in lines]
    for name, record in records.items():
        if CASES[name].error is None:
            whole(record)


def whole(record: ArticleRecord) -> None:
    """A completed run misses nothing."""
    assert record.analysis is not None
    assert record.analysis.gist
    assert record.companies
    for company in record.companies:
        assert company.sentiment is not None
        assert company.sentiment.evidence.state is EvidenceState.VERIFIED


def report(records: Mapping[str, ArticleRecord], counts: Mapping[str, int]) -> None:
    """Prints the table of faults: shown with `pytest -s`."""
    for name, record in records.items():
        done, error = step(record, CASES[name].where), record.run.error
        print(
            f"| {name} | {CASES[name].where} | {counts[name]} | {done.attempts} |"
            f" {record.run.status} | {f'{error.type}: {error.message}' if error else '-'} |"
        )


async def test_what_a_model_invents_is_dropped_and_counted(pipeline: Pipeline) -> None:
    async with ModelServer() as server, model_house(pipeline, server) as house:
        server.always(ARTICLE, faults.invented_company())
        server.always(SENTIMENT, faults.invented_quote())
        record = await house.process(article(7))
    assert record.run.status is RunStatus.COMPLETED
    assert record.analysis is not None
    assert (record.analysis.dropped_companies, record.analysis.dropped_quotes) == (1, 1)
    [company] = record.companies
    assert company.ticker == "TDWX"
    sentiment = company.sentiment
    assert sentiment is not None
    assert (sentiment.evidence.state, sentiment.evidence.quote) == (EvidenceState.NONE, None)
    assert "Zyxwort" not in record.model_dump_json()
    assert "umbrellas" not in record.model_dump_json()
    assert server.calls == {ARTICLE: 1, SENTIMENT: 2}


async def test_a_text_that_is_too_long_is_shortened_and_said_so(pipeline: Pipeline) -> None:
    body = "<p>Tidewater Terminals (NYSE: TDWX) raised its dividend by a tenth.</p>"
    body += "".join(f"<p>Container volumes in berth {n} climbed again.</p>" for n in range(200))
    async with ModelServer() as server, model_house(pipeline, server) as house:
        server.always(ARTICLE, faults.context_length_over(4_000))
        record = await house.process(article(8, body=body))
    assert record.run.status is RunStatus.COMPLETED
    assert record.analysis is not None
    assert record.analysis.note.startswith("The model read the first ")
    assert "of 202 paragraphs" in record.analysis.note
    assert step(record, ARTICLE).attempts == 1
    assert server.calls[ARTICLE] == 3


async def test_the_failure_names_the_request_for_the_providers_support(pipeline: Pipeline) -> None:
    async with ModelServer() as server, model_house(pipeline, server) as house:
        server.always(ARTICLE, faults.status(400, "Bad temperature"))
        record = await house.process(article(9))
        handle = pipeline.client.get_workflow_handle("benzinga-9-r1")
        events = (await handle.fetch_history()).events
    assert record.run.status is RunStatus.FAILED
    failed = next(e for e in events if e.HasField("activity_task_failed_event_attributes"))
    details = failed.activity_task_failed_event_attributes.failure.application_failure_info.details
    [trouble] = await pipeline.client.data_converter.decode(details.payloads, [ModelTrouble])
    assert (trouble.model, trouble.status) == (MODEL, 400)
    assert str(trouble.request_id).startswith("req_")
