"""The door to nginx: where its configuration and pair lie, its own test, and what it serves.

/etc/nginx/bandstand/
  nginx.conf      what nginx reads at its next start or reload
  live            -> pair-…, the pair that nginx.conf names
  verified.conf   the last configuration that was seen to serve,
  verified        -> pair-…, and the pair that it was seen to serve with
  pair-<digest>/  certificate.pem (chain, leaf first), key.pem (0600), pair.json

A portal on a port of its own may have a pair of its own: a configuration names that one itself.
"""

from __future__ import annotations

import json
import re

from agent.digest import digest
from agent.errors import StepFailed
from agent.system.files import Files
from agent.system.run import Run
from agent.typed import Any, NamedTuple

FOLDER = "/etc/nginx/bandstand"
CONFIG = f"{FOLDER}/nginx.conf"
LIVE = f"{FOLDER}/live"
VERIFIED_CONFIG = f"{FOLDER}/verified.conf"
VERIFIED = f"{FOLDER}/verified"
UNIT = "nginx.service"

# In pair.json: what the certificate's file is to hold.
_DIGEST = "digest"
# As the template writes it.
_PORTAL = re.compile(r"^# portal ([0-9]+)(?: (pair-[0-9a-f]+))?$", re.MULTILINE)


class Installed(NamedTuple):
    """A pair as it lies there, told without opening it; `origin` is the key of the plan that
    put it there, the dates RFC 3339, `sha256` the certificate's fingerprint in hex.
    """

    source: str
    names: tuple[str, ...]
    not_after: str
    sha256: str
    origin: str
    not_before: str = ""

    def as_json(self) -> dict[str, object]:
        """The `certificate` of status.json."""
        told = self._asdict() | {"names": list(self.names)}
        del told["origin"], told["not_before"]
        return told


class Verified(NamedTuple):
    """What was seen to serve: a configuration and the name of its pair."""

    config: bytes
    pair: str


class Portal(NamedTuple):
    """Where a configuration serves the portal; `pair` is blank where that is the live one."""

    port: int = 443
    pair: str = ""


def pair_name(certificate_pem: str) -> str:
    """What the folder of a pair is called."""
    return f"pair-{digest(certificate_pem.encode())[:16]}"


def folder_of(name: str) -> str:
    return f"{FOLDER}/{name}"


def target(files: Files, link: str) -> str:
    """The pair that `live` or `verified` names; empty where it names none that is there."""
    pair = files.link_to(link)
    return pair.rpartition("/")[2] if pair and files.exists(link) else ""


def put_pair(
    files: Files, name: str, told: Installed, *, certificate_pem: str, key_pem: str
) -> None:
    """Lay a pair down beside the live one; the key is root's alone from the first byte."""
    folder = folder_of(name)
    files.make_folder(folder)
    _ = files.write(f"{folder}/key.pem", key_pem, mode=0o600)
    _ = files.write(f"{folder}/certificate.pem", certificate_pem)
    content = {**told._asdict(), _DIGEST: digest(certificate_pem.encode())}
    _ = files.write(f"{folder}/pair.json", json.dumps(content, indent=1) + "\n")


def installed(files: Files, link: str = LIVE) -> Installed | None:
    """The live pair, or None when there is none or it is not as it was put there."""
    return pair_at(files, target(files, link) or "none")


def pair_at(files: Files, name: str) -> Installed | None:
    """The same for a pair by its own name."""
    folder = folder_of(name)
    try:
        told: Any = json.loads(files.read(f"{folder}/pair.json") or "null")
        laid = told.pop(_DIGEST)
        pair = Installed(**(told | {"names": tuple(told["names"])}))
    except (ValueError, TypeError, LookupError, AttributeError):
        return None
    is_whole = laid == digest(files.read_bytes(f"{folder}/certificate.pem") or b"")
    return pair if is_whole and files.exists(f"{folder}/key.pem") else None


def check_pair(files: Files, name: str) -> None:
    """Raises StepFailed when OpenSSL, which nginx serves with, would not take the pair."""
    import ssl

    folder = files.path(folder_of(name))
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
            folder / "certificate.pem", folder / "key.pem"
        )
    except ssl.SSLError as error:
        raise StepFailed(
            f"the certificate and its key cannot be served: {error.reason or error}",
            hint="give another pair",
        ) from error


def with_key(text: str, key: str) -> str:
    """A configuration that tells what it was made from, and whether it is still as it was made."""
    return f"{_mark(text, key)}\n{text}"


def config_key(files: Files) -> str:
    """The key of the configuration that lies there; empty when it was changed by hand."""
    mark, _, text = (files.read(CONFIG) or "").partition("\n")
    key = mark.rpartition(" ")[2]
    return key if mark == _mark(text, key) else ""


def portal(files: Files, config: str = CONFIG) -> Portal:
    """Where the configuration that lies there serves the portal."""
    found = _PORTAL.search(files.read(config) or "")
    return Portal(int(found[1]), found[2] or "") if found else Portal()


def swap_config(files: Files, candidate: str) -> None:
    """The candidate, tested under its own name, becomes the configuration of the next reload."""
    _ = files.write(CONFIG, files.read_bytes(candidate) or b"")


def verified(files: Files) -> Verified | None:
    """Configuration and pair as last seen to serve."""
    config, pair = files.read_bytes(VERIFIED_CONFIG), target(files, VERIFIED)
    return None if config is None or not pair else Verified(config, pair)


def mark_verified(files: Files) -> None:
    """What lies there was seen to serve."""
    _ = files.write(VERIFIED_CONFIG, files.read_bytes(CONFIG) or b"")
    _ = files.link(VERIFIED, to=target(files, LIVE))


def restore(files: Files, former: Verified | None) -> None:
    """Lay out what served before; where nothing did, no configuration is left."""
    if former is None:
        for name in (CONFIG, VERIFIED_CONFIG, VERIFIED):
            _ = files.remove(name)
        return
    _ = files.write(CONFIG, former.config)
    _ = files.write(VERIFIED_CONFIG, former.config)
    _ = files.link(LIVE, to=former.pair)
    _ = files.link(VERIFIED, to=former.pair)


def remove_other_pairs(files: Files, wanted: str = "") -> None:
    """Keep the live and the verified pairs, and the one that is `wanted` besides; keys that serve
    nothing any more are not left about.
    """
    kept = {target(files, LIVE), target(files, VERIFIED), wanted}
    kept |= {portal(files, config).pair for config in (CONFIG, VERIFIED_CONFIG)}
    for name in files.names(FOLDER, "pair-*"):
        if name.rpartition("/")[2] not in kept:
            _ = files.remove(name)


def _mark(text: str, key: str) -> str:
    return f"# made from blake2b {digest(text.encode())} under key {key}"


def check_config(run: Run, files: Files, name: str) -> None:
    """The full test of a configuration file by nginx; raises CommandFailed with its words."""
    _ = run("nginx", "-t", "-q", "-c", files.place(name))
