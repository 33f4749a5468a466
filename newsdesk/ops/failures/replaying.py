"""`newsdesk failures replay`: plans, asks, then replays each run once."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from itertools import islice

from rich.console import Console
from temporalio.client import Client

from newsdesk.contracts.names import Step
from newsdesk.contracts.options import ProcessingOptions
from newsdesk.contracts.record import RunStatus
from newsdesk.errors import NewsdeskError, NotReplayableError, UsageError
from newsdesk.ops.failures.filters import FailureFilter
from newsdesk.ops.failures.finding import find_failures, require_client
from newsdesk.ops.failures.planning import (
    AT_ONCE,
    MAX_REASON_CHARS,
    Job,
    RunToReplay,
    counted,
    ended,
    plan_jobs,
    plan_lines,
    to_replay,
)
from newsdesk.ops.services import Services, open_services
from newsdesk.ops.targets import Target, find_run
from newsdesk.ops.waiting import progress_bar
from newsdesk.settings import Settings
from newsdesk.temporal.replays import ReplayPlan, current_run, replay
from newsdesk.temporal.starting import TemporalRunStarter, start_pending

POLL_SECONDS = 0.5
LINK = Step.LINK_ARTICLE_TO_STORIES.value
BUSY = (
    "another replay is under way; wait until it has ended, then run the command again: what it"
    " replayed is left as it is"
)


@dataclass(frozen=True)
class Orders:
    """How runs are to be replayed, as the operator said."""

    from_step: str | None = None
    reason: str = ""
    restart: bool = False
    fresh: bool = False
    wait: bool = False
    yes: bool = False
    as_json: bool = False


@dataclass(frozen=True)
class Result:
    """What became of a job: replayed, restarted, left or failed; and in which execution or run."""

    job: Job
    outcome: str
    workflow_id: str
    run_id: str | None = None
    run_number: int | None = None
    message: str = ""

    @property
    def begun(self) -> bool:
        """Whether something is under way now."""
        return self.outcome in ("replayed", "restarted")


async def replay_runs(
    settings: Settings, wanted: Sequence[Target] | FailureFilter, orders: Orders
) -> int:
    """Replays the runs that are named, or that a filter finds; returns the exit code.

    Raises what Temporal or the database refuse, and UsageError where nobody can be asked.
    """
    talk = Console(stderr=True, highlight=False)
    async with open_services(settings, "failures") as services:
        client = require_client(services)
        runs = await _runs(services, wanted, talk)
        if not runs:
            talk.print("nothing to replay: no failed run is meant; see newsdesk failures list")
            return 0
        jobs = await plan_jobs(client, runs, orders.from_step, restart=orders.restart)
        for line in plan_lines(jobs):
            talk.print(line, markup=False, soft_wrap=True)
        todo = [job for job in jobs if job.refusal is None]
        named = not isinstance(wanted, FailureFilter)
        if todo and not (named or orders.yes or _agreed(len(todo))):
            talk.print("nothing was done")
            return 0
        work = Replaying(services, client, settings, orders)
        async with services.store.operations.replaying() as free:
            if not free:
                talk.print(BUSY)
                return 1
            results = await work.all(todo, talk)
        if orders.wait:
            results = await _awaited(client, results, talk)
    refused = len(jobs) - len(todo) if named else 0
    return 1 if refused or any(result.outcome == "failed" for result in results) else 0


async def _runs(
    services: Services, wanted: Sequence[Target] | FailureFilter, talk: Console
) -> list[RunToReplay]:
    if not isinstance(wanted, FailureFilter):
        known = [await find_run(services.store.operations, target) for target in wanted]
        return [to_replay(run) for run in known]
    failures = await find_failures(services, wanted)
    if failures.overtaken:
        talk.print(
            f"left out: {len(failures.overtaken)} of which readers would see nothing; to replay"
            " one all the same, name it"
        )
    return [
        RunToReplay(
            workflow_id=run.workflow_id,
            run_number=run.run_number,
            article_id=run.article_id,
            revision=run.revision,
            status=run.status,
            closed_at=run.closed_at,
        )
        for run in failures.runs
        if run.run_number is not None and run.article_id is not None and run.revision is not None
    ]


def _agreed(count: int) -> bool:
    """Asks on a terminal. Raises UsageError elsewhere."""
    if not sys.stdin.isatty():
        raise UsageError("nothing was done: nobody can be asked here; add --yes to do as planned")
    answer = input(f"Replay {counted(count)}? [y/N] ")
    return answer.strip().lower() in ("y", "yes")


class Replaying:
    """Does jobs, a few side by side, and tells of each what became of it."""

    def __init__(
        self, services: Services, client: Client, settings: Settings, orders: Orders
    ) -> None:
        """Takes the store, a connected client, today's options, and what was ordered."""
        self._store = services.store
        self._client = client
        self._starter = TemporalRunStarter(client, settings.page_url)
        self._options: ProcessingOptions = settings.processing_options()
        self._orders = orders

    async def all(self, jobs: Sequence[Job], talk: Console) -> list[Result]:
        """Does every job once; returns the results in the order in which they came."""
        results: list[Result] = []
        try:
            with progress_bar(talk, "replayed", len(jobs)) as step:
                async for result in self._results(jobs):
                    results.append(result)
                    _tell(result, as_json=self._orders.as_json)
                    step()
        except asyncio.CancelledError:
            talk.print(
                f"interrupted: {len(results)} of {len(jobs)} done; the same command again goes on"
                " with the rest"
            )
            raise
        if jobs:
            talk.print(f"{counted(len(jobs))}: {_sums(results)}")
        return results

    async def _results(self, jobs: Sequence[Job]) -> AsyncGenerator[Result, None]:
        waiting = iter(jobs)
        under_way = {asyncio.create_task(self.one(job)) for job in islice(waiting, AT_ONCE)}
        try:
            while under_way:
                done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    yield task.result()
                    following = next(waiting, None)
                    if following is not None:
                        under_way.add(asyncio.create_task(self.one(following)))
        finally:
            for task in under_way:
                task.cancel()

    async def one(self, job: Job) -> Result:
        """Does one job; what keeps it from being done is its result."""
        try:
            if job.plan is None:
                return await self._restart(job)
            return await self._reset(job, job.plan)
        except NotReplayableError as error:
            return Result(job, "left", job.run.workflow_id, message=str(error))
        except NewsdeskError as error:
            return Result(job, "failed", job.run.workflow_id, message=str(error))

    async def _reset(self, job: Job, plan: ReplayPlan) -> Result:
        if self._orders.fresh:
            await self._store.ledger.order_fresh(job.run.run_number)
        # A hold that `skip-link` left for want of a worker is not for this replay.
        await self._store.pauses.resume(LINK, job.run.run_number)
        run_id = await replay(self._client, plan, self._reason())
        await self._store.runs.mark_started(job.run.run_number, run_id)
        return Result(
            job,
            "replayed",
            job.run.workflow_id,
            run_id,
            job.run.run_number,
            f"from {', '.join(plan.point.again)}",
        )

    async def _restart(self, job: Job) -> Result:
        [known] = await self._store.operations.known(workflow_id=job.run.workflow_id)
        if known.successor != job.run.successor:
            raise NotReplayableError(f"it was enqueued again meanwhile, as #{known.successor}")
        run = await self._store.runs.start_afresh(
            job.run.article_id, job.run.revision, self._options
        )
        if self._orders.fresh:
            await self._store.ledger.order_fresh(run.run_number)
        await start_pending(self._store.runs, self._starter, run)
        return Result(
            job, "restarted", run.workflow_id, None, run.run_number, f"after {job.run.workflow_id}"
        )

    def _reason(self) -> str:
        reason = self._orders.reason[:MAX_REASON_CHARS] or "no reason given"
        return f"newsdesk failures replay: {reason}"


def _tell(result: Result, *, as_json: bool) -> None:
    if as_json:
        line = {
            "workflow_id": result.workflow_id,
            "run_number": result.run_number or result.job.run.run_number,
            "article_id": result.job.run.article_id,
            "outcome": result.outcome,
            "run_id": result.run_id,
            "message": result.message,
        }
        sys.stdout.write(json.dumps(line) + "\n")
    else:
        number = result.run_number or result.job.run.run_number
        sys.stdout.write(f"{result.workflow_id}  #{number}  {result.outcome}: {result.message}\n")
    sys.stdout.flush()


def _sums(results: Sequence[Result]) -> str:
    counts = Counter(result.outcome for result in results)
    return ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())) or "nothing"


async def _awaited(client: Client, results: Sequence[Result], talk: Console) -> list[Result]:
    """Waits until what was begun has ended; returns the results with how it did."""
    begun = [result for result in results if result.begun]
    others = [result for result in results if not result.begun]
    gate = asyncio.Semaphore(AT_ONCE)
    with progress_bar(talk, "ended", len(begun)) as step:

        async def end(result: Result) -> Result:
            status = RunStatus.RUNNING
            while status is RunStatus.RUNNING:
                await asyncio.sleep(POLL_SECONDS)
                async with gate:
                    status = (await current_run(client, result.workflow_id)).status
            step()
            if status is RunStatus.COMPLETED:
                return Result(result.job, "completed", result.workflow_id)
            return Result(
                result.job, "failed", result.workflow_id, message=f"it {ended(status)} again"
            )

        after = await asyncio.gather(*map(end, begun))
    for result in after:
        if result.outcome == "failed":
            talk.print(f"{result.workflow_id}  {result.message}", markup=False)
    if begun:
        talk.print(f"of {len(begun)} that were begun: {_sums(after)}")
    return [*others, *after]
