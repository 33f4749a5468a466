"""TCP ports on this machine."""

import socket
from collections.abc import Mapping

import psutil

from newsdesk.errors import EmbeddedServerError

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """Returns whether a server could listen on this loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: a connection of the last start that still lingers is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def free_ports(count: int) -> list[int]:
    """Returns different loopback ports that are free now."""
    probes = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((LOOPBACK, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def require_free(ports: Mapping[str, int]) -> None:
    """Makes sure that servers, by name, can have their ports.

    Raises EmbeddedServerError that names the port, who has it, and what to do.
    """
    for name, port in ports.items():
        if not is_free(port):
            raise EmbeddedServerError(
                f"port {port}, for {name}, is taken{_holder(port)}; end what uses it, "
                "or choose other ports: newsdesk dev --port-base N"
            )


def _holder(port: int) -> str:
    # Telling who it is needs rights that one may not have; the message stands without it.
    try:
        for connection in psutil.net_connections(kind="tcp"):
            local = connection.laddr
            if connection.status == psutil.CONN_LISTEN and local and local.port == port:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    except (psutil.Error, OSError, RuntimeError):
        pass
    return ""
