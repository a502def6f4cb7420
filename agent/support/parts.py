"""What goes into a bundle, in the order of its worth: the last may find no room."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from agent.accepted import refused, store
from agent.accepted.store import Accepted
from agent.errors import BandstandError
from agent.settings import normal
from agent.settings.secret import MASK, Secret
from agent.status import fragment
from agent.status.merge import STATUS
from agent.support.redact import Redactor
from agent.system import nginx
from agent.system.host import Host
from agent.typed import Any, NamedTuple

_LIMIT_S = 30.0
_PLENTY = 8 << 20
_LOG = ("journalctl", "--no-pager", "--output=short-iso-precise", "--quiet")


class Part(NamedTuple):
    """One file of the bundle; `about` says what it is, `most_bytes` how much of its end is kept."""

    name: str
    about: str
    gather: Callable[[Host, Redactor], str]
    most_bytes: int = _PLENTY


def parts(host: Host) -> Iterator[Part]:
    """Those of this node; a file that is not there has no part."""
    yield Part("settings.json", "accepted settings, secrets masked by their type", _settings)
    for name, about in _files(host):
        yield Part(f"files{name}", about, _file(name))
    for name, about, argv in _COMMANDS:
        yield Part(name, f"{about}: {' '.join(argv)[:70]}", _command(argv))


_FILES = (
    (STATUS, "the status as published"),
    (f"{fragment.FOLDER}/*", "what each process says of it"),
    ("/etc/bandstand/release", "version and build"),
    ("/etc/os-release", "the distribution"),
    (refused.FILE, "what was refused of the answers"),
    ("/var/lib/bandstand/journal/*.json", "the steps done"),
    ("/run/bandstand/guestinfo.json", "what vSphere was told"),
    ("/var/log/bandstand/audit*.jsonl", "who asked for what"),
    ("/var/lib/bandstand/console/*", "where the console's program broke off"),
    ("/etc/hostname", ""),
    ("/etc/hosts", ""),
    ("/etc/systemd/network/*", "the card as accepted"),
    ("/run/systemd/netif/*/*", "the card as networkd has it"),
    ("/run/systemd/resolve/resolv.conf", "resolvers in use"),
    ("/etc/nftables.conf", "the firewall as written"),
    ("/etc/chrony/conf.d/*", "time servers"),
    ("/etc/chrony/sources.d/*", "time servers"),
    ("/proc/cmdline", "how the kernel was started"),
    ("/proc/meminfo", ""),
    ("/proc/mounts", ""),
)

_COMMANDS = (
    ("versions.txt", "packages", ("dpkg-query", "-W")),
    ("kernel.txt", "the kernel", ("uname", "-a")),
    ("network/addresses.txt", "addresses", ("ip", "-details", "address")),
    ("network/routes.txt", "routes", ("ip", "-details", "route", "show", "table", "all")),
    ("network/routes6.txt", "routes", ("ip", "-6", "route", "show", "table", "all")),
    ("network/rules.txt", "rules", ("ip", "rule")),
    ("network/neighbours.txt", "neighbours", ("ip", "neighbour")),
    ("network/networkd.txt", "networkd", ("networkctl", "--no-pager", "status", "--all")),
    ("network/resolver.txt", "resolver", ("resolvectl", "--no-pager", "status")),
    ("network/listeners.txt", "who listens", ("ss", "-tulpn")),
    ("network/firewall.txt", "firewall in force", ("nft", "list", "ruleset")),
    ("network/time.txt", "time", ("chronyc", "-n", "tracking")),
    ("nginx.txt", "nginx's configuration", ("nginx", "-T", "-q", "-c", nginx.CONFIG)),
    ("units.txt", "units", ("systemctl", "--no-pager", "list-units", "--all")),
    ("disks.txt", "room on disks", ("df", "-h")),
    ("boot.txt", "where the boot's time went", ("systemd-analyze", "--no-pager", "blame")),
    ("log/entries.txt", "faults and states", (*_LOG, "--lines=20000", "--identifier=bandstand")),
    ("log/bandstand.txt", "our units", (*_LOG, "--lines=20000", "--unit=bandstand-*")),
    ("log/warnings.txt", "warnings", (*_LOG, "--boot", "--priority=warning", "--lines=5000")),
    (
        "log/services.txt",
        "what we steer",
        (
            *(*_LOG, "--lines=10000", "--unit=nginx*", "--unit=systemd-networkd*"),
            *("--unit=systemd-resolved*", "--unit=nftables*", "--unit=chrony*", "--unit=ssh*"),
        ),
    ),
    ("log/kernel.txt", "kernel", (*_LOG, "--dmesg", "--lines=5000")),
)


def _files(host: Host) -> Iterator[tuple[str, str]]:
    for pattern, about in _FILES:
        folder, _, last = pattern.rpartition("/")
        is_named = "*" not in pattern
        if "*" in folder:
            folder, _, above = folder.rpartition("/")
            last = f"{above}/{last}"
        for name in host.files.names(folder, last):
            # Some folders are those of users, who may lay links to what is not theirs.
            if host.files.path(name).is_file() and (is_named or host.files.link_to(name) is None):
                yield name, about


def _file(name: str) -> Callable[[Host, Redactor], str]:
    def gather(host: Host, redactor: Redactor) -> str:
        text = host.files.read(name) or ""
        if name.endswith(".json"):
            try:
                return _json(redactor.tree(json.loads(text)))
            except (ValueError, RecursionError):
                pass
        return redactor.text(text)

    return gather


def _command(argv: tuple[str, ...]) -> Callable[[Host, Redactor], str]:
    def gather(host: Host, redactor: Redactor) -> str:
        try:
            done = host.run(*argv, check=False, timeout_s=_LIMIT_S)
        except BandstandError as error:
            return redactor.text(f"{error.message}\n")
        said = "" if done.ok else f"{done.stderr.strip()}\n(status {done.returncode})\n"
        return redactor.text(f"{done.stdout}{said}")

    return gather


def _settings(host: Host, redactor: Redactor) -> str:
    accepted = store.load(host.files)
    return _json(
        {
            "source": accepted.source,
            "membership": accepted.membership.value,
            "own": redactor.tree(_own(accepted)),
            "shared": redactor.tree(_shared(accepted)),
            "faults": redactor.tree([fault.as_json() for fault in accepted.faults]),
        }
    )


def _own(accepted: Accepted) -> dict[str, str]:
    secret = dict.fromkeys(normal.secrets_of(accepted.own), MASK)
    return {**normal.to_text(accepted.own), **secret}


def _shared(accepted: Accepted) -> dict[str, str]:
    return {
        key: MASK if isinstance(text, Secret) else text for key, text in accepted.shared.items()
    }


def _json(value: Any) -> str:
    return json.dumps(value, indent=1) + "\n"
