"""What the server says: the protocol's form of a reply, and right answers to newsdesk's questions.

`sensible_answer` reads the question as a model would, so a test needs no answers of its own.
"""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

_SENTIMENT, _ARTICLE = "analyze_sentiment", "analyze_article"
_ABBREVIATIONS = ("Inc.", "Corp.", "Co.", "Ltd.", "Mr.", "Ms.", "Mrs.", "Dr.", "St.", "U.S.")
# Patterns that begin with a plain character are found many times faster; loads need that.
_SENTENCE_END = re.compile(r"[.!?][\"”’]?(?=\s+[\"“‘]?[A-Z0-9])|\n")
_TICKER = re.compile(r"\((?P<exchange>[A-Za-z][A-Za-z -]*): ?\$?(?P<ticker>[A-Z0-9][A-Z0-9.-]*)\)")
_WORD = r"[A-Z0-9](?:[\w&'’-]|\.(?=\w))*"
_NAME_AT_END = re.compile(rf"\b{_WORD}(?:(?:,? (?=Inc|Corp|Co\b|Ltd|LLC|PLC)| & | ){_WORD})*\.?$")
_LONGEST_NAME = 80
_BLOCK = re.compile(r"^<article-([0-9a-f]+)>$", re.MULTILINE)
_NUMBERED = re.compile(r"^(\d+)\. (.+?)(?: \((?:[^():]*: ?)?([^():]+)\))?$", re.MULTILINE)
_LEFT_OUT = "[…]"
_BAD_NEWS = re.compile(
    r"\b(?:fell|falls?|plung\w+|cuts?|loss(?:es)?|loses?|probes?|drops?|dropped|slump\w*"
    r"|declin\w+|lawsuits?|recalls?|warn\w*|downgrad\w+|miss(?:ed|es)?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Reply:
    """An HTTP reply. With `reset`, the connection is reset after half of the body."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    reset: bool = False


@dataclass(frozen=True)
class Asked:
    """A request for a completion. `answer` makes the right content.

    `cached`: its system message was seen before, so its tokens count as cached.
    """

    number: int
    step: str
    body: Mapping[str, Any]
    headers: Mapping[str, str]
    cached: bool
    answer: Callable[[], str]


def texts_of(body: Mapping[str, Any], *roles: str) -> list[str]:
    """Returns the texts of the messages with one of the roles, in order."""
    return [_text(each.get("content") or "") for each in body["messages"] if each["role"] in roles]


def system_text(body: Mapping[str, Any]) -> str:
    """Returns the system message; some models know it as the developer's."""
    return "\n".join(texts_of(body, "system", "developer"))


def step_of(body: Mapping[str, Any]) -> str:
    """Returns the step that asks: the schema's name, or what the system message names."""
    schema = (body.get("response_format") or {}).get("json_schema") or {}
    if "name" in schema:
        return schema["name"]
    return _SENTIMENT if _SENTIMENT in system_text(body) else _ARTICLE


def json_reply(status: int, value: object, headers: Mapping[str, str] | None = None) -> Reply:
    """Returns a reply with a JSON body."""
    return Reply(status, json.dumps(value).encode(), headers=headers or {})


def completion(
    asked: Asked, content: str | None, finish_reason: str = "stop", refusal: str | None = None
) -> Reply:
    """Returns a completion with one choice."""
    message = {"role": "assistant", "content": content, "refusal": refusal}
    choice = {"index": 0, "message": message, "finish_reason": finish_reason}
    return completion_of(asked, [choice], content or refusal or "")


def completion_of(asked: Asked, choices: Sequence[Mapping[str, Any]], said: str) -> Reply:
    """Returns a completion with these choices, and the usage of having said so much."""
    envelope = {
        "id": f"chatcmpl-{asked.number:08d}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": asked.body["model"],
        "choices": choices,
        "usage": _usage(asked, said),
    }
    return json_reply(200, envelope)


def error_reply(
    status: int,
    message: str,
    *,
    code: str | None = None,
    kind: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Returns an error in the protocol's form."""
    kind = kind or ("server_error" if status >= 500 else "invalid_request_error")
    error = {"message": message, "type": kind, "param": None, "code": code}
    return json_reply(status, {"error": error}, headers)


def sensible_answer(step: str, body: Mapping[str, Any]) -> str:
    """Returns a right answer to the first question: in a repair, the later ones hold no article.

    Raises ValueError where there is no article in it.
    """
    before, text = _parts(texts_of(body, "user")[0])
    answer = _sentiment(before, text) if step == _SENTIMENT else _analysis(before, text)
    return json.dumps(answer, ensure_ascii=False)


def _text(content: str | Sequence[Mapping[str, Any]]) -> str:
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)


def _tokens(characters: int) -> int:
    return -(-characters // 4)


def _usage(asked: Asked, said: str) -> dict[str, Any]:
    system = _tokens(len(system_text(asked.body)))
    prompt = system + _tokens(sum(map(len, texts_of(asked.body, "user", "assistant"))))
    completed = _tokens(len(said))
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completed,
        "total_tokens": prompt + completed,
        "prompt_tokens_details": {"cached_tokens": system if asked.cached else 0},
    }


def _parts(question: str) -> tuple[str, str]:
    opening = _BLOCK.search(question)
    if opening is None:
        raise ValueError(f"no line <article-HEX> in the question: {question[:200]!r}")
    text, closing, _ = question[opening.end() :].partition(f"\n</article-{opening[1]}>")
    if not closing:
        raise ValueError(f"<article-{opening[1]}> is not closed")
    return question[: opening.start()], text.strip()


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for end in _SENTENCE_END.finditer(text):
        if not text.endswith(_ABBREVIATIONS, start, end.end()):
            yield from _told(text[start : end.end()])
            start = end.end()
    yield from _told(text[start:])


def _told(sentence: str) -> Iterator[str]:
    sentence = sentence.strip()
    if sentence and sentence != _LEFT_OUT:
        yield sentence


def _analysis(before: str, text: str) -> dict[str, Any]:
    title, _, rest = text.partition("\n\n")
    told = list(islice(_sentences(rest), 2)) or [title.strip()]
    return {
        "categories": ["Other"],
        "gist": told[0],
        "summary": " ".join(told),
        "companies": _listed(text) or _tagged(before, text),
    }


def _listed(text: str) -> list[dict[str, Any]]:
    names: dict[str, str] = {}
    for found in _TICKER.finditer(text):
        before = text[max(0, found.start() - _LONGEST_NAME) : found.start()]
        name = _NAME_AT_END.search(before.rstrip(" "))
        if name:
            names.setdefault(found["ticker"], name[0])
    return [
        {"name": name, "ticker": ticker, "role": "peer" if place else "subject"}
        for place, (ticker, name) in enumerate(names.items())
    ]


def _tagged(before: str, text: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in before.splitlines() if line.startswith("{")]
    stocks = [stock for line in lines for stock in line.get("stocks", [])]
    return [
        {"name": stock["name"], "ticker": stock["ticker"], "role": "passing"}
        for stock in stocks
        if stock.get("name") and stock["name"] in text
    ]


def _sentiment(before: str, text: str) -> dict[str, Any]:
    sentences = list(_sentences(text))
    asked = _NUMBERED.findall(before)
    return {"companies": [_score(int(n), name, ticker, sentences) for n, name, ticker in asked]}


def _score(number: int, name: str, ticker: str, sentences: Sequence[str]) -> dict[str, Any]:
    first = name.removeprefix("The ").split()[0]
    known = "|".join(re.escape(word) for word in (name, first, ticker) if word)
    named = re.compile(rf"(?<!\w)(?:{known})(?!\w)")
    quote = next((sentence for sentence in sentences if named.search(sentence)), "")
    score = 0.0 if not quote else -0.4 if _BAD_NEWS.search(quote) else 0.4
    tells = {0.0: "does not name it", 0.4: "tells of gains", -0.4: "tells of losses"}
    return {"number": number, "score": score, "quote": quote, "reason": f"The text {tells[score]}."}
