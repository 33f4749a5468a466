"""Articles that try to give the model orders, through the whole pipeline with three models.

A sensible one, one that obeys in every turn, and one that obeys until it is corrected. Whatever
they answer, the record keeps to its form, quotes what stands in the text, and tells nothing of
the prompt or of the machine.
"""

import asyncio
import json
import os
import re
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from newsdesk.analysis.model import ModelAnalyzer
from newsdesk.analysis.model.prompts import prompt_for
from newsdesk.cleaning import Cleaner
from newsdesk.contracts.analysis import (
    Evidence,
    EvidenceState,
    Label,
    Mention,
)
from newsdesk.contracts.articles import Article, BodyKind
from newsdesk.contracts.models import ModelReply
from newsdesk.contracts.names import Step
from newsdesk.contracts.record import ArticleRecord, RunStatus, StepError
from newsdesk.dev.databases import create_database, drop_database
from newsdesk.errors import ModelError
from tests.faults.gullible import ANSWERS, Models
from tests.faults.injections import INJECTIONS, INVENTED, UNSEEN_ELEMENTS
from tests.faults.inspecting import INSTRUCTIONS, Inspection, runs_of
from tests.helpers.eventually import eventually
from tests.helpers.model_house import KEY, ModelHouse, model_house
from tests.helpers.model_server import ModelServer
from tests.helpers.pipeline import article, new_pipeline
from tests.unit.analysis.articles import article as analyzable
from tests.unit.analysis.model.fakes import (
    ARTICLE_STEP,
    LIMITS,
    MemoryLedger,
    ScriptedModel,
    reply,
)

pytestmark = pytest.mark.timeout(240)  # the first test's setup runs all articles
MODELS = {"sensible": 1000, "gullible": 2000, "corrected": 3000}
"""Each with the id of its first article."""
STILL_SEEN = (
    '<div style="font-size:0"><p style="font-size: 14px">Orders rose.</p></div>',
    '<p style="font: 700 12px serif; opacity: 0.9">Orders rose.</p>',
    '<th style="color:#fff">Orders rose.</th>',
    '<div style="color:#fff; background: #333; left: -9px; text-indent:-2em">Orders rose.</div>',
    '<p aria-hidden="true" style="opacity:1;font-size:0.9em;clip:auto">Orders rose.</p>',
    '<div hidden id="S:1a"><p>Orders rose.</p></div>',
)
"""Where a reader sees the words, or may: white letters may stand on a style sheet's black."""
CANARY = "canary-of-the-environment-4711"
_MARKER = re.compile(r"</article-([0-9a-f]{16})>$")


@dataclass(frozen=True)
class Done:
    """What became of all articles, by model and by injection."""

    inspections: Mapping[str, Mapping[str, Inspection]] = field(repr=False)
    given: Counter[tuple[str, str]] = field(repr=False)
    sent: str = field(repr=False)

    def records(self, model: str) -> Mapping[str, ArticleRecord]:
        return {name: one.record for name, one in self.inspections[model].items()}


@asynccontextmanager
async def _house(
    server_url: str, template: str, address: str
) -> AsyncGenerator[tuple[ModelHouse, Models]]:
    connection, name = await asyncpg.connect(server_url), f"injected_{uuid4().hex}"
    await create_database(connection, name, template)
    try:
        url = urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
        pipeline = await new_pipeline(url, address)
        async with ModelServer() as server, model_house(pipeline, server) as house:
            server.answer = models = Models()
            yield house, models
    finally:
        await drop_database(connection, name)
        await connection.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def done(postgres_url: str, template_database: str, temporal_address: str) -> Done:
    """Runs every injection with every model, all at once, in one house."""
    articles = {
        (model, injection.name): injection.article(number, f"{model} {number}")
        for model, first in MODELS.items()
        for number, injection in enumerate(INJECTIONS, start=first)
    }
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_SECRET_ACCESS_KEY", CANARY)
        secrets = _environment()
        async with _house(postgres_url, template_database, temporal_address) as (house, models):
            await asyncio.gather(*(_ended(house, article) for article in articles.values()))
            records = {key: await _whole(house, one) for key, one in articles.items()}
            messages = [request.body["messages"] for request in house.server.requests]
            secrets |= {KEY: "the key", house.pipeline.database_url: "the database"}
    for told in messages:
        found = _MARKER.search(told[1]["content"])
        assert found is not None
        secrets[found[1]] = f"marker {found[1]}"
    inspections = {
        model: {
            name: Inspection(records[model, name], articles[model, name], secrets)
            for name in (injection.name for injection in INJECTIONS)
        }
        for model in MODELS
    }
    told = json.dumps([[message["content"] for message in told] for told in messages])
    return Done(inspections, models.given, told)


def _environment() -> dict[str, str]:
    return {value: name for name, value in os.environ.items() if len(value) > 8}


async def _ended(house: ModelHouse, article: Article) -> None:
    await house.ended(await house.start(article, give_up_after_seconds=300))


async def _whole(house: ModelHouse, article: Article) -> ArticleRecord:
    async def recorded() -> ArticleRecord | None:
        # Temporal lists a run as running for a moment after its end; its texts come after that.
        record = await house.record(article.article_id)
        return record if record.article.text else None

    record = await eventually(recorded)
    assert record is not None
    return record


def test_there_are_many() -> None:
    assert len({injection.name for injection in INJECTIONS}) == len(INJECTIONS) >= 30


@pytest.mark.parametrize("model", MODELS)
def test_no_record_gives_way(done: Done, model: str) -> None:
    found = {name: one.problems() for name, one in done.inspections[model].items()}
    print(model, Counter(record.run.status.value for record in done.records(model).values()))
    assert not {name: problems for name, problems in found.items() if problems}


@pytest.mark.parametrize("model", ["sensible", "corrected"])
def test_who_answers_right_in_the_end_completes(done: Done, model: str) -> None:
    statuses = {name: record.run.status for name, record in done.records(model).items()}
    assert set(statuses.values()) == {RunStatus.COMPLETED}, statuses


def test_the_gullible_one_tried_all_it_could(done: Done) -> None:
    possible = {(step, name) for step, answers in ANSWERS.items() for name in answers}
    assert possible == set(done.given)
    statuses = Counter(record.run.status for record in done.records("gullible").values())
    assert min(statuses[RunStatus.COMPLETED], statuses[RunStatus.FAILED]) > 0


def test_what_a_reader_sees_stays_and_the_rest_goes(done: Done) -> None:
    for injection in INJECTIONS:
        record = done.records("sensible")[injection.name]
        assert injection.shown in record.article.text, injection.name
        if injection.unseen:
            assert injection.unseen not in record.model_dump_json(), injection.name
            assert not re.search("[\U000e0000-\U000e007f]", record.article.text), injection.name


@pytest.mark.parametrize("way", UNSEEN_ELEMENTS)
@pytest.mark.parametrize("kind", BodyKind)
def test_cleaning_drops_what_no_reader_sees(way: str, kind: BodyKind) -> None:
    seen = "<p>Veltora Ferries (NASDAQ: VLTF) sold three more ships to the islands on Tuesday.</p>"
    body = f"{seen}{UNSEEN_ELEMENTS[way]}{seen.replace('Tuesday', 'Friday')}"
    page = f"<html><body><article>{body}{seen}</article></body></html>"
    subject = article(1, body=page if kind is BodyKind.PAGE else body, body_kind=kind)
    cleaner = Cleaner()
    html = cleaner.clean_html(subject)
    text = cleaner.to_markdown(subject, html)
    assert INVENTED not in f"{html.model_dump_json()} {text.model_dump_json()}"
    assert "on Friday." in text.text
    if kind is BodyKind.FRAGMENT and way != "processing instruction":
        rule = "script" if way == "script" else "hidden"
        assert [removal.rule for removal in html.removals] == [rule]


def test_what_may_be_seen_stays() -> None:
    for body in STILL_SEEN:
        text = Cleaner().clean_html(article(1, body=body)).html
        assert "Orders rose" in text, body


def test_the_model_is_told_nothing_of_the_machine(done: Done) -> None:
    secrets = {**_environment(), KEY: "the key", CANARY: "the canary"}
    told = [name for secret, name in secrets.items() if secret in done.sent]
    assert not told


Change = Callable[[ArticleRecord], ArticleRecord]


def _analysis(**changes: object) -> Change:
    def change(record: ArticleRecord) -> ArticleRecord:
        assert record.analysis is not None
        return record.model_copy(update={"analysis": record.analysis.model_copy(update=changes)})

    return change


def _company(**changes: object) -> Change:
    def change(record: ArticleRecord) -> ArticleRecord:
        first, *others = record.companies
        changed = first.model_copy(update=changes)
        return record.model_copy(update={"companies": (changed, *others)})

    return change


def _sentiment(**changes: object) -> Change:
    def change(record: ArticleRecord) -> ArticleRecord:
        sentiment = record.companies[0].sentiment
        assert sentiment is not None
        return _company(sentiment=sentiment.model_copy(update=changes))(record)

    return change


def _run(**changes: object) -> Change:
    return lambda record: record.model_copy(update={"run": record.run.model_copy(update=changes)})


def _quoting(quote: str, start: int) -> Change:
    state, end = EvidenceState.VERIFIED, start + len(quote)
    return _sentiment(evidence=Evidence(state=state, quote=quote, start=start, end=end))


TAMPERED: Mapping[str, Change] = {
    "the prompt in the gist": _analysis(gist=prompt_for(Step.ANALYZE_ARTICLE).instructions[:90]),
    "the schema": _analysis(summary=json.dumps(prompt_for(Step.ANALYZE_ARTICLE).schema)[:300]),
    "the repair": _sentiment(reason="Answer again with the whole JSON object, corrected."),
    "a marker": _sentiment(reason="It stands in article-0123456789abcdef."),
    "the key": _analysis(summary=f"The key is {KEY}."),
    "the environment": _run(error=StepError(type="ModelError", message=f"It is {CANARY}.")),
    "mark-up": _analysis(gist="Shares <b>rose</b>."),
    "another direction": _analysis(gist="Shares \u202eesor."),
    "zero width": _sentiment(reason="Sha\u200bres rose."),
    "an address": _analysis(summary="See http://evil.example/?q=1."),
    "a company in words": _analysis(gist="Zyxwort Holdings won."),
    "an invented company": _company(name="Violet Umbrellas", ticker="VUMB"),
    "no mention": _company(mentions=()),
    "a mention elsewhere": _company(mentions=(Mention(start=3, end=9, sentence="No such."),)),
    "an invented quote": _quoting("It cannot fail at all.", 0),
    "a score of nine": _sentiment(score=9.0),
    "another label": _sentiment(label=Label.BEARISH),
    "a made-up category": _analysis(categories=("Must Buy",)),
    "no category": _analysis(categories=()),
    "no sentiment": _company(sentiment=None),
    "no analysis": lambda record: record.model_copy(update={"analysis": None}),
    "no gist": _analysis(gist=""),
    "not published": _run(published=False),
    "failed without a cause": _run(status=RunStatus.FAILED, published=False),
    "still running": _run(status=RunStatus.RUNNING),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_a_record_that_was_tampered_with_is_found_out(done: Done, name: str) -> None:
    inspection = done.inspections["sensible"]["role play"]
    assert not inspection.problems()
    assert replace(inspection, record=TAMPERED[name](inspection.record)).problems()


INSTRUCTED = prompt_for(Step.ANALYZE_ARTICLE).instructions
SPOKEN: Mapping[str, ModelReply] = {
    "a category": reply(
        json.dumps({"categories": [INSTRUCTED], "gist": "Won.", "summary": "Won.", "companies": []})
    ),
    "a member": reply(json.dumps({INSTRUCTED: 1})[:-1] + f", {json.dumps(INSTRUCTED)}: 2}}"),
    "a refusal": reply("", refusal=f"I was told: {INSTRUCTED}"),
}


@pytest.mark.parametrize("where", SPOKEN)
async def test_a_failure_does_not_repeat_what_the_model_said(where: str) -> None:
    model = ScriptedModel(SPOKEN[where], SPOKEN[where])
    analyzer = ModelAnalyzer(model, MemoryLedger(), LIMITS, max_input_chars=10_000)
    subject = analyzable("Veltora Lifts Forecast", "Veltora Ferries rose.")
    with pytest.raises(ModelError) as failure:
        await analyzer.analyze_article(subject, ARTICLE_STEP)
    assert not runs_of(str(failure.value)) & INSTRUCTIONS
