"""How the node comes into its cluster: the settings of class `cluster`."""

from __future__ import annotations

from agent.settings import kinds
from agent.settings.declare import Scope, section, setting
from agent.settings.secret import Secret
from agent.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from agent.values.join_string import Seed


@section
class Cluster(NamedTuple):
    """To join and to init are acts: consumed once (agent.accepted.claim), never stored with the
    settings, and neither is what they are done with. Their rules stand in agent.settings.claim.
    """

    join: Secret | None = setting(
        kinds.JOIN_STRING,
        label="Join string",
        help="One-time string that a member of the cluster shows; it names the seeds too.",
        unset="not joined",
        scope=Scope.ACT,
        secret=True,
    )
    seeds: tuple[Seed, ...] = setting(
        kinds.SEEDS,
        label="Seeds",
        help="Members to join by with a cluster key, asked in turn; port 13000 unless given.",
        example="node-1.example.com, 192.0.2.11:13000",
        default=(),
        unset="not joined",
        scope=Scope.ACT,
    )
    key: Secret | None = setting(
        kinds.CLUSTER_KEY,
        label="Cluster key",
        help="Standing key that lets in any node that has it, with cluster.seeds. "
        "With cluster.init it becomes the key of the new cluster.",
        unset="not joined",
        scope=Scope.ACT,
        secret=True,
    )
    init: bool = setting(
        kinds.BOOLEAN,
        label="First node",
        help="Whether this node makes a new cluster. It needs the database, the administrator "
        "and the recovery key; a database that holds a cluster is refused.",
        example="True",
        default=False,
        unset="off",
        scope=Scope.ACT,
    )
    admin_user: str | None = setting(
        kinds.ADMINISTRATOR,
        label="Cluster administrator",
        help="Name of the first administrator of a new cluster.",
        example="operator",
        unset="asked in the wizard; refused for cluster.init",
        scope=Scope.ACT,
    )
    admin_password: Secret | None = setting(
        kinds.ADMINISTRATOR_PASSWORD,
        label="Password of the cluster administrator",
        help="The cluster keeps a hash of it alone.",
        unset="asked in the wizard; refused for cluster.init",
        scope=Scope.ACT,
        secret=True,
    )
    recovery_public_key: str | None = setting(
        kinds.RECOVERY_KEY,
        label="Recovery public key",
        help="Its private half and the database bring the cluster back when every node is lost.",
        unset="a phrase is shown once; refused for cluster.init",
        scope=Scope.ACT,
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

    @property
    def is_claimed(self) -> bool:
        """Whether the node is asked to make or join a cluster."""
        return self.init or self.join is not None or self.key is not None
