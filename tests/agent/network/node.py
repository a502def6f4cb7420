"""A node in memory and below a folder, as the tests of this room have it."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, ip_address
from pathlib import Path

from agent.network import act
from agent.network.observe import observe
from agent.network.plan import NetworkPlan, plan
from agent.settings.network import Network
from agent.steps.journal import Journal
from agent.steps.run import run_steps, undo_steps
from agent.steps.step import Step
from agent.system.files import Files
from agent.system.host import Host
from agent.system.netlink import Kernel
from tests.fakes.clock import FakeClock
from tests.fakes.kernel import Net
from tests.fakes.run import FakeRun

STATIC = Network(
    address=IPv4Interface("192.0.2.10/24"),
    gateway=IPv4Address("192.0.2.1"),
    dns=(IPv4Address("192.0.2.53"),),
)
_RUNS = "/run/systemd/units/invocation:systemd-networkd.service"


@dataclass
class Node:
    """A node below a folder, with a card."""

    root: Path
    run: FakeRun = field(default_factory=FakeRun)
    clock: FakeClock = field(default_factory=FakeClock)
    net: Net = field(default_factory=Net)

    @property
    def files(self) -> Files:
        return Files(self.root)

    @property
    def host(self) -> Host:
        return Host(files=self.files, run=self.run, clock=self.clock)

    def plan(self, settings: Network) -> NetworkPlan:
        return plan(settings, observe(self.host))

    def apply(self, settings: Network) -> tuple[Step, ...]:
        return self._run(act.steps(self.plan(settings), self.host, kernel=self.net.open))

    def arrive(self, settings: Network) -> tuple[Step, ...]:
        return self._run(act.arrival(self.plan(settings), self.host, kernel=self.net.open))

    def settle(self, settings: Network) -> tuple[Step, ...]:
        return self._run(act.settling(self.plan(settings), self.host, kernel=self.net.open))

    def resolve(self, settings: Network) -> tuple[Step, ...]:
        return self._run(act.resolving(self.plan(settings), self.host, kernel=self.net.open))

    def seek(self) -> tuple[Step, ...]:
        return self._run(act.seeking(self.host, kernel=self.net.open))

    def start_networkd(self) -> None:
        self.files.link(_RUNS, to="0" * 32)

    def _run(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        done = run_steps(steps, Journal.load(self.files, "/journal"), self.clock)
        self.tell_addresses()
        return done

    def tell_addresses(self) -> None:
        """As the kernel tells them without being asked by netlink."""
        found = [ip_address(one.partition("/")[0]) for one in self.net.addresses]
        rows = [f"     |-- {one}\n        /32 host LOCAL\n" for one in found if one.version == 4]
        self.files.write("/proc/net/fib_trie", "".join(rows))
        rows = [f"{int(one):032x} 02 40 00 80 ens32\n" for one in found if one.version == 6]
        self.files.write("/proc/net/if_inet6", "".join(rows))

    def undo(self, done: tuple[Step, ...]) -> None:
        undo_steps(done, Journal.load(self.files, "/journal"))


def names(steps: tuple[Step, ...]) -> list[str]:
    return [step.name for step in steps]


def no_kernel() -> Kernel:
    raise AssertionError("netlink was opened")
