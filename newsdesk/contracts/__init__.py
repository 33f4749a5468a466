"""Frozen models that travel between processes or are stored, and the names they share.

They evolve by adding fields with defaults. A field is never renamed, retyped or removed: running
workflows and stored rows hold the old form.
"""
