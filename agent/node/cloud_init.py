"""cloud-init got the build in; on a node it would act on the same environment before us."""

from __future__ import annotations

from agent.system.files import Files
from agent.system.host import Host

_DISABLED = "/etc/cloud/cloud-init.disabled"
_NOWHERE = "/dev/null"
_MASKS = (
    "/etc/systemd/system-generators/cloud-init-generator",
    *(
        f"/etc/systemd/system/{unit}"
        for unit in (
            "cloud-config.service",
            "cloud-final.service",
            "cloud-init.service",
            "cloud-init-local.service",
            "cloud-init-main.service",
            "cloud-init-network.service",
            "cloud-init-hotplugd.socket",
        )
    ),
)
# What it leaves behind; its network files are taken away by the stage network, which reloads.
_REMAINS = (
    ("/etc/ssh/sshd_config.d", "*cloud-init*"),
    ("/etc/sudoers.d", "*cloud-init*"),
    ("/var/lib/cloud", "instance*"),
    ("/var/lib/cloud", "seed"),
)


def is_gone(host: Host) -> bool:
    files = host.files
    return (
        files.exists(_DISABLED)
        and all(_is_masked(files, one) for one in _MASKS)
        and not _remains(files)
    )


def remove(host: Host) -> None:
    files = host.files
    if not files.exists(_DISABLED):
        _ = files.write(_DISABLED, "Bandstand configures this machine.\n")
    for mask in _MASKS:
        _ = files.link(mask, to=_NOWHERE)
    for name in _remains(files):
        _ = files.remove(name)


def _is_masked(files: Files, name: str) -> bool:
    return files.link_to(name) == _NOWHERE


def _remains(files: Files) -> tuple[str, ...]:
    return tuple(name for folder, pattern in _REMAINS for name in files.names(folder, pattern))
