"""The workflow sandbox of every worker and replayer of ours."""

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import SandboxImportNotificationPolicy


def workflow_runner() -> SandboxedWorkflowRunner:
    """Returns a runner that refuses modules which a workflow file forgot to pass through.

    A forgotten one would be loaded again for each workflow: memory and CPU, unseen.
    """
    policy = SandboxImportNotificationPolicy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH
    return SandboxedWorkflowRunner(
        restrictions=SandboxRestrictions.default.with_import_notification_policy(policy)
    )
