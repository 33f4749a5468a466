"""Who asks, and when: claims, waiting for another, pauses, and answers that were kept before."""

import asyncio
import threading

import pytest
from pydantic import JsonValue

from newsdesk.analysis.model import asking
from newsdesk.analysis.model.asking import Checked, Query
from newsdesk.contracts.analysis import Usage
from newsdesk.contracts.models import (
    Assignment,
    Busy,
    KeptAnswer,
    ModelQuestion,
    Pause,
    Turn,
)
from newsdesk.errors import (
    ModelAnswerInvalidError,
    ModelTimeoutError,
    ModelUnavailableError,
    StepPaused,
    StoreUnavailableError,
)
from tests.helpers.fakes import AT
from tests.unit.analysis.model.fakes import (
    ARTICLE_STEP,
    MODEL,
    Booked,
    MemoryLedger,
    ScriptedModel,
    SilentModel,
)
from tests.unit.analysis.model.questions import Word, asker, check, word, word_query

GOOD = word("good")
PAUSE = Pause(code="daily_budget", reason="The daily budget is spent.", until=AT)


def kept(answer: JsonValue) -> KeptAnswer:
    return KeptAnswer(answer=answer, usage=Usage(model=MODEL, input_tokens=3, reused=True))


class Closing(MemoryLedger):
    """A ledger that fails at one of its calls; `released` counts the claims that were given up."""

    def __init__(self, *failing: str) -> None:
        super().__init__()
        self.failing = failing
        self.released = 0

    def _fail(self, call: str) -> None:
        if call in self.failing:
            raise StoreUnavailableError(f"{call}: the database is away")

    async def take_turn(self, question: ModelQuestion, limits: object) -> Turn | Pause:
        self._fail("take_turn")
        return Turn()

    async def note_unusable(
        self, question: ModelQuestion, assignment: Assignment, usage: Usage
    ) -> None:
        self._fail("note_unusable")
        await super().note_unusable(question, assignment, usage)

    async def keep(
        self, question: ModelQuestion, assignment: Assignment, usage: Usage, answer: JsonValue
    ) -> Usage:
        self._fail("keep")
        return await super().keep(question, assignment, usage, answer)

    async def release(self, question: ModelQuestion, assignment: Assignment) -> None:
        self.released += 1
        self._fail("release")
        await super().release(question, assignment)


@pytest.mark.parametrize("error", [ModelTimeoutError("late"), ModelUnavailableError("away")])
async def test_an_error_releases_the_claim_and_books_nothing(
    error: ModelTimeoutError | ModelUnavailableError,
) -> None:
    ledger = MemoryLedger()
    with pytest.raises(type(error)) as caught:
        await asker(ScriptedModel(error), ledger).ask(word_query(), ARTICLE_STEP)
    assert caught.value is error
    assert (ledger.claims, ledger.calls, ledger.answers) == (set(), [], {})


@pytest.mark.parametrize(
    ("failing", "answers"),
    [("keep", (GOOD,)), ("take_turn", (word("bad"),)), ("note_unusable", (word("bad"),))],
)
async def test_a_failing_ledger_is_told_and_the_claim_released(
    failing: str, answers: tuple[str, ...]
) -> None:
    ledger = Closing(failing)
    with pytest.raises(StoreUnavailableError, match=failing):
        await asker(ScriptedModel(*answers), ledger).ask(word_query(), ARTICLE_STEP)
    assert (ledger.claims, ledger.released) == (set(), 1)


async def test_where_even_the_release_fails_the_first_error_is_told() -> None:
    ledger = Closing("release")
    with pytest.raises(ModelTimeoutError, match="late"):
        await asker(ScriptedModel(ModelTimeoutError("late")), ledger).ask(
            word_query(), ARTICLE_STEP
        )
    assert ledger.released == 1


async def test_a_canceled_question_is_released() -> None:
    model, ledger = SilentModel(), MemoryLedger()
    task = asyncio.create_task(asker(model, ledger).ask(word_query(), ARTICLE_STEP))
    await model.asked.wait()
    assert len(ledger.claims) == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ledger.claims == set()


async def test_a_question_that_another_asks_is_looked_at_until_it_is_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asking, "LOOK_AGAIN_SECONDS", 0.0)
    ledger = MemoryLedger(Busy(), Busy(), kept({"word": "theirs"}))
    result, usage = await asker(ScriptedModel(), ledger).ask(word_query(), ARTICLE_STEP)
    assert (result, usage.input_tokens, usage.reused) == ("theirs", 3, True)
    assert (ledger.admissions, ledger.calls) == (3, [])


async def test_two_who_ask_the_same_pay_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "LOOK_AGAIN_SECONDS", 0.0)
    model, ledger = ScriptedModel(GOOD), MemoryLedger()
    both = [asker(model, ledger).ask(word_query(), ARTICLE_STEP) for _ in range(2)]
    results = [result for result, _ in await asyncio.gather(*both)]
    assert (results, len(model.requests)) == (["good", "good"], 1)
    assert ledger.calls == [Booked(usable=True, tokens=10)]


async def test_a_question_whose_asker_gave_up_is_asked_by_the_one_who_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asking, "LOOK_AGAIN_SECONDS", 0.0)
    ledger = MemoryLedger(Busy())
    result, _ = await asker(ScriptedModel(GOOD), ledger).ask(word_query(), ARTICLE_STEP)
    assert (result, ledger.claims) == ("good", set())


async def test_a_pause_pauses_the_step_before_anything_is_asked() -> None:
    ledger = MemoryLedger(PAUSE)
    with pytest.raises(StepPaused) as caught:
        await asker(ScriptedModel(), ledger).ask(word_query(), ARTICLE_STEP)
    assert caught.value.pause == PAUSE
    assert ledger.calls == []


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"word": "bad since today"}, "the word is bad"),
        ({"word": 5}, "word: Input should be a valid string"),
        ({}, "word: Field required"),
        (["good"], "the object: Input should be a valid dictionary"),
        (None, "the object: "),
    ],
)
async def test_a_kept_answer_is_checked_again(answer: JsonValue, told: str) -> None:
    ledger = MemoryLedger(kept(answer))
    with pytest.raises(ModelAnswerInvalidError, match=told):
        await asker(ScriptedModel(), ledger).ask(word_query(), ARTICLE_STEP)
    assert (ledger.calls, ledger.claims) == ([], set())


async def test_a_kept_answer_with_flaws_will_do() -> None:
    ledger = MemoryLedger(kept({"word": "flawed"}))
    result, _ = await asker(ScriptedModel(), ledger).ask(word_query(), ARTICLE_STEP)
    assert result == "flawed"


async def test_checking_does_not_hold_up_the_event_loop() -> None:
    threads: list[int] = []

    def slow_check(answer: Word) -> Checked[str]:
        threads.append(threading.get_ident())
        return check(answer)

    plain = word_query()
    query = Query(plain.prompt, plain.data, Word, slow_check)
    model, ledger = ScriptedModel(word("flawed"), GOOD), MemoryLedger()
    for _ in range(2):  # asked, then kept
        assert (await asker(model, ledger).ask(query, ARTICLE_STEP))[0] == "good"
    assert len(threads) == 3
    assert threading.get_ident() not in threads
