"""Acts that wait to be done once: a join string given as a property.

put -> pending -> consumed; a keyed hash stays, so that the same property does not act again. It is
one of the first line: below that may stand what else the act needs, which may change meanwhile.
"""

from __future__ import annotations

import json
import os
import pwd

from agent.digest import digest
from agent.settings.secret import Secret
from agent.system.files import Files
from agent.typed import Any

FOLDER = "/var/lib/bandstand/acts"

# Hidden, so that the acts themselves are the plain names of the folder.
_HASH_KEY = f"{FOLDER}/.key"
_SEEN = f"{FOLDER}/.seen.json"
# By these the same property does not act again, not even after a reset.
KEPT = (_HASH_KEY, _SEEN)
_KEY_BYTES = 32
_AGENT = "bandstand"


def put_act(files: Files, key: str, value: Secret) -> bool:
    """Leave an act for the agent; False when this very one was done or refused before."""
    if not files.exists(FOLDER):
        files.make_folder(FOLDER, mode=0o700, owner=_owner())
    mark, waiting = _hash(files, key, value), pending(files).get(key)
    is_waiting = waiting is not None and _hash(files, key, waiting) == mark
    if mark in _seen(files) and not is_waiting:
        return waiting is not None
    # The act before its mark: a power cut between the two makes it be put again, not forgotten.
    _write(files, f"{FOLDER}/{key}", value.reveal())
    _mark(files, key, value)
    return True


def pending(files: Files) -> dict[str, Secret]:
    """The acts not done yet, by key, such as `cluster.join`."""
    found: dict[str, Secret] = {}
    for name in files.names(FOLDER):
        key = name.rpartition("/")[2]
        text = None if key.startswith(".") else files.read(name)
        if text is not None:
            found[key] = Secret(text)
    return found


def consume(files: Files, key: str) -> None:
    """The act is done, or finally refused: it goes, and a keyed hash of it stays."""
    value = pending(files).get(key)
    if value is None:
        return
    _mark(files, key, value)
    _ = files.remove(f"{FOLDER}/{key}")


def forget_pending(files: Files) -> None:
    """What was not done yet is as if nobody had asked: the same may be put again."""
    seen = _seen(files)
    waiting = {_hash(files, key, value) for key, value in pending(files).items()}
    left = [mark for mark in seen if mark not in waiting]
    if len(left) != len(seen):
        # The marks first: a power cut between the two leaves them to be forgotten again.
        _write(files, _SEEN, json.dumps({"seen": left}) + "\n")
    for key in pending(files):
        _ = files.remove(f"{FOLDER}/{key}")


def _mark(files: Files, key: str, value: Secret) -> None:
    seen = _seen(files)
    mark = _hash(files, key, value)
    if mark not in seen:
        _write(files, _SEEN, json.dumps({"seen": [*seen, mark]}) + "\n")


def _seen(files: Files) -> list[str]:
    try:
        loaded: dict[str, Any] = json.loads(files.read(_SEEN) or "{}")
        return [str(mark) for mark in loaded.get("seen", ())]
    except (ValueError, TypeError, AttributeError):
        return []


def _hash(files: Files, key: str, value: Secret) -> str:
    first, _, _ = value.reveal().partition("\n")
    text = f"{key}\0{first}"
    return digest(text.encode(), _hash_key(files))


def _hash_key(files: Files) -> bytes:
    """Made once; without it nobody can try out join strings on the hashes."""
    found = files.read_bytes(_HASH_KEY)
    if found is not None and len(found) == _KEY_BYTES:
        return found
    made = os.urandom(_KEY_BYTES)
    _write(files, _HASH_KEY, made)
    return made


def _write(files: Files, name: str, content: str | bytes) -> None:
    _ = files.write(name, content, mode=0o600, owner=_owner())


def _owner() -> str | None:
    """Root leaves acts that the agent, which is not root, takes."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(_AGENT).pw_name
    except KeyError:
        return None
