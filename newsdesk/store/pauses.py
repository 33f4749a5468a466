"""Steps that operators have paused, for everybody or for one run: the StepGate over Postgres."""

from collections.abc import Sequence

from newsdesk.contracts.operations import StepPause
from newsdesk.store.pool import StorePool
from newsdesk.store.queries import load_queries

_SQL = load_queries("pauses")


class PostgresPauses:
    """What is paused just now. A pause stays until it is resumed, whoever restarts."""

    def __init__(self, pool: StorePool) -> None:
        """Takes the pool it works on."""
        self._pool = pool

    async def pause(self, step: str, reason: str, run_number: int = 0) -> StepPause:
        """Pauses a step for everybody, or for one run; returns the pause that stands then.

        Paused already, it stays paused since when it was; a reason, where one is given, replaces
        the old one.
        """
        async with self._pool.connection(f"pause {step}") as connection:
            [row] = await connection.fetch(_SQL["pause_step"], step, run_number, reason)
        return StepPause.model_validate(dict(row))

    async def resume(self, step: str, run_number: int = 0) -> bool:
        """Lifts everybody's pause of a step, or one run's; returns whether there was one."""
        async with self._pool.connection(f"resume {step}") as connection:
            lifted = await connection.fetchval(_SQL["resume_step"], step, run_number)
        return lifted is not None

    async def resume_runs(self, run_numbers: Sequence[int]) -> None:
        """Lifts every pause that is for one of these runs alone; everybody's stay."""
        async with self._pool.connection("resume the steps of runs") as connection:
            await connection.execute(_SQL["resume_runs"], list(run_numbers))

    async def find_pause(self, step: str, run_number: int) -> StepPause | None:
        """Returns the pause that holds an activity back: everybody's, or that of its run."""
        async with self._pool.connection(f"look whether {step} is paused") as connection:
            rows = await connection.fetch(_SQL["find_pause"], step, run_number)
        return StepPause.model_validate(dict(rows[0])) if rows else None

    async def list(self) -> Sequence[StepPause]:
        """Returns all pauses, the oldest first."""
        async with self._pool.connection("see which steps are paused") as connection:
            rows = await connection.fetch(_SQL["list_pauses"])
        return tuple(StepPause.model_validate(dict(row)) for row in rows)
