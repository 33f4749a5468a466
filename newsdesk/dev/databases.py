"""Making and dropping databases on an embedded or a test server."""

import asyncpg
from asyncpg import Connection

_BUILTIN_LOCALE_SINCE = 17


async def create_database(connection: Connection, name: str, template: str | None = None) -> None:
    """Creates a database, empty or as a copy of another; one that is there already stays."""
    source = template or "template0"
    locale = "" if template is not None else _locale(connection)
    try:
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}" {locale}')
    except asyncpg.DuplicateDatabaseError:
        return


def _locale(connection: Connection) -> str:
    # Texts are ordered by code points on every machine, whatever its own locale is.
    if connection.get_server_version().major < _BUILTIN_LOCALE_SINCE:
        return "ENCODING 'UTF8' LOCALE 'C'"
    return "ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"


async def drop_database(connection: Connection, name: str) -> None:
    """Drops a database, connections to it included."""
    await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
