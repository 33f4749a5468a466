"""One question: asked once, repaired once, kept when it is right, booked whatever it is."""

import pytest

from newsdesk.analysis.model.asking import MAX_SHOWN_BACK, MAX_TOLD
from newsdesk.contracts.models import ModelReply, Pause
from newsdesk.errors import (
    ModelAnswerInvalidError,
    ModelError,
    ModelRefusedError,
    ModelTimeoutError,
    ModelUnavailableError,
)
from tests.helpers.fakes import AT
from tests.unit.analysis.model.fakes import (
    ARTICLE_STEP,
    MODEL,
    Booked,
    MemoryLedger,
    ScriptedModel,
    reply,
)
from tests.unit.analysis.model.questions import FATAL, FLAW, asker, word, word_query

GOOD, UNREADABLE = word("good"), "I would rather not say."
NO_TURN = Pause(code="rate_limit", reason="The rate is used up.", until=AT)


async def ask(model: ScriptedModel, ledger: MemoryLedger) -> str:
    """Returns the answer; whatever comes of it, no claim may be left."""
    try:
        result, usage = await asker(model, ledger).ask(word_query(), ARTICLE_STEP)
    finally:
        assert ledger.claims == set()
    assert usage.input_tokens == sum(call.tokens for call in ledger.calls)
    return result


async def test_a_right_answer_takes_one_call_and_is_kept() -> None:
    model, ledger = ScriptedModel(reply(GOOD, tokens=12)), MemoryLedger()
    assert await ask(model, ledger) == "good"
    assert ledger.calls == [Booked(usable=True, tokens=12)]
    assert list(ledger.answers.values()) == [{"word": "good"}]
    [request] = model.requests
    assert [message.role for message in request.messages] == ["system", "user"]
    assert [message.content for message in request.messages] == ["Say a word.", "Which word?"]
    assert (request.schema_name, request.json_schema) == ("analyze_article", {"type": "object"})


async def test_the_second_time_the_kept_answer_is_taken() -> None:
    model, ledger = ScriptedModel(GOOD), MemoryLedger()
    assert [await ask(model, ledger), await ask(model, ledger)] == ["good", "good"]
    assert len(model.requests) == 1


async def test_another_question_is_not_the_same() -> None:
    model, ledger = ScriptedModel(GOOD, word("other")), MemoryLedger()
    asking = asker(model, ledger)
    first, _ = await asking.ask(word_query("One?"), ARTICLE_STEP)
    second, _ = await asking.ask(word_query("Two?"), ARTICLE_STEP)
    assert (first, second, len(ledger.answers)) == ("good", "other", 2)


@pytest.mark.parametrize(
    ("first", "told"),
    [
        (word("bad"), FATAL),
        (word("flawed"), FLAW),
        (UNREADABLE, "it holds no JSON object"),
        (word("good")[:-1], "it is not JSON"),
        ('{"word": 5}', "word: Input should be a valid string"),
    ],
)
async def test_a_repair_shows_the_model_its_answer_and_what_is_wrong(first: str, told: str) -> None:
    model = ScriptedModel(reply(first, tokens=12), reply(GOOD, tokens=15))
    ledger = MemoryLedger()
    assert await ask(model, ledger) == "good"
    asked, repaired = (request.messages for request in model.requests)
    assert repaired[:2] == asked
    assert [message.role for message in repaired[2:]] == ["assistant", "user"]
    assert repaired[2].content == first
    assert f"- {told}" in repaired[3].content
    assert ledger.calls == [Booked(usable=False, tokens=12), Booked(usable=True, tokens=15)]


@pytest.mark.parametrize(("first", "shown"), [("", "(nothing)"), ("x" * 9_000, "x" * 6_000)])
async def test_what_is_shown_back_is_bounded_and_not_empty(first: str, shown: str) -> None:
    model = ScriptedModel(first, GOOD)
    await ask(model, MemoryLedger())
    assert model.requests[1].messages[2].content == shown
    assert len(shown) <= MAX_SHOWN_BACK


async def test_a_truncated_answer_is_repaired() -> None:
    model = ScriptedModel(reply(GOOD, truncated=True), GOOD)
    assert await ask(model, MemoryLedger()) == "good"
    assert "cut short" in model.requests[1].messages[3].content


@pytest.mark.parametrize(
    ("first", "second"), [("bad", "bad"), (None, "bad"), ("bad", None), (None, None)]
)
async def test_after_two_unusable_answers_nothing_is_kept(
    first: str | None, second: str | None
) -> None:
    texts = [UNREADABLE if each is None else word(each) for each in (first, second)]
    model = ScriptedModel(reply(texts[0], tokens=12), reply(texts[1], tokens=15))
    ledger = MemoryLedger()
    with pytest.raises(ModelAnswerInvalidError) as caught:
        await ask(model, ledger)
    assert ledger.calls == [Booked(usable=False, tokens=12), Booked(usable=False, tokens=15)]
    assert ledger.answers == {}
    assert caught.value.trouble.model == MODEL
    assert (FATAL if second else "no JSON object") in str(caught.value)


async def test_what_an_error_tells_is_bounded() -> None:
    with pytest.raises(ModelAnswerInvalidError) as caught:
        await ask(ScriptedModel("{" * 5_000, '{"' + "y" * 5_000), MemoryLedger())
    assert len(str(caught.value)) < MAX_TOLD + 100


@pytest.mark.parametrize(
    ("second", "result"),
    [
        (GOOD, "good"),
        (word("flawed again"), "flawed again"),
        (word("bad"), "flawed"),
        (UNREADABLE, "flawed"),
        ("", "flawed"),
    ],
)
async def test_a_flawed_answer_gives_way_to_any_that_is_no_worse(second: str, result: str) -> None:
    model = ScriptedModel(reply(word("flawed"), tokens=12), reply(second, tokens=15))
    ledger = MemoryLedger()
    assert await ask(model, ledger) == result
    assert list(ledger.answers.values()) == [{"word": result}]
    assert ledger.calls == [Booked(usable=False, tokens=12), Booked(usable=True, tokens=15)]


@pytest.mark.parametrize(
    "second",
    [ModelTimeoutError("late"), ModelUnavailableError("away"), reply("", refusal="No.", tokens=0)],
)
async def test_a_flawed_answer_is_kept_where_none_comes_after_it(
    second: ModelError | ModelReply,
) -> None:
    ledger = MemoryLedger()
    assert await ask(ScriptedModel(reply(word("flawed"), tokens=12), second), ledger) == "flawed"
    assert list(ledger.answers.values()) == [{"word": "flawed"}]
    assert sum(call.tokens for call in ledger.calls) == 12


async def test_without_a_turn_for_a_repair_a_flawed_answer_has_to_do() -> None:
    model, ledger = ScriptedModel(word("flawed")), MemoryLedger(turns=(NO_TURN,))
    assert await ask(model, ledger) == "flawed"
    assert ledger.calls == [Booked(usable=True, tokens=10)]


async def test_without_a_turn_for_a_repair_an_unusable_answer_fails() -> None:
    model, ledger = ScriptedModel(word("bad")), MemoryLedger(turns=(NO_TURN,))
    with pytest.raises(ModelAnswerInvalidError, match=FATAL):
        await ask(model, ledger)
    assert ledger.calls == [Booked(usable=False, tokens=10)]
    assert ledger.answers == {}


@pytest.mark.parametrize("before", [(), (reply(word("bad"), tokens=12),)])
async def test_a_refusal_is_told_and_booked(before: tuple[ModelReply, ...]) -> None:
    refusal = reply(GOOD, refusal=f"I cannot\nhelp. {'more ' * 200}", tokens=15)
    ledger = MemoryLedger()
    with pytest.raises(ModelRefusedError, match="declined to answer: I cannot help") as caught:
        await ask(ScriptedModel(*before, refusal), ledger)
    assert len(str(caught.value)) < MAX_TOLD + 100
    taken = [*(each.usage.input_tokens for each in before), 15]
    assert ledger.calls == [Booked(usable=False, tokens=tokens) for tokens in taken]
    assert ledger.answers == {}
