"""Outputs of steps under the hash of their content: the OutputStore over Postgres."""

from typing import TypeVar

from pydantic import ValidationError

from newsdesk.contracts.base import Contract, content_hash
from newsdesk.errors import OutputMissingError, StoreRejectedError
from newsdesk.store.pool import StorePool
from newsdesk.store.queries import load_queries

_SQL = load_queries("outputs")
OutputT = TypeVar("OutputT", bound=Contract)


class PostgresOutputs:
    """Stores each output once; what is stored is never changed."""

    def __init__(self, pool: StorePool) -> None:
        """Takes the pool it works on."""
        self._pool = pool

    async def save(self, article_id: int, output: Contract) -> str:
        """Stores an output once and returns its hash (64 hex digits)."""
        digest, kind = content_hash(output), type(output).__name__
        async with self._pool.connection(f"save {kind} of article {article_id}") as connection:
            await connection.execute(
                _SQL["save_output"], digest, kind, article_id, output.model_dump_json()
            )
        return digest

    async def load(self, digest: str, kind: type[OutputT]) -> OutputT:
        """Returns a stored output.

        Raises:
            OutputMissingError: nothing of this kind is stored under the hash.
            StoreRejectedError: what is stored does not read as this kind.
        """
        async with self._pool.connection(f"load {kind.__name__} {digest}") as connection:
            payload = await connection.fetchval(_SQL["load_output"], digest, kind.__name__)
        if payload is None:
            raise OutputMissingError(f"no {kind.__name__} is stored under {digest}")
        return read_output(payload, digest, kind)


def read_output(payload: str, digest: str, kind: type[OutputT]) -> OutputT:
    """Returns the output of a stored payload. Raises StoreRejectedError where it does not read."""
    try:
        return kind.model_validate_json(payload)
    except ValidationError as error:
        raise StoreRejectedError(
            f"what is stored under {digest} does not read as {kind.__name__}"
            f" ({error.error_count()} errors)"
        ) from error
