"""HTML to article HTML to Markdown and plain text."""

from newsdesk.cleaning.cleaner import Cleaner

__all__ = ["Cleaner"]
