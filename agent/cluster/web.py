"""The shared web certificate, where the cluster signed it itself: it names every node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.certs.pair import read_pair
from agent.certs.web_pair import issue_web
from agent.cluster.member import Member
from agent.cluster.naming import addresses_among, names_among
from agent.cluster.shared import CERTIFICATE, HOSTNAME, KEY, Shared, WebSource, from_row, to_row
from agent.cluster.store import cluster as clusters
from agent.cluster.store import configuration, node
from agent.cluster.store.cluster import ClusterRow
from agent.cluster.store.configuration import ConfigurationRow
from agent.cluster.store.node import NodeRow, NodeState
from agent.cluster.vouch import vouch
from agent.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.cluster.store.pool import Connection


def cover(
    member: Member, connection: Connection, cluster: ClusterRow, row: ConfigurationRow
) -> ConfigurationRow:
    """The newest configuration; a new version with a new certificate where a node is not in it.

    The cluster's row must be locked. A given certificate is left alone.
    """
    shared = from_row(member.keyring, row)
    nodes = [one for one in node.read_all(connection) if one.state != NodeState.PENDING]
    names, addresses = _names(shared, nodes), _addresses(nodes)
    if shared.web_source is WebSource.GIVEN or _covers(shared, (*names, *addresses)):
        return row
    issued = issue_web(
        member.root(cluster),
        names=names,
        addresses=addresses,
        now=member.site.clock.now(),
        key_pem=shared.settings[KEY],
    )
    settings = {**shared.settings, CERTIFICATE: issued.certificate_pem}
    newer = Shared(shared.version + 1, settings, WebSource.CLUSTER)
    reason = "the web certificate names all nodes"
    made = to_row(member.keyring, newer, made_by=member.identity.id, reason=reason)
    configuration.insert(connection, made)
    clusters.update(
        connection, vouch(member.keyring, replace(cluster, config_version=made.version))
    )
    return made


def _names(shared: Shared, nodes: Sequence[NodeRow]) -> tuple[str, ...]:
    public = (name for one in nodes for name in names_among(one.addresses))
    wanted = (shared.settings.get(HOSTNAME, ""), *(one.name for one in nodes), *public)
    return tuple(dict.fromkeys(name for name in wanted if name))


def _addresses(nodes: Sequence[NodeRow]) -> tuple[str, ...]:
    found = (address for one in nodes for address in addresses_among(one.addresses))
    return tuple(dict.fromkeys(found))


def _covers(shared: Shared, wanted: Sequence[str]) -> bool:
    pair = read_pair(shared.settings[CERTIFICATE], shared.settings[KEY])
    return set(wanted) <= set(pair.names)
