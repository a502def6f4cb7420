"""What the node stage finds before it decides."""

from __future__ import annotations

from agent.typed import NamedTuple

ADMIN = "admin"
KEY_KINDS = ("ed25519", "ecdsa")


class Account(NamedTuple):
    """The line of /etc/passwd that matters: `owner` is `uid:gid`, for new files."""

    owner: str
    home: str


class Observed(NamedTuple):
    """`mac` names the node where nobody did, unless a former card's did: `hostname` is what it is
    called; `hash_key` is what secrets are hashed with.

    `account` is None before there is one; `has_password` when it can log in with one.
    """

    mac: str | None = None
    machine_id: str = ""
    hosts: str = ""
    hash_key: bytes = b""
    account: Account | None = None
    has_password: bool = False
    is_sudoer: bool = False
    hostname: str = ""
