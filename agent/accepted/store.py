"""The settings that hold, on disk: our own, those the cluster shares, and whether we are in one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from agent.errors import Fault
from agent.settings.declaration import Settings
from agent.settings.secret import Secret
from agent.system.files import Files


class Membership(StrEnum):
    """none -> joining -> member -> none"""

    NONE = "none"
    JOINING = "joining"
    MEMBER = "member"


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """`own` outlives a membership; `shared` (by key) outranks it meanwhile. `source` says where
    `own` came from, blank when nothing was ever accepted. `faults` tell what could not be read.
    """

    own: Settings = field(default_factory=Settings)
    shared: Mapping[str, str | Secret] = field(default_factory=dict[str, str | Secret])
    membership: Membership = Membership.NONE
    source: str = ""
    faults: tuple[Fault, ...] = ()

    def effective(self) -> Settings:
        """What is to be in force on this node."""
        raise NotImplementedError


def load(files: Files, *, with_secrets: bool = True) -> Accepted:
    """What was last saved. A damaged file is told in `faults`, and the last good one taken.

    Only root can read the secrets; without them those settings look unset.
    """
    raise NotImplementedError


def save(files: Files, accepted: Accepted) -> bool:
    """Make it what holds, through every power cut; False when it already did."""
    raise NotImplementedError
