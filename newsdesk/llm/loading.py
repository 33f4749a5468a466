"""Importing litellm: late, for it takes seconds, and with everything off that phones elsewhere."""

import logging
import os
from functools import cache
from importlib import import_module
from types import ModuleType

_SWITCHES = {
    # Prices and feature tables as shipped: the import would fetch newer ones over the network.
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    # Otherwise it looks for a .env file, from its own folder upwards.
    "LITELLM_MODE": "PRODUCTION",
    # Otherwise messages invite to report what looks like a bug of its own.
    "LITELLM_DISABLE_BUG_REPORT_LINK": "True",
    # It would search every error for secrets, five seconds a megabyte, on the event loop. Ours is
    # bounded (see redacting.py), and neither its exceptions nor its log lines get any further.
    "LITELLM_DISABLE_REDACT_SECRETS": "True",
}
_CHATTY = (
    *("LiteLLM", "LiteLLM Router", "LiteLLM Proxy", "litellm"),
    *("openai", "httpx", "httpcore", "aiohttp"),
)


@cache
def load_litellm() -> ModuleType:
    """Returns litellm, imported once, silent and without retries, telemetry or callbacks."""
    for name, value in _SWITCHES.items():
        os.environ.setdefault(name, value)
    _silence()
    import litellm

    # Otherwise the first call of a model would, and hold the event loop up for as long.
    import_module("openai.resources")
    litellm.suppress_debug_info = True
    # Over aiohttp it forgets to close a session whenever it renews one, which is every hour, and
    # an error is logged each time (BerriAI/litellm#40490). httpx takes 1 to 2 ms of CPU more a
    # call, and holds 100 connections to one model; further calls wait for a free one.
    litellm.disable_aiohttp_transport = True
    litellm.disable_hf_tokenizer_download = True
    litellm.turn_off_message_logging = True
    litellm.num_retries = 0
    litellm.callbacks, litellm.success_callback, litellm.failure_callback = [], [], []
    _silence()  # again, for its import raises some
    return litellm


def _silence() -> None:
    for name in _CHATTY:
        # At debug they would write requests, and with them articles and maybe keys.
        logging.getLogger(name).setLevel(logging.CRITICAL)


def missing_from_environment(model: str) -> list[str]:
    """Returns the names that litellm needs for a model and the environment lacks."""
    litellm = load_litellm()
    empty = [name for name, value in os.environ.items() if not value]
    for name in empty:  # litellm would take an empty key for one
        del os.environ[name]
    try:
        told = litellm.validate_environment(model=model)
    finally:
        os.environ.update(dict.fromkeys(empty, ""))
    return [] if told["keys_in_environment"] else [str(name) for name in told["missing_keys"]]


async def close_litellm() -> None:
    """Closes litellm's connections: on the loop that used them, when no call is under way.

    A later call opens new ones. Does nothing where litellm was never loaded.
    """
    if not load_litellm.cache_info().currsize:
        return
    litellm = load_litellm()
    await litellm.close_litellm_async_clients()
    # The closed ones stay under the number of their loop, which a later loop may be given.
    litellm.in_memory_llm_clients_cache.flush_cache()
