"""One language model over litellm. Every call is one request: retries belong to Temporal."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from newsdesk.contracts.analysis import Usage
from newsdesk.contracts.models import ModelMessage, ModelReply, ModelRequest
from newsdesk.errors import ModelError
from newsdesk.llm.failures import translate
from newsdesk.llm.loading import load_litellm
from newsdesk.settings import Price
from newsdesk.settings.values import JsonMode

_PER_MILLION = 1e-6
_LATER_SECONDS = 5.0
"""By so much litellm's own time-out comes after ours, which then is always the one that is told."""


@dataclass(frozen=True)
class Calling:
    """How a model is called. `api_base` and `api_key` None: as litellm finds them."""

    json_mode: JsonMode
    temperature: float
    timeout_seconds: float
    max_output_tokens: int
    api_base: str | None = None
    api_key: str | None = field(default=None, repr=False)
    price: Price | None = None
    caches_marked: bool = False


class LitellmModel:
    """The port newsdesk.ports.LanguageModel over litellm.acompletion."""

    def __init__(
        self,
        name: str,
        calling: Calling,
        clock: Callable[[], datetime],
        secrets: Sequence[str] = (),
    ) -> None:
        """Takes the model's name, how it is called, the time, and what no message may hold."""
        self._name = name
        self._calling = calling
        self._clock = clock
        self._secrets = secrets

    @property
    def name(self) -> str:
        """The model's name, as settings and records call it."""
        return self._name

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Returns the model's answer, unchecked, and what it took. Raises a ModelError."""
        litellm = load_litellm()
        seconds = self._calling.timeout_seconds
        try:
            # litellm's own time-out counts from byte to byte: a server that trickles never ends.
            async with asyncio.timeout(seconds):
                response = await litellm.acompletion(**self._arguments(request))
            return self._reply(response)
        except TimeoutError:
            failure = self._translated(TimeoutError(f"no answer within {seconds:g} s"))
        except Exception as error:  # noqa: BLE001 - whatever it is, it may hold the key
            failure = self._translated(error)
        # Raised out here: as its context the original, and with it the key, would stay in reach.
        raise failure

    def _translated(self, error: Exception) -> ModelError:
        return translate(error, self._name, self._secrets, self._clock())

    def _arguments(self, request: ModelRequest) -> dict[str, Any]:
        calling = self._calling
        arguments: dict[str, Any] = {
            "model": self._name,
            "messages": [self._message(message, request) for message in request.messages],
            "temperature": calling.temperature,
            "max_tokens": calling.max_output_tokens,
            "timeout": calling.timeout_seconds + _LATER_SECONDS,
            "num_retries": 0,
            "max_retries": 0,
            "drop_params": True,
        }
        if calling.json_mode == "schema":
            schema = {"name": request.schema_name, "schema": request.json_schema, "strict": True}
            arguments["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif calling.json_mode == "object":
            arguments["response_format"] = {"type": "json_object"}
        if calling.api_base is not None:
            arguments["api_base"] = calling.api_base
        if calling.api_key is not None:
            arguments["api_key"] = calling.api_key
        return arguments

    def _message(self, message: ModelMessage, request: ModelRequest) -> dict[str, Any]:
        content = message.content
        if message.role == "system" and self._calling.json_mode != "schema":
            schema = json.dumps(request.json_schema, ensure_ascii=False, separators=(",", ":"))
            content = f"{content}\n\nJSON schema of `{request.schema_name}`:\n{schema}"
        if message.role == "system" and self._calling.caches_marked:
            block = {"type": "text", "text": content, "cache_control": {"type": "ephemeral"}}
            return {"role": message.role, "content": [block]}
        return {"role": message.role, "content": content}

    def _reply(self, response: Any) -> ModelReply:
        usage = self._usage(response)
        choices = getattr(response, "choices", None) or []
        if not choices:
            return ModelReply(text="", usage=usage)
        choice = choices[0]
        message = choice.message
        return ModelReply(
            text=message.content or "",
            usage=usage,
            truncated=choice.finish_reason == "length",
            refusal=_refusal(choice),
        )

    def _usage(self, response: Any) -> Usage:
        told = getattr(response, "usage", None)
        details = getattr(told, "prompt_tokens_details", None)
        given = int(getattr(told, "prompt_tokens", 0) or 0)
        cached = int(getattr(details, "cached_tokens", 0) or 0)
        output = int(getattr(told, "completion_tokens", 0) or 0)
        return Usage(
            model=self._name,
            input_tokens=given,
            cached_input_tokens=cached,
            output_tokens=output,
            cost_usd=self._cost(response, given, cached, output),
        )

    def _cost(self, response: Any, given: int, cached: int, output: int) -> float | None:
        if not given:
            return None  # the server told no usage: nothing is known, not nothing was spent
        price = self._calling.price
        if price is not None:
            return _PER_MILLION * (
                price.input * (given - cached) + price.cached_input * cached + price.output * output
            )
        hidden = getattr(response, "_hidden_params", None) or {}
        cost = hidden.get("response_cost")
        return float(cost) if isinstance(cost, int | float) else None


def _refusal(choice: Any) -> str | None:
    """Returns why the model declined, in its or the provider's words; None: it did not."""
    fields = getattr(choice.message, "provider_specific_fields", None) or {}
    told = getattr(choice.message, "refusal", None) or fields.get("refusal")
    if told:
        return str(told)
    if choice.finish_reason == "content_filter":
        return "the provider's content filter stopped the answer"
    return None
