"""The rest of the seed's side, over mutual TLS: dial back, and only then hand over the secrets."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace

from agent.certs.authority import fingerprint, public_key_hash, public_key_of_certificate
from agent.cluster.member import Member
from agent.cluster.refusal import Code, refuse
from agent.cluster.store import configuration, event, key, node
from agent.cluster.store.configuration import ConfigurationRow
from agent.cluster.store.key import WrappedKey
from agent.cluster.store.node import NodeRow, NodeState
from agent.cluster.vouch import check, vouch
from agent.cluster.web import cover
from agent.errors import NotNow, NotReachable
from agent.typed import TYPE_CHECKING, Any
from agent.values.json_object import object_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.cluster.store.pool import Connection

# Dials a node as a member does, and tells the fingerprint of the certificate that answered.
Dial = Callable[[NodeRow], str]

_IN_THE_CLUSTER = (NodeState.PENDING, NodeState.JOINING, NodeState.ACTIVE, NodeState.DRAINING)


@dataclass(frozen=True)
class Grant:
    """What only a node that was dialled back gets; all of it sealed, but readable to that node."""

    key_version: int
    wrapped_key: bytes
    configuration: ConfigurationRow


def authenticate(member: Member, certificate_der: bytes) -> NodeRow:
    """Whose certificate it is: membership is the row, not the certificate's date."""
    public = public_key_of_certificate(ssl.DER_cert_to_PEM_cert(certificate_der))
    with member.transaction() as connection:
        row = node.by_key(connection, public_key_hash(public))
    if row is None or check(member.keyring, row).state not in _IN_THE_CLUSTER:
        raise refuse(Code.KEY_REFUSED, "this node is not in the cluster")
    return row


def activate(member: Member, row: NodeRow, dial: Dial) -> None:
    """The node called; call it back at the address that it gave, and see that it answers there."""
    try:
        answered = dial(row)
    except NotReachable as error:
        raise refuse(
            Code.CALL_BACK_FAILED,
            f"the seed could not call back: {error.message}",
            hint="the node must be reachable there from the other nodes, port and all",
        ) from error
    if answered != fingerprint(row.certificate):
        raise refuse(Code.CALL_BACK_FAILED, f"another machine answers at {row.peer_address}")
    if row.state != NodeState.PENDING:
        return
    joining = vouch(member.keyring, replace(row, state=NodeState.JOINING))
    with member.transaction() as connection:
        if not node.update_state(connection, joining, was=NodeState.PENDING):
            raise NotNow(f"the node {row.name} is not waiting to be let in any more")
        _ = event.append(connection, member.writer(), "join", f"{row.name} was called back")


def grant(member: Member, row: NodeRow) -> Grant:
    """From here on the node's row never lapses: active, or failed until it is removed."""
    if row.state == NodeState.PENDING:
        raise NotNow("this node was not called back yet", hint="ask to be activated first")
    with member.transaction() as connection:
        cluster = member.cluster(connection, lock=True)
        wrapped = member.keyring.wrapped_for(row.wrap_key)
        stored = WrappedKey(cluster.key_version, row.id, wrapped)
        key.put(connection, vouch(member.keyring, stored))
        current = _current(member, connection, cluster.config_version)
        current = cover(member, connection, cluster, current)
    return Grant(cluster.key_version, wrapped, current)


def to_json(granted: Grant) -> dict[str, Any]:
    row = granted.configuration
    return {
        "key_version": granted.key_version,
        "wrapped_key": granted.wrapped_key.hex(),
        "configuration": {
            "version": row.version,
            "document": base64.b64encode(row.document).decode(),
            "digest": row.digest,
            "made_by": row.made_by,
            "reason": row.reason,
            "mac": row.mac.hex(),
        },
    }


def read_grant(said: Mapping[str, Any]) -> Grant:
    """Raises ValueError, KeyError or TypeError for what is none."""
    row = object_of(said["configuration"])
    return Grant(
        int(said["key_version"]),
        bytes.fromhex(str(said["wrapped_key"])),
        ConfigurationRow(
            version=int(row["version"]),
            document=base64.b64decode(str(row["document"])),
            digest=str(row["digest"]),
            made_by=str(row["made_by"]),
            reason=str(row["reason"]),
            mac=bytes.fromhex(str(row["mac"])),
        ),
    )


def _current(member: Member, connection: Connection, version: int) -> ConfigurationRow:
    found = configuration.read(connection, version)
    if found is None:
        raise NotNow(f"the database lacks version {version} of the configuration")
    return check(member.keyring, found)
