"""Judges a headline for one company by weights learned from labelled headlines (SEntFiN).

The weights stand in data/headline_weights.csv.gz; benchmarks/learn_sentiment_weights.py makes
them. They are read on headlines only: that is what they were learned on.
"""

import csv
import gzip
import io
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from newsdesk.analysis.features import Headline, cues

CLASSES = ("negative", "neutral", "positive")
BIAS = "(bias)"
SCALE = 100
"""Weights are shipped as whole hundredths."""

_WORD_KINDS = ("w=", "a=", "b=", "n+", "n-", "s<", "s>")


@dataclass(frozen=True, slots=True)
class Judgement:
    """Probabilities of the three classes, and the words that spoke loudest for the likeliest."""

    negative: float
    neutral: float
    positive: float
    words: str

    @property
    def likeliest(self) -> str:
        """The name of the class with the highest probability."""
        chances = (self.negative, self.neutral, self.positive)
        return CLASSES[chances.index(max(chances))]


def factor(count: int) -> float:
    """Returns what each of `count` cues counts: long headlines must not shout louder."""
    return 5 / math.sqrt(max(count, 1))


def judge(headline: Headline) -> Judgement:
    """Returns what the learned weights make of a headline."""
    table = _weights()
    found = cues(headline)
    known = [(cue, table[cue]) for cue in found if cue in table]
    scale = factor(len(known)) / SCALE
    bias = table[BIAS]
    sums = [bias[k] / SCALE + scale * sum(weights[k] for _, weights in known) for k in range(3)]
    top = max(sums)
    powers = [math.exp(value - top) for value in sums]
    chances = [power / sum(powers) for power in powers]
    best = chances.index(max(chances))
    words = [(weights[best], cue) for cue, weights in known if cue.startswith(_WORD_KINDS)]
    loudest = max(words, key=lambda pair: (pair[0], pair[1]), default=(0, "="))[1]
    return Judgement(*chances, words=_readable(loudest))


def _readable(cue: str) -> str:
    words = cue.partition("=")[2].split()
    return " ".join("…" if word in ("T", "^", "$") else word for word in words).strip("… ")


@cache
def _weights() -> dict[str, tuple[int, int, int]]:
    packed = files("newsdesk.analysis").joinpath("data", "headline_weights.csv.gz").read_bytes()
    rows = csv.reader(io.StringIO(gzip.decompress(packed).decode("utf-8")))
    return {cue: (int(low), int(mid), int(high)) for cue, low, mid, high in rows}
