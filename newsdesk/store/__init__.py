"""Postgres through asyncpg: one module per aggregate, SQL in files, numbered migrations."""
