"""A question for tests: a word is asked for, and the word says what its check comes to."""

from pydantic import BaseModel, ConfigDict

from newsdesk.analysis.model.asking import Asker, Checked, Query
from newsdesk.analysis.model.prompts import Prompt
from newsdesk.contracts.names import Step
from newsdesk.ports import LanguageModel, ModelLedger
from tests.unit.analysis.model.fakes import LIMITS

FATAL, FLAW = "the word is bad", "the word is not the best"


class Word(BaseModel):
    """What is asked for."""

    model_config = ConfigDict(frozen=True)

    word: str


def check(answer: Word) -> Checked[str]:
    """Returns the word; bad ones cannot be used, flawed ones can but should not."""
    if answer.word.startswith("bad"):
        return Checked(None, fatal=(FATAL,))
    return Checked(answer.word, flaws=(FLAW,) if answer.word.startswith("flawed") else ())


def word_query(data: str = "Which word?") -> Query[Word, str]:
    """Returns the question."""
    prompt = Prompt(Step.ANALYZE_ARTICLE, "word_1", "Say a word.", {"type": "object"}, "word")
    return Query(prompt, data, Word, check)


def word(text: str) -> str:
    """Returns an answer."""
    return f'{{"word": "{text}"}}'


def asker(model: LanguageModel, ledger: ModelLedger) -> Asker:
    """Returns who asks it."""
    return Asker(model, ledger, LIMITS)
