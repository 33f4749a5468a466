import pytest

from tests.unit.cleaning.making import cleaned

STORY = "<p>Quillon opened a plant in Ohio on Monday.</p>"
SAID = "Quillon opened a plant in Ohio on Monday."
LINK = '<a href="https://www.benzinga.com/news/26/02/49999999/slug">Quillon Rival Cuts Jobs</a>'

LABELS = (
    "Read Next:",
    "Read Also:",
    "Also Read:",
    "See Also:",
    "Now Read:",
    "Related Link:",
    "Related Read:",
    "Read More:",
    "Check Out:",
    "Don’t Miss:",
    "Don't Miss:",
    "READ NEXT:",
    "Related Links:",
)


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize(
    "shape",
    [
        "<p>{label} {link}</p>",
        "<p><em>{label} {link}</em></p>",
        "<p><strong><em>{label}</em></strong> {link}</p>",
        "<p><strong>{label}</strong><br>{link}</p>",
        "<p><strong>{label} </strong></p><ul><li>{link}</li><li>{link}</li></ul>",
        "<p><em>{label}</em></p><p>{link}</p>",
        "<h4>{label}</h4><ul><li>{link}</li></ul>",
        "<p>{label} Quillon Rival Cuts Jobs</p>",
        "<div><span>{label}</span> <b>{link}</b></div>",
        "<blockquote><p>{label} {link}</p></blockquote>",
    ],
)
def test_related_links_go_with_their_label(label: str, shape: str) -> None:
    result = cleaned(STORY + shape.format(label=label, link=LINK) + "<p>It hired 90 people.</p>")
    assert result.text.markdown == f"{SAID}\n\nIt hired 90 people."
    assert set(result.rules) == {"related-link"}
    assert result.html.removals[0].removed_chars > 0


def test_a_related_link_may_have_lost_its_label() -> None:
    result = cleaned(f"{STORY}<p><em>{LINK}</em></p><p>It hired 90 people.</p>")
    assert result.body == [SAID, "It hired 90 people."]


@pytest.mark.parametrize(
    "kept",
    [
        "<p><strong>Read Next</strong> is a book club in Ohio. It has 90 members.</p>",
        f"<p><strong>Notable Developments:</strong></p><ul><li>{LINK}</li></ul>",
        f"<h3>Related News</h3><p>Quillon settled. See {LINK} for the ruling.</p>",
        f"<p>More on this deal in our earlier report, {LINK}, from May.</p>",
        f"<p>The board said as follows:</p><p>{LINK}</p><p>No date was set.</p>",
        "<p>See also the table below. It lists sales. They rose.</p>",
    ],
)
def test_what_only_looks_like_a_related_link_stays(kept: str) -> None:
    result = cleaned(STORY + kept)
    assert result.rules == []


@pytest.mark.parametrize(
    "credit",
    [
        "Photo: Shutterstock",
        "Foto: Shutterstock",
        "Photo via Unsplash.",
        "Photo by Jan Novak via Wikimedia",
        "Photo courtesy: Quillon Inc.",
        "Photo Courtesy: Jan Novak On Shutterstock.com",
        "Image: Courtesy of Quillon",
        "Image via Shutterstock",
        "Image Via Shutterstock ",
        "Image Credits - Shutterstock",
        "Image created using artificial intelligence with Midjourney.",
        "Image generated using Dall-E",
        "Photo: Benzinga edit with photo by Jan Novak on Flickr",
        "Featured image: Quillon",
        "Shutterstock",
        "Illustration: A plant at night, drawn for Shutterstock",
    ],
)
@pytest.mark.parametrize("wrap", ["<p><em>{}</em></p>", "<p>{}</p>", "<figcaption>{}</figcaption>"])
def test_image_credits_go(credit: str, wrap: str) -> None:
    result = cleaned(STORY + wrap.format(credit))
    assert result.text.markdown == SAID
    assert result.rules == ["image-credit"]


def test_a_credit_on_the_last_line_of_a_paragraph_goes_alone() -> None:
    result = cleaned("<p>The plant is in Ohio.<br /><em>Photo: Shutterstock</em></p>")
    assert result.body == ["The plant is in Ohio."]


@pytest.mark.parametrize(
    "kept",
    [
        "<p>Photos from the site show that three halls were damaged, police said.</p>",
        "<p>Image: the firm wants to polish its reputation after the recall.</p>",
        "<p>Picture this: sales doubled in a year.</p>",
        "<figure><figcaption>Sales by region, 2020 to 2026</figcaption></figure>",
        "<p>According to data from Benzinga Pro, QLN has a 52-week high of $36.4.</p>",
        "<p>According to <a href='https://benzinga.grsm.io/x'>Benzinga Pro data:</a></p>"
        "<ul><li>QLN fell 2%.</li></ul>",
        "<p>The article was written with AI, a Quillon spokesman admitted to the court.</p>",
        "<p>Jo Lund spoke at the Benzinga Cannabis Capital Conference about her plans.</p>",
        "<p>What’s Next: The court is to rule in May.</p>",
        "<p>About half of the plants are in Ohio.</p>",
        "<p>Disclosure: Quillon said in a filing that it holds 5% of Corvane. Shares fell.</p>",
        "<p>The views of the author differ from those of the board, a judge found.</p>",
        "<p>Benzinga’s upcoming event featured the boss, whose firm registered a profit.</p>",
        "<p>Shares of the newsletter publisher rose after it added subscribers.</p>",
    ],
)
def test_paragraphs_of_the_story_stay(kept: str) -> None:
    assert cleaned(STORY + kept).rules == []


@pytest.mark.parametrize(
    ("rule", "block"),
    [
        ("promotion", "<p>Subscribe to the Benzinga Tech Trends newsletter to get it all.</p>"),
        (
            "promotion",
            "<p>Check out more of Benzinga's Consumer Tech coverage by following this link.</p>",
        ),
        ("promotion", "<p>The average American couple has saved this much for retirement.</p>"),
        (
            "promotion",
            "<p>The role of crypto will be explored at Benzinga’s upcoming "
            "<a href='https://www.benzinga.com/events/digital-assets/'>Future of Digital Assets"
            "</a> event on Nov. 19.</p>",
        ),
        ("promotion", "<p>Get your tickets to the Cannabis Capital Conference now.</p>"),
        (
            "promotion",
            "<p>If you want to stay updated on the latest options trades for Quillon, Benzinga "
            "Pro gives you real-time alerts.</p>",
        ),
        (
            "options-primer",
            "<p><strong>Options Alert Terminology</strong><br />\n - <strong>Call Contracts:"
            "</strong> The right to buy.<br />\n - <strong>Put Contracts:</strong> To sell.</p>",
        ),
        (
            "options-primer",
            "<p><b>Options Alert Terminology</b></p><ul><li>Call Contracts: to buy</li></ul>",
        ),
        (
            "options-primer",
            "<p>For more information, visit our <em><a href='https://pro.benzinga.com/x'>Guide to "
            "Understanding Options Alerts</a></em> or read more news.</p>",
        ),
        ("site-chrome", "<p>© 2026 Benzinga.com. Benzinga does not provide investment advice.</p>"),
        ("site-chrome", "<p>Market News and Data brought to you by Benzinga APIs</p>"),
        ("site-chrome", "<p>Posted In: <a href='/news'>News</a></p>"),
        (
            "site-chrome",
            "<p>This headline-only article is meant to show you why a stock is moving.</p>",
        ),
        ("separator", "<p>***</p>"),
        ("separator", "<p>_</p>"),
        (
            "disclaimer",
            "<p><strong>DISCLAIMER:</strong> This content is for informational purposes only.</p>",
        ),
        ("disclaimer", "<p>Disclosure: The author holds no shares of the firms named.</p>"),
        ("disclaimer", "<p>The views expressed here are those of the author alone.</p>"),
    ],
)
def test_promotions_and_site_frame_go(rule: str, block: str) -> None:
    result = cleaned(STORY + block + "<p>It hired 90 people.</p>")
    assert result.text.markdown == f"{SAID}\n\nIt hired 90 people."
    assert set(result.rules) == {rule}


def test_event_image_goes_and_its_empty_link_with_it() -> None:
    result = cleaned(
        f'{STORY}<figure><a href="https://www.benzinga.com/events/x/"><img src="a.gif" '
        'alt="A conference"></a></figure>'
    )
    assert result.text.markdown == SAID
    assert [(r.rule, r.sample) for r in result.html.removals] == [("event-image", "A conference")]


@pytest.mark.parametrize(
    "litter",
    [
        "<p><em></em></p>",
        "<p><strong> </strong><em>&nbsp;</em></p>",
        f"<p><em>Read Next: {LINK}</em></p>",
        '<p><a href="https://benzinga.com/apis"></a></p>',
        "<h3></h3><ul><li></li></ul><blockquote></blockquote><table><tr><td></td></tr></table>",
    ],
)
def test_nothing_is_left_of_emptied_marks(litter: str) -> None:
    assert cleaned(STORY + litter).text.markdown == SAID


def test_a_removal_is_reported_with_its_size_and_beginning() -> None:
    result = cleaned(f"{STORY}<p>Read Next: {LINK}</p>")
    (removal,) = result.html.removals
    assert removal.sample == "Read Next: Quillon Rival Cuts Jobs"
    assert removal.removed_chars == len(removal.sample)
