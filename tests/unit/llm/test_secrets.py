"""A key shows nowhere: not in what is raised, logged, printed or represented."""

import logging
import os
import traceback
from collections.abc import Iterator

import pytest

from newsdesk.errors import ModelAccessError, ModelError
from newsdesk.llm import open_models
from newsdesk.llm.litellm_model import Calling, LitellmModel
from newsdesk.settings import Settings
from tests.helpers.model_server import ModelServer, faults
from tests.helpers.model_server.answers import Asked, Reply, error_reply
from tests.helpers.model_server.faults import Fault
from tests.unit.llm.asking import KEY, NAME, NOW, QUIET, STEP, failure_of, model_at, question

pytestmark = QUIET

SHAPELESS = "Quagmire.Heron~Velvet~Anvil"
"""A key that nothing gives away as one: only who knows it can blank it out."""


def echo(status: int, form: str) -> Fault:
    """A server that repeats the key it was sent, in one form or another."""

    def reply(asked: Asked) -> Reply:
        sent = asked.headers["authorization"].removeprefix("Bearer ")
        return error_reply(status, form.format(sent), code=sent, kind=sent)

    return Fault("echo", reply)


def page_with_key(asked: Asked) -> Reply:
    html = f"<p>Who is {asked.headers['authorization']}?</p>".encode()
    return Reply(200, html, "text/html", {"x-request-id": asked.headers["authorization"]})


FAULTS = {
    "unauthorized": faults.unauthorized(echo_key=True),
    "forbidden": echo(403, "{0} may not, {0}"),
    "bad request": echo(400, '{{"headers": {{"authorization": "Bearer {}"}}}}'),
    "rate limit": echo(429, "Rate limit of {} reached"),
    "context": echo(400, "This model's maximum context length is 5, {}"),
    "broken": echo(500, "https://example.test/?key={}&alt=json"),
    "page": Fault("page", page_with_key),
    "reset": faults.reset_mid_body(),
    "gateway": faults.bad_gateway_html(),
    "hang": faults.hang(),
}


def in_reach(error: BaseException | None, seen: set[int]) -> Iterator[BaseException]:
    """Yields an exception and every other that can be reached from it."""
    if error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        yield from in_reach(error.__cause__, seen)
        yield from in_reach(error.__context__, seen)


def all_told_by(error: ModelError) -> str:
    told = ["".join(traceback.format_exception(error))]
    for each in in_reach(error, set()):
        told += [str(each), repr(each), repr(each.args), repr(vars(each))]
    return "\n".join(told)


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize("key", [KEY, SHAPELESS])
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
async def test_nothing_that_is_raised_holds_the_key(
    fault: Fault, key: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    async with ModelServer() as server:
        server.always(STEP, fault)
        seconds = 0.3 if fault.name == "hang" else 20
        calling = Calling("schema", 0.0, seconds, 500, server.url, key)
        error = await failure_of(LitellmModel(NAME, calling, lambda: NOW, (key,)))
        assert server.requests[0].headers["authorization"] == f"Bearer {key}"
    assert key not in all_told_by(error)
    assert list(in_reach(error, set())) == [error], "the original is still in reach"
    logged = [f"{record.getMessage()} {vars(record)}" for record in caplog.records]
    assert key not in "\n".join([*logged, *capfd.readouterr()])


@pytest.mark.usefixtures("warm")
async def test_calls_are_silent_even_at_debug(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    async with ModelServer() as server:
        server.order(STEP, faults.NORMAL, faults.status(500))
        model = model_at(server.url)
        await model.complete(question("Tidewater is told of in confidence."))
        await failure_of(model)
    assert [record for record in caplog.records if record.name != "asyncio"] == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "NEWSDESK_MODEL_API_KEY"])
async def test_keys_of_the_environment(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, SHAPELESS)
    async with ModelServer() as server:
        server.always(STEP, faults.unauthorized(echo_key=True))
        monkeypatch.setenv("NEWSDESK_MODEL", NAME)
        monkeypatch.setenv("NEWSDESK_MODEL_API_BASE", server.url)
        settings = Settings.load(dict(os.environ), None)
        models = open_models(settings.models, lambda: NOW, settings.secrets)
        error = await failure_of(models[NAME])
        assert server.requests[0].headers["authorization"] == f"Bearer {SHAPELESS}"
    assert type(error) is ModelAccessError
    assert str(error).endswith("Incorrect API key provided: ***.")
    shown = f"{settings!r} {settings.models!r} {models!r} {models[NAME]._calling!r}"  # pyright: ignore[reportPrivateUsage]
    assert SHAPELESS not in f"{shown} {all_told_by(error)}"


async def test_an_article_is_not_told_either() -> None:
    text = "Tidewater is told of in confidence."
    async with ModelServer() as server:
        server.always(STEP, Fault("odd", lambda _: Reply(200, b'{"choices": [{"index": 0}]}')))
        with pytest.raises(ModelError) as caught:
            await model_at(server.url).complete(question(text))
    assert "confidence" not in all_told_by(caught.value)
