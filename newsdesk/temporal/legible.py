"""What the Temporal Web UI shows of a run beside its steps: summary, details and memo.

The UI reads summary and details as Markdown, so words of articles are escaped there.
"""

import re
from urllib.parse import quote, urlsplit

from newsdesk.contracts.articles import PendingRun
from newsdesk.contracts.names import TITLE_MEMO_KEY, WORKFLOW_TITLE

MAX_TITLE_CHARS = 80
MAX_SUMMARY_BYTES = 400
"""The server takes no more of a summary; details may have 20,000."""
MAX_NAMED = 10
"""Tickers and channels that are named; the search attributes hold the rest."""

GAP = "\N{NO-BREAK SPACE}" * 2
"""Parts the columns of a table: the UI sets them side by side without any space."""

_MARKUP = re.compile(r"[\\`*_\[\]<>#!|~$&]")


def start_summary(run: PendingRun) -> str:
    """Returns one line: what a run is, its number, the headline, its tickers."""
    title = as_text(_shortened(run.title)) or "(no title)"
    summary = f"{WORKFLOW_TITLE} #{run.run_number}: {title}"
    told = f"{summary} ({as_text(', '.join(run.tickers[:3]))})"
    return told if run.tickers and len(told.encode()) <= MAX_SUMMARY_BYTES else summary


def start_details(run: PendingRun, page_url: str | None) -> str:
    """Returns a table about the article in Markdown, with links to its page and its source."""
    page, source = article_url(page_url, run.article_id), _safe(run.url)
    rows = [
        ("Article", f"{run.article_id}, revision {run.revision}"),
        ("Headline", as_text(run.title)),
        ("Tickers", _named(run.tickers)),
        ("Channels", _named(run.channels)),
        ("Published", f"{run.published_at:%Y-%m-%d %H:%M:%S} UTC"),
        ("Record", f"[the article's page]({page})" if page else ""),
        ("Source", f"[as published]({source})" if source else ""),
        ("Terminal", f"`newsdesk show {run.article_id}`"),
    ]
    lines = [f"| {name}{GAP} | {text} |" for name, text in rows if text]
    return "\n".join(["| Run | " + f"#{run.run_number} |", "|---|---|", *lines])


def start_memo(run: PendingRun, page_url: str | None) -> dict[str, str]:
    """Returns what a run's memo tells from its first moment, as it is."""
    told = {TITLE_MEMO_KEY: run.title, "url": run.url}
    page = article_url(page_url, run.article_id)
    return {name: value for name, value in {**told, "page": page or ""}.items() if value}


def article_url(page_url: str | None, article_id: int) -> str | None:
    """Returns where an article's page is; None where no pages are known."""
    return None if page_url is None else f"{page_url.rstrip('/')}/articles/{article_id}"


def _shortened(title: str) -> str:
    if len(title) <= MAX_TITLE_CHARS:
        return title
    return title[: MAX_TITLE_CHARS - 1].rsplit(" ", 1)[0] + "…"


def as_text(words: str) -> str:
    """Returns words on one line that the Web UI, reading Markdown, shows as they are."""
    return _MARKUP.sub(lambda mark: f"\\{mark[0]}", " ".join(words.split()))


def _named(values: tuple[str, ...]) -> str:
    left = len(values) - MAX_NAMED
    more = f" and {left} more" if left > 0 else ""
    return as_text(", ".join(values[:MAX_NAMED])) + more


def _safe(url: str) -> str | None:
    """Returns an address that can stand in a Markdown link; None where it is no web address."""
    if urlsplit(url).scheme not in ("http", "https"):
        return None
    return quote(url, safe=":/?&=%#,;@+~.-_")
