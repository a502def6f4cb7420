"""A node that holds the cluster's secrets, at work: its keys, what is shared, its database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from agent.certs.authority import KeyPair, fingerprint
from agent.cluster import identity as identities
from agent.cluster import seal, snapshot, standing
from agent.cluster.identity import FOLDER, Identity
from agent.cluster.seal import Keyring, Tampered
from agent.cluster.shared import Shared
from agent.cluster.site import Site
from agent.cluster.standing import Stage, Standing
from agent.cluster.store import cluster as clusters
from agent.cluster.store.cluster import ClusterRow
from agent.cluster.store.event import Writer
from agent.cluster.store.pool import Pool
from agent.cluster.store.target import Papers, Target
from agent.cluster.vouch import check
from agent.errors import NotNow
from agent.system.files import Files
from agent.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.cluster.store.pool import Connection

_PAPERS = tuple(f"{FOLDER}/database-{name}.pem" for name in ("ca", "certificate", "key"))


class Member:
    """What the loops and the peer API work with; `shared` and the pool follow the cluster."""

    def __init__(self, site: Site, identity: Identity, stand: Standing, keyring: Keyring) -> None:
        found = snapshot.newest(site.files, keyring)
        if found is None:
            raise Tampered(
                "no version of the shared configuration on this node verifies",
                hint="let the node join again",
            )
        self.site = site
        self.identity = identity
        self.standing = stand
        self.keyring = keyring
        self.root_pem = site.files.read(standing.ROOT_FILE) or ""
        self.certificate_pem = site.files.read(standing.CERTIFICATE_FILE) or ""
        self.shared: Shared = found
        self.pool = open_pool(site.files, found.target)

    @property
    def root_hash(self) -> str:
        return fingerprint(self.root_pem)

    @property
    def served_hash(self) -> str:
        return fingerprint(self.certificate_pem)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        with self.pool.transaction() as connection:
            yield connection

    def writer(self) -> Writer:
        return event_writer(self.identity)

    def cluster(self, connection: Connection, *, lock: bool = False) -> ClusterRow:
        """The cluster's row, verified; raises NotNow where it is gone or another's."""
        row = clusters.read(connection, lock=lock)
        if row is None or row.id != self.standing.cluster_id:
            raise NotNow(
                "the database does not hold this node's cluster",
                hint="database.host and database.name must lead to the cluster's own database",
                code="wrong-cluster",
            )
        return check(self.keyring, row)

    def root(self, row: ClusterRow) -> KeyPair:
        """The cluster's authority, opened for one signature."""
        key = self.keyring.unseal(row.root_key, about="root key")
        return KeyPair(row.root_certificate, key.decode())

    def adopt(self, shared: Shared) -> None:
        """Work with a newer configuration from now on."""
        was, self.shared = self.shared, shared
        if shared.target != was.target:
            self.pool.close()
            self.pool = open_pool(self.site.files, shared.target)

    def close(self) -> None:
        self.pool.close()


def open_member(site: Site) -> Member | None:
    """The member that this node is by what lies on its disk; None before it has the secrets."""
    stand, identity = standing.load(site.files), identities.load(site.files)
    if stand is None or identity is None or not stand.has_reached(Stage.GRANTED):
        return None
    key = seal.unwrap(bytes.fromhex(stand.wrapped_key), identity.wrap_private)
    return Member(site, identity, stand, Keyring(stand.key_version, key))


def open_pool(files: Files, target: Target) -> Pool:
    """Libpq takes certificates and keys as files only; what is not given any more goes."""
    texts = (target.ca, target.certificate, target.key.reveal())
    return Pool(target, Papers(*(_paper(files, *one) for one in zip(_PAPERS, texts, strict=True))))


def _paper(files: Files, name: str, text: str) -> str | None:
    if not text:
        _ = files.remove(name)
        return None
    _ = files.write(name, text, mode=0o600)
    return files.place(name)


def event_writer(identity: Identity) -> Writer:
    return Writer(
        identity.id,
        hash_of=lambda content: seal.digest(*content),
        sign=lambda content: seal.sign(identity.key_pem, *content),
    )
