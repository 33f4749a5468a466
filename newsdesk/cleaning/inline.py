"""Runs of text: putting white space and formats into one normal form, and nesting them."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from newsdesk.cleaning.model import Line, Run, line_text


def paragraphs(runs: Iterable[Run]) -> list[tuple[Line, ...]]:
    """Returns the paragraphs in raw runs: lists of lines, where two breaks part paragraphs.

    In raw runs white space is squeezed within each run already, and a line break is
    a run of its own.
    """
    found: list[list[Line]] = [[]]
    for line in map(normal_line, _raw_lines(runs)):
        if line:
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return [tuple(lines) for lines in found if lines]


def _raw_lines(runs: Iterable[Run]) -> list[list[Run]]:
    lines: list[list[Run]] = [[]]
    for run in runs:
        first, *rest = run.text.split("\n")
        lines[-1].append(run.saying(first))
        for text in rest:
            lines.append([run.saying(text)])
    return lines


def normal_line(runs: Iterable[Run]) -> Line:
    """Returns a line in normal form.

    No white space at its ends nor twice in a row, none at the ends of a formatted run, no format
    on marks alone, neighbours of one format joined, NFC throughout.
    """
    runs = [run for run in runs if run.text]
    if len(runs) == 1 and not any(runs[0][1:]):
        return _plain_line(runs[0].text)
    joined = _joined(_bridged(_joined(_unformatted_edges(_joined(_squeezed(runs))))))
    text = line_text(joined)
    if not unicodedata.is_normalized("NFC", text):
        # A mark that composes across two formats: the letter counts more than the format.
        return (Run(unicodedata.normalize("NFC", text)),)
    return tuple(joined)


def _plain_line(text: str) -> Line:
    text = unicodedata.normalize("NFC", text).strip(" ")
    return (Run(text),) if text else ()


def _squeezed(runs: Iterable[Run]) -> list[Run]:
    out: list[Run] = []
    after_space = True
    for run in runs:
        text = unicodedata.normalize("NFC", run.text)
        text = text.lstrip(" ") if after_space else text
        if text:
            after_space = text.endswith(" ")
            out.append(run.saying(text))
    while out and not out[-1].text.rstrip(" "):
        out.pop()
    if out:
        out[-1] = out[-1].saying(out[-1].text.rstrip(" "))
    return out


def _unformatted_edges(runs: Iterable[Run]) -> Iterator[Run]:
    for run in runs:
        core = run.text.strip(" ")
        if not run.href and not any(char.isalnum() for char in core):
            yield Run(run.text)
            continue
        if run.text.startswith(" "):
            yield Run(" ")
        yield run.saying(core)
        if run.text.endswith(" ") and core:
            yield Run(" ")


def _joined(runs: Iterable[Run]) -> list[Run]:
    out: list[Run] = []
    for _, group in groupby((run for run in runs if run.text), key=_format):
        same = list(group)
        text = same[0].text if len(same) == 1 else "".join(run.text for run in same)
        out.append(same[0].saying(text))
    return out


def _bridged(runs: Sequence[Run]) -> list[Run]:
    """Gives a space between two runs the format that both have, so that they join."""
    out = list(runs)
    for index in range(1, len(out) - 1):
        if out[index].text == " ":
            out[index] = _shared_space(out[index - 1], out[index + 1])
    return out


def _shared_space(before: Run, after: Run) -> Run:
    linked = before[3:] == after[3:]
    return Run(
        " ",
        before.strong and after.strong,
        before.emphasis and after.emphasis,
        before.href if linked else "",
        before.ticker and linked,
    )


def _format(run: Run) -> tuple[bool, bool, str, bool]:
    return run[1:]


@dataclass(frozen=True, slots=True)
class Span:
    """Runs that share a format: kind "strong", "emphasis" or "link", or "text" for one run."""

    kind: str
    run: Run
    children: tuple["Span", ...] = ()


def nested(runs: Sequence[Run]) -> tuple[Span, ...]:
    """Returns runs as properly nested spans, the longest format outermost."""
    if len(runs) == 1 and not any(runs[0][1:]):
        return (Span("text", runs[0]),)
    spans: list[Span] = []
    start = 0
    while start < len(runs):
        kind, end = _longest(runs, start)
        inner = tuple(_without(run, kind) for run in runs[start:end])
        children = () if kind == "text" else nested(inner)
        spans.append(Span(kind, runs[start], children))
        start = end
    return tuple(spans)


def _longest(runs: Sequence[Run], start: int) -> tuple[str, int]:
    first = runs[start]
    best, end = "text", start
    if first.href:
        best, end = "link", _reach(runs, start, "link")
    for kind, active in (("strong", first.strong), ("emphasis", first.emphasis)):
        reach = _reach(runs, start, kind) if active else start
        if reach > end or (reach == end and best == "link"):
            best, end = kind, reach
    return best, max(end, start + 1)


def _reach(runs: Sequence[Run], start: int, kind: str) -> int:
    end = start + 1
    while end < len(runs) and _shares(runs[start], runs[end], kind):
        end += 1
    return end


def _shares(one: Run, other: Run, kind: str) -> bool:
    if kind == "link":
        return other.href == one.href and other.ticker == one.ticker
    return other.strong if kind == "strong" else other.emphasis


def _without(run: Run, kind: str) -> Run:
    if kind == "link":
        return Run(run.text, run.strong, run.emphasis)
    if kind == "strong":
        return run.plain()
    return Run(run.text, run.strong, href=run.href, ticker=run.ticker)
