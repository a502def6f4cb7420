"""Instructions in user space: a program of the tree under callgrind, its children included.

The tree has no systemd running in it, so systemctl is a stand-in that starts the real one once
and says yes: its price is paid, and nginx counts as up for whoever asks. The gateway is a resolver
too, since Bandstand asks the one that it was given.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests.bench.job import Contestant
from tests.bench.layers import Layers, with_tools, write
from tests.lab.call import LabError
from tests.lab.environment import environment
from tests.lab.image_python import chroot, with_packages
from tests.lab.site import Site

_COMMANDS = {
    Contestant.OURS: ("/usr/lib/bandstand/bin/firstboot",),
    Contestant.LEAN: ("/usr/bin/cloud-init", "init", "--local"),
}
_PACKAGES = ("valgrind", "dnsmasq-base")
_COUNTED = "/var/tmp/counted"
_CALLGRIND = (
    *("valgrind", "--tool=callgrind", "--trace-children=yes"),
    *(f"--log-file={_COUNTED}/%p.log", f"--callgrind-out-file={_COUNTED}/%p.out"),
)
_NETWORK = """
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
ip link set lo up
ip netns add far
ip link add ens32 type veth peer name other netns far
ip -n far address add "$2/24" dev other
ip -n far link set other up
mkdir -p "$1" /run/systemd/system /run/systemd/units
echo chroot >/run/systemd/container
ln -s up /run/systemd/units/invocation:nginx.service
ip netns exec far dnsmasq --conf-file=/dev/null --user=root --pid-file=/run/dns.pid \
  --no-hosts --no-resolv --log-facility=/dev/null
shift 2
code=0
"$@" || code=$?
kill "$(cat /run/dns.pid)"
exit "$code"
"""
_SYSTEMCTL = "#!/bin/sh\nexec /usr/bin/systemctl.real --version >/dev/null\n"
_STARTED = "For interactive control"
_WITHIN_S = 400


class Callgrind:
    """One count a contestant; each starts from its own layer."""

    def __init__(self, site: Site, layers: Layers) -> None:
        self._site, self._layers = site, layers
        self._valgrind = with_packages(layers.tree, "valgrind", _PACKAGES)
        self._count = 0

    def instructions(self, contestant: Contestant, *, keep: Path | None = None) -> int:
        """How many the contestant's program executed; `keep` takes the profiles."""
        self._count += 1
        scratch = self._site.folder / f"callgrind-{self._count}"
        over = scratch / "upper"
        over.mkdir(parents=True)
        tree = self._layers.tree
        properties = self._layers.job.properties(contestant)
        with_tools(over, environment(properties, mac="00:50:56:00:00:21"))
        _ = shutil.copy2(tree / "usr/bin/systemctl", over / "usr/bin/systemctl.real")
        write(over, "usr/bin/systemctl", _SYSTEMCTL, mode=0o755)
        lowers = (self._layers.of(contestant), self._valgrind, tree)
        command = (*_CALLGRIND, *_COMMANDS[contestant])
        said = chroot(
            lowers,
            scratch,
            *(
                "unshare",
                "--net",
                "--uts",
                "--ipc",
                "sh",
                "-ec",
                _NETWORK,
                "sh",
                _COUNTED,
                self._layers.job.gateway,
            ),
            *command,
            within_s=_WITHIN_S,
        )
        if not said.ok or said.stderr.strip():
            raise LabError(f"{contestant} under callgrind: {said.stdout}{said.stderr}")
        profiles = executed(over / _COUNTED.lstrip("/"))
        if keep is not None:
            for profile in profiles:
                _ = shutil.copy(profile, keep)
        return sum(total(profile.read_text(errors="replace")) for profile in profiles)


def executed(folder: Path) -> list[Path]:
    """The profiles of what was executed. The counter of a fork begins with its parent's, so one
    that executes nothing would count that twice; its log lacks what a start says.
    """
    logs = (path for path in sorted(folder.glob("*.log")) if _STARTED in path.read_text())
    return [log.with_suffix(".out") for log in logs]


def total(profile: str) -> int:
    """What one process executed, by its profile."""
    found = re.findall(r"^(?:totals|summary): (\d+)", profile, re.MULTILINE)
    return int(found[-1]) if found else 0
