"""The settings that hold, on disk: our own, those the cluster shares, and whether we are in one.

/etc/bandstand/settings.json  our own                     settings.json.last  the last good copy
/etc/bandstand/cluster.json   membership, shared ones     cluster.json.last
/etc/bandstand/secrets/       the secrets of both

Where our own came from stands apart (agent.accepted.refused): the same answers are the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from agent.accepted import document, refused, vault
from agent.errors import Fault, InputRefused
from agent.settings import normal
from agent.settings.declaration import CORE, Settings
from agent.settings.declare import Scope
from agent.settings.secret import Secret
from agent.system.files import Files
from agent.typed import NamedTuple

OWN = "/etc/bandstand/settings.json"
SHARED = "/etc/bandstand/cluster.json"
# Laid at the end of a first boot: by that systemd tells the first one from later ones.
CONFIGURED = "/var/lib/bandstand/configured"
# Asks the next boot to forget all of it and more (firstboot.reset), which takes this away last.
RESET = "/var/lib/bandstand/reset"
# The source of settings of which nothing tells where they came from.
UNKNOWN = "unknown"

# The web pair is a node's own until a cluster shares one.
_SHARED_BESIDES = ("tls.certificate", "tls.key")
_NOTHING: Mapping[str, str | Secret] = MappingProxyType({})


class Membership(StrEnum):
    """none -> joining -> member -> none"""

    NONE = "none"
    JOINING = "joining"
    MEMBER = "member"


class Accepted(NamedTuple):
    """`own` outlives a membership; `shared` (by key) outranks it meanwhile. `source` says where
    `own` came from, and is blank where there are none. `faults` tell what could not be read.
    """

    own: Settings = Settings()
    shared: Mapping[str, str | Secret] = _NOTHING
    membership: Membership = Membership.NONE
    source: str = ""
    faults: tuple[Fault, ...] = ()

    def effective(self) -> Settings:
        """What is to be in force on this node."""
        if self.membership is Membership.NONE:
            return self.own
        shared = shareable(self.shared)
        return normal.overlay(_without_own(self.own, shared), shared)


def _without_own(own: Settings, shared: Mapping[str, str | Secret]) -> Settings:
    """Where the cluster says anything of a section, what it leaves blank there is the default, and
    not this node's own: the parts of a connection belong together.
    """
    categories = {key.partition(".")[0] for key in shared}
    for row in CORE.rows:
        if row.category in categories and row.scope is Scope.CLUSTER:
            section = getattr(own, row.category)._replace(**{row.name: row.default})
            own = own._replace(**{row.category: section})
    return own


def shareable(texts: Mapping[str, str | Secret]) -> dict[str, str | Secret]:
    """Those that a cluster may set on its members."""
    found: dict[str, str | Secret] = {}
    for key, text in texts.items():
        row = CORE.find(key)
        if row is not None and (row.scope is Scope.CLUSTER or key in _SHARED_BESIDES):
            found[key] = text
    return found


def exists(files: Files) -> bool:
    """Whether anything was ever accepted here."""
    return files.exists(OWN) or files.exists(f"{OWN}.last")


def edition(files: Files) -> tuple[str | None, str | None]:
    """Differs after every save that changed anything, and costs less than a load."""
    return files.read(OWN), files.read(SHARED)


def load(files: Files) -> Accepted:
    """What was last saved. A damaged file is told in `faults`, and the last good one taken.

    Secrets that this user may not read look unset.
    """
    own, shared = document.read(files, OWN), document.read(files, SHARED)
    faults = [
        Fault("accepted", f"{loaded.problem}.", _hint(name), "torn")
        for name, loaded in ((OWN, own), (SHARED, shared))
        if loaded.problem
    ]
    own_texts, shared_texts = _texts(files, own.content), _texts(files, shared.content)
    faults += [*_lost(files, own.content), *_lost(files, shared.content)]
    faults += [*_unreadable(own_texts), *_unreadable(shared_texts)]
    return Accepted(
        own=normal.from_text(own_texts),
        shared=shared_texts,
        membership=_membership(shared.content),
        source=(refused.load(files).source or UNKNOWN) if own.content else "",
        faults=tuple(faults),
    )


def _hint(name: str) -> str:
    kept = document.damaged(name)
    return f"Settings are not changed in this file. What stands there is kept as {kept}."


def mend(files: Files) -> None:
    """Once what is damaged was told: put it right, from what is good."""
    for name in (OWN, SHARED):
        _ = document.mend(files, name)


def _lost(files: Files, content: document.Content) -> list[Fault]:
    names = _strings(content, "secrets")
    if not names or (files.exists(vault.FOLDER) and not vault.may_look(files)):
        return []
    message = "its stored value is gone; it counts as unset"
    return [
        Fault(key, message, "Set it again.", "torn")
        for key in sorted(names.keys() - vault.read(files, names).keys())
    ]


def _unreadable(texts: dict[str, str | Secret]) -> tuple[Fault, ...]:
    """A stored value that cannot be read any more costs itself alone: it is taken out."""
    try:
        _ = normal.from_text(texts)
    except InputRefused as refused:
        for fault in refused.faults:
            del texts[fault.setting]
        return refused.faults
    return ()


def _membership(content: document.Content) -> Membership:
    try:
        return Membership(content.get("membership", Membership.NONE))
    except ValueError:
        return Membership.NONE


def _texts(files: Files, content: document.Content) -> dict[str, str | Secret]:
    return {**_strings(content, "settings"), **vault.read(files, _strings(content, "secrets"))}


def _strings(content: document.Content, name: str) -> dict[str, str]:
    return {str(key): str(text) for key, text in dict(content.get(name, {})).items()}


def save(files: Files, accepted: Accepted) -> bool:
    """Make it what holds, through every power cut; False when it already did.

    `source` is not part of it.
    """
    plain, secrets = normal.to_text(accepted.own), normal.secrets_of(accepted.own)
    own = _put(files, OWN, plain, secrets, {})
    shared = {key: text for key, text in accepted.shared.items() if isinstance(text, str)}
    sealed = {key: text for key, text in accepted.shared.items() if isinstance(text, Secret)}
    rest = {"membership": accepted.membership.value}
    has_cluster = files.exists(SHARED) or rest != {"membership": "none"} or accepted.shared
    cluster = bool(has_cluster) and _put(files, SHARED, shared, sealed, rest)
    if own or cluster:
        _prune(files)
    return own or cluster


def _put(
    files: Files,
    name: str,
    plain: Mapping[str, str],
    secrets: Mapping[str, Secret],
    rest: Mapping[str, str],
) -> bool:
    loaded = document.read(files, name)
    standing = _strings(loaded.content, "secrets")
    is_same = (
        not loaded.problem
        and loaded.content
        and _strings(loaded.content, "settings") == plain
        and vault.read(files, standing) == secrets
        and all(loaded.content.get(key) == value for key, value in rest.items())
    )
    if is_same:
        _ = document.mend(files, name)
        return False
    version = _version(loaded.content, document.last(files, name))
    stem = "own" if name == OWN else "cluster"
    names = vault.write(files, secrets, standing, version=f"{stem}{version}")
    content = {"version": version, "settings": dict(plain), "secrets": names, **rest}
    document.write(files, name, content)
    return True


def _version(*contents: document.Content) -> int:
    return 1 + max(int(content.get("version", 0)) for content in contents)


def _prune(files: Files) -> None:
    contents = [
        content
        for name in (OWN, SHARED)
        for content in (document.read(files, name).content, document.last(files, name))
    ]
    needed = [name for content in contents for name in _strings(content, "secrets").values()]
    vault.prune(files, frozenset(needed))
