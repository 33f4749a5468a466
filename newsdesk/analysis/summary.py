"""Gist and summary: sentences of the article, word for word.

Left out of a sentence are a label that opens its paragraph ("What Happened:") and a dateline
("HOUSTON, May 5 /Wire/ --"); a gist that is too long is cut, and then ends with an ellipsis.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence

from newsdesk.analysis.sentences import Unit, UnitKind
from newsdesk.analysis.tokens import words_of
from newsdesk.contracts.analysis import ArticleForAnalysis
from newsdesk.contracts.cleaning import ContentKind

GIST_LENGTH = 240
MAX_SENTENCES = 4
_SHORT = 70
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
    r"additionally|still|yet|that|its|their|his|her|each|both|instead|such|then|"
    r"the (?:company|firm|stock|latter|former|two|three|decision|dispute|move|deal|money))\b",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"^(?:(?:[\w&]+ ){0,3}price action|what to know|key points|watch|read|see)\b.{0,20}:", re.I
)
_DISCLOSURE = re.compile(
    r"^(?:the (?:author|writer)|i|we) (?:does not |do not |currently )?(?:own|hold|held|has no)s?\b"
    r".{0,80}\b(?:shares|position|stock)",
    re.I,
)
_BACKGROUND = re.compile(
    r"\bover the (?:past |last )?(?:years|decades)\b|\bin recent years\b|\bwas founded\b|"
    r"\b(?:years|decades?) ago\b|\bgoes back to\b",
    re.I,
)
_LABEL_WORD = r"(?:[A-Z0-9][\w.'’&/-]*|a|an|and|at|by|for|from|in|is|it|of|on|the|to|with)"
_LEAD_LABEL = re.compile(rf"{_LABEL_WORD}(?: {_LABEL_WORD}){{1,6}}:\s+(?=[\"“‘']?[A-Z0-9$])")
_ONE_WORD_LABEL = re.compile(
    r"(?:details?|background|outlook|guidance|results?|winners?|losers?|context|reaction|summary|"
    r"takeaways?|overview|update|earnings|analysis|suppliers|customers|competitors|rivals|risks?):\s+(?=[\"“‘']?[A-Z0-9$])",
    re.I,
)
_DATELINE = re.compile(
    r"[A-Z][A-Z .'-]{2,30},[^/()\n]{0,40}(?:/[^/\n]{3,30}/|\([^()\n]{3,30}\))\s*(?:--|[–—-])\s+"
)
_SUBORDINATE = re.compile(
    r"^(?:(?:a|an|one|two|three|just|only|\d+)\s(?:\w+\s)?(?:hours?|days?|weeks?|months?|years?)\s"
    r"(?:after|before|later)|after|before|while|as|when|although|though|despite|with|if|since|"
    r"because|following)\b",
    re.I,
)


def make_gist(article: ArticleForAnalysis, units: Sequence[Unit], subject_units: set[int]) -> str:
    """Returns one sentence of at most GIST_LENGTH characters and an ellipsis.

    `subject_units`: the units that name a subject of the article.
    """
    title = article.title.strip()
    candidates = _candidates(units)[:5]
    if article.content is ContentKind.HEADLINE or not candidates:
        return title or _shorten(article.text.strip())
    wanted = set(_stems(title))
    about = {units[number].start for number in subject_units}

    def worth(place: int) -> float:
        unit = candidates[place]
        text = _told(unit)
        found = len(wanted & set(_stems(text))) / len(wanted) if wanted else 0.0
        odd = bool(_BACKGROUND.search(text)) + (text[0] in '"“‘') + (len(text) < _SHORT)
        odd += 0.5 * bool(_DANGLING.match(text))
        return found + 0.2 * (unit.start in about) - 0.2 * place - 0.3 * odd

    return _shorten(_told(candidates[max(range(len(candidates)), key=lambda n: (worth(n), -n))]))


def make_summary(
    article: ArticleForAnalysis, units: Sequence[Unit], subject_units: set[int]
) -> str:
    """Returns two to four sentences in the order of the text; headline-only: teaser or title."""
    candidates = [] if article.content is ContentKind.HEADLINE else _candidates(units)
    if not candidates:
        teaser = article.teaser.strip()
        return article.title.strip() if _URL.match(teaser) else teaser or article.title.strip()
    chosen = _choose(article.title, units, candidates, subject_units)
    return " ".join(_told(unit) for unit in sorted(chosen, key=lambda unit: unit.start))


def _told(unit: Unit) -> str:
    """Returns a sentence without the label or dateline that opens its paragraph."""
    if not unit.opens_line:
        return unit.text
    for opening in (_LEAD_LABEL, _ONE_WORD_LABEL, _DATELINE):
        found = opening.match(unit.text)
        if found is not None and found.end() < len(unit.text):
            return unit.text[found.end() :]
    return unit.text


def _candidates(units: Sequence[Unit]) -> list[Unit]:
    """Returns the sentences that can stand alone; list items only where there is nothing else."""
    for kinds in ((UnitKind.SENTENCE,), (UnitKind.SENTENCE, UnitKind.ITEM)):
        found = [unit for unit in units if unit.kind in kinds and _stands_alone(unit)]
        if found:
            return found[:_MOST_READ]
    return []


def _stands_alone(unit: Unit) -> bool:
    text = _told(unit)
    words = text.split()
    quoted = text[0] in "\"“'‘" and text.rstrip()[-1] in "\"”'’"
    ends = unit.text.rstrip("\"”’')")[-1:] in tuple(".!?…。")
    whole = unit.text.count('"') % 2 == 0 and unit.text.count("“") == unit.text.count("”")
    own = not _LABEL.match(unit.text) and not _DISCLOSURE.match(text)
    return 6 <= len(words) <= 80 and ends and whole and own and not quoted


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
    # "It …" after the lead, which is all but always taken, is understood; elsewhere it hangs.
    hanging = 0.3 if place == 1 else 1.6
    penalty = hanging if _DANGLING.match(_told(unit)) else 0.0
    penalty += 0.5 if _BACKGROUND.search(unit.text) else 0.0
    long = max(0, len(unit.text) - 350) / 200
    return weight + position + _overlap(wanted, unit.text) + 0.4 * about_subject - penalty - long


def _terms(text: str) -> list[str]:
    return [word for word in words_of(text) if word not in _STOP and len(word) > 1]


def _overlap(wanted: set[str], text: str) -> float:
    return len(wanted & set(_terms(text))) / len(wanted) if wanted else 0.0


def _likeness(one: str, other: str) -> float:
    mine, theirs = set(_terms(one)), set(_terms(other))
    return len(mine & theirs) / min(len(mine), len(theirs)) if mine and theirs else 0.0


def _stems(text: str) -> list[str]:
    return [word[:5] for word in _terms(text)]


def _shorten(sentence: str) -> str:
    """Cuts a long sentence after a clause, or after a word where no clause ends early enough."""
    if len(sentence) <= GIST_LENGTH:
        return sentence
    cuts = [match.start() for match in _BREAKS.finditer(sentence[: GIST_LENGTH + 1])]
    # "A day after it agreed to the deal, …" says nothing before its second clause.
    cuts = cuts[1:] if _SUBORDINATE.match(sentence) else cuts
    fitting = [cut for cut in cuts if cut >= GIST_LENGTH // 3]
    if fitting:
        return sentence[: fitting[-1]].rstrip(" ,;–—-") + "…"
    words = sentence[: sentence.rfind(" ", 0, GIST_LENGTH) + 1 or GIST_LENGTH].split(" ")
    while len(words) > 1 and words[-1].lower().strip(",;–—-") in _STOP | {""}:
        words.pop()
    return " ".join(words).rstrip(" ,;–—-") + "…"
