"""The analyzer over a language model: prompts, parsing, and checking every answer by the text."""

from newsdesk.analysis.model.analyzer import ModelAnalyzer as ModelAnalyzer
