"""What must be true of a node of the appliance; the demo's table and the tests ask the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from tests.lab.call import LabError
from tests.lab.network import CARD
from tests.lab.node import Node, active_members, cluster_of
from tests.lab.wait import TooLate, until

# The port table of the design: what may listen beyond loopback.
PORTS = frozenset(
    {
        *(("tcp", port) for port in (22, 80, 443, 4737, 13000)),
        *(("udp", port) for port in (68, 546)),
    }
)
# VMware's tools find no VMware beneath QEMU.
ALLOWED_TO_FAIL = frozenset({"open-vm-tools.service"})
_CLOUD_UNITS = (
    *("cloud-init-local.service", "cloud-init.service", "cloud-config.service"),
    *("cloud-final.service", "cloud-init-network.service", "cloud-init-main.service"),
)
_CLOUD_REMAINS = (
    "ls -d /etc/netplan/* /etc/systemd/network/*cloud-init* /run/systemd/network/*cloud-init*"
    " /var/lib/cloud/instance 2>/dev/null"
)
_SLACK = 0.90
# The node's own look at its page, in an emulated machine.
_LOOKED_WITHIN_S = 10


@dataclass(frozen=True)
class Check:
    """One line of the table: what was asked of whom, whether it is so, and what was seen."""

    where: str
    what: str
    ok: bool
    saw: str


def look(where: str, what: str, see: Callable[[], tuple[bool, str]]) -> Check:
    """A check that could not be made is a check that failed, and says why."""
    try:
        ok, saw = see()
    except (LabError, OSError, KeyError, ValueError) as error:
        ok, saw = False, str(error).splitlines()[0][:200]
    return Check(where, what, ok, saw)


def card(node: Node, address: str) -> tuple[bool, str]:
    """`ip -br addr show ens32` names the address as asked, and there is no other card."""
    told = node.check("ip", "-br", "-4", "addr", "show", CARD).split()
    told[:1] = [word.partition("@")[0] for word in told[:1]]  # a container's card names its peer
    links = node.check("ls", "/sys/class/net").split()
    others = [name for name in links if name not in ("lo", CARD)]
    ok = told[:2] == [CARD, "UP"] and [item.split("/")[0] for item in told[2:3]] == [address]
    return ok and not others, " ".join([*told[:3], *others])


def cloud_init_off(node: Node) -> tuple[bool, str]:
    """Disabled by its file, its units masked, and nothing of its own left behind."""
    there = node.shell.root("test", "-e", "/etc/cloud/cloud-init.disabled").ok
    said = node.shell.root("systemctl", "is-enabled", *_CLOUD_UNITS).stdout.split()
    awake = [word for word in said if word not in ("masked", "not-found")]
    remains = node.shell.root("sh", "-c", _CLOUD_REMAINS).stdout.split()
    saw = "disabled and masked" if there and not awake else f"file {there}, units {said}"
    return there and not awake and not remains, " ".join([saw, *remains])


def no_failed_unit(node: Node) -> tuple[bool, str]:
    told = node.check("systemctl", "list-units", "--failed", "--plain", "--no-legend")
    failed = {line.split()[0] for line in told.splitlines() if line.strip()}
    bad = sorted(failed - ALLOWED_TO_FAIL)
    return not bad, ", ".join(bad) or "none" + (f" but {', '.join(failed)}" if failed else "")


def listeners(node: Node) -> frozenset[tuple[str, int]]:
    """Protocol and port of everything that listens beyond loopback."""
    rows = [line.split() for line in node.check("ss", "-Hltun").splitlines()]
    found = ((row[0], *_address(row[4])) for row in rows if len(row) > 4)
    return frozenset((kind, port) for kind, host, port in found if not _loopback(host))


def only_the_port_table(node: Node) -> tuple[bool, str]:
    found = listeners(node)
    strangers = sorted(found - PORTS)
    shown = [f"{kind} {port}" for kind, port in strangers or sorted(found)]
    return not strangers, ("not in the table: " if strangers else "") + ", ".join(shown)


def disk(node: Node, capacity: int) -> tuple[bool, str]:
    """The root file system has grown to its disk."""
    rows = node.check("df", "-B1", "--output=size", "/").split()
    size = int(rows[-1])
    return size > capacity * _SLACK, f"{size / 1e9:.1f} GB of {capacity / 1e9:.1f} GB"


def served(node: Node) -> tuple[bool, str]:
    """HTTPS answers, under the certificate that the node says it has, once it has looked."""
    looks: list[tuple[str, str]] = []

    def is_same() -> bool:
        told = _hex(str(node.status().get("certificate", {}).get("sha256", "")))
        looks.append((node.get("/cluster").sha256, told))
        return looks[-1][0] == told

    with suppress(TooLate):
        _ = until(is_same, within_s=_LOOKED_WITHIN_S, what="the certificate that is told")
    seen, told = looks[-1]
    return bool(seen) and told == seen, f"sha256 {seen[:16]}…, told {told[:16]}…"


def one_certificate(nodes: Iterable[Node]) -> tuple[bool, str]:
    seen = {node.name: node.get("/cluster").sha256 for node in nodes}
    saw = ", ".join(f"{name} {sha256[:16]}…" for name, sha256 in seen.items())
    return len(set(seen.values())) == 1, saw


def members(node: Node, names: Iterable[str]) -> tuple[bool, str]:
    """This node counts these members, all active."""
    status = node.status()
    found = active_members(status)
    state = cluster_of(status).get("state")
    return found == tuple(sorted(names)), f"{state}; active: {', '.join(found) or 'none'}"


def status_parses(node: Node) -> tuple[bool, str]:
    """`bandstand status --json` is one object, and agrees with status.json on node and cluster."""
    told, status = node.ask("bandstand", "status", "--json"), node.status()
    members = active_members(told)
    is_same = told["node"] == status["node"] and members == active_members(status)
    seen = f"{told['node']['name']}: {told['phase']}, {told['state']}, {len(members)} active"
    return is_same and told["state"] == "ready", seen


def health(node: Node, wanted: int) -> tuple[bool, str]:
    reply = node.get("/healthz")
    return reply.status == wanted, f"{reply.status} {reply.body.strip()[:40]}"


def _hex(fingerprint: str) -> str:
    return re.sub(r"[^0-9a-f]", "", fingerprint.lower())


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host.partition("%")[0].strip("[]"), int(port) if port.isdigit() else 0


def _loopback(host: str) -> bool:
    return host.startswith("127.") or host in ("::1", "::ffff:127.0.0.1")
