"""What each contestant lays over the image's own tree; the tree itself is never written.

The product is run once, and its pair, nginx configuration, host keys and machine-id are the
starting point of everybody; ours gets the journal's marks of those steps too, and nothing else:
no accepted settings, no network file, no account, no rules.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from tests.bench.job import Contestant, Job
from tests.lab.call import call
from tests.lab.containers import Container
from tests.lab.environment import environment
from tests.lab.network import Network
from tests.lab.site import Site

_BAKED = (
    "etc/nginx/bandstand",
    "etc/machine-id",
    "etc/ssh/ssh_host_ed25519_key",
    "etc/ssh/ssh_host_ed25519_key.pub",
    "etc/ssh/ssh_host_ecdsa_key",
    "etc/ssh/ssh_host_ecdsa_key.pub",
    "etc/ssh/sshd_config.d/10-bandstand.conf",
)
_JOURNAL = "var/lib/bandstand/journal/root.json"
_DONE = ("tls.pair", "serving.nginx", "serving.verify", "node.host-keys", "node.machine-id")
# Not the job: they would run beside it and blur it.
_BESIDE = (
    "bandstand-agent.service",
    "bandstand-apply.socket",
    "bandstand-console.service",
    "bandstand-console@.service",
    "bandstand-grow.service",
    "bandstand-portal.socket",
    "open-vm-tools.service",
    "vgauth.service",
)
_FIRSTBOOT = ("bandstand-firstboot.service", "bandstand-firstboot-later.service")
_UNITS = "/usr/lib/systemd/system"
CLOUD_UNITS = (
    "cloud-init-main.service",
    "cloud-init-local.service",
    "cloud-init-network.service",
    "cloud-config.service",
    "cloud-final.service",
)
_CLOUD_OFF = (
    "etc/cloud/cloud-init.disabled",
    "etc/systemd/system-generators/cloud-init-generator",
)
# What `systemctl enable systemd-networkd` enables; the wait is as the distribution has it.
_NETWORKD = {
    "systemd-networkd.service": "multi-user.target",
    "systemd-networkd.socket": "sockets.target",
    "systemd-network-generator.service": "sysinit.target",
    "systemd-networkd-wait-online.service": "network-online.target",
}
_NO_WAIT = "usr/lib/systemd/system/systemd-networkd-wait-online.service.d/bandstand.conf"
# Its search for the data source reads this line as text, before Python.
_LEAN_SOURCE = "datasource_list: [ OVF ]"
_LEAN = {
    "cloud_init_modules": ["write-files", "set_hostname", "users-groups"],
    "cloud_config_modules": [],
    "cloud_final_modules": [],
    "disable_root": True,
    "ssh_deletekeys": False,
    "system_info": {"distro": "debian", "network": {"renderers": ["networkd"]}},
}
_TOOLS = ("vmtoolsd", "vmware-rpctool")
_TOOL = (
    '#!/bin/sh\n# What the host would answer, for whoever asks.\nexec cat "/etc/bench-env.xml"\n'
)


class Layers:
    """One folder for each contestant, made for one tree and one job."""

    def __init__(self, site: Site, network: Network, tree: Path, job: Job) -> None:
        self._site, self._network, self.tree, self.job = site, network, tree, job
        self._baked = _bake(site, network, tree, job)
        self._made: dict[Contestant, Path] = {}

    def of(self, contestant: Contestant) -> Path:
        if contestant not in self._made:
            self._made[contestant] = self._make(contestant)
        return self._made[contestant]

    def _make(self, contestant: Contestant) -> Path:
        layer = self._site.folder / f"layer-{contestant}"
        layer.mkdir()
        if contestant is Contestant.WHOLE:
            _without_what_is_beside(layer)
            return layer
        _copy(self._baked, layer, _BAKED)
        for unit in ("nginx.service", "ssh.service"):
            _enable(layer, unit, "multi-user.target")
        _without_what_is_beside(layer)
        if contestant is Contestant.OURS:
            _keep_marks(self._baked, layer)
            return layer
        for unit in _FIRSTBOOT:
            mask(layer, unit)
        # Its page is asked for; the product opens its ports itself.
        _copy(self._baked, layer, ["etc/nftables.conf"])
        if contestant is Contestant.LEAN:
            _trim_cloud_init(self.tree, layer)
        return layer


def _without_what_is_beside(layer: Path) -> None:
    for unit in _BESIDE:
        mask(layer, unit)


def with_tools(layer: Path, xml: str) -> None:
    """The host's tools for a machine without VMware beneath it, and what they answer."""
    for tool in _TOOLS:
        write(layer, f"usr/bin/{tool}", _TOOL, mode=0o755)
    write(layer, "etc/bench-env.xml", xml)
    touch_updated(layer)


def touch_updated(layer: Path) -> None:
    """Else systemd finds /usr newer and does chores of a first boot that belong to nobody here."""
    for stamp in ("etc/.updated", "var/.updated"):
        write(layer, stamp, "")


def write(layer: Path, name: str, text: str, *, mode: int = 0o644) -> None:
    target = layer / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    target.chmod(mode)


def _bake(site: Site, network: Network, tree: Path, job: Job) -> Path:
    """The product's own first boot with the same answers; what it wrote."""
    container = Container(site, network, tree, name="bake")
    properties = job.properties(Contestant.OURS)
    container.give_environment(environment(properties, mac=container.mac))
    container.start(ready_s=None)
    container.wait_ready(120)
    _ = container.root("systemctl", "is-system-running", "--wait", within_s=120)
    container.check("cat", "/etc/nginx/bandstand/verified.conf")
    container.power_off()
    return container.upper


def _copy(source: Path, target: Path, names: Iterable[str]) -> None:
    there = [name for name in names if (source / name).exists()]
    script = 'cd "$1" && shift && cp -a --parents -t "$@"'
    call("sh", "-c", script, "sh", str(source), str(target), *there)


def _keep_marks(baked: Path, layer: Path) -> None:
    _copy(baked, layer, [_JOURNAL])
    journal = layer / _JOURNAL
    rows = json.loads(journal.read_text())["steps"]
    kept = [row for row in rows if row["name"] in _DONE]
    journal.write_text(json.dumps({"steps": kept}, indent=1) + "\n")


def _trim_cloud_init(tree: Path, layer: Path) -> None:
    masked = (tree / "etc/systemd/system").glob("cloud-*")
    for name in (*_CLOUD_OFF, *(str(path.relative_to(tree)) for path in masked)):
        if os.path.lexists(tree / name):
            _take_away(layer, name)
    for unit in CLOUD_UNITS:
        _enable(layer, unit, "cloud-init.target")
    for unit, target in _NETWORKD.items():
        _enable(layer, unit, target)
    _take_away(layer, _NO_WAIT)
    rows = (f"{key}: {json.dumps(value)}" for key, value in _LEAN.items())
    write(layer, "etc/cloud/cloud.cfg.d/99_bench.cfg", "\n".join((_LEAN_SOURCE, *rows)) + "\n")


def _take_away(layer: Path, name: str) -> None:
    """A whiteout: in the merged tree the file is not there."""
    target = layer / name
    target.parent.mkdir(parents=True, exist_ok=True)
    os.mknod(target, stat.S_IFCHR, os.makedev(0, 0))


def _enable(layer: Path, unit: str, target: str) -> None:
    wants = layer / "etc/systemd/system" / f"{target}.wants"
    wants.mkdir(parents=True, exist_ok=True)
    (wants / unit).symlink_to(f"{_UNITS}/{unit}")


def mask(layer: Path, unit: str) -> None:
    units = layer / "etc/systemd/system"
    units.mkdir(parents=True, exist_ok=True)
    (units / unit).symlink_to("/dev/null")
