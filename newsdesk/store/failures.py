"""The one place where the driver's exceptions become newsdesk's own.

Decided by exception classes (SQLSTATE), never by the words of a message. Messages carry what was
being done and the server's first line; never a connection URL.
"""

import os
import socket
from collections.abc import Generator
from contextlib import contextmanager

from asyncpg import exceptions as driver

from newsdesk.errors import (
    ConfigurationError,
    NewsdeskError,
    StoreConflictError,
    StoreNotMigratedError,
    StoreRejectedError,
    StoreUnavailableError,
)

_CONFLICTS = (
    driver.TransactionRollbackError,  # deadlock, serialization failure
    driver.LockNotAvailableError,
    driver.InvalidCachedStatementError,  # a migration changed a table under a prepared statement
)
_OUTAGES = (
    driver.PostgresConnectionError,
    driver.OperatorInterventionError,  # shut-down, crash recovery, cannot connect now, time-outs
    driver.InsufficientResourcesError,  # too many connections, disk full, out of memory
    driver.IdleInTransactionSessionTimeoutError,
    driver.ReadOnlySQLTransactionError,  # this server has become a standby
    # A changed password or a database that is being restored: no reason to fail runs for good.
    driver.InvalidAuthorizationSpecificationError,
    driver.InvalidCatalogNameError,
    driver.InternalClientError,
    OSError,  # refused, reset, no such host; TimeoutError is one too
)
# The client's own refusals of an argument are InterfaceErrors as well as these.
_BAD_CALLS = (ValueError, TypeError)
_SCHEMA = (
    driver.UndefinedTableError,
    driver.UndefinedColumnError,
    driver.UndefinedFunctionError,
)


@contextmanager
def store_errors(doing: str) -> Generator[None, None, None]:
    """Raises the driver's exceptions within as newsdesk's own; `doing` says what failed."""
    try:
        yield
    except (
        driver.PostgresError,
        driver.InterfaceError,
        driver.InternalClientError,
        OSError,
    ) as error:
        raise translate(error, doing) from error


@contextmanager
def connecting(doing: str) -> Generator[None, None, None]:
    """Like store_errors, around what opens a connection: a malformed URL is refused there.

    The refusal comes without the original: its words are a piece of the URL, maybe the password.
    """
    try:
        with store_errors(doing):
            yield
    except (ValueError, TypeError):
        raise _malformed_url(doing) from None


def translate(error: Exception, doing: str) -> NewsdeskError:
    """Returns newsdesk's exception for one of the driver's (or an OSError) met while `doing`."""
    if isinstance(error, _CONFLICTS):
        return StoreConflictError(f"{doing}: met another transaction ({_name(error)})")
    if isinstance(error, _OUTAGES):
        return StoreUnavailableError(f"{doing}: the database is unavailable ({_outage(error)})")
    if isinstance(error, _SCHEMA):
        return StoreNotMigratedError(
            f"{doing}: a table, column or function is missing; run `newsdesk db migrate`"
        )
    if isinstance(error, driver.ClientConfigurationError):
        return _malformed_url(doing)
    if isinstance(error, driver.InterfaceError) and not isinstance(error, _BAD_CALLS):
        return StoreUnavailableError(f"{doing}: the database is unavailable ({_name(error)})")
    return StoreRejectedError(f"{doing}: the database refused it: {_first_line(error)}")


def _malformed_url(doing: str) -> ConfigurationError:
    return ConfigurationError(
        f"{doing}: the database URL is malformed; write postgresql://user:password@host:port/name"
        " and percent-encode special characters in the password"
    )


def _name(error: Exception) -> str:
    return type(error).__name__


def _outage(error: Exception) -> str:
    # An OSError's own words may hold an address that was cut wrongly out of a malformed URL.
    if isinstance(error, socket.gaierror):
        return "its host name cannot be resolved"
    if isinstance(error, OSError) and error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return _name(error)


def _first_line(error: Exception) -> str:
    if isinstance(error, driver.PostgresError) and error.args:
        # The first argument alone: DETAIL lines quote the row, and so an article's words.
        return f"{str(error.args[0]).splitlines()[0]} ({_name(error)})"
    return _name(error)
