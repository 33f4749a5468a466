"""Counting tokens without asking anybody: for benchmarks, not for bills."""

from newsdesk.llm.loading import load_litellm


def count_tokens(text: str, model: str = "gpt-4o") -> int:
    """Returns how many tokens a text is to a model whose tokenizer litellm ships."""
    return int(load_litellm().token_counter(model=model, text=text))
