import pytest

from benchmarks.learn_sentiment_weights import Matrix, fold_of, headline_of, learn, pack
from benchmarks.make_company_reference import pack as pack_companies
from benchmarks.make_company_reference import prettify
from benchmarks.sentiment import Row, class_of, measure, place_of, predict, token_f1
from newsdesk.analysis.features import cues, read_headline
from newsdesk.analysis.lexicon import weigh
from newsdesk.analysis.reference import reference
from newsdesk.contracts.analysis import not_assessed


def row(text: str, company: str, label: str = "neutral", start: int | None = None) -> Row:
    place = text.find(company) if start is None else start
    return Row(id="1", text=text, company=company, start=place, label=label)


@pytest.mark.parametrize(
    ("words", "sign"),
    [
        ("profit rises", 1),
        ("profit does not rise", -1),
        ("losses widen", -1),
        ("losses shrink", 1),
        ("cuts costs", 1),
        ("fell less than feared", 1),
        ("costs surge", -1),
        ("price target", 0),
        ("a plain fact", 0),
    ],
)
def test_the_lexicon_knows_what_rising_and_falling_mean(words: str, sign: int) -> None:
    total = sum(hit.weight for hit in weigh(words.split()))
    assert (total > 0.1) - (total < -0.1) == sign


def test_what_is_said_despite_something_weighs_little() -> None:
    plain = sum(hit.weight for hit in weigh(["weak", "demand"]))
    despite = sum(hit.weight for hit in weigh(["despite", "weak", "demand"]))
    assert plain < despite < 0


def test_cues_hold_two_words_at_most_and_tell_the_companies_of_a_headline_apart() -> None:
    text = "Plovarr Mines rises 5% while Quellmark Foods falls on weak demand, Vextrol says"
    seen = [
        set(cues(read_headline(text, start, end, lexicon=0.5, clauses=1)))
        for start, end in ((0, 13), (29, 44))
    ]
    words = [cue.partition("=")[2].split() for cue in seen[0] | seen[1] if cue[0] in "wabons"]
    assert max(len(run) for run in words if "seg" not in run) <= 3
    assert "a=rises" in seen[0]
    assert "a=falls" in seen[1]
    assert "o=falls" in seen[0]
    assert not any("plovarr" in cue for cue in seen[0])


def test_learning_from_rows_separates_them_and_gives_equal_bytes() -> None:
    rows = [row(f"Firm{n} soars", f"Firm{n}", "positive") for n in range(6)]
    rows += [row(f"Firm{n} sinks", f"Firm{n}", "negative") for n in range(6)]
    seen = [cues(headline_of(item)) for item in rows]
    import numpy as np

    labels = np.array([2] * 6 + [0] * 6, dtype=np.int64)
    learned = learn(seen, labels, np.ones(12))
    chances = Matrix(seen, learned[0]).chances(*learned[1:])
    assert chances.argmax(axis=1).tolist() == labels.tolist()
    assert pack(*learned) == pack(*learn(seen, labels, np.ones(12)))


def test_a_headline_is_always_in_the_same_fold() -> None:
    folds = [fold_of(f"Headline {n}", 5) for n in range(50)]
    assert set(folds) == set(range(5))
    assert folds == [fold_of(f"Headline {n}", 5) for n in range(50)]


def test_measuring_counts_classes_errors_and_quotes() -> None:
    rows = [row("Cisco plunges", "Cisco", "negative"), row("Cisco plunges", "plunges", "positive")]
    rows[0]["quote"] = "plunges"
    rows[0]["score"] = -1.0
    figures = measure(rows, [predict(rows[0]), not_assessed("It is no company.")])
    assert figures["accuracy"] == figures["accuracy_opposite_labels"] == 0.5
    assert figures["quote_f1"] == round(2 / 3, 4)
    assert 0 < figures["mse"] < 1
    assert class_of(not_assessed("It is no company.")) == "neutral"


@pytest.mark.parametrize(
    ("text", "company", "named"),
    [
        ("AcmeFoods grows", "Acme Foods", "AcmeFoods"),
        ("The Quellmark Foods plan", "Quelmark Foods", "Quellmark Foods"),
        ("Nothing like it", "Zzyzx", None),
    ],
)
def test_a_company_without_a_place_is_looked_for(
    text: str, company: str, named: str | None
) -> None:
    place = place_of(row(text, company, start=-1))
    assert (text[slice(*place)] if place else None) == named


def test_token_f1() -> None:
    assert token_f1("a b c", "b c d") == pytest.approx(2 / 3)
    assert token_f1("", "b") == 0


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("CISCO SYSTEMS, INC.", "Cisco Systems, Inc."),
        ("BANK OF AMERICA CORP /DE/", "Bank of America Corp."),
        ("ELI LILLY & Co", "Eli Lilly & Co."),
        ("DICK'S SPORTING GOODS, INC.", "Dick's Sporting Goods, Inc."),
        ("RTX Corp", "RTX Corp."),
        ("GENMAB A/S", "Genmab A/S"),
        ("Meta Platforms, Inc.", "Meta Platforms, Inc."),
    ],
)
def test_shouted_names_become_ordinary(title: str, name: str) -> None:
    assert prettify(title, "ZZZZ") == name


def test_the_shipped_table_is_packed_the_same_each_time_and_readable() -> None:
    rows = [("CSCO", "Cisco Systems, Inc.")]
    assert pack_companies(rows) == pack_companies(rows)
    assert reference().by_ticker["CSCO"].name == "Cisco Systems, Inc."
    assert len(reference().by_ticker) > 10_000
