"""What must hold for any body: nothing lost, nothing stray, the same when done again."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from newsdesk.cleaning import Cleaner
from tests.unit.cleaning.making import article, cleaned
from tests.unit.cleaning.test_markdown import shown

WORDS = st.sampled_from(
    "Quillon rose 4% on Monday (NYSE:QLN) a_b * ** _ [x] (y) AT&amp;T 5. - # &gt; ` \\ ! é 🚀 株価 "
    "“quoted” ~ | 1)".split()
)
TEXT = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)
FORMATS = st.sampled_from(
    [
        "{}",
        "<b>{}</b>",
        "<em>{}</em>",
        "<b>{} </b>",
        '<a href="/x">{}</a>',
        "<i> {}</i>",
        "<b><i>{}</i></b>",
        "{}<br>",
        "<span>{}</span>",
    ]
)
PIECE = st.tuples(FORMATS, TEXT).map(lambda pair: pair[0].format(pair[1]))
LINE = st.tuples(st.lists(PIECE, min_size=1, max_size=4), st.sampled_from(["", " "])).map(
    lambda pair: pair[1].join(pair[0])
)
BLOCKS = st.sampled_from(
    [
        "<p>Yes {}</p>",
        "<h3>Yes {}</h3>",
        "<ul><li>Yes {}</li><li>two</li></ul>",
        "<blockquote><p>Yes {}</p></blockquote>",
        "Yes {}",
        "<div>Yes {}</div>",
        "<table><tr><td>Yes {}</td><td>b</td></tr></table>",
        "<ol><li>Yes<ul><li>{}</li></ul></li></ol>",
    ]
)
BLOCK = st.tuples(BLOCKS, LINE).map(lambda pair: pair[0].format(pair[1]))
BODY = st.lists(BLOCK, max_size=5).map("\n".join)
JUNK = st.text(st.sampled_from(list("<>/abpuliqtd=\"' \n&;#x[]*_`-\x00\ud800é")), max_size=120)
LABELLED = st.sampled_from(
    [
        "<p>Read Next: <a href='/1'>T</a></p>",
        "<p><em>Photo: Shutterstock</em></p>",
        "<p>***</p>",
        "<h3>Read Next</h3>",
        "<ul><li><a href='/2'>U</a></li></ul>",
        "<p>Read Also:</p>",
        "<hr>",
        "<p><a href='https://www.benzinga.com/news/1/49999999/x'>A Title Of Four Words</a></p>",
        "<p>Disclaimer: not advice.</p>",
        "<p>Story: it went on.</p>",
        "<p>SOURCE Quillon</p>",
    ]
)
AROUND = st.sampled_from(
    [
        "<p>{}</p>",
        "{}<br>",
        "<li>{}</li>",
        "<p><b>{}</b>",
        "<td>{}</td>",
        "<div>{}",
        "<blockquote>{}</blockquote>",
    ]
)


@given(BODY)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_markdown_shows_what_the_text_says(body: str) -> None:
    result = cleaned("<p>First.</p>" + body).text
    plain = result.text.split("\n\n", 1)[1]
    assert shown(result.markdown) == " ".join(plain.split())
    assert not re.search(r"[ \t]+$", result.markdown, flags=re.MULTILINE)
    assert "\n\n\n" not in result.markdown
    for anchor in result.anchors:
        assert result.text[anchor.start : anchor.end] == anchor.ticker


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=8), st.data())
@settings(max_examples=80, deadline=None, derandomize=True)
def test_every_sentence_of_the_story_is_in_the_text(
    numbers: list[int], data: st.DataObject
) -> None:
    sentences = [f"Unit {number} of Quillon sold {number * 7} valves." for number in numbers]
    parts: list[str] = []
    for sentence in sentences:
        parts.append(data.draw(LABELLED))
        parts.append(data.draw(AROUND).format(sentence))
    text = cleaned("".join(parts)).text.text
    for sentence in sentences:
        assert sentence in text


@given(st.lists(st.one_of(BODY, JUNK, LABELLED), max_size=6).map("".join), st.booleans())
@settings(max_examples=200, deadline=None, derandomize=True)
def test_cleaning_again_changes_nothing(body: str, is_release: bool) -> None:
    cleaner = Cleaner()
    first = article(body, channels=("Press Releases",) if is_release else ())
    once = cleaner.clean_html(first)
    again = cleaner.clean_html(first.model_copy(update={"body": once.html}))
    assert again.html == once.html
    assert again.removals == ()
    assert cleaner.clean_html(first) == once
    assert cleaner.to_markdown(first, again.model_copy(update={"content": once.content})) == (
        cleaner.to_markdown(first, once)
    )
