"""A language model's server to test against: it answers sensibly, or fails as ordered."""

from tests.helpers.model_server.server import ModelServer, Received

__all__ = ["ModelServer", "Received"]
