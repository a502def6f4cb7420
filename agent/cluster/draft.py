"""A new cluster drafted in memory, before anybody knows of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from agent.certs.authority import KeyPair, issue_node, new_root
from agent.certs.web_pair import issue_web
from agent.cluster import password
from agent.cluster.identity import Identity
from agent.cluster.naming import addresses_among, member_name, names_among, node_name
from agent.cluster.seal import Keyring, new_keyring
from agent.cluster.shared import CERTIFICATE, HOSTNAME, KEY, NAME, Shared, WebSource, to_row
from agent.cluster.site import Place, Site
from agent.cluster.store.administrator import AdministratorRow
from agent.cluster.store.cluster import ClusterRow
from agent.cluster.store.configuration import ConfigurationRow
from agent.cluster.store.node import NodeRow, NodeState
from agent.cluster.store.target import Target
from agent.cluster.vouch import vouch
from agent.settings.secret import Secret


@dataclass(frozen=True)
class Administrator:
    """Who is to look after the new cluster, the password in clear."""

    name: str
    password: Secret


@dataclass(frozen=True)
class Wish:
    """What the operator gives: a database, and perhaps a name, a public name and a web pair.

    `recovery_key` is an X25519 public key that takes the place of the recovery phrase;
    `cluster_key` the secret of a cluster key that the new cluster is to know.
    """

    target: Target
    name: str = "cluster"
    hostname: str = ""
    certificate: str = ""
    key_pem: str = ""
    administrator: Administrator | None = None
    recovery_key: bytes = b""
    cluster_key: bytes = b""

    def __repr__(self) -> str:
        return f"Wish({self.name!r}, {self.hostname!r})"


@dataclass(frozen=True, repr=False)
class Draft:
    """The rows of the new cluster, each vouched for, and the key that they hang from."""

    cluster: ClusterRow
    node: NodeRow
    configuration: ConfigurationRow
    keyring: Keyring
    administrator: AdministratorRow | None = None


def draft(site: Site, identity: Identity, wish: Wish) -> Draft:
    place, keyring = site.place(), new_keyring()
    cluster_id = str(uuid.uuid4())
    root = new_root(cluster_id, now=site.clock.now())
    shared = Shared(1, *_settings(site, wish, root, place))
    cluster = ClusterRow(
        id=cluster_id,
        name=wish.name,
        root_certificate=root.certificate_pem,
        root_key=keyring.seal(root.key_pem.encode(), about="root key"),
        key_version=keyring.version,
        key_check=keyring.check_value(),
        config_version=shared.version,
        joining_open=True,
        created_by=identity.id,
    )
    return Draft(
        vouch(keyring, cluster),
        vouch(keyring, _first_node(site, identity, root, cluster_id, place)),
        to_row(keyring, shared, made_by=identity.id, reason="the cluster was initialized"),
        keyring,
        _administrator(keyring, identity, wish),
    )


def _administrator(keyring: Keyring, identity: Identity, wish: Wish) -> AdministratorRow | None:
    """From here on the password is a hash."""
    if wish.administrator is None:
        return None
    made = password.hashed(wish.administrator.password.reveal())
    return vouch(keyring, AdministratorRow(wish.administrator.name, made, identity.id))


def _settings(
    site: Site, wish: Wish, root: KeyPair, place: Place
) -> tuple[Mapping[str, str], WebSource]:
    settings = {**wish.target.to_texts(), NAME: wish.name}
    if wish.hostname:
        settings[HOSTNAME] = wish.hostname
    if wish.certificate:
        return {**settings, CERTIFICATE: wish.certificate, KEY: wish.key_pem}, WebSource.GIVEN
    wanted = (wish.hostname, place.name, *names_among(place.addresses))
    names = tuple(dict.fromkeys(name for name in wanted if name))
    addresses = addresses_among(place.addresses)
    web = issue_web(root, names=names, addresses=addresses, now=site.clock.now())
    pair = {CERTIFICATE: web.certificate_pem, KEY: web.key_pem}
    return {**settings, **pair}, WebSource.CLUSTER


def _first_node(
    site: Site, identity: Identity, root: KeyPair, cluster_id: str, place: Place
) -> NodeRow:
    certificate = issue_node(
        root,
        identity.public_key,
        node_id=identity.id,
        names=(member_name(cluster_id), node_name(cluster_id, identity.id)),
        addresses=(),
        now=site.clock.now(),
    )
    return NodeRow(
        id=identity.id,
        name=place.name,
        public_key=identity.public_key,
        key_hash=identity.key_hash,
        wrap_key=identity.wrap_public,
        peer_address=place.peer_address,
        addresses=list(place.addresses),
        certificate=certificate,
        state=NodeState.ACTIVE,
        software=site.software,
    )
