"""Markdown, judged by a CommonMark parser that is not ours."""

import re
from html import unescape

import pytest
from markdown_it import MarkdownIt

from tests.unit.cleaning.making import article, cleaned

_BLOCK_TAG = re.compile(r"</?(?:p|h\d|li|ul|ol|td|th|tr|table|thead|tbody|blockquote|pre)\b[^>]*>")
PARSER = MarkdownIt("commonmark").enable("table")


def shown(markdown: str) -> str:
    """Returns the text that a reader sees of rendered Markdown, on one line."""
    rendered = PARSER.render(markdown)
    # No space for inline elements, or words in two formats would fall apart.
    blocks = re.sub(
        r"</?(?:p|h\d|li|ul|ol|td|th|tr|table|thead|tbody|blockquote|pre)\b[^>]*>", " ", rendered
    )
    return " ".join(unescape(re.sub(r"<[^>]+>", "", blocks)).split())


LOOKALIKES = (
    "# not a heading",
    "- not a list",
    "+ nor this",
    "* nor that",
    "1. not numbered",
    "12) nor this",
    "> not a quote",
    "--- ---",
    "=====",
    "~~~ no fence",
    "``` no code",
    "`code` and ``more``",
    "2 * 3 * 4 = 24 and *stars* and **more**",
    "snake_case_name and _under_ and __dunder__",
    "[not](a-link) and [nor][this] and [x]: https://example.com",
    "![no](image)",
    "&lt;b&gt;not bold&lt;/b&gt; and &lt;https://example.com&gt;",
    "&amp;amp; stays, &amp;#39; too, AT&amp;T",
    "a \\ b \\* c \\",
    "~~not struck~~",
    "| not | a | table |",
    "[ ] no task",
    "C:\\dir\\_x_",
    "heading end ##",
    "x &lt; y &gt; z",
    "Wow!",
)


@pytest.mark.parametrize("text", LOOKALIKES)
@pytest.mark.parametrize(
    "wrap",
    [
        "<p>{}</p>",
        "<ul><li>{}</li></ul>",
        "<h2>{}</h2>",
        "<blockquote><p>{}</p></blockquote>",
        "<p><strong>{}</strong></p>",
        "<table><tr><td>a</td><td>{}</td></tr></table>",
        '<p>x <a href="/y">{}</a></p>',
    ],
)
def test_text_that_looks_like_markdown_stays_text(text: str, wrap: str) -> None:
    result = cleaned("<p>First.</p>" + wrap.format(text)).text
    plain = result.text.split("\n\n", 1)[1]
    assert shown(result.markdown) == " ".join(plain.split())


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<strong>Tesla </strong>(NASDAQ)", "**Tesla** (NASDAQ)"),
        ("the <a href='/x'>report </a>said", "the [report](https://www.benzinga.com/x) said"),
        ("<strong>Price:</strong>up 4%", "**Price**:up 4%"),
        ("<strong>a</strong> <strong>b</strong>", "**a b**"),
        ("un<em>believ</em>able", "un*believ*able"),
        ("<strong><em>both</em></strong>", "***both***"),
        ("<b>x <i>y</i></b> z", "**x *y*** z"),
        ("<em>see <a href='/x'>it</a> now</em>", "*see [it](https://www.benzinga.com/x) now*"),
        ("up<strong>.</strong>", "up."),
        ("(<strong>a</strong>)", "(**a**)"),
        ("5 * 3", "5 * 3"),
        ("a_b_c", "a_b_c"),
        ("AT&amp;T &lt; 5", "AT&T < 5"),
        ("[sic] and (x)", "[sic] and (x)"),
        ("~55% of #bitcoin", "~55% of #bitcoin"),
        ("A. Smith - the 1. of them", "A. Smith - the 1. of them"),
    ],
)
def test_marks_stand_where_markdown_reads_them_and_nowhere_else(html: str, expected: str) -> None:
    assert cleaned(f"<p>{html}</p>").text.markdown == expected


def test_formats_that_touch_lose_a_format_before_they_leave_a_stray_mark() -> None:
    result = cleaned(
        "<p><b>a</b><i>b</i><b>c</b> and <i>x<b>y</b></i>z "
        "<b><i>Quillon</i></b><b>4%</b><b><i>(NYSE)</i></b></p>"
    ).text
    assert shown(result.markdown) == "abc and xyz Quillon4%(NYSE)"


def test_brackets_before_a_format_that_is_lost_do_not_become_a_link() -> None:
    result = cleaned("<p>Yes <b>[x]</b><b><i>(y)</i></b> no!<i><a href='/x'>[z]</a></i></p>").text
    assert shown(result.markdown) == "Yes [x](y) no![z]"


def test_link_address_with_parentheses() -> None:
    result = cleaned('<p>See <a href="https://example.com/a_(b)">it</a>.</p>').text
    assert result.markdown == "See [it](https://example.com/a_%28b%29)."
    assert 'href="https://example.com/a_%28b%29"' in PARSER.render(result.markdown)


def test_fence_is_longer_than_the_backticks_in_it() -> None:
    result = cleaned("<pre>a ```` b\n\nc</pre>").text
    assert result.markdown == "`````\na ```` b\n\nc\n`````"


def test_headline_only_markdown_is_escaped_too() -> None:
    result = cleaned(article(title="*Quillon* <b>up</b>")).text
    assert shown(result.markdown) == "*Quillon* <b>up</b>"


def test_no_trailing_spaces_and_single_blank_lines() -> None:
    result = cleaned(
        "<p>a </p><ul><li>b<p>c</p><pre>d\n\n\ne</pre></li></ul><blockquote>x<br><br>y</blockquote>"
    ).text
    outside_code = re.sub(r"```.*?```", "", result.markdown, flags=re.DOTALL)
    assert not re.search(r"[ \t]+$", result.markdown, flags=re.MULTILINE)
    assert "\n\n\n" not in outside_code
