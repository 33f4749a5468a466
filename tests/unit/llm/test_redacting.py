"""Blanking out what looks like a key, and nothing else."""

import time

import pytest

from newsdesk.llm.redacting import MAX_CHARS, readable


@pytest.mark.parametrize(
    "key",
    [
        "sk-proj-Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8",
        "sk-svcacct-Ab1Cd2Ef3Gh4Ij5Kl6Mn7",
        "sk-onlylettersbutverymanyofthem",
        "sk-ant-api03-Ab1Cd2_Ef3-Gh4Ij5Kl6AA",
        "sk-or-v1-0123456789abcdef0123456789abcdef",
        "sk-proj-****************************Op8A",
        "AIzaSyAb1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0Uv1",
        "AQ.Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8",
        "ya29.a0Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8",
        "gsk_Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8",
        "csk-ab1cd2ef3gh4ij5kl6mn7op8",
        "xai-Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8",
        "pplx-ab1cd2ef3gh4ij5kl6mn7op8",
        "hf_AbCdEfGhIjKlMnOpQrStUv1x",
        "fw_3Zab1cd2ef3gh4ij5kl6",
        "nvapi-Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8",
        "r8_Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9",
        "tgp_v1_Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8",
        "dapi0123456789abcdef0123456789abcdef",
        "AKIAABCDEFGHIJKLMNOP",
        "ghp_Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmVk",
    ],
)
@pytest.mark.parametrize("form", ["refused: {} of yours", '{{"key": "{}"}}', "[{}]", "({}, x)"])
def test_keys_of_the_providers(key: str, form: str) -> None:
    assert readable(form.format(key), ()) == form.format("***")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Authorization: Bearer abc", "Authorization: Bearer ***"),
        ("{'authorization': 'Basic dTpw'}", "{'authorization': 'Basic ***'}"),
        ("with Bearer 0123456789abcdef, no", "with Bearer ***, no"),
        ("x-api-key: 0123456789abcdef", "x-api-key: ***"),
        ('"api_key": "quitealongonewithoutdigits"', '"api_key": "***"'),
        ("Incorrect API key provided: ab1cd2ef3g.", "Incorrect API key provided: ***"),
        ("token=ab1cd2ef3g&x=1", "token=***&x=1"),
        ("GET https://example.test/v1?key=short&alt=sse", "GET https://example.test/v1?key=***&alt=sse"),
    ],
)  # fmt: skip
def test_keys_by_where_they_stand(text: str, shown: str) -> None:
    assert readable(text, ()) == shown


@pytest.mark.parametrize(
    "text",
    [
        "token limit: maximum 4096",
        "max_tokens: 128000 is over the limit",
        "token: 128000",
        "an api-key-less server",
        "api_key: missing",
        "code key_not_found, invalid_api_key",
        "api-version 2024-10-21-preview",
        "bearer authentication is required",
        "Bearer tokens are expired",
        "password: required",
        "the model claude-sonnet-4-5-20250929 or gpt-4o-mini-2024-07-18",
        "a risk-adjusted, task-based 2024",
        "request req_0123456789abcdef0123456789abcdef",
        "5 < 6 and 7 > 3",
        "see https://example.test/docs/rate-limits#tier-1",
    ],
)
def test_words_are_left_whole(text: str) -> None:
    assert readable(text, ()) == text


def test_known_secrets_go_first() -> None:
    secrets = ("velvet anvil quagmire", "velvet anvil")
    assert readable("a velvet anvil quagmire, a velvet anvil", secrets) == "a ***, a ***"
    assert readable("&quot;vel&#118;et anvil&quot;", secrets) == '"***"'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<html><h1>502</h1>\r\n<p class='a'>Bad\tGateway</p></html>", "502 Bad Gateway"),
        ("<style>p {x: y}</style><!-- no -->Closed<script>let a = 1 < 2", "Closed"),
        ("&lt;b&gt;bold&lt;/b&gt; &amp; brave", "bold & brave"),
        ("one\u2028two\x85three\x00four\x1b[31mfive", "one two three four [31mfive"),
        ("x" * 1000, "x" * (MAX_CHARS - 1) + "…"),
        ("", ""),
    ],
)
def test_one_plain_line(text: str, shown: str) -> None:
    assert readable(text, ()) == shown


@pytest.mark.parametrize(
    "part", ["sk-", "<", "<script ", "<!--", "bearer ", "api key ", "key=a", "sk-a1", "&lt;", "a"]
)
def test_no_text_takes_long(part: str) -> None:
    start = time.process_time()
    readable(part * (1_000_000 // len(part)), ("a secret",))
    assert time.process_time() - start < 2
