import subprocess
import sys
import time

import pytest

from newsdesk.contracts.articles import BodyKind
from newsdesk.contracts.cleaning import ContentKind, Origin
from tests.unit.cleaning.making import article, cleaned

CPU_SECONDS = 20.0
"""Of this process, so that a busy machine does not count. What is quadratic takes minutes."""


@pytest.mark.parametrize(
    "tag", ["div", "blockquote", "ul><li", "table><tr><td", "span", "b", "font", "section"]
)
def test_deep_nesting_loses_nothing(tag: str) -> None:
    result = cleaned(f"<p>First.</p>{f'<{tag}>' * 10_000}Deep down.<p>Last.</p>")
    assert result.body[0] == "First."
    assert "Deep down." in result.text.text
    assert "Last." in result.text.text


@pytest.mark.parametrize("depth", [300, 1500, 5000])
def test_a_deeply_nested_page_loses_nothing(depth: int) -> None:
    sentence = "Quillon said on Monday that it would build a second quarry in the north by spring."
    story = "".join(f"<p>{number}. {sentence}</p>" for number in range(1, 7))
    page = f"<html><body>{'<div>' * depth}{story}{'</div>' * depth}</body></html>"
    result = cleaned(article(page, body_kind=BodyKind.PAGE))
    assert result.text.content is ContentKind.FULL
    assert result.text.text.count(sentence) == 6


@pytest.mark.parametrize(
    "unit",
    [
        "<p>Quillon <strong>rose</strong> 4% (NYSE: QLN) on <a href='/x'>Monday</a>.</p>\r\n",
        "<ul><li>Quillon rose.</li></ul>",
        "Quillon rose again, by 4%, and went on to rise on Tuesday. ",
        "<p>Read Next: <a href='/x'>A title</a></p>",
        "<tr><td>Quillon</td><td>4%</td></tr>",
        "<div><p>Quillon",
        "* _ ` [ ( ",
        "&nbsp;<br>",
        "a &amp; b <i>c</i> ",
        "<ul><ul>x</ul>",
        "<b>x</i></font ></em class='a'>",
    ],
)
def test_large_bodies_take_time_in_proportion(unit: str) -> None:
    body = "<p>First.</p>" + unit * (200_000 // len(unit))
    started = time.process_time()
    result = cleaned(body)
    assert time.process_time() - started < CPU_SECONDS / 4
    assert result.body[0] == "First."


def test_a_body_of_two_megabytes_takes_seconds() -> None:
    unit = "<p>Quillon opened a plant &amp; hired <b>90</b> people in Ohio (NYSE: QLN).</p>\n" * 2
    body = unit * (2_000_000 // len(unit))
    started = time.process_time()
    result = cleaned(body)
    assert time.process_time() - started < CPU_SECONDS / 2
    assert len(result.body) == body.count("<p>")


@pytest.mark.parametrize(
    "body",
    [
        "\x00<p>a\ud800b</p>\udfff",
        "<p>x<!-- <p>gone</p> --> y<?php echo 1 ?></p>",
        "<?xml version='1.0' encoding='utf-16'?><p>x y</p>",
        "<meta charset='utf-16'><p>x y é</p>",
        "<p>x y</p></body></html><p>more</p>",
        "<a href='http://[bad'>x</a> y <a href>z</a>",
        "<table><td>x<table><td>y</table>",
        "<p style='x'' class=>x y <b <i>z",
        "</p></div></b>x y",
        "<ol start='99999999999999999999'><li>x y</li></ol>",
        "<ol start='²'><li>x y</li></ol>",
        "<table><tr><td colspan='99999999' rowspan=-1>x</td><td>y</td></tr></table>",
        "<select><option>q</select><p>x y</p>",
        "<svg><text>q</text></svg><math><mi>x</mi></math> y",
        "&#xD800;&#0;&#1114112;&bogus;x y",
    ],
)
def test_broken_mark_up_is_read_like_a_browser_would(body: str) -> None:
    result = cleaned(body)
    assert result.html.content is ContentKind.FULL
    assert not any("\ud800" <= char <= "\udfff" for char in result.text.text)
    assert "\x00" not in result.html.html
    assert "gone" not in result.text.text


def test_untrusted_mark_up_never_comes_through() -> None:
    result = cleaned(
        '<p onclick="x()">Hi <a href="javascript:x()" onmouseover="y()">there</a>'
        '<img src=x onerror="z()"></p>&lt;script&gt;alert(1)&lt;/script&gt;<svg onload="q()"/>'
    )
    assert result.html.html == "<p>Hi there</p>\n<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"
    assert result.text.markdown == "Hi there\n\n\\<script>alert(1)\\</script>"


PAGE = (
    "<!doctype html><html><head><title>Quillon opens plant - Benzinga</title></head><body>"
    "<nav><a href='/'>Home</a><a href='/news'>News</a></nav><main><article><h1>{title}</h1>"
    "<p>Quillon said on Monday that it had opened its largest plant so far in Ohio, where it wants "
    "to build valves for the oil and gas industry from May on.</p>"
    "<p>The plant (NYSE: <a href='/stock/QLN#NYSE'>QLN</a>) cost $90 million and will employ 400 "
    "people, the company said, most of them engineers from the region.</p>"
    "<p><em>Read Next: <a href='/news/1'>Quillon Rival Cuts Jobs In Texas</a></em></p>"
    "<p>Analysts had expected the opening for the summer, after two delays in the past year that "
    "were blamed on a lack of steel.</p></article></main>"
    "<footer>© 2026 Benzinga.com. All rights reserved.</footer></body></html>"
)


def test_a_saved_page_yields_its_article() -> None:
    title = "Quillon Opens Its Largest Plant"
    body = PAGE.format(title=title)
    result = cleaned(article(body, title=title, body_kind=BodyKind.PAGE))
    assert len(result.body) == 3
    assert result.body[0].startswith("Quillon said on Monday")
    assert result.body[2].endswith("lack of steel.")
    assert "Home" not in result.text.text
    assert [(a.ticker, a.exchange) for a in result.text.anchors] == [("QLN", "NYSE")]


def test_origin_of_a_page_is_read_off_even_where_extraction_drops_it() -> None:
    note = "<p>This story was generated using Benzinga Neuro and edited by Ada Marsh.</p>"
    body = PAGE.format(title="T").replace("<footer>", f"<footer>{note}")
    wired = body.replace("Quillon said on", "OSLO (GLOBE NEWSWIRE) -- Quillon said on")
    result = cleaned(article(wired, body_kind=BodyKind.PAGE))
    assert result.html.origin == (Origin.AI_ASSISTED, Origin.PRESS_RELEASE)
    assert "Neuro" not in result.text.text


def test_importing_the_cleaner_loads_no_extraction_and_no_model() -> None:
    code = "import sys, newsdesk.cleaning; print({'trafilatura', 'py3langid'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_an_article_in_chunks_between_adverts_is_joined() -> None:
    text = "<p>Part {0} of the story says that Quillon has built plant number {0} this year.</p>"
    chunks = "<div class='ad'>Advertisement</div>".join(
        f"<div class='grid'><div class='chunk body'>{text.format(n) * 4}</div></div>"
        for n in range(1, 6)
    )
    page = f"<html><body><h1>X</h1><div class='chunks'>{chunks}</div></body></html>"
    result = cleaned(article(page, body_kind=BodyKind.PAGE))
    found = [result.text.text.find(f"Part {n} of the story") for n in range(1, 6)]
    assert found == sorted(found)
    assert -1 not in found


@pytest.mark.parametrize("page", ["", "<html></html>", "\x00", "<div>" * 5000 + "x"])
def test_a_page_without_an_article_is_a_headline(page: str) -> None:
    result = cleaned(article(page, body_kind=BodyKind.PAGE))
    assert result.text.text.startswith("Quillon Shares Climb")
