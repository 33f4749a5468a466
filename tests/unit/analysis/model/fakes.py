"""A language model that says what it is told to, and the ledger of one process."""

import asyncio
import json
from collections import deque
from dataclasses import dataclass, field

from pydantic import JsonValue

from newsdesk.contracts.analysis import Usage
from newsdesk.contracts.models import (
    Admission,
    Assignment,
    Busy,
    KeptAnswer,
    ModelLimits,
    ModelQuestion,
    ModelReply,
    ModelRequest,
    Pause,
    Turn,
)
from newsdesk.contracts.names import Step
from newsdesk.errors import ModelError

MODEL = "test/model"
LIMITS = ModelLimits()
ARTICLE_STEP = Assignment(run_number=7, article_id=1, step=Step.ANALYZE_ARTICLE)
SENTIMENT_STEP = Assignment(run_number=7, article_id=1, step=Step.ANALYZE_SENTIMENT)


def reply(
    text: str, *, tokens: int = 10, truncated: bool = False, refusal: str | None = None
) -> ModelReply:
    """Returns a reply that took `tokens` in, one out, and a hundredth of a cent a token."""
    usage = Usage(model=MODEL, input_tokens=tokens, output_tokens=1, cost_usd=tokens * 0.0001)
    return ModelReply(text=text, usage=usage, truncated=truncated, refusal=refusal)


class ScriptedModel:
    """Gives its replies in order; an error is raised. Asked once more than that, the test fails."""

    def __init__(self, *replies: str | ModelReply | ModelError | dict[str, JsonValue]) -> None:
        self.requests: list[ModelRequest] = []
        self._replies = deque(replies)

    @property
    def name(self) -> str:
        return MODEL

    async def complete(self, request: ModelRequest) -> ModelReply:
        self.requests.append(request)
        assert self._replies, "the model was asked once too often"
        said = self._replies.popleft()
        if isinstance(said, ModelError):
            raise said
        if isinstance(said, dict):
            said = json.dumps(said, ensure_ascii=False)
        return reply(said) if isinstance(said, str) else said


class SilentModel:
    """Never answers; `asked` is set when it was asked."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    @property
    def name(self) -> str:
        return MODEL

    async def complete(self, request: ModelRequest) -> ModelReply:
        self.asked.set()
        await asyncio.Event().wait()
        raise AssertionError(request)


@dataclass(frozen=True)
class Booked:
    """A call in the books."""

    usable: bool
    tokens: int
    cost_usd: float = field(default=0.0, compare=False)


class MemoryLedger:
    """Keeps answers, claims and calls as the real one does; what is in `first` is answered first.

    A call that is booked without a claim fails the test.
    """

    def __init__(self, *first: Admission, turns: tuple[Turn | Pause, ...] = ()) -> None:
        self.answers: dict[str, JsonValue] = {}
        self.claims: set[str] = set()
        self.calls: list[Booked] = []
        self.admissions = 0
        self._first = deque(first)
        self._turns = deque(turns)

    async def admit(
        self, question: ModelQuestion, assignment: Assignment, limits: ModelLimits
    ) -> Admission:
        self.admissions += 1
        admission = self._first.popleft() if self._first else self._decide(question)
        if isinstance(admission, Turn):
            self.claims.add(question.key)
        return admission

    def _decide(self, question: ModelQuestion) -> Admission:
        if question.key in self.answers:
            return KeptAnswer(answer=self.answers[question.key], usage=self._paid(question))
        return Busy() if question.key in self.claims else Turn()

    async def take_turn(self, question: ModelQuestion, limits: ModelLimits) -> Turn | Pause:
        assert question.key in self.claims
        return self._turns.popleft() if self._turns else Turn()

    async def note_unusable(
        self, question: ModelQuestion, assignment: Assignment, usage: Usage
    ) -> None:
        self._book(question, usage, usable=False)

    async def keep(
        self, question: ModelQuestion, assignment: Assignment, usage: Usage, answer: JsonValue
    ) -> Usage:
        self._book(question, usage, usable=True)
        self.answers[question.key] = answer
        self.claims.remove(question.key)
        return self._paid(question)

    async def release(self, question: ModelQuestion, assignment: Assignment) -> None:
        self.claims.discard(question.key)

    def _book(self, question: ModelQuestion, usage: Usage, *, usable: bool) -> None:
        assert question.key in self.claims, "a call is booked by whoever holds the claim"
        self.calls.append(Booked(usable, usage.input_tokens, usage.cost_usd or 0.0))

    def _paid(self, question: ModelQuestion) -> Usage:
        tokens = sum(call.tokens for call in self.calls)
        cost = sum(call.cost_usd for call in self.calls)
        return Usage(
            model=question.model, input_tokens=tokens, cost_usd=cost, reused=not self.calls
        )
