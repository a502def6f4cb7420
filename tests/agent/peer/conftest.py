"""The same database and nodes as for the cluster's own tests."""

from __future__ import annotations

from tests.agent.cluster.conftest import loop, new_node, pool, server, target

__all__ = ["loop", "new_node", "pool", "server", "target"]
