"""A record on a terminal. Article text is untrusted: it is printed as text, never as mark-up."""

from datetime import datetime

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from newsdesk.contracts.analysis import Sentiment, SentimentState
from newsdesk.contracts.record import (
    ArticleRecord,
    RecordAnalysis,
    RecordCompany,
    RunBlock,
    RunStatus,
    StepRecord,
    StepStatus,
)
from newsdesk.ops.text import one_line, plain, score_text

_MARKS = {
    StepStatus.COMPLETED: ("✓", "green"),
    StepStatus.SKIPPED: ("⊘", "yellow"),
    StepStatus.FAILED: ("✗", "red"),
    StepStatus.RUNNING: ("…", "cyan"),
    StepStatus.PENDING: ("·", "dim"),
}


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


def _line(console: Console, text: str, style: str = "", indent: int = 0) -> None:
    """Prints text, wrapped between words on a terminal, untouched for a pipe."""
    shown = Text(plain(text), style=style)
    if console.is_terminal:
        console.print(Padding.indent(shown, indent))
    else:
        shown.pad_left(indent)
        console.print(shown, soft_wrap=True)


def _address(console: Console, url: str, indent: int = 0) -> None:
    # Never wrapped: terminals make links of addresses that are in one piece.
    console.print(Text(" " * indent + one_line(url), style="dim"), soft_wrap=True)


def _heading(console: Console, text: str) -> None:
    console.print()
    _line(console, text, "bold")


def _print_head(record: ArticleRecord, console: Console) -> None:
    article = record.article
    if record.analysis is not None and record.analysis.categories:
        _line(console, " · ".join(record.analysis.categories), "cyan")
    _line(console, one_line(article.title) or f"Article {article.id}", "bold")
    content = "" if article.content is None else f" · {article.content.value}"
    _line(
        console,
        f"{one_line(article.author) or 'no author'} · {article.source}"
        f" · {when(article.published_at)}{content}",
        "dim",
    )
    if article.url:
        _address(console, article.url)
    if article.state == "removed":
        _line(console, f"Removed by the publisher at {when(article.removed_at)}.", "red")


def _print_analysis(record: ArticleRecord, console: Console) -> None:
    analysis = record.analysis
    if analysis is None:
        return
    _heading(console, "Gist")
    _line(console, analysis.gist)
    _heading(console, f"Summary ({analysis.analyzer.name} {analysis.analyzer.version})")
    if analysis.summary:
        _line(console, analysis.summary)
    if analysis.note:
        _line(console, analysis.note, "yellow")
    dropped = _dropped(analysis)
    if dropped:
        _line(console, dropped, "yellow")


def _dropped(analysis: RecordAnalysis) -> str:
    """Returns how much of an answer was not in the text."""
    parts = [
        f"{count} {one if count == 1 else f'{one[:-1]}ies' if one[-1] == 'y' else f'{one}s'}"
        for count, one in (
            (analysis.dropped_companies, "company"),
            (analysis.dropped_quotes, "quote"),
        )
        if count
    ]
    return f"Left out, for not being in the text: {', '.join(parts)}." if parts else ""


def _print_companies(record: ArticleRecord, console: Console) -> None:
    if not record.companies:
        return
    _heading(console, "Companies and sentiment")
    for company in record.companies:
        _line(console, _company_line(company), indent=2)
        sentence = _sentence(company)
        if sentence is not None:
            _line(console, f"“{sentence}”", "italic", indent=4)
        if company.sentiment is not None:
            _line(console, company.sentiment.reason, "dim", indent=4)


def _company_line(company: RecordCompany) -> str:
    listing = ":".join(part for part in (company.exchange, company.ticker) if part)
    name = f"{company.name} ({listing})" if listing else company.name
    role = company.role.value.replace("_", " ")
    return f"{one_line(name)} · {role} · {sentiment_words(company.sentiment)}"


def _sentence(company: RecordCompany) -> str | None:
    """Returns the quote that proves the score; without one, the sentence that first names it."""
    quote = None if company.sentiment is None else company.sentiment.evidence.quote
    if quote is None and company.mentions:
        quote = company.mentions[0].sentence
    return None if quote is None else one_line(quote)


def sentiment_words(sentiment: Sentiment | None) -> str:
    """Returns a sentiment in a few words: label and signed score, or that there is none."""
    if sentiment is None:
        return "not analyzed yet"
    if sentiment.state is SentimentState.NOT_ASSESSED or sentiment.score is None:
        return "not assessed"
    return f"{sentiment.label} {score_text(sentiment.score)}"


def _print_stories(record: ArticleRecord, console: Console) -> None:
    if not record.stories:
        return
    _heading(console, "Stories")
    for story in record.stories:
        count = f"{story.article_count} article{'' if story.article_count == 1 else 's'}"
        _line(
            console,
            f"#{story.id} {one_line(story.title)} · {story.relation.value} · {count}"
            f" · similarity {story.similarity:.2f}",
            indent=2,
        )
        _line(console, story.why, "dim", indent=4)


def _print_run(run: RunBlock, console: Console) -> None:
    _heading(console, f"{run.workflow} #{run.number}: {run.status.value}{_took(run)}")
    for step in run.steps:
        print_step(step, console)
    print_replays(run, console)
    if run.error is not None:
        _line(console, f"{run.error.type}: {run.error.message}", "red", indent=2)
    if not run.published:
        _line(console, _unseen(run), "yellow", indent=2)
    _line(
        console, f"started {when(run.started_at)} · ended {when(run.completed_at)}", "dim", indent=2
    )
    if run.temporal_url is not None:
        _address(console, run.temporal_url, indent=2)


def print_replays(run: RunBlock, console: Console) -> None:
    """Prints when and why a run was replayed, a line each time."""
    for replay in run.replays:
        _line(console, f"replayed {when(replay.at)}: {one_line(replay.reason)}", "dim", indent=2)


def print_step(step: StepRecord, console: Console) -> None:
    """Prints a step: how it stands, how long it took, its attempts and model, and why."""
    mark, style = _MARKS[step.status]
    line = Text.assemble((f"  {mark} ", style), f"{step.name.value:<24}{step.status.value:<10}")
    if step.duration_ms is not None:
        line.append(f"{step.duration_ms / 1000:>8.2f} s")
    line.append(f"  {_attempts(step)}")
    line.append(_paid(step))
    line.rstrip()
    console.print(line, soft_wrap=True)
    for why in _whys(step):
        _line(console, one_line(why), "dim", indent=6)


def _paid(step: StepRecord) -> str:
    """Returns who answered a step and what it took; of the builtin analyzer, nothing."""
    tokens = step.tokens
    if step.model is None or tokens is None or not step.prompt_version:
        return ""
    if step.answer_reused:
        return f"  {step.model}, answer of an earlier run"
    cached = f" ({tokens.cached_input:,} cached)" if tokens.cached_input else ""
    cost = "price unknown" if step.cost_usd is None else f"${step.cost_usd:.4f}"
    return f"  {step.model}, {tokens.input:,}{cached} + {tokens.output:,} tokens, {cost}"


def _unseen(run: RunBlock) -> str:
    """Returns why readers do not see what this run made."""
    if run.superseded_by is not None:
        return f"Not what readers see: superseded by revision {run.superseded_by}."
    if run.status is RunStatus.COMPLETED:
        return "Not what readers see: the article was removed."
    if run.status in {RunStatus.PENDING, RunStatus.RUNNING}:
        return "Not published yet."
    return "Not published: readers see an earlier run's record, if there is one."


def _took(run: RunBlock) -> str:
    return "" if run.duration_seconds is None else f" in {run.duration_seconds:.1f} s"


def _attempts(step: StepRecord) -> str:
    if step.attempts is None:
        return "attempts unknown"
    if step.attempts == 0:
        return ""
    return f"{step.attempts} attempt{'' if step.attempts == 1 else 's'}"


def _whys(step: StepRecord) -> list[str]:
    """Returns why a step was skipped, waits or was answered by another model, and its error."""
    reason = [] if step.reason is None else [f"{step.reason_code}: {step.reason}"]
    error = [] if step.error is None else [f"{step.error.type}: {step.error.message}"]
    return reason + error


def _print_article(record: ArticleRecord, console: Console) -> None:
    article = record.article
    if article.markdown:
        _heading(console, "Article")
        _line(console, article.markdown)
    if article.cleaning:
        _heading(console, "Removed by cleaning")
    for removal in article.cleaning:
        sample = one_line(removal.sample)
        _line(
            console,
            f"{removal.rule}, {removal.removed_chars} characters: {sample}",
            "dim",
            indent=2,
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
        _line(console, f"{name}: {one_line(value)}", indent=2)
