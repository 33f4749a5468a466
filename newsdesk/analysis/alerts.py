"""Recognises Benzinga's automated option and block-trade alerts."""

import re

from newsdesk.contracts.analysis import ArticleForAnalysis

_TAGS = frozenset(("bzi-uoa", "bzi-auoa"))
_TITLE = re.compile(
    r"^(?:(?:unusual |whale |option )*(?:option|options) alert|block trade alert|"
    r"block[- ]?trade|[A-Z.]{1,6} unusual options activity)\b",
    re.IGNORECASE,
)
_WORDING = re.compile(
    r"whale alert can help traders|options activity scanner|uncommon options (?:trades|activity)|"
    r"options? (?:trade|sweep)s? (?:that )?happens? to be (?:bullish|bearish|neutral)|"
    r"block trade of [\d,]+ shares|we (?:notice|observe) a (?:call|put) option (?:trade|sweep)|"
    r"options history for .{2,80} we detected",
    re.IGNORECASE,
)
_LOOKED_AT = 4_000


def is_automated_alert(article: ArticleForAnalysis) -> bool:
    """Returns whether an article was put out by Benzinga's option or block-trade engine.

    Told by its tags, by an alert's title, or by channel Options together with its fixed wording.
    """
    if any(tag.strip().lower() in _TAGS for tag in article.tags):
        return True
    if _TITLE.match(article.title.strip()):
        return True
    in_options = any(channel.strip().lower() == "options" for channel in article.channels)
    wording = _WORDING.search(article.text[:_LOOKED_AT]) is not None
    return wording and (in_options or not article.channels)
