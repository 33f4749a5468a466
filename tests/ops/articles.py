"""Articles of every kind, as the newsfeed delivers them, for the tests of the commands."""

from collections.abc import Iterable
from typing import Any

from tests.helpers.pipeline import newsfeed_item

FULL, HEADLINE, GERMAN, ROUNDUP, ALERT = 101, 102, 103, 104, 105
UPDATED, REMOVED, FLAKY, BROKEN, UNUSABLE, HOSTILE = 106, 107, 108, 109, 110, 111

HOSTILE_TITLE = (
    "\x1b[31mTidewater\x1b]0;owned\x07 \x9b31m[red]Terminals[/red]"
    " [link=https://evil.example]Lifts[/link] \u202edneddivid\u202c \u2066Again\u2069"
)
GERMAN_BODY = (
    "<p>Der Hafenbetreiber <strong>Tidewater Terminals</strong> (NYSE: TDWX) hat am Mittwoch seine"
    " Prognose für das laufende Jahr gesenkt und den Abbau von Stellen angekündigt.</p>"
    "<p>Die Aktie verlor im frühen Handel deutlich, weil die Anleger mit besseren Zahlen gerechnet"
    " hatten, sagte ein Händler in Frankfurt am Vormittag.</p>"
)
_NAMES = (
    "Arlmont Alder Birken Corvale Dunmere Elstow Farrow Glenby Harbeck Inverie Jarrold Kelbrook"
    " Lorne Morvane"
).split()


def _roundup() -> str:
    items = "".join(
        f"<li><strong>{name} Industries</strong> (NYSE:{_anchor(name[:4].upper())}) rose {number}%"
        f" after it raised its dividend.</li>"
        for number, name in enumerate(_NAMES, start=2)
    )
    return f"<p>These shares moved on Wednesday.</p><ul>{items}</ul>"


def _anchor(ticker: str) -> str:
    return f'<a class="ticker" href="https://www.benzinga.com/stock/{ticker}#NYSE">{ticker}</a>'


def _stocks() -> list[dict[str, str]]:
    return [{"name": name[:4].upper(), "exchange": "NYSE"} for name in _NAMES]


def removal(article_id: int) -> dict[str, Any]:
    """Returns the stream's word that an article is gone."""
    return {
        "id": f"gone-{article_id}",
        "api_version": "websocket/v1",
        "kind": "News/v1",
        "data": {
            "action": "Removed",
            "id": 1,
            "timestamp": "2026-03-05T01:20:32.988Z",
            "content": {"id": article_id, "revision_id": 1, "type": "story"},
        },
    }


def kinds() -> Iterable[dict[str, Any]]:
    """Returns an article of each kind, one of them with an update and one with its removal."""
    later = "Wed, 04 Mar 2026 09:00:00 -0400"
    edited = "<p>Tidewater Terminals (NYSE: TDWX) cut its dividend, it said in a correction.</p>"
    return [
        newsfeed_item(FULL),
        newsfeed_item(HEADLINE, body=""),
        newsfeed_item(GERMAN, title="Tidewater Terminals senkt die Prognose", body=GERMAN_BODY),
        newsfeed_item(
            ROUNDUP, title="Shares Moving On Wednesday", body=_roundup(), stocks=_stocks()
        ),
        newsfeed_item(ALERT, title="Whale Alerts In Today's Session", tags=[{"name": "BZI-UOA"}]),
        newsfeed_item(UPDATED),
        newsfeed_item(UPDATED, body=edited, updated=later),
        newsfeed_item(REMOVED),
        removal(REMOVED),
        newsfeed_item(FLAKY, title="Flaky At First: Tidewater Terminals Lifts Dividend"),
        newsfeed_item(BROKEN, title="Broken Until Mended: Tidewater Terminals Lifts Dividend"),
        newsfeed_item(UNUSABLE, title="", body="<script>track()</script>"),
        newsfeed_item(HOSTILE, title=HOSTILE_TITLE, author=HOSTILE_TITLE),
    ]
