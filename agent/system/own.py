"""What this machine is called and which addresses are its own, as the kernel and /etc tell."""

from __future__ import annotations

import re

from agent.system.files import Files

_LOCAL = re.compile(r"\|-- ([0-9.]+)\n\s+/32 host LOCAL")


def names(files: Files) -> tuple[str, ...]:
    """The host name first, then its full names of /etc/hosts; never "localhost"."""
    found = [(files.read("/etc/hostname") or "").strip()]
    for line in (files.read("/etc/hosts") or "").splitlines():
        words = line.partition("#")[0].split()
        if words and words[0] == "127.0.1.1":
            found += words[1:]
    return tuple(dict.fromkeys(name for name in found if name and name != "localhost"))


def addresses(files: Files) -> tuple[str, ...]:
    """The IPv4 addresses of all cards, sorted, without loopback and link-local ones."""
    found = _LOCAL.findall(files.read("/proc/net/fib_trie") or "")
    return tuple(sorted({one for one in found if not one.startswith(("127.", "169.254."))}))


def has_ipv6(files: Files) -> bool:
    """Whether the kernel can listen on IPv6 at all."""
    return files.exists("/proc/net/if_inet6")
