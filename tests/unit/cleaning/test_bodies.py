import pytest

from newsdesk.contracts.cleaning import ContentKind
from newsdesk.errors import ArticleUnusableError
from tests.unit.cleaning.making import article, cleaned


def test_wordpress_story_keeps_every_block_in_order() -> None:
    result = cleaned(
        "<p><strong>Quillon Inc</strong> (NYSE:"
        '<a class="ticker" href="https://www.benzinga.com/stock/QLN#NYSE">QLN</a>) rose.</p>'
        '\n\n\n\n<h3 class="wp-block-heading"><strong>The Numbers</strong></h3>\n\n\n\n'
        "<ul>\n<li>Sales: $2 billion</li>\n\n\n\n<li>Profit: $90 million</li>\n</ul>\n\n\n\n"
        "<blockquote><p>We are pleased.</p></blockquote>"
    )
    assert result.body == [
        "Quillon Inc (NYSE:QLN) rose.",
        "The Numbers",
        "Sales: $2 billion\nProfit: $90 million",
        "We are pleased.",
    ]
    assert result.text.markdown == (
        "**Quillon Inc** (NYSE:[QLN](https://www.benzinga.com/stock/QLN#NYSE)) rose.\n\n"
        "### The Numbers\n\n- Sales: $2 billion\n- Profit: $90 million\n\n> We are pleased."
    )
    assert result.html.content is ContentKind.FULL
    assert result.rules == []


def test_ckeditor_story_with_carriage_returns_and_tabs() -> None:
    result = cleaned(
        "<ul>\r\n\t<li><strong>Quillon&nbsp;</strong>is up\r\n\ttoday.</li>\r\n\t"
        "<li><strong>Price Action:</strong>&nbsp;QLN rose 4%.</li>\r\n</ul>\r\n "
    )
    assert result.body == ["Quillon is up today.\nPrice Action: QLN rose 4%."]
    assert result.text.markdown == ("- **Quillon** is up today.\n- **Price Action:** QLN rose 4%.")


def test_table_inside_a_paragraph_keeps_the_order_of_the_text() -> None:
    result = cleaned(
        "<p>Trades of the day:  <table>\n<thead>\n<tr>\n<th><strong>Symbol</strong></th>\n"
        "<th>Side</th>\n</tr>\n</thead><tbody><tr><td>QLN</td><td>CALL</td></tr></tbody></table>"
        " That was it.</p>Then more.\n<h2>Next</h2>"
    )
    assert result.body == [
        "Trades of the day:",
        "Symbol\tSide\nQLN\tCALL",
        "That was it.",
        "Then more.",
        "Next",
    ]
    assert "| Symbol | Side |\n| --- | --- |\n| QLN | CALL |" in result.text.markdown


def test_rating_body_without_any_paragraph() -> None:
    result = cleaned(
        'Corvane Securities analyst <a href="/analyst/jo-lund">Jo Lund</a>  maintains '
        '<a href="https://www.benzinga.com/stock/QLN#NYSE">Quillon</a> with a Buy.'
    )
    assert result.body == ["Corvane Securities analyst Jo Lund maintains Quillon with a Buy."]
    assert "(https://www.benzinga.com/analyst/jo-lund)" in result.text.markdown


@pytest.mark.parametrize("body", ["", "   \n", "<p>&nbsp;</p>", "<div><br/></div><!-- x -->"])
def test_body_without_words_makes_a_headline(body: str) -> None:
    result = cleaned(body)
    assert result.html.content is ContentKind.HEADLINE
    assert result.text.content is ContentKind.HEADLINE
    assert result.text.text == "Quillon Shares Climb After Record Quarter"
    assert result.text.markdown == "Quillon Shares Climb After Record Quarter"


@pytest.mark.parametrize(
    "body",
    [
        '<p><a href="https://example.com/story">Quillon wins order - Example Post</a></p>',
        "https://example.com/story",
        '<a href="https://example.com/story">https://example.com/story</a>',
    ],
)
def test_body_of_one_link_is_a_headline_whose_link_stays(body: str) -> None:
    result = cleaned(article(body, teaser="Quillon won an order worth $90 million."))
    assert result.html.content is ContentKind.HEADLINE
    assert "https://example.com/story" in result.html.html
    assert "https://example.com/story" in result.text.markdown
    assert result.body == ["Quillon won an order worth $90 million."]


def test_a_list_of_links_is_a_body() -> None:
    links = "".join(f'<li><a href="https://example.com/{n}">Item {n}</a></li>' for n in range(3))
    assert cleaned(f"<ul>{links}</ul>").html.content is ContentKind.FULL


@pytest.mark.parametrize(
    "teaser",
    ["", " ", "https://example.com/x", "Key points:", "Quillon shares climb after record quarter"],
)
def test_a_teaser_that_tells_nothing_is_left_out(teaser: str) -> None:
    result = cleaned(article(teaser=teaser))
    assert result.text.text == "Quillon Shares Climb After Record Quarter"


def test_a_teaser_belongs_to_a_headline_only() -> None:
    teaser = "Quillon\xa0won\n\tan order."
    assert cleaned(article(teaser=teaser)).body == ["Quillon won an order."]
    assert cleaned(article("<p>The story.</p>", teaser=teaser)).body == ["The story."]


def test_nothing_at_all_is_unusable() -> None:
    with pytest.raises(ArticleUnusableError, match="50000001 has no title, no teaser and no text"):
        cleaned(article("<p> </p>", title=" ", teaser=""))


def test_a_body_alone_is_enough() -> None:
    result = cleaned(article("<p>Only this.</p>", title=""))
    assert result.text.text == "Only this."


def test_a_title_repeated_on_top_of_the_body_is_shown_once() -> None:
    result = cleaned("<h1>Quillon shares climb, after record quarter</h1><p>The story.</p>")
    assert result.body == ["The story."]
    assert result.rules == ["repeated-title"]
    assert "record quarter" not in result.text.markdown


def test_tweet_is_kept_as_a_quote_and_its_script_goes() -> None:
    result = cleaned(
        '<figure class="wp-block-embed"><div><blockquote class="twitter-tweet"><p lang="en">'
        'Big news <a href="https://t.co/x">pic.example</a><br><br>Read more: '
        '<a href="https://t.co/y">t.co/y</a></p>&mdash; Jo (@jo) '
        '<a href="https://twitter.com/jo/1">May 1</a></blockquote>'
        '<script async src="https://platform.twitter.com/widgets.js"></script></div></figure>'
    )
    assert result.text.text.endswith(
        "Big news pic.example\n\nRead more: t.co/y\n\n— Jo (@jo) May 1"
    )
    assert result.text.markdown.startswith("> Big news [pic.example](https://t.co/x)\n>\n> Read")
    assert result.rules == ["script"]
    assert 'class="twitter-tweet"' in result.html.html


def test_nested_lists_and_ordered_lists() -> None:
    result = cleaned(
        "<ul><li>Asia<ul><li>Japan</li><li>Korea</li></ul></li><li>Europe</li></ul>"
        '<ol start="3"><li>Third</li><li>Fourth</li></ol>'
    )
    assert result.body == ["Asia\nJapan\nKorea\nEurope", "Third\nFourth"]
    assert result.text.markdown == ("- Asia\n  - Japan\n  - Korea\n- Europe\n\n3. Third\n4. Fourth")


def test_preformatted_table_keeps_its_lines() -> None:
    result = cleaned("<pre>\n  Revenue      100\n  Profit        20\n</pre>")
    assert result.body == ["Revenue\t100\nProfit\t20"]
    assert result.text.markdown == "```\n  Revenue      100\n  Profit        20\n```"


def test_single_breaks_are_lines_and_double_breaks_are_paragraphs() -> None:
    result = cleaned("<p>One<br>two<br/><br />three</p>")
    assert result.body == ["One\ntwo", "three"]
    assert result.text.markdown == "One\n\ntwo\n\nthree"


def test_spanning_cells_and_spacer_columns() -> None:
    result = cleaned(
        "<table><tr><th>Name</th><th></th><th colspan=2>Values</th></tr>"
        "<tr><td rowspan=2>A</td><td></td><td>1</td><td>2</td></tr>"
        "<tr><td></td><td>3</td><td>4</td></tr></table>"
    )
    assert result.body == ["Name\tValues\t\nA\t1\t2\n\t3\t4"]


def test_layout_table_becomes_blocks() -> None:
    result = cleaned("<table><tr><td><p>One.</p><ul><li>two</li></ul></td></tr></table>")
    assert result.body == ["One.", "two"]


def test_table_without_a_header_row_gets_an_empty_one() -> None:
    result = cleaned("<table><tr><td>A</td><td>1</td></tr><tr><td>B</td><td>2</td></tr></table>")
    assert result.text.markdown == "| | |\n| --- | --- |\n| A | 1 |\n| B | 2 |"


def test_raised_numbers_stay_apart_from_the_number_before() -> None:
    assert cleaned("<p>10<sup>6</sup> units on the 4<sup>th</sup></p>").body == [
        "10⁶ units on the 4th"
    ]


def test_hidden_elements_go_and_are_reported() -> None:
    result = cleaned(
        '<p>Seen.</p><div style="display: none">Unseen.</div><p hidden>Nor this.</p>'
        '<span class="screen-reader-text">skip</span><noscript>no</noscript>'
    )
    assert result.body == ["Seen."]
    assert result.rules == ["hidden"] * 4


def test_widgets_go_and_the_story_around_them_stays() -> None:
    result = cleaned(
        '<p>Before.</p><iframe src="https://www.youtube.com/embed/x" /><p>After.</p>'
        "<style>p{}</style><button>Buy</button><video>no video</video>"
        '<img src="https://cdn.example/a.png" alt="A chart"><p>End.</p>'
    )
    assert result.body == ["Before.", "After.", "End."]
    assert result.rules == ["iframe", "style", "form-control", "embed", "image"]
    report = {removal.rule: removal for removal in result.html.removals}
    assert report["form-control"].removed_chars == 3
    assert report["image"].sample == "A chart"
    assert report["iframe"].removed_chars == 0


def test_an_iframe_without_an_end_does_not_swallow_the_story() -> None:
    assert cleaned('<p>Before.</p><iframe src="x"><p>After.</p>').body == ["Before.", "After."]


def test_emoji_images_are_characters() -> None:
    assert cleaned('<p>Up <img class="emoji" alt="🚀"></p>').body == ["Up 🚀"]


def test_text_is_nfc_and_without_no_break_spaces_or_controls() -> None:
    result = cleaned("<p>Cafe\u0301\xa0&#8203;au\x00\x07 lait\u00ad \x93quoted\x94</p>")
    assert result.body == ["Café au lait “quoted”"]


def test_words_are_counted_in_the_text() -> None:
    result = cleaned(article("<p>One two — three.</p>", title="A title"))
    assert result.text.words == 5
