"""HTML of any make to blocks, in one pass over the parser's events.

Events, not a tree: nesting of any depth costs a stack entry, where a tree has a limit beyond
which the parser drops the rest of the article.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import lxml.etree as etree

from newsdesk.cleaning import markup
from newsdesk.cleaning.chars import printable, squeezed, superscript
from newsdesk.cleaning.containers import Containers
from newsdesk.cleaning.inline import normal_line, paragraphs
from newsdesk.cleaning.links import absolute, is_event
from newsdesk.cleaning.model import Block, Blocks, Heading, Line, Paragraph, Preformatted, Run
from newsdesk.cleaning.visibility import is_tiny
from newsdesk.contracts.cleaning import CleaningRemoval

SAMPLE_CHARS = 80


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read, and which elements were left out on the way."""

    blocks: Blocks
    removals: tuple[CleaningRemoval, ...]


def read_html(html: str, base: str) -> Reading:
    """Returns the blocks of an HTML fragment or document; links are resolved against `base`.

    Never raises for what the HTML holds: broken nesting, control characters, lone surrogates and
    elements nested 100,000 deep are read like a browser would, as far as it goes.
    """
    reader = _Reader(base)
    parser = etree.HTMLParser(target=reader, huge_tree=True, encoding="utf-8")
    data = markup.without_strays(markup.closed(printable(html))).encode("utf-8")
    parser.feed(b"<body>" + data)
    parser.close()
    return Reading(tuple(reader.finish()), tuple(reader.removals))


class _Style(NamedTuple):
    """What the open elements make of text."""

    strong: bool = False
    emphasis: bool = False
    href: str = ""
    ticker: bool = False
    heading: int = 0
    preformatted: bool = False
    raised: bool = False
    tiny: bool = False
    hint: str = ""


@dataclass(slots=True)
class _Skipped:
    """A subtree on its way out."""

    rule: str
    silent: bool
    name: str
    depth: int = 0
    text: list[str] = field(default_factory=list[str])


class _Reader:
    """Target of the parser's events."""

    def __init__(self, base: str) -> None:
        self.removals: list[CleaningRemoval] = []
        self._base = base
        self._containers = Containers()
        self._style = _Style()
        self._outer: list[tuple[_Style, bool]] = []
        self._runs: list[Run] = []
        self._skipped: _Skipped | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if self._skipped is not None:
            self._skipped.depth += 1
            return
        rule = markup.removal_rule(tag, attributes)
        if rule is not None and tag not in ("html", "body"):
            name = attributes.get("src") or attributes.get("data") or tag
            self._skipped = _Skipped(rule, tag in markup.SILENT, name)
            return
        opened = False
        outer = self._style
        if tag in markup.BLOCKS:
            self._flush()
            opened = self._containers.open(tag, attributes)
        self._outer.append((outer, opened))
        self._style = self._styled(tag, attributes)
        if "style" in attributes:
            tiny = is_tiny(attributes["style"], self._style.tiny)
            self._style = self._style._replace(tiny=tiny)
        self._leaf(tag, attributes)

    def end(self, tag: str) -> None:
        if self._skipped is not None:
            self._skipped.depth -= 1
            if self._skipped.depth < 0:
                self._report_skipped(self._skipped)
                self._skipped = None
            return
        if tag == "q":
            self._runs.append(self._run("”"))
        if tag in markup.BLOCKS:
            self._flush()
        if self._outer:
            self._style, opened = self._outer.pop()
            if opened:
                self._containers.close()

    def data(self, text: str) -> None:
        if self._skipped is not None:
            self._skipped.text.append(text)
            return
        # References like &#8203; only become characters in the parser.
        text = printable(text)
        if self._style.tiny and text.strip():
            self._report("hidden", "font-size", 0)
            return
        if self._style.raised:
            text = superscript(text)
        self._runs.append(self._run(text if self._style.preformatted else squeezed(text)))

    def comment(self, text: str) -> None:
        """Comments are not part of an article."""

    def pi(self, target: str, text: str | None = None) -> None:
        """Nor are processing instructions."""

    def close(self) -> None:
        """Called by the parser at the end."""

    def finish(self) -> list[Block]:
        """Returns the blocks, once the parser is done."""
        if self._skipped is not None:
            self._report_skipped(self._skipped)
        self._flush()
        return self._containers.finish()

    def _styled(self, tag: str, attributes: dict[str, str]) -> _Style:
        style = self._style
        if tag in markup.STRONG:
            return style._replace(strong=True)
        if tag in markup.EMPHASIS:
            return style._replace(emphasis=True)
        if tag == "a":
            classes = attributes.get("class", "").lower().split()
            href = absolute(printable(attributes.get("href", "")), self._base)
            return style._replace(href=href, ticker="ticker" in classes)
        if tag in markup.HEADINGS:
            return style._replace(heading=markup.HEADINGS[tag])
        if tag in markup.PREFORMATTED:
            return style._replace(preformatted=True)
        if tag == "sup":
            return style._replace(raised=True)
        if not attributes and tag not in markup.CAPTIONS:
            return style
        hint = markup.hint_of(tag, attributes)
        return style._replace(hint=hint) if hint else style

    def _leaf(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "br":
            self._runs.append(Run("\n"))
        elif tag == "q":
            self._runs.append(self._run("“"))
        elif tag == "img":
            self._image(attributes)

    def _image(self, attributes: dict[str, str]) -> None:
        alt = attributes.get("alt", "")
        if "emoji" in attributes.get("class", "").lower() and alt:
            self.data(alt)
            return
        rule = "event-image" if is_event(self._style.href) else "image"
        self._report(rule, alt or attributes.get("src", ""), 0)

    def _run(self, text: str) -> Run:
        style = self._style
        return Run(text, style.strong, style.emphasis, style.href, style.ticker)

    def _flush(self) -> None:
        if not self._runs:
            return
        runs, self._runs = self._runs, []
        style = self._style
        if style.preformatted:
            self._flush_preformatted("".join(run.text for run in runs))
            return
        for lines in paragraphs(runs):
            if style.heading:
                self._containers.add(Heading(style.heading, _heading_line(lines)))
            else:
                self._containers.add(Paragraph(lines, style.hint))

    def _flush_preformatted(self, text: str) -> None:
        lines = [line.rstrip() for line in text.replace("\xa0", " ").expandtabs().splitlines()]
        while lines and not lines[0]:
            del lines[0]
        kept = "\n".join(lines).rstrip()
        if kept:
            self._containers.add(Preformatted(kept))

    def _report_skipped(self, skipped: _Skipped) -> None:
        visible = squeezed("".join(skipped.text)).strip()
        if skipped.silent:
            return
        seen = 0 if skipped.rule in markup.UNSEEN else len(visible)
        self._report(skipped.rule, (visible if seen else "") or skipped.name, seen)

    def _report(self, rule: str, sample: str, chars: int) -> None:
        sample = squeezed(printable(sample)).strip()[:SAMPLE_CHARS]
        self.removals.append(CleaningRemoval(rule=rule, removed_chars=chars, sample=sample))


def _heading_line(lines: tuple[Line, ...]) -> Line:
    line = normal_line(run for line in lines for run in (*line, Run(" ")))
    if all(run.strong for run in line if any(char.isalnum() for char in run.text)):
        return normal_line(run.plain() for run in line)
    return line
