"""Connecting to a Temporal server, the ecosystem's way: TEMPORAL_* and profiles."""

import asyncio
import logging
import os
import socket
from collections.abc import Mapping
from pathlib import Path

from temporalio.client import Client
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.service import RPCError

from newsdesk.errors import ConfigurationError, TemporalUnavailableError
from newsdesk.temporal.converting import data_converter

logger = logging.getLogger(__name__)

DEFAULT_ADDRESS = "localhost:7233"
RETRY_SECONDS = 0.5
MAX_CAUSE_CHARS = 200


def identity(role: str) -> str:
    """Returns what the Temporal Web UI shows beside an event: role, process and host."""
    return f"newsdesk-{role}/{os.getpid()}@{socket.gethostname()}"


async def connect(
    environment: Mapping[str, str], role: str, patience_seconds: float = 0.0
) -> Client:
    """Connects to the server that the environment names.

    Args:
        environment: TEMPORAL_* settings, as temporalio.envconfig reads them.
        role: who connects (worker, enqueue, show); part of the identity in events.
        patience_seconds: how long to try again while the server does not answer; workers boot
            beside their server.

    Raises:
        ConfigurationError: the settings do not make a connection (bad profile, missing file).
        TemporalUnavailableError: nobody answered in time.
    """
    config = _connect_config(environment)
    config.setdefault("target_host", DEFAULT_ADDRESS)
    address = config.get("target_host", DEFAULT_ADDRESS)
    deadline = asyncio.get_running_loop().time() + patience_seconds
    waiting = False
    while True:
        try:
            return await Client.connect(
                **config, data_converter=data_converter, identity=identity(role)
            )
        except (RPCError, RuntimeError, OSError) as error:
            if asyncio.get_running_loop().time() >= deadline:
                raise TemporalUnavailableError(
                    f"no Temporal server answers at {address}: start `newsdesk dev`,"
                    " or set TEMPORAL_ADDRESS to a server that runs, with its namespace, TLS and"
                    f" key ({_cause(error)})"
                ) from error
        if not waiting:
            logger.warning("no Temporal server answers at %s yet; trying on", address)
            waiting = True
        await asyncio.sleep(RETRY_SECONDS)


def _cause(error: Exception) -> str:
    """Returns the driver's own words on one line: a refused key reads unlike a closed port."""
    return " ".join(str(error).split())[:MAX_CAUSE_CHARS] or type(error).__name__


def _connect_config(environment: Mapping[str, str]) -> ClientConnectConfig:
    """Reads address, namespace, TLS and key from the environment and Temporal's own file."""
    file = environment.get("TEMPORAL_CONFIG_FILE")
    if file and not Path(file).is_file():
        raise ConfigurationError(f"TEMPORAL_CONFIG_FILE: no such file: {file}")
    try:
        return ClientConfig.load_client_connect_config(override_env_vars=environment)
    except (RuntimeError, ValueError, OSError) as error:
        raise ConfigurationError(f"the TEMPORAL_* settings make no connection: {error}") from error
