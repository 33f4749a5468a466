"""Benzinga's items, as it and its redistributors write them, made our contracts."""
