"""Boots in containers: CPU of the job, the address in the kernel, the boot after the first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.bench.job import FILE, Contestant
from tests.bench.layers import CLOUD_UNITS, Layers, with_tools
from tests.bench.netwatch import Watch
from tests.lab.call import LabError
from tests.lab.containers import Container
from tests.lab.environment import environment
from tests.lab.network import Network
from tests.lab.site import Site
from tests.lab.wait import until

UNITS = {
    Contestant.OURS: ("bandstand-firstboot.service",),
    Contestant.WHOLE: ("bandstand-firstboot.service",),
    Contestant.LEAN: CLOUD_UNITS,
    Contestant.FLOOR: (),
}
_AGAIN = {
    Contestant.OURS: ("bandstand-firstboot-later.service",),
    Contestant.LEAN: CLOUD_UNITS,
    Contestant.FLOOR: (),
}
_SETTLE_S = 120


@dataclass(frozen=True)
class Boot:
    """One first boot and the one after it."""

    cpu_ms: float
    address_ms: float
    again_cpu_ms: float | None


class Boots:
    """Each boot is a fresh container over the contestant's layer."""

    def __init__(self, site: Site, network: Network, layers: Layers) -> None:
        self._site, self._network, self._layers = site, network, layers
        self._count = 0

    def rounds(
        self, count: int, contestants: Sequence[Contestant], *, twice: bool
    ) -> Iterator[dict[Contestant, Boot]]:
        """Interleaved, and who goes first changes; `twice` boots each but `whole` again."""
        for number in range(count):
            order = contestants if number % 2 == 0 else contestants[::-1]
            yield {one: self.boot(one, twice=twice and one in _AGAIN) for one in order}

    def boot(self, contestant: Contestant, *, twice: bool = False) -> Boot:
        self._count += 1
        name = f"b{self._count}"
        job = self._layers.job
        layer = self._layers.of(contestant)
        container = Container(self._site, self._network, self._layers.tree, name=name, code=layer)
        with_tools(container.upper, environment(job.properties(contestant), mac=container.mac))
        watch = Watch(f"{self._site.name}-{name}", address=job.address, gateway=job.gateway)
        try:
            began_s = _start(container)
            came_s = until(lambda: watch.at_s, within_s=60, what=f"{name}: address and route")
            cpu_ms = _cpu_ms(container, UNITS[contestant])
            _is_done(container, contestant, job.name, job.account)
        finally:
            watch.close()
        again = self._again(container, contestant) if twice else None
        container.kill()
        return Boot(cpu_ms, (came_s - began_s) * 1000, again)

    def _again(self, container: Container, contestant: Contestant) -> float:
        container.power_off()
        _ = _start(container)
        return _cpu_ms(container, _AGAIN[contestant])


def _start(container: Container) -> float:
    """Boot until all has settled; when user space began, on the monotonic clock."""
    container.start()
    said = container.root("systemctl", "is-system-running", "--wait", within_s=_SETTLE_S)
    if said.stdout.strip() != "running":
        failed = container.root("systemctl", "--failed", "--no-legend").stdout
        raise LabError(f"{container.name} is {said.stdout.strip()}: {failed}")
    began = container.check("systemctl", "show", "--value", "-p", "UserspaceTimestampMonotonic")
    return int(began) / 1e6


def _cpu_ms(container: Container, units: tuple[str, ...]) -> float:
    told = container.check("systemctl", "show", "-p", "Id,CPUUsageNSec,ActiveState", *units)
    return cpu_ms(told)


def cpu_ms(told: str) -> float:
    """The sum over the units that `systemctl show` tells of."""
    rows = [line.partition("=") for line in told.splitlines()]
    values = [value for key, _, value in rows if key == "CPUUsageNSec"]
    return sum(int(value) for value in values if value.isdecimal()) / 1e6


def _is_done(container: Container, contestant: Contestant, name: str, account: str) -> None:
    """A contestant that did not do the job has no time."""
    container.check("test", "-s", f"/home/{account}/.ssh/authorized_keys")
    file = FILE if contestant is Contestant.LEAN else "/etc/bandstand/settings.json"
    container.check("test", "-s", file)
    found = container.check("cat", "/proc/sys/kernel/hostname").strip()
    if found != name:
        raise LabError(f"{contestant} left the host name {found}")
