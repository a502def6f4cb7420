"""Decide who the node is and who may enter."""

from __future__ import annotations

import re

from agent.digest import digest
from agent.node.state import KEY_KINDS, Observed
from agent.settings.node import Node
from agent.settings.secret import Secret
from agent.steps.step import key_of
from agent.typed import NamedTuple

_MAC_DIGITS = 6
_BY_CARD = re.compile(rf"bandstand-[0-9a-f]{{{_MAC_DIGITS}}}")
_BEGIN = "# bandstand: node.ssh_keys begin"
_END = "# bandstand: node.ssh_keys end"


class NodePlan(NamedTuple):
    """`name` is the short name, `hosts` and `sshd` are whole files, free sudo asks for no password.

    `password` is None to leave the account's password as it is; `password_mark` its keyed hash.
    """

    name: str
    hosts: str
    password: Secret | None
    password_mark: str
    ssh_keys: tuple[str, ...]
    is_free_sudo: bool
    has_ssh: bool
    sshd: str
    timezone: str

    @property
    def account_key(self) -> str:
        return key_of(self.password_mark, *self.ssh_keys, self.is_free_sudo)

    @property
    def key(self) -> str:
        return key_of(
            self.name, self.hosts, self.account_key, self.has_ssh, self.sshd, self.timezone
        )


def plan(settings: Node, observed: Observed) -> NodePlan:
    full = full_name(settings, observed)
    has_password = settings.admin_password is not None or observed.has_password
    return NodePlan(
        name=full.partition(".")[0],
        hosts=hosts_file(observed.hosts, full),
        password=settings.admin_password,
        password_mark=_mark(settings.admin_password, observed.hash_key),
        ssh_keys=settings.ssh_keys,
        is_free_sudo=not has_password,
        has_ssh=settings.ssh_wanted,
        sshd=sshd_file(with_password=has_password),
        timezone=settings.timezone,
    )


def full_name(settings: Node, observed: Observed) -> str:
    """As it was asked for, else by the card; its first label is what the machine is called."""
    return settings.name or _unnamed(observed)


def _unnamed(observed: Observed) -> str:
    """A card that was replaced is no reason to be called otherwise: it is known by that name."""
    if _BY_CARD.fullmatch(observed.hostname):
        return observed.hostname
    return default_name(observed.mac, observed.machine_id)


def default_name(mac: str | None, machine_id: str) -> str:
    """By the card, so that a host's list of machines leads to the name; else by machine-id."""
    digits = mac.replace(":", "").lower() if mac else machine_id
    return f"bandstand-{digits[-_MAC_DIGITS:]}" if digits else "bandstand"


def hosts_file(former: str, full_name: str) -> str:
    """/etc/hosts with Debian's line for the own name, everything else as it was."""
    short = full_name.partition(".")[0]
    names = f"{full_name} {short}" if short != full_name else short
    others = [line for line in former.splitlines() if line.split()[:1] != ["127.0.1.1"]]
    at = next((n + 1 for n, line in enumerate(others) if line.split()[:1] == ["127.0.0.1"]), 0)
    return "\n".join([*others[:at], f"127.0.1.1\t{names}", *others[at:]]) + "\n"


def sshd_file(*, with_password: bool) -> str:
    """Our part of sshd_config(5), read before the distribution's, so that it decides."""
    lines = [
        "# Written by Bandstand; changes here are overwritten.",
        *(f"HostKey /etc/ssh/ssh_host_{kind}_key" for kind in KEY_KINDS),
        "PermitRootLogin no",
        f"PasswordAuthentication {'yes' if with_password else 'no'}",
        "KbdInteractiveAuthentication no",
    ]
    return "\n".join(lines) + "\n"


def authorized_keys(former: str, keys: tuple[str, ...]) -> str:
    """The keys of the settings in a block of their own; what people added beside it stays."""
    before, _, rest = former.partition(_BEGIN + "\n")
    _, _, after = rest.partition(_END + "\n")
    if before and not before.endswith("\n"):
        before += "\n"
    block = "".join(f"{line}\n" for line in (_BEGIN, *keys, _END)) if keys else ""
    return before + block + after


def _mark(password: Secret | None, hash_key: bytes) -> str:
    if password is None:
        return ""
    return digest(password.reveal().encode(), hash_key)
