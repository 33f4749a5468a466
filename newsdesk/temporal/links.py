"""Addresses within the Temporal Web UI."""

from urllib.parse import quote


def run_url(ui_url: str | None, namespace: str, workflow_id: str, run_id: str) -> str | None:
    """Returns where the Web UI shows an execution's timeline; None where no UI is known."""
    if ui_url is None:
        return None
    path = f"workflows/{quote(workflow_id, safe='')}/{run_id}/timeline"
    return f"{_namespace_url(ui_url, namespace)}/{path}"


def list_url(ui_url: str | None, namespace: str, query: str) -> str | None:
    """Returns where the Web UI lists the runs that a query finds; None where no UI is known."""
    if ui_url is None:
        return None
    return f"{_namespace_url(ui_url, namespace)}/workflows?query={quote(query, safe='')}"


def _namespace_url(ui_url: str, namespace: str) -> str:
    return f"{ui_url.rstrip('/')}/namespaces/{quote(namespace, safe='')}"
