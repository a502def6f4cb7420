"""Secrets on disk, a file each, readable by root alone.

A file is never changed: a new value is a new file, named by the settings file that goes with it
(`tls.key.7` by the seventh). So a power cut between the two leaves the old pair whole.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from agent.settings.secret import Secret
from agent.system.files import Files

FOLDER = "/etc/bandstand/secrets"


def read(files: Files, names: Mapping[str, str]) -> dict[str, Secret]:
    """The secrets by key; those that are gone are left out, and all where only root may look."""
    found: dict[str, Secret] = {}
    for key, name in names.items():
        text = files.read(f"{FOLDER}/{name}") if may_look(files) else None
        if text is not None:
            found[key] = Secret(text)
    return found


def may_look(files: Files) -> bool:
    return os.access(files.place(FOLDER), os.R_OK | os.X_OK)


def write(
    files: Files, secrets: Mapping[str, Secret], standing: Mapping[str, str], *, version: str
) -> dict[str, str]:
    """Store them, and give the file name of each; what stands there unchanged keeps its file."""
    if secrets:
        files.make_folder(FOLDER, mode=0o700)
    kept = read(files, standing)
    names: dict[str, str] = {}
    for key, secret in secrets.items():
        if kept.get(key) == secret:
            names[key] = standing[key]
            continue
        names[key] = f"{key}.{version}"
        _ = files.write(f"{FOLDER}/{names[key]}", secret.reveal(), mode=0o600)
    return names


def prune(files: Files, needed: frozenset[str]) -> None:
    """Remove the files that no settings file names any more."""
    for path in files.names(FOLDER):
        if path.rpartition("/")[2] not in needed:
            _ = files.remove(path)
