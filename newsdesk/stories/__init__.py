"""Matching articles to stories: pure scoring; no database."""

from newsdesk.stories.matcher import Matcher

__all__ = ["Matcher"]
