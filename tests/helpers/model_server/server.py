"""A server of OpenAI's chat-completions protocol on loopback that fails as a test orders it.

Real HTTP/1.1 with keep-alive, so that clients meet what they meet outside: statuses, headers,
silence, resets. A mistake of the server or of its `answer` fails the test that started it.
"""

import asyncio
import json
import math
import socket
import struct
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from http.client import responses
from types import TracebackType
from typing import Any, Self

from tests.helpers.model_server.answers import (
    Asked,
    Reply,
    error_reply,
    sensible_answer,
    step_of,
    system_text,
)
from tests.helpers.model_server.faults import NORMAL, Fault

_MORE_THAN_COMES = 2**62
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Received:
    """A request for a completion. `headers` by lower-case name; `at`: of the monotonic clock."""

    step: str
    body: dict[str, Any]
    headers: dict[str, str]
    at: float
    path: str


@dataclass(frozen=True)
class _Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class ModelServer:
    """A server for the time of an `async with`; entered again, it has the same port.

    `calls` counts every request by step, failed ones too. `most_at_once`: how many requests were
    in flight together at most; without any latency none lasts, so it is 1. `routes`: replies to
    further (method, path).
    """

    def __init__(
        self, latency_seconds: float = 0.0, *, port: int = 0, keep_requests: bool = True
    ) -> None:
        """Takes how late every answer is; port 0 is any free one.

        Without `keep_requests`, `requests` stays empty: for loads that would fill the memory.
        """
        self.latency_seconds = latency_seconds
        self.answer: Callable[[str, Mapping[str, Any]], str] = sensible_answer
        self.choose: Callable[[Asked], Fault | None] = lambda asked: None
        self.requests: list[Received] = []
        self.calls: Counter[str] = Counter()
        self.in_flight = 0
        self.most_at_once = 0
        self.routes: dict[tuple[str, str], Callable[[bytes], Reply]] = {}
        self._port = port
        self._keep_requests = keep_requests
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[Any]] = set()
        self._failures: list[BaseException] = []
        self._ordered: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._always: dict[str, Fault] = {}
        self._system_texts: set[str] = set()

    async def __aenter__(self) -> Self:
        """Binds the port and serves."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Cuts all connections; raises what went wrong in the server, if nothing else has."""
        assert self._server is not None
        self._server.close()
        connections = list(self._connections)
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        if error is None and self._failures:
            raise self._failures[0]

    @property
    def url(self) -> str:
        """The base URL that clients are given."""
        assert self._server is not None, "the server is started by `async with`"
        return f"http://127.0.0.1:{self._port}/v1"

    def order(self, step: str, *faults: Fault) -> None:
        """The next requests of the step get these, one each; then it goes on as before."""
        self._ordered[step].extend(faults)

    def always(self, step: str, fault: Fault | None) -> None:
        """Every request of the step gets this one, until told otherwise; None: right answers."""
        self._always[step] = fault or NORMAL

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        task.add_done_callback(self._ended)
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has left
        except asyncio.CancelledError:
            # The server closes. Passed on, it would be printed by asyncio's own callback.
            writer.transport.abort()
        finally:
            writer.close()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._connections.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._failures.append(error)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        keep_alive = True
        while keep_alive:
            request = await _read(reader)
            keep_alive = request.headers.get("connection", "").lower() != "close"
            reply = await self._reply(request, reader)
            await _send(writer, reply, keep_alive)

    async def _reply(self, request: _Request, reader: asyncio.StreamReader) -> Reply:
        path = request.path.partition("?")[0]
        if request.method == "POST" and path.endswith("/chat/completions"):
            return await self._complete(request, reader)
        route = self.routes.get((request.method, path))
        if route is None:
            return error_reply(404, f"Unknown request: {request.method} {path}")
        return route(request.body)

    async def _complete(self, request: _Request, reader: asyncio.StreamReader) -> Reply:
        body = _checked(request.body)
        if isinstance(body, Reply):
            return body
        asked = self._note(request, body)
        fault = self.choose(asked) or self._next_fault(asked.step)
        self.in_flight += 1
        self.most_at_once = max(self.most_at_once, self.in_flight)
        try:
            await _wait(reader, self.latency_seconds + fault.delay_seconds)
        finally:
            # Before the reply is sent: a client that has it may ask again, and was never two.
            self.in_flight -= 1
        return self._spoken(fault, asked)

    def _note(self, request: _Request, body: dict[str, Any]) -> Asked:
        step, system = step_of(body), system_text(body)
        self.calls[step] += 1
        if self._keep_requests:
            at = time.monotonic()
            self.requests.append(Received(step, body, request.headers, at, request.path))
        cached = system in self._system_texts
        self._system_texts.add(system)
        answer = partial(self.answer, step, body)
        return Asked(self.calls.total(), step, body, request.headers, cached, answer)

    def _next_fault(self, step: str) -> Fault:
        ordered = self._ordered[step]
        return ordered.popleft() if ordered else self._always.get(step, NORMAL)

    def _spoken(self, fault: Fault, asked: Asked) -> Reply:
        try:
            reply = fault.reply(asked)
        except Exception as error:  # noqa: BLE001 - a test's own function; raised at the end
            self._failures.append(error)
            # No client tries again after this status, so the test ends soon.
            reply = error_reply(400, f"The test's model server failed: {error!r}")
        headers = {"x-request-id": f"req_{asked.number:08d}", **reply.headers}
        return replace(reply, headers=headers)


def _checked(text: bytes) -> dict[str, Any] | Reply:
    try:
        body = json.loads(text)
    except ValueError:
        return error_reply(400, "The body is not JSON.")
    if not isinstance(body, dict) or not body.get("model") or not body.get("messages"):
        return error_reply(400, "`model` and `messages` are required.")
    if body.get("stream"):
        return error_reply(400, "This server does not stream.")
    return body


async def _read(reader: asyncio.StreamReader) -> _Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    method, path, _ = first.split(" ")
    pairs = (line.partition(":") for line in lines)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    if "transfer-encoding" in headers:
        raise NotImplementedError("requests in chunks are not understood")
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return _Request(method, path, headers, body)


async def _send(writer: asyncio.StreamWriter, reply: Reply, keep_alive: bool) -> None:
    lines = [
        f"HTTP/1.1 {reply.status} {responses.get(reply.status, 'Unknown')}",
        f"content-type: {reply.content_type}",
        f"content-length: {len(reply.body)}",
        f"connection: {'keep-alive' if keep_alive else 'close'}",
        *(f"{name}: {value}" for name, value in reply.headers.items()),
    ]
    head = "\r\n".join([*lines, "", ""]).encode("latin-1")
    if reply.reset:
        writer.write(head + reply.body[: len(reply.body) // 2])
        _reset(writer)
        return
    writer.write(head + reply.body)
    await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    writer.transport.abort()


async def _wait(reader: asyncio.StreamReader, seconds: float) -> None:
    """Waits; raises where the client leaves meanwhile, which a plain sleep would not notice."""
    if not seconds:
        return
    try:
        async with asyncio.timeout(None if math.isinf(seconds) else seconds):
            # Under a cancelled read the bytes that came stay in the reader.
            await reader.readexactly(_MORE_THAN_COMES)
    except TimeoutError:
        pass
