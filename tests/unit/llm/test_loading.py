"""What loading litellm does to a process, and what it must not do: seen in a fresh one."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from newsdesk.llm.loading import load_litellm
from tests.helpers.model_server import ModelServer
from tests.unit.llm.asking import KEY, QUIET, STEP, model_at, question

pytestmark = QUIET

ROOT = Path(__file__).parents[3]
LOOK = """
import json, logging, sys
met = []
sys.addaudithook(
    lambda event, values: met.append([event, repr(values[1:])])
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname") else None
)
"""
IDLE = """
import asyncio, datetime
import newsdesk.llm
from newsdesk.settings import ModelSettings
models = newsdesk.llm.open_models(ModelSettings(), datetime.datetime.now)
asyncio.run(newsdesk.llm.close_litellm())
heavy = [name for name in ("litellm", "openai", "httpx", "aiohttp") if name in sys.modules]
print(json.dumps({"models": models, "heavy": heavy, "met": met}))
"""
LOADED = """
import os
from newsdesk.llm.loading import load_litellm
logging.basicConfig(level=logging.DEBUG, stream=sys.stdout)
module = load_litellm()
levels = {name: logging.getLogger(name).getEffectiveLevel() for name in LOGGERS}
callbacks = [*module.callbacks, *module.success_callback, *module.failure_callback]
found = {name: os.environ.get(name) for name in NAMES}
ready = "openai.resources" in sys.modules
state = [module.num_retries, module.disable_aiohttp_transport, module.suppress_debug_info]
print(json.dumps({"levels": levels, "callbacks": callbacks, "found": found, "ready": ready,
                  "state": state, "met": met}))
"""
LOGGERS = ("LiteLLM", "LiteLLM Router", "litellm.main", "openai._base_client", "httpx", "httpcore")
SWITCHES = {
    "LITELLM_MODE": "PRODUCTION",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_DISABLE_BUG_REPORT_LINK": "True",
    "LITELLM_DISABLE_REDACT_SECRETS": "True",
}

watched: list[str] | None = None


def hook(event: str, values: tuple[Any, ...]) -> None:
    if watched is not None and event in ("socket.connect", "socket.getaddrinfo"):
        watched.append(str(values[1:2] if event == "socket.connect" else values[:2]))


sys.addaudithook(hook)


def fresh(code: str, folder: Path, **environ: str) -> dict[str, Any]:
    """Returns what the code prints in a new interpreter; warnings are errors there too."""
    command = [sys.executable, "-W", "error", "-c", LOOK + code]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **environ}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr.decode()) == (0, "")
    return json.loads(done.stdout)


def test_without_a_model_nothing_is_loaded(tmp_path: Path) -> None:
    assert fresh(IDLE, tmp_path) == {"models": {}, "heavy": [], "met": []}


def test_loading_is_silent_and_phones_nowhere(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PLANTED=by a file\n", encoding="utf-8")
    named = f"LOGGERS = {LOGGERS!r}\nNAMES = {(*SWITCHES, 'PLANTED')!r}\n"
    told = fresh(named + LOADED, tmp_path, LITELLM_LOG="DEBUG", OPENAI_LOG="debug")
    assert told["met"] == []
    assert told["found"] == SWITCHES | {"PLANTED": None}
    assert set(told["levels"].values()) == {50}
    assert told["callbacks"] == []
    assert told["ready"], "the first call would hold the event loop up"
    assert told["state"] == [0, True, True]


async def test_a_call_meets_nobody_but_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    met: list[str] = []
    load_litellm()
    async with ModelServer() as server:
        monkeypatch.setattr(sys.modules[__name__], "watched", met)
        await model_at(server.url, api_key=KEY).complete(question())
        monkeypatch.setattr(sys.modules[__name__], "watched", None)
        port = server.url.split(":")[2].removesuffix("/v1")
    assert server.calls == {STEP: 1}
    assert met, "the hook sees nothing"
    assert all("127.0.0.1" in each and port in each for each in met)
