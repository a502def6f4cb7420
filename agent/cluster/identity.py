"""Who this node is: a uuid, a key to sign with and a key to be wrapped to, made once and kept."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass

from agent.certs.authority import new_key, public_key, public_key_hash
from agent.cluster.seal import new_wrap_key, wrap_public
from agent.errors import BandstandError
from agent.system.files import Files
from agent.values.json_object import parse

FOLDER = "/var/lib/bandstand/identity"
KEY_FILE = f"{FOLDER}/key.pem"
_NODE_FILE = f"{FOLDER}/node.json"


@dataclass(frozen=True, repr=False)
class Identity:
    """The private halves never leave this node."""

    id: str
    key_pem: str
    wrap_private: bytes

    @property
    def public_key(self) -> str:
        return public_key(self.key_pem)

    @property
    def key_hash(self) -> str:
        return public_key_hash(self.public_key)

    @property
    def wrap_public(self) -> bytes:
        return wrap_public(self.wrap_private)


def load(files: Files) -> Identity | None:
    """The identity that was made here before, or None."""
    text = files.read(_NODE_FILE)
    if text is None:
        return None
    try:
        stored = parse(text)
        key_pem = files.read(KEY_FILE) or ""
        return Identity(str(stored["id"]), key_pem, bytes.fromhex(str(stored["wrap_key"])))
    except (ValueError, KeyError) as error:
        raise BandstandError(
            f"the identity of this node in {_NODE_FILE} cannot be read",
            hint="restore the file, or deploy this node anew",
            code="identity",
        ) from error


def ensure(files: Files) -> Identity:
    """The stored identity, or a new one, on disk before anybody hears of it."""
    found = load(files)
    if found is not None:
        return found
    made = Identity(str(uuid.uuid4()), new_key(), new_wrap_key())
    files.make_folder(FOLDER, mode=0o700)
    _ = files.write(KEY_FILE, made.key_pem, mode=0o600)
    stored = {"format": 1, "id": made.id, "wrap_key": made.wrap_private.hex()}
    _ = files.write(_NODE_FILE, json.dumps(stored) + "\n", mode=0o600)
    return made
