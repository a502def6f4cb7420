"""How far this node is in its cluster, on disk: what a restart goes on from."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum

from agent.cluster.identity import FOLDER
from agent.errors import BandstandError
from agent.system.files import Files
from agent.values.json_object import parse

ROOT_FILE = f"{FOLDER}/root.pem"
CERTIFICATE_FILE = f"{FOLDER}/certificate.pem"
# The join string, until it has led to the cluster's secrets: a restart goes on by it.
JOIN_FILE = f"{FOLDER}/join"
_FILE = f"{FOLDER}/cluster.json"


class Stage(StrEnum):
    """trusted -> admitted -> granted -> member

    trusted: a seed proved the join string, so its root is ours; admitted: that root signed our
    key; granted: we hold the cluster's secrets; member: the others count on us.
    """

    TRUSTED = "trusted"
    ADMITTED = "admitted"
    GRANTED = "granted"
    MEMBER = "member"


_ORDER = tuple(Stage)


@dataclass(frozen=True)
class Standing:
    """`wrapped_key` is the cluster's key as only this node's wrap key opens it, in hexadecimal;
    `token` names the join string that led here.
    """

    stage: Stage
    cluster_id: str
    cluster_name: str
    peer_address: str
    token: str = ""
    key_version: int = 0
    wrapped_key: str = ""

    @property
    def is_half_begun(self) -> bool:
        """An init that was broken off: only init may go on, since it shows the phrase."""
        return self.stage is Stage.GRANTED and not self.token

    def has_reached(self, stage: Stage) -> bool:
        return _ORDER.index(self.stage) >= _ORDER.index(stage)


def load(files: Files) -> Standing | None:
    text = files.read(_FILE)
    if text is None:
        return None
    try:
        stored = parse(text)
        return Standing(
            stage=Stage(str(stored["stage"])),
            cluster_id=str(stored["cluster_id"]),
            cluster_name=str(stored["cluster_name"]),
            peer_address=str(stored["peer_address"]),
            token=str(stored["token"]),
            key_version=int(stored["key_version"]),
            wrapped_key=str(stored["wrapped_key"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise BandstandError(
            f"what this node knows of its cluster in {_FILE} cannot be read",
            hint="restore the file, or deploy this node anew",
            code="identity",
        ) from error


def save(files: Files, standing: Standing) -> None:
    _ = files.write(_FILE, json.dumps({"format": 1, **asdict(standing)}) + "\n", mode=0o600)


def forget(files: Files) -> None:
    """Back to no cluster; the identity stays."""
    for name in (_FILE, CERTIFICATE_FILE, ROOT_FILE, JOIN_FILE):
        _ = files.remove(name)
