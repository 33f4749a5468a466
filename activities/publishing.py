"""The activity publish: makes a run's record visible. Not one of the five steps."""

from temporalio import activity

from newsdesk.contracts.steps import PublishInput, PublishResult
from newsdesk.ports import RecordPublisher


class PublishingActivities:
    """Hands the versions that the run's steps returned to the publisher."""

    def __init__(self, publisher: RecordPublisher) -> None:
        """Takes the port that the activity uses."""
        self._publisher = publisher

    @activity.defn
    async def publish(self, request: PublishInput) -> PublishResult:
        """Publishes exactly these versions at once, or answers that they are superseded."""
        return await self._publisher.publish(request)
