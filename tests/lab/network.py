"""A network of the lab's own: a namespace with a bridge, cables to guests and containers, DHCP."""

from __future__ import annotations

import contextlib
import ctypes
import os
import queue
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.lab.call import LabError, call
from tests.lab.site import Process, Site
from tests.lab.wait import until

BRIDGE = "lab0"
# Given, it stays; else a bridge takes the lowest of its ports', and with a guest that is plugged in
# later the neighbours' entries for the lab's addresses are wrong, for up to a minute.
_BRIDGE_MAC = "02:4c:41:42:00:01"
CARD = "ens32"
_CLONE_NEWNET = 0x40000000
_DNSMASQ = (
    "dnsmasq",
    "--keep-in-foreground",
    "--conf-file=/dev/null",
    "--log-facility=-",
    "--user=root",
    "--pid-file",
    f"--interface={BRIDGE}",
    "--except-interface=lo",
)
# Its own address.
_DNS_V6 = "option6:dns-server,[::]"


@dataclass(frozen=True)
class Offer:
    """What a DHCP server gives: which addresses, through which gateway (the lab's, where blank);
    with a `prefix` it also advertises itself as a router to IPv6.
    """

    first: int = 100
    last: int = 199
    gateway: str = ""
    prefix: str = ""


class Network:
    """`<prefix>.1` and `.2` are the lab itself (gateway, DNS, database), `.100` up are for DHCP."""

    def __init__(self, site: Site, *, prefix: str = "10.77.0") -> None:
        self._site = site
        self.prefix = prefix
        self.gateway, self.second = f"{prefix}.1", f"{prefix}.2"
        self.netns = site.namespace()
        kind = ("type", "bridge", "stp_state", "0", "forward_delay", "0")
        self._ip("link", "add", BRIDGE, "address", _BRIDGE_MAC, *kind)
        for own in (self.gateway, self.second):
            self._ip("address", "add", f"{own}/24", "broadcast", "+", "dev", BRIDGE)
        self._ip("link", "set", BRIDGE, "up")
        self._entered = _Inside(self.netns)
        site.later(self._entered.leave)
        self._dhcp: Process | None = None
        self._servers = 0
        self._serve_dns()

    def address(self, number: int) -> str:
        return f"{self.prefix}.{number}"

    def inside(self, *argv: str) -> tuple[str, ...]:
        """The same program, started in this network."""
        return ("ip", "netns", "exec", self.netns, *argv)

    def start(self, *argv: str, log: str) -> Process:
        return self._site.start(*self.inside(*argv), log=log)

    def tap(self, name: str) -> str:
        """A cable for a virtual machine; QEMU, started inside, opens it by this name."""
        self._ip("tuntap", "add", "dev", name, "mode", "tap")
        self._ip("link", "set", name, "master", BRIDGE, "up")
        return name

    def cut(self, name: str) -> None:
        self._ip("link", "set", name, "down")

    def mend(self, name: str) -> None:
        self._ip("link", "set", name, "up")

    def hold(self, address: str) -> None:
        """The lab itself has this address, with its prefix, too."""
        self._ip("address", "add", address, "dev", BRIDGE, *(["nodad"] if ":" in address else []))

    def plug(self, container: str, *, port: str, mac: str, card: str = CARD) -> None:
        """A fresh card in a container's namespace; an old one goes with all it knew."""
        self.unplug(port)
        peer = ("peer", "name", card, "address", mac, "netns", container)
        self._ip("link", "add", port, "type", "veth", *peer)
        self._ip("link", "set", port, "master", BRIDGE, "up")

    def unplug(self, port: str) -> None:
        """Else who was turned off goes on answering for its address."""
        with contextlib.suppress(LabError):
            self._ip("link", "del", port)

    def serve_dhcp(self, offer: Offer | None = None) -> None:
        """DHCP on the bridge; with an `offer`, from now on that one."""
        if offer is not None:
            self.stop_dhcp()
        if self._dhcp is not None and self._dhcp.running:
            return
        self._servers += 1
        leases = self._site.folder / "leases"
        given = self._dnsmasq(leases, offer or Offer())
        self._dhcp = self.start(*given, log=f"dnsmasq-{self._servers}.log")
        until(self._dhcp_ready, within_s=10, what="the DHCP server")

    def stop_dhcp(self) -> None:
        if self._dhcp is not None:
            self._dhcp.end()

    def lease(self, mac: str) -> str | None:
        """The address that this card was given, once it was."""
        row = self._leased(mac)
        return row[2] if row else None

    def leased_name(self, mac: str) -> str | None:
        """What the node with this card told the DHCP server that it is called."""
        row = self._leased(mac)
        return row[3] if row else None

    def _leased(self, mac: str) -> list[str]:
        """Its row of dnsmasq's leases: end, MAC, address, name, client."""
        leases = self._site.folder / "leases"
        rows = [line.split() for line in leases.read_text().splitlines()] if leases.exists() else []
        found = [row for row in rows if len(row) > 3 and row[1] == mac]
        return found[0] if found else []

    def connect(self, address: str, port: int, *, within_s: float = 5) -> socket.socket:
        """A TCP connection from inside this network; raises OSError as a socket does."""
        return self._entered.do(lambda: socket.create_connection((address, port), within_s))

    def answers(self, address: str, port: int) -> bool:
        try:
            self.connect(address, port, within_s=2).close()
        except OSError:
            return False
        return True

    def _dhcp_ready(self) -> bool:
        if self._dhcp is None or not self._dhcp.running:
            raise LabError(f"dnsmasq ended: {self._dhcp.words() if self._dhcp else ''}")
        return "sockets bound exclusively" in self._dhcp.words()

    def _serve_dns(self) -> None:
        """A resolver at every address of the lab's own, which knows `database.lab`, and refuses
        what it does not know.
        """
        names = ("--no-hosts", "--no-resolv", f"--address=/database.lab/{self.gateway}")
        served = self.start(*_DNSMASQ, *names, "--bind-interfaces", "--local=/lab/", log="dns.log")
        until(lambda: "started, version" in served.words(), within_s=10, what="the resolver")

    def _dnsmasq(self, leases: Path, offer: Offer) -> tuple[str, ...]:
        span = f"{self.address(offer.first)},{self.address(offer.last)}"
        routes = (
            ("--enable-ra", f"--dhcp-range={offer.prefix},ra-only,64", f"--dhcp-option={_DNS_V6}")
            if offer.prefix
            else ()
        )
        return (
            *_DNSMASQ,
            "--port=0",
            "--bind-interfaces",
            "--log-dhcp",
            "--dhcp-authoritative",
            "--no-ping",
            f"--dhcp-leasefile={leases}",
            f"--dhcp-range={span},255.255.255.0,1h",
            f"--dhcp-option=option:router,{offer.gateway or self.gateway}",
            *routes,
            f"--dhcp-option=option:dns-server,{self.gateway}",
            "--domain=lab",
        )

    def _ip(self, *argv: str) -> None:
        call("ip", "-n", self.netns, *argv)


class _Inside:
    """A thread that has entered the namespace: a socket made there stays there, wherever used."""

    def __init__(self, netns: str) -> None:
        self._wishes: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._serve, args=(netns,), daemon=True)
        self._thread.start()

    def do(self, act: Callable[[], socket.socket]) -> socket.socket:
        results: queue.Queue[socket.socket | OSError] = queue.Queue()

        def wish() -> None:
            try:
                results.put(act())
            except OSError as error:
                results.put(error)

        self._wishes.put(wish)
        result = results.get()
        if isinstance(result, OSError):
            raise result
        return result

    def leave(self) -> None:
        self._wishes.put(None)
        self._thread.join(10)

    def _serve(self, netns: str) -> None:
        enter(netns)
        while (wish := self._wishes.get()) is not None:
            wish()


def enter(netns: str) -> None:
    """Move the calling thread into a network namespace."""
    handle = os.open(f"/run/netns/{netns}", os.O_RDONLY)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(handle, _CLONE_NEWNET) != 0:
        raise LabError(f"cannot enter the network {netns}: {os.strerror(ctypes.get_errno())}")
    os.close(handle)
