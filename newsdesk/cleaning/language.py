"""The language of a text."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol, cast

UNKNOWN = "und"
_LANGUAGES = (
    "ar cs da de el en es fi fr he hi hu id it ja ko nl no pl pt ro ru sv th tr uk vi zh"
).split()
_MAX_CHARS = 4000
_MIN_LETTERS = 8
_ENGLISH_PRIOR = 20.0
"""Benzinga writes English: what is not clearly something else is taken for it."""
_MIN_SHARE = 0.6
_NOT_PROSE = re.compile(r"https?://\S+|\([A-Z]+\s*:\s*[^)]*\)|[$@#]\w+|\d[\d.,%]*")


class _Identifier(Protocol):
    def set_languages(self, langs: Sequence[str]) -> None: ...

    def rank(self, instance: str) -> list[tuple[str, float]]: ...


@lru_cache(maxsize=1)
def _identifier() -> _Identifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    made = cast("_Identifier", LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True))
    made.set_languages(_LANGUAGES)
    return made


def language_of(text: str) -> str:
    """Returns the ISO 639-1 code of a text's language, or "und" where it cannot be told.

    Names and numbers alone tell nothing: a text of few letters, and one that the model is of two
    minds about, is "und".
    """
    prose = " ".join(_NOT_PROSE.sub(" ", text[: 2 * _MAX_CHARS]).split())[:_MAX_CHARS]
    if sum(char.isalpha() for char in prose) < (2 if _is_dense(prose) else _MIN_LETTERS):
        return UNKNOWN
    # Capitals of a headline say nothing of its language, but much to the model.
    ranked = [(code, float(share)) for code, share in _identifier().rank(prose.lower())]
    weighed = [(share * _ENGLISH_PRIOR if code == "en" else share, code) for code, share in ranked]
    best, code = max(weighed)
    return code if best / sum(share for share, _ in weighed) >= _MIN_SHARE else UNKNOWN


def _is_dense(text: str) -> bool:
    return any("\u3040" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3" for char in text)
