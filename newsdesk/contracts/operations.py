"""What operators have ordered: steps that are paused."""

from newsdesk.contracts.base import Contract, UtcDatetime


class StepPause(Contract):
    """A step that waits until an operator resumes it.

    `step`: one of a run's activities. `run_number`: whose; 0: everybody's. `paused_at`: the
    database's clock.
    """

    step: str
    run_number: int = 0
    reason: str
    paused_at: UtcDatetime
