"""Asking a model: once per question, one at a time, within rate and budget, with one repair turn.

What was answered and passed its checks is kept before it is used; what did not is booked and never
used again.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from newsdesk.analysis.model.checks import Source, tidy
from newsdesk.analysis.model.parsing import UnreadableAnswer, parse_answer, problems_of
from newsdesk.analysis.model.prompts import Prompt, repair_message
from newsdesk.contracts.analysis import Usage
from newsdesk.contracts.base import content_hash
from newsdesk.contracts.models import (
    Assignment,
    Busy,
    KeptAnswer,
    ModelLimits,
    ModelMessage,
    ModelQuestion,
    ModelReply,
    ModelRequest,
    ModelTrouble,
    Pause,
    Turn,
)
from newsdesk.errors import (
    ModelAnswerInvalidError,
    ModelError,
    ModelRefusedError,
    NewsdeskError,
    StepPaused,
)
from newsdesk.ports import LanguageModel, ModelLedger

LOOK_AGAIN_SECONDS = 0.25
"""How often a question is looked at that somebody else is asking."""
MAX_SHOWN_BACK = 6_000
"""Code points of an unusable answer that the model is shown again."""
MAX_TOLD = 300

AnswerT = TypeVar("AnswerT", bound=BaseModel)
ResultT = TypeVar("ResultT")


@dataclass(frozen=True)
class Checked(Generic[ResultT]):
    """What an answer comes to, and what is wrong with it.

    `fatal`: it cannot be used. `flaws`: it can, less what was dropped, but asking again is better.
    """

    result: ResultT | None
    fatal: tuple[str, ...] = ()
    flaws: tuple[str, ...] = ()


@dataclass(frozen=True)
class Query(Generic[AnswerT, ResultT]):
    """A prompt with the data of one article, and how its answer is read and checked.

    Both run beside the event loop: of a long text they take seconds.
    """

    prompt: Prompt
    data: str
    kind: type[AnswerT]
    check: Callable[[AnswerT], Checked[ResultT]]

    def messages(self) -> tuple[ModelMessage, ...]:
        """Returns the conversation's beginning: what never changes, then the article."""
        return (
            ModelMessage(role="system", content=self.prompt.instructions),
            ModelMessage(role="user", content=self.data),
        )

    def read(self, reply: ModelReply) -> tuple[AnswerT | None, Checked[ResultT]]:
        """Returns a reply's answer, None where it does not follow its schema, and its check."""
        try:
            answer = parse_answer(reply.text, self.kind, truncated=reply.truncated)
        except UnreadableAnswer as error:
            return None, Checked(None, fatal=error.problems)
        return answer, self.check(answer)


class Asker:
    """Puts queries to one model."""

    def __init__(self, model: LanguageModel, ledger: ModelLedger, limits: ModelLimits) -> None:
        """Takes the model, the ledger that all workers share, and what holds questions back."""
        self._model = model
        self._ledger = ledger
        self._limits = limits

    async def ask(
        self, query: Query[AnswerT, ResultT], assignment: Assignment
    ) -> tuple[ResultT, Usage]:
        """Returns the checked answer, kept or new, and what the run paid for it.

        Raises:
            StepPaused: rate or budget do not allow the question now.
            ModelError: the model failed it.
        """
        question = self._question(query)
        while True:
            admission = await self._ledger.admit(question, assignment, self._limits)
            match admission:
                case KeptAnswer():
                    return await self._kept(query, admission), admission.usage
                case Pause():
                    raise StepPaused(admission)
                case Busy():
                    await asyncio.sleep(LOOK_AGAIN_SECONDS)
                case Turn():
                    return await self._take(query, question, assignment, admission)

    def _question(self, query: Query[AnswerT, ResultT]) -> ModelQuestion:
        request = ModelRequest(messages=query.messages(), schema_name="", json_schema={})
        return ModelQuestion(
            model=self._model.name,
            prompt_version=query.prompt.version,
            schema_version=query.prompt.schema_version,
            input_hash=content_hash(request),
        )

    async def _kept(self, query: Query[AnswerT, ResultT], kept: KeptAnswer) -> ResultT:
        try:
            answer = query.kind.model_validate(kept.answer)
        except ValidationError as error:
            raise self._invalid(problems_of(error)) from None
        checked = await asyncio.to_thread(query.check, answer)
        if checked.result is None:
            raise self._invalid(checked.fatal)
        return checked.result

    async def _take(
        self,
        query: Query[AnswerT, ResultT],
        question: ModelQuestion,
        assignment: Assignment,
        turn: Turn,
    ) -> tuple[ResultT, Usage]:
        """Asks a question that is claimed; whatever happens, the claim ends."""
        try:
            await asyncio.sleep(turn.wait_seconds)
            return await self._converse(query, question, assignment)
        except BaseException:
            # Shielded: a run that is canceled must not leave its claim to others to wait for.
            # Where even that fails, the lease ends the claim; the first error is the one to tell.
            with contextlib.suppress(NewsdeskError):
                await asyncio.shield(self._ledger.release(question, assignment))
            raise

    async def _converse(
        self, query: Query[AnswerT, ResultT], question: ModelQuestion, assignment: Assignment
    ) -> tuple[ResultT, Usage]:
        reply = await self._complete(query, query.messages(), question, assignment)
        answer, checked = await asyncio.to_thread(query.read, reply)
        if checked.fatal or checked.flaws:
            turn = await self._ledger.take_turn(question, self._limits)
            if isinstance(turn, Turn):
                await self._ledger.note_unusable(question, assignment, reply.usage)
                await asyncio.sleep(turn.wait_seconds)
                try:
                    reply = await self._repair(query, question, assignment, reply, checked)
                except ModelError:
                    if checked.result is None:
                        raise
                    # The first answer will do; it is paid for, and in the books.
                    reply = ModelReply(text="", usage=Usage(model=self._model.name))
                second, rechecked = await asyncio.to_thread(query.read, reply)
                if rechecked.result is not None or checked.result is None:
                    answer, checked = second, rechecked
        if answer is None or checked.result is None:
            await self._ledger.note_unusable(question, assignment, reply.usage)
            raise self._invalid(checked.fatal)
        usage = await self._ledger.keep(question, assignment, reply.usage, _json(answer))
        return checked.result, usage

    async def _repair(
        self,
        query: Query[AnswerT, ResultT],
        question: ModelQuestion,
        assignment: Assignment,
        reply: ModelReply,
        checked: Checked[ResultT],
    ) -> ModelReply:
        """Returns the model's second try, after it was shown what is wrong with the first."""
        shown = reply.text[:MAX_SHOWN_BACK] or "(nothing)"
        messages = (
            *query.messages(),
            ModelMessage(role="assistant", content=shown),
            repair_message((*checked.fatal, *checked.flaws)),
        )
        return await self._complete(query, messages, question, assignment)

    async def _complete(
        self,
        query: Query[AnswerT, ResultT],
        messages: tuple[ModelMessage, ...],
        question: ModelQuestion,
        assignment: Assignment,
    ) -> ModelReply:
        reply = await self._model.complete(
            ModelRequest(
                messages=messages,
                schema_name=query.prompt.step.value,
                json_schema=query.prompt.schema,
            )
        )
        if reply.refusal is not None:
            await self._ledger.note_unusable(question, assignment, reply.usage)
            raise ModelRefusedError(
                f"{self._model.name} declined to answer: {_reason(query, reply.refusal)}",
                ModelTrouble(model=self._model.name),
            )
        return reply

    def _invalid(self, problems: tuple[str, ...]) -> ModelAnswerInvalidError:
        told = "; ".join(problems)[:MAX_TOLD]
        return ModelAnswerInvalidError(
            f"{self._model.name} gave an answer that cannot be used: {told}",
            ModelTrouble(model=self._model.name),
        )


def _reason(query: Query[AnswerT, ResultT], refusal: str) -> str:
    """Returns a refusal in the model's words, unless they are the prompt's, or hold mark-up."""
    words = tidy(refusal)[:MAX_TOLD]
    problems = Source(query.prompt, query.data).problems_of("reason", words, MAX_TOLD)
    return "its reason is not told, for it is no plain text of its own" if problems else words


def _json(answer: BaseModel) -> JsonValue:
    return answer.model_dump(mode="json")
