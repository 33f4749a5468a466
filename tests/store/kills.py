"""Cutting a connection in the middle of what it does."""

from newsdesk.store.pool import StorePool
from tests.helpers.eventually import eventually


async def kill_the_waiting_one(pool: StorePool) -> None:
    """Ends the session that waits for a lock in the pool's database, once there is one."""

    async def kill() -> bool:
        async with pool.connection("kill") as connection:
            return await connection.fetchval(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )

    await eventually(kill)
