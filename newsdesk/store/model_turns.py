"""Turns to ask a model, spaced evenly over the minute: one row a model, for all workers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from newsdesk.contracts.models import ModelLimits, Pause, Turn
from newsdesk.store.queries import load_queries

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

_SQL = load_queries("model_ledger")
_WAIT_SECONDS = 5.0
"""A step waits so long for its turn where it is; for a later one it leaves and comes back."""
_GRACE_SECONDS = 10.0
"""So long after its moment a turn is still good: who was to come back then may be a little late."""
_REPAIR_WAIT = timedelta(seconds=10)
"""A repair may wait longer than a first call: to leave would be to pay that one again."""


@dataclass(frozen=True)
class _Slot:
    """A moment at which a model may be asked, how many seconds from now, and whether it is ours."""

    at: datetime
    ahead: float
    reserved: bool


async def find_turn(
    connection: "PoolConnectionProxy", model: str, turn: datetime | None, limits: ModelLimits
) -> Turn | Pause:
    """Returns a turn to ask the model; where it is too far away to wait, a pause that reserves it.

    Args:
        connection: A connection within a transaction, which has claimed the question.
        model: The model's name.
        turn: What an earlier pause reserved; while it is good, no other is reserved.
        limits: Their requests a minute; without, any moment is a turn.
    """
    rate = limits.requests_per_minute
    if rate is None:
        return Turn()
    slot = await _reserved(connection, turn) or await _reserve(connection, model, rate)
    return _turn(slot) if slot.ahead <= _WAIT_SECONDS else _pause(model, rate, slot)


async def repair_turn(
    connection: "PoolConnectionProxy", model: str, limits: ModelLimits
) -> Turn | Pause:
    """Returns a turn to ask the model once more, or a pause that reserves nothing."""
    rate = limits.requests_per_minute
    if rate is None:
        return Turn()
    slot = await _reserve(connection, model, rate, within=_REPAIR_WAIT)
    return _turn(slot) if slot.reserved else _pause(model, rate, slot)


async def _reserved(connection: "PoolConnectionProxy", turn: datetime | None) -> _Slot | None:
    """Returns the slot that an earlier pause reserved, unless it is over."""
    if turn is None:
        return None
    ahead: float = await connection.fetchval(_SQL["seconds_until"], turn)
    return _Slot(turn, ahead, reserved=True) if ahead >= -_GRACE_SECONDS else None


async def _reserve(
    connection: "PoolConnectionProxy", model: str, rate: int, within: timedelta | None = None
) -> _Slot:
    """Reserves the model's next slot; where it is not `within` that time, it is only told."""
    spacing = timedelta(minutes=1) / rate
    rows = await connection.fetch(_SQL["reserve_slot"], model, spacing, within)
    # A refused reservation has locked the row all the same: what is read next is what it saw.
    [row] = rows or await connection.fetch(_SQL["read_next_slot"], model)
    return _Slot(row["at"], row["ahead"], reserved=bool(rows))


def _turn(slot: _Slot) -> Turn:
    return Turn(wait_seconds=max(slot.ahead, 0.0))


def _pause(model: str, rate: int, slot: _Slot) -> Pause:
    requests = "request" if rate == 1 else "requests"
    then = "this step's turn comes" if slot.reserved else "the next free turn is"
    return Pause(
        code="rate_limit",
        reason=f"{model} takes no more than {rate} {requests} a minute; {then}"
        f" at {slot.at:%Y-%m-%d %H:%M:%S} UTC.",
        until=slot.at,
        turn=slot.at if slot.reserved else None,
    )
