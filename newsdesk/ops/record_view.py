"""A record on a terminal. Article text is untrusted: it is printed as text, never as mark-up."""

import unicodedata
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from newsdesk.contracts.analysis import Sentiment, SentimentState
from newsdesk.contracts.record import (
    ArticleRecord,
    RecordCompany,
    RunBlock,
    RunStatus,
    StepRecord,
    StepStatus,
)

_MARKS = {
    StepStatus.COMPLETED: ("✓", "green"),
    StepStatus.SKIPPED: ("⊘", "yellow"),
    StepStatus.FAILED: ("✗", "red"),
    StepStatus.RUNNING: ("…", "cyan"),
    StepStatus.PENDING: ("·", "dim"),
}


def plain(text: str) -> str:
    """Returns text without control characters, which could drive the terminal."""
    return "".join(
        char for char in text if char in "\n\t" or not unicodedata.category(char).startswith("C")
    )


def when(moment: datetime | None) -> str:
    """Returns a moment for people, its zone shown."""
    return "-" if moment is None else moment.strftime("%d %b %Y, %H:%M:%S UTC")


def print_record(record: ArticleRecord, console: Console) -> None:
    """Prints a whole record."""
    _print_head(record, console)
    _print_analysis(record, console)
    _print_companies(record, console)
    _print_stories(record, console)
    _print_run(record.run, console)
    _print_article(record, console)


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(plain(text), style=style), soft_wrap=True)


def _heading(console: Console, text: str) -> None:
    console.print()
    _line(console, text, "bold")


def _print_head(record: ArticleRecord, console: Console) -> None:
    article = record.article
    if record.analysis is not None and record.analysis.categories:
        _line(console, " · ".join(record.analysis.categories), "cyan")
    _line(console, article.title or f"Article {article.id}", "bold")
    content = "" if article.content is None else f" · {article.content.value}"
    _line(
        console,
        f"{article.author or 'no author'} · {article.source}"
        f" · {when(article.published_at)}{content}",
        "dim",
    )
    if article.url:
        _line(console, article.url, "dim")
    if article.state == "removed":
        _line(console, f"Removed by the publisher at {when(article.removed_at)}.", "red")


def _print_analysis(record: ArticleRecord, console: Console) -> None:
    analysis = record.analysis
    if analysis is None:
        return
    _heading(console, "Gist")
    _line(console, analysis.gist)
    _heading(console, f"Summary ({analysis.analyzer.name} {analysis.analyzer.version})")
    _line(console, analysis.summary)
    if analysis.note:
        _line(console, analysis.note, "yellow")


def _print_companies(record: ArticleRecord, console: Console) -> None:
    if not record.companies:
        return
    _heading(console, "Companies and sentiment")
    for company in record.companies:
        _line(console, _company_line(company))
        sentiment = company.sentiment
        if sentiment is None:
            continue
        if sentiment.evidence.quote is not None:
            _line(console, f"    “{sentiment.evidence.quote}”", "italic")
        _line(console, f"    {sentiment.reason}", "dim")


def _company_line(company: RecordCompany) -> str:
    listing = ":".join(part for part in (company.exchange, company.ticker) if part)
    name = f"{company.name} ({listing})" if listing else company.name
    return f"  {name} · {company.role.value} · {sentiment_words(company.sentiment)}"


def sentiment_words(sentiment: Sentiment | None) -> str:
    """Returns a sentiment in a few words: label and signed score, or that there is none."""
    if sentiment is None:
        return "not analyzed yet"
    if sentiment.state is SentimentState.NOT_ASSESSED or sentiment.score is None:
        return "not assessed"
    return f"{sentiment.label} {sentiment.score:+.2f}"


def _print_stories(record: ArticleRecord, console: Console) -> None:
    if not record.stories:
        return
    _heading(console, "Stories")
    for story in record.stories:
        count = f"{story.article_count} article{'' if story.article_count == 1 else 's'}"
        _line(
            console,
            f"  #{story.id} {story.title} · {story.relation.value} · {count}"
            f" · similarity {story.similarity:.2f}",
        )
        _line(console, f"    {story.why}", "dim")


def _print_run(run: RunBlock, console: Console) -> None:
    _heading(console, f"{run.workflow} #{run.number}: {run.status.value}{_took(run)}")
    table = Table(box=None, padding=(0, 1), show_header=False)
    for step in run.steps:
        mark, style = _MARKS[step.status]
        table.add_row(
            Text(f"  {mark}", style=style),
            step.name.value,
            step.status.value,
            _attempts(step),
            "" if step.duration_ms is None else f"{step.duration_ms / 1000:.2f} s",
            Text(plain(_why(step))),
        )
    console.print(table)
    if run.error is not None:
        _line(console, f"  {run.error.type}: {run.error.message}", "red")
    if run.status is RunStatus.COMPLETED and not run.published:
        by = "it was removed" if run.superseded_by is None else f"revision {run.superseded_by}"
        _line(console, f"  Not what readers see: superseded ({by}).", "yellow")
    _line(console, f"  started {when(run.started_at)} · completed {when(run.completed_at)}", "dim")
    if run.temporal_url is not None:
        _line(console, f"  {run.temporal_url}", "dim")


def _took(run: RunBlock) -> str:
    return "" if run.duration_seconds is None else f" in {run.duration_seconds:.1f} s"


def _attempts(step: StepRecord) -> str:
    if step.attempts is None:
        return "attempts unknown"
    if step.attempts == 0:
        return ""
    return f"{step.attempts} attempt{'' if step.attempts == 1 else 's'}"


def _why(step: StepRecord) -> str:
    if step.reason is not None:
        return f"{step.reason_code}: {step.reason}"
    return "" if step.error is None else f"{step.error.type}: {step.error.message}"


def _print_article(record: ArticleRecord, console: Console) -> None:
    article = record.article
    if article.markdown:
        _heading(console, "Article")
        _line(console, article.markdown)
    for removal in article.cleaning:
        _line(
            console, f"  removed {removal.rule} ({removal.removed_chars}): {removal.sample}", "dim"
        )
    _heading(console, "Metadata")
    stocks = ", ".join(
        f"{stock.ticker} ({stock.exchange})" if stock.exchange else stock.ticker
        for stock in article.stocks
    )
    rows = {
        "Article id": f"{article.id}, revision {article.revision}",
        "Updated": when(article.updated_at),
        "Fetched": when(article.fetched_at),
        "Language": article.language or "-",
        "Origin": ", ".join(article.origin) or "-",
        "Channels": ", ".join(article.channels) or "-",
        "Tags": ", ".join(article.tags) or "-",
        "Stocks": stocks or "-",
        "Teaser": article.teaser or "-",
        "Image": article.image_url or "-",
    }
    for name, value in rows.items():
        _line(console, f"  {name}: {value}")
