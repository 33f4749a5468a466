"""Importing litellm: late, for it takes seconds, and with everything off that phones elsewhere."""

import logging
import os
from functools import cache
from types import ModuleType

_SWITCHES = {
    # Prices and feature tables as shipped: the import would fetch newer ones over the network.
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    # Otherwise it looks for a .env file, from its own folder upwards.
    "LITELLM_MODE": "PRODUCTION",
}
_CHATTY = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy", "openai", "httpx", "httpcore", "aiohttp")


@cache
def load_litellm() -> ModuleType:
    """Returns litellm, imported once, silent and without retries, telemetry or callbacks."""
    for name, value in _SWITCHES.items():
        os.environ.setdefault(name, value)
    import litellm

    litellm.suppress_debug_info = True
    litellm.disable_hf_tokenizer_download = True
    litellm.turn_off_message_logging = True
    litellm.num_retries = 0
    litellm.callbacks, litellm.success_callback, litellm.failure_callback = [], [], []
    for name in _CHATTY:
        # At debug they would write requests, and with them articles and maybe keys.
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return litellm
