"""How the node comes into its cluster: the settings of class `cluster`."""

from __future__ import annotations

from typing import NamedTuple

from agent.settings import kinds
from agent.settings.declare import Scope, section, setting
from agent.settings.secret import Secret


@section
class Cluster(NamedTuple):
    """`join` is an act: consumed once (agent.accepted.acts), never stored with the settings."""

    join: Secret | None = setting(
        kinds.JOIN_STRING,
        label="Join string",
        help="One-time string that a member of the cluster shows; it names the seeds too.",
        unset="not joined",
        scope=Scope.ACT,
        secret=True,
    )
    name: str | None = setting(
        kinds.LABEL,
        label="Name of the cluster",
        help="What people call the cluster.",
        example="production",
        unset="`cluster`",
        scope=Scope.CLUSTER,
    )
    hostname: str | None = setting(
        kinds.DOMAIN,
        label="Public host name",
        help="The name under which clients reach the cluster.",
        example="board.example.com",
        unset="none (asked in the wizard)",
        scope=Scope.CLUSTER,
    )
