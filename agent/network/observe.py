"""Look at what configures the card on this node."""

from __future__ import annotations

from agent.network.state import SYSCTL_FILE, Observed
from agent.system.files import Files
from agent.system.host import Host

# cloud-init, netplan and ifupdown each would have their own idea of the card's address.
_FOREIGN = (
    ("/etc/systemd/network", "*cloud-init*"),
    ("/etc/systemd/network", "*netplan*"),
    ("/run/systemd/network", "*netplan*"),
    ("/run/systemd/network", "*cloud-init*"),
    ("/etc/netplan", "*.y*ml"),
    ("/etc/network/interfaces.d", "*cloud-init*"),
    # Its rules name cards by their MAC, as installers' do.
    ("/etc/udev/rules.d", "*persistent-net*"),
)


def observe(host: Host) -> Observed:
    return Observed(foreign(host.files), host.files.exists(SYSCTL_FILE))


def foreign(files: Files) -> tuple[str, ...]:
    """Files of other programs that configure network cards."""
    return tuple(name for folder, pattern in _FOREIGN for name in files.names(folder, pattern))
