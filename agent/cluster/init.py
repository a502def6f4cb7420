"""The first node: one explicit act makes the authority, the cluster's row and the first member.

prepare the database -> draft all in memory -> one transaction -> keep it here -> in force
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

from agent.accepted.store import Membership
from agent.cluster import cluster_key, seal, snapshot, standing
from agent.cluster import identity as identities
from agent.cluster.draft import Draft, Wish, draft
from agent.cluster.identity import Identity
from agent.cluster.member import event_writer, open_pool
from agent.cluster.seal import Keyring
from agent.cluster.shared import from_row
from agent.cluster.site import Site
from agent.cluster.standing import Stage, Standing
from agent.cluster.store import administrator, configuration, event, key, node
from agent.cluster.store import cluster as clusters
from agent.cluster.store.cluster import ClusterRow
from agent.cluster.store.key import RECOVERY, WrappedKey
from agent.cluster.store.migrate import migrate
from agent.cluster.store.pool import Pool
from agent.cluster.vouch import check, vouch
from agent.errors import NotNow
from agent.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.cluster.store.pool import Connection

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PHRASE_GROUPS = 6
_GROUP = 5

OCCUPIED = "occupied"

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Begun:
    """A cluster of one; the phrase is shown once and stored nowhere, and blank where the operator
    gave a recovery key. `is_resumed`: an earlier init had made it and was broken off, so it has the
    name and the settings that were given then.
    """

    cluster_id: str
    phrase: str
    name: str
    is_resumed: bool = False

    def __repr__(self) -> str:
        return f"Begun({self.cluster_id!r})"


def init(site: Site, wish: Wish, *, tell: Tell) -> Begun:
    """Raises NotNow where this node or the database has a cluster already.

    Broken off and called again, it goes on with the cluster that it made.
    """
    _check_free(site)
    identity = identities.ensure(site.files)
    pool = open_pool(site.files, wish.target)
    try:
        tell("init.database")
        _ = migrate(pool)
        tell("init.cluster")
        wanted = draft(site, identity, wish)
        begun, phrase = _begin(pool, identity, wanted, wish)
    finally:
        pool.close()
    is_resumed = begun is not wanted
    if is_resumed:
        tell("init.resume")
    tell("init.keep")
    stand = _keep(site, identity, begun)
    tell("init.change")
    site.change(Membership.MEMBER, from_row(begun.keyring, begun.configuration).settings)
    standing.save(site.files, replace(stand, stage=Stage.MEMBER))
    return Begun(begun.cluster.id, phrase, begun.cluster.name, is_resumed)


def new_phrase() -> str:
    """150 random bits in an alphabet without look-alikes."""
    groups = (
        "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_PHRASE_GROUPS)
    )
    return "-".join(groups)


def _check_free(site: Site) -> None:
    found = standing.load(site.files)
    if found is not None and not found.is_half_begun:
        raise NotNow(
            f"this node belongs to the cluster {found.cluster_name} already",
            hint="bandstand cluster status shows it",
        )


def _begin(pool: Pool, identity: Identity, wanted: Draft, wish: Wish) -> tuple[Draft, str]:
    """Of many first nodes one alone gets through; the others are told to join."""
    phrase = "" if wish.recovery_key else new_phrase()
    with pool.transaction() as connection:
        if clusters.insert(connection, wanted.cluster):
            begun = wanted
            _insert(connection, identity, begun, wish)
        else:
            begun = _own(connection, identity)
        recovery = wish.recovery_key or seal.wrap_public(seal.recovery_private(phrase))
        for holder, public in ((identity.id, identity.wrap_public), (RECOVERY, recovery)):
            wrapped = begun.keyring.wrapped_for(public)
            row = WrappedKey(begun.keyring.version, holder, wrapped)
            key.put(connection, vouch(begun.keyring, row))
    return begun, phrase


def _insert(connection: Connection, identity: Identity, begun: Draft, wish: Wish) -> None:
    node.insert(connection, begun.node)
    configuration.insert(connection, begun.configuration)
    if begun.administrator is not None:
        administrator.insert(connection, begun.administrator)
    if wish.cluster_key:
        _ = cluster_key.store(connection, begun.keyring, wish.cluster_key, made_by=identity.id)
    words = f"{begun.node.name} initialized the cluster {begun.cluster.name}"
    _ = event.append(connection, event_writer(identity), "init", words)


def _own(connection: Connection, identity: Identity) -> Draft:
    """The cluster in the database, if this very node made it and was broken off; else NotNow."""
    row = clusters.read(connection)
    wrapped = key.get(connection, identity.id, row.key_version) if row else None
    if row is None or wrapped is None or row.created_by != identity.id:
        raise _occupied(row)
    opened = seal.unwrap(wrapped.ciphertext, identity.wrap_private)
    keyring = Keyring(row.key_version, opened)
    first = node.by_id(connection, identity.id)
    config = configuration.read(connection, check(keyring, row).config_version)
    if first is None or config is None:
        raise _occupied(row)
    return Draft(row, check(keyring, first), check(keyring, config), keyring)


def _occupied(row: ClusterRow | None) -> NotNow:
    named = f"the cluster {row.name}" if row else "a cluster"
    return NotNow(
        f"the database holds {named} already",
        hint="join it with a join string of one of its members, or give an empty database",
        code=OCCUPIED,
    )


def _keep(site: Site, identity: Identity, begun: Draft) -> Standing:
    """On this node's disk, so that a restart needs neither this act nor the database."""
    site.files.make_folder(identities.FOLDER, mode=0o700)
    _ = site.files.write(standing.ROOT_FILE, begun.cluster.root_certificate, mode=0o600)
    _ = site.files.write(standing.CERTIFICATE_FILE, begun.node.certificate, mode=0o600)
    snapshot.save(site.files, begun.configuration)
    stand = Standing(
        stage=Stage.GRANTED,
        cluster_id=begun.cluster.id,
        cluster_name=begun.cluster.name,
        peer_address=begun.node.peer_address,
        key_version=begun.keyring.version,
        wrapped_key=begun.keyring.wrapped_for(identity.wrap_public).hex(),
    )
    standing.save(site.files, stand)
    return stand
