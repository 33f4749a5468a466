"""Questions to language models, their answers, and what has to be settled before one is asked."""

import hashlib
import json
from datetime import date
from typing import Literal

from pydantic import Field, JsonValue

from newsdesk.contracts.analysis import Usage
from newsdesk.contracts.base import Contract, UtcDatetime
from newsdesk.contracts.names import Step


class ModelMessage(Contract):
    """One message of a conversation with a model."""

    role: Literal["system", "user", "assistant"]
    content: str


class ModelRequest(Contract):
    """A conversation, and the JSON schema that the answer has to follow.

    `schema_name` is the step's name: providers show it, and it tells requests apart.
    """

    messages: tuple[ModelMessage, ...]
    schema_name: str
    json_schema: dict[str, JsonValue]


class ModelReply(Contract):
    """What a model answered: its text as it came, what it took, whether it was cut short.

    `refusal`: why the model or its provider declined, in their words.
    """

    text: str
    usage: Usage
    truncated: bool = False
    refusal: str | None = None


class ModelQuestion(Contract):
    """What makes two questions the same one, so that the second is not paid again."""

    model: str
    prompt_version: str
    schema_version: str
    input_hash: str

    @property
    def key(self) -> str:
        """The key (64 hex digits) under which the answer to this question is kept."""
        parts = [self.model, self.prompt_version, self.schema_version, self.input_hash]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


class Assignment(Contract):
    """On whose behalf a step is answered.

    `turn`: a moment that an earlier Pause reserved within the rate limit, to ask the model at.
    """

    run_number: int
    article_id: int
    step: Step
    turn: UtcDatetime | None = None


class ModelLimits(Contract):
    """What holds paid questions back: requests a minute of one model, US dollars a UTC day of all.

    `lease_seconds`: after so long without a word, who asks a question is taken for dead.
    """

    requests_per_minute: int | None = Field(default=None, gt=0)
    daily_budget_usd: float | None = Field(default=None, ge=0)
    lease_seconds: float = 120.0


class Pause(Contract):
    """A step cannot go on before `until`. `turn`: what to come back with, see Assignment.

    `code`: what is waited for: a new day's budget, a turn within the rate limit, or an operator who
    has paused the step.
    """

    code: Literal["daily_budget", "rate_limit", "step_paused"]
    reason: str
    until: UtcDatetime
    turn: UtcDatetime | None = None


class Turn(Contract):
    """The question may be asked, after `wait_seconds`."""

    wait_seconds: float = 0.0


class Busy(Contract):
    """Somebody else is asking the very same question just now: look again soon."""


class KeptAnswer(Contract):
    """The question was answered before; `usage`: what this run itself paid for the step."""

    answer: JsonValue
    usage: Usage


Admission = KeptAnswer | Pause | Busy | Turn
"""What comes of wanting to ask a question."""


class CostLine(Contract):
    """What one model took on one UTC day for one step.

    `unusable`: calls, of those, whose answers did not pass validation. `cost_usd`: the sum over
    calls of known price; `unpriced`: how many calls had none.
    """

    day: date
    model: str
    step: Step
    calls: int
    unusable: int
    input_tokens: int
    cached_input_tokens: int
    output_tokens: int
    cost_usd: float
    unpriced: int


class ModelTrouble(Contract):
    """What an activity's failure tells beside its message when a model failed it.

    `fallback`: position of the next model in the list, if there is one; `fallback_model`: its name.
    """

    model: str = ""
    status: int | None = None
    request_id: str | None = None
    fallback: int | None = None
    fallback_model: str | None = None
