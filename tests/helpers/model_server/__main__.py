"""The model server as a process of its own: `python -m tests.helpers.model_server`.

It prints {"url": ...} on one line and serves until SIGTERM or SIGINT. GET /control tells calls
and CPU seconds; POST /control/always {"step", "fault", "arguments"} sets or (null) ends a fault.
"""

import argparse
import asyncio
import json
import signal
import time

from tests.helpers.model_server.answers import Reply, error_reply, json_reply
from tests.helpers.model_server.faults import FAULTS
from tests.helpers.model_server.server import ModelServer


def main() -> None:
    """Serves with this script's own arguments."""
    parser = argparse.ArgumentParser(prog="model_server")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS")
    arguments = parser.parse_args()
    asyncio.run(_serve(arguments.port, arguments.latency))


async def _serve(port: int, latency: float) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with ModelServer(latency, port=port, keep_requests=False) as server:
        server.routes["GET", "/control"] = lambda _: _state(server)
        server.routes["POST", "/control/always"] = lambda body: _always(server, body)
        print(json.dumps({"url": server.url}), flush=True)
        await stop.wait()


def _state(server: ModelServer) -> Reply:
    state = {
        "calls": server.calls,
        "most_at_once": server.most_at_once,
        "cpu_seconds": time.process_time(),
    }
    return json_reply(200, state)


def _always(server: ModelServer, body: bytes) -> Reply:
    try:
        told = json.loads(body)
        name, arguments = told["fault"], told.get("arguments") or {}
        server.always(told["step"], None if name is None else FAULTS[name](**arguments))
    except (ValueError, KeyError, TypeError) as error:
        return error_reply(400, f"{type(error).__name__}: {error}")
    return json_reply(200, {})


if __name__ == "__main__":
    main()
