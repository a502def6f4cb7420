"""The job that every contestant does: one OVF environment, an address, a name, a key, a file.

    read the environment -> static address, default route, DNS -> host name -> one SSH key -> a file

Our journal and settings stand for the file. The TLS pair and nginx's configuration are there
beforehand, for everybody alike.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from enum import StrEnum

_BODY = "AAAAC3NzaC1lZDI1NTE5AAAAIPtw5aLRFDtTUhYtYfjRGHqTe9LRe9W7OZaCQl5dSnIT"
FILE = "/etc/bench/settings.json"
_CONTENT = json.dumps({"settings": {"color": "green", "number": "17"}}, indent=1) + "\n"


class Contestant(StrEnum):
    """Who does the job; `floor` is the machine that nobody configures, `whole` is Bandstand with
    the certificate, host keys, machine-id and nginx's configuration still to be made.
    """

    OURS = "bandstand"
    WHOLE = "whole"
    LEAN = "ci-lean"
    FLOOR = "floor"


@dataclass(frozen=True)
class Job:
    """What the machine is to become."""

    address: str
    gateway: str
    prefix: int = 24
    name: str = "bench"
    account: str = "admin"
    key: str = f"ssh-ed25519 {_BODY} bench@example.com"

    def properties(self, contestant: Contestant) -> dict[str, str]:
        """The environment, as this contestant wants it."""
        if contestant is Contestant.LEAN:
            return self._of_cloud_init()
        return {
            "network.address": f"{self.address}/{self.prefix}",
            "network.gateway": self.gateway,
            "network.dns": self.gateway,
            "node.name": self.name,
            "node.ssh_keys": self.key,
        }

    def _of_cloud_init(self) -> dict[str, str]:
        return {
            "instance-id": "bench-1",
            "hostname": self.name,
            "user-data": _packed("#cloud-config\n" + json.dumps(self._user_data())),
            "network-config": _packed(json.dumps({"network": self._network()})),
        }

    def _user_data(self) -> dict[str, object]:
        account = {"name": self.account, "shell": "/bin/bash", "groups": ["sudo"]}
        return {
            "users": [{**account, "ssh_authorized_keys": [self.key]}],
            "write_files": [{"path": FILE, "content": _CONTENT}],
        }

    def _network(self) -> dict[str, object]:
        """`to: default` is refused by cloud-init's writer for systemd-networkd."""
        card = {
            "dhcp4": False,
            "addresses": [f"{self.address}/{self.prefix}"],
            "routes": [{"to": "0.0.0.0/0", "via": self.gateway}],
            "nameservers": {"addresses": [self.gateway]},
        }
        return {"version": 2, "ethernets": {"ens32": card}}


def _packed(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
