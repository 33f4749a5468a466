"""Gist and summary: whole sentences and clauses of the article, word for word."""

import math
import re
from collections import Counter
from collections.abc import Sequence

from newsdesk.analysis.sentences import Unit, UnitKind
from newsdesk.analysis.tokens import words_of
from newsdesk.contracts.analysis import ArticleForAnalysis
from newsdesk.contracts.cleaning import ContentKind

GIST_LENGTH = 200
MAX_SENTENCES = 4
_MOST_READ = 400
"""Sentences beyond these are not considered: news puts first what matters."""

_STOP = frozenset(
    "the a an and or but of to in on at by for with from as is are was were be been has have had "
    "it its this that these those he she they his her their will would could should may might "
    "not no said says after before into over under than then also more most about which who what "
    "when where while if so such other new one two up down out".split()
)
_BREAKS = re.compile(
    r"(?:;|,|\s[–—-]{1,2})\s(?:while|as|but|and|with|which|who|after|following|according|citing|"
    r"including|adding|despite|although|even|because|since|leading|sending|making|marking)?\b"
)
_URL = re.compile(r"https?://\S+$")
_DANGLING = re.compile(
    r"^(?:however|but|and|also|this|these|those|it|they|he|she|meanwhile|moreover|in addition|"
    r"additionally|still|yet|that)\b",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^(?:price action|what to know|key points|watch|read|see)\b.{0,20}:", re.I)


def make_gist(article: ArticleForAnalysis, units: Sequence[Unit]) -> str:
    """Returns one sentence of about GIST_LENGTH characters at most, in words of the article."""
    title = article.title.strip()
    candidates = _candidates(units)[:5]
    if article.content is ContentKind.HEADLINE or not candidates:
        return title or _shorten(article.text.strip())
    wanted = set(_terms(title))
    best = max(
        candidates,
        key=lambda unit: (_overlap(wanted, unit.text) - 0.12 * candidates.index(unit), -unit.start),
    )
    return _shorten(best.text)


def make_summary(
    article: ArticleForAnalysis, units: Sequence[Unit], subject_units: set[int]
) -> str:
    """Returns two to four sentences in the order of the text; headline-only: teaser or title."""
    candidates = [] if article.content is ContentKind.HEADLINE else _candidates(units)
    if not candidates:
        teaser = article.teaser.strip()
        return article.title.strip() if _URL.match(teaser) else teaser or article.title.strip()
    chosen = _choose(article.title, units, candidates, subject_units)
    return " ".join(unit.text for unit in sorted(chosen, key=lambda unit: unit.start))


def _candidates(units: Sequence[Unit]) -> list[Unit]:
    """Returns the sentences that can stand alone; list items only where there is nothing else."""
    for kinds in ((UnitKind.SENTENCE,), (UnitKind.SENTENCE, UnitKind.ITEM)):
        found = [unit for unit in units if unit.kind in kinds and _stands_alone(unit)]
        if found:
            return found[:_MOST_READ]
    return []


def _stands_alone(unit: Unit) -> bool:
    words = unit.text.split()
    quoted = unit.text[0] in "\"“'‘" and unit.text.rstrip()[-1] in "\"”'’"
    ends = unit.text.rstrip("\"”’')")[-1:] in tuple(".!?…。")
    whole = unit.text.count('"') % 2 == 0 and unit.text.count("“") == unit.text.count("”")
    plain = whole and not quoted and not _LABEL.match(unit.text)
    return 6 <= len(words) <= 80 and ends and plain


def _choose(
    title: str, units: Sequence[Unit], candidates: Sequence[Unit], subject_units: set[int]
) -> list[Unit]:
    frequency = Counter(term for unit in candidates for term in set(_terms(unit.text)))
    wanted = set(_terms(title))
    starts = {units[number].start for number in subject_units}
    scores = {
        unit.start: _score(unit, place, frequency, wanted, unit.start in starts)
        for place, unit in enumerate(candidates)
    }
    room = max(2, min(MAX_SENTENCES, len(candidates) // 5 + 1))
    chosen: list[Unit] = []
    for unit in sorted(candidates, key=lambda unit: (-scores[unit.start], unit.start)):
        if len(chosen) == room:
            break
        if all(_likeness(unit.text, other.text) < 0.5 for other in chosen):
            chosen.append(unit)
    return chosen


def _score(
    unit: Unit, place: int, frequency: Counter[str], wanted: set[str], about_subject: bool
) -> float:
    terms = _terms(unit.text)
    weight = sum(math.log1p(frequency[term] - 1) for term in set(terms)) / math.sqrt(len(terms) + 1)
    position = 2.0 / (1 + place)
    penalty = 0.8 if _DANGLING.match(unit.text) else 0.0
    long = max(0, len(unit.text) - 350) / 200
    return weight + position + _overlap(wanted, unit.text) + 0.4 * about_subject - penalty - long


def _terms(text: str) -> list[str]:
    return [word for word in words_of(text) if word not in _STOP and len(word) > 1]


def _overlap(wanted: set[str], text: str) -> float:
    return len(wanted & set(_terms(text))) / len(wanted) if wanted else 0.0


def _likeness(one: str, other: str) -> float:
    mine, theirs = set(_terms(one)), set(_terms(other))
    return len(mine & theirs) / min(len(mine), len(theirs)) if mine and theirs else 0.0


def _shorten(sentence: str) -> str:
    """Cuts a long sentence after a clause, or after a word where no clause ends early enough."""
    if len(sentence) <= GIST_LENGTH:
        return sentence
    cuts = [match.start() for match in _BREAKS.finditer(sentence[: GIST_LENGTH + 1])]
    fitting = [cut for cut in cuts if cut >= GIST_LENGTH // 3]
    if fitting:
        return sentence[: fitting[-1]].rstrip(" ,;–—-")
    space = sentence.rfind(" ", 0, GIST_LENGTH)
    return sentence[: space if space > 0 else GIST_LENGTH].rstrip(" ,;–—-") + "…"
