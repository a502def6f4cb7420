"""What this machine is called and which addresses are its own, as the kernel and /etc tell."""

from __future__ import annotations

import re
from ipaddress import IPv6Address

from agent.system.files import Files

# linux/if_addr.h, and the scope as /proc/net/if_inet6 has it.
_PERMANENT, _DAD_FAILED, _GLOBAL = 0x80, 0x08, "00"
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
    """Those that the node is known by, IPv4 first: it is what was asked for.

    Of IPv6 the static ones alone: what routers advertise comes later and goes again, and a
    certificate that a person has compared with the console must not change because of it.
    """
    return (*ipv4_addresses(files), *_static_ipv6(files))


def _static_ipv6(files: Files) -> tuple[str, ...]:
    """Also while the kernel still looks for duplicates: it does so at every boot."""
    lines = (files.read("/proc/net/if_inet6") or "").splitlines()
    rows = (line.split() for line in lines)
    found = (row[0] for row in rows if row[3] == _GLOBAL and _is_static(int(row[4], 16)))
    return tuple(str(IPv6Address(int(one, 16))) for one in sorted(found))


def _is_static(flags: int) -> bool:
    return flags & _PERMANENT != 0 and flags & _DAD_FAILED == 0


def ipv4_addresses(files: Files) -> tuple[str, ...]:
    """Of all cards, sorted, without loopback and link-local ones."""
    found = _LOCAL.findall(files.read("/proc/net/fib_trie") or "")
    return tuple(sorted({one for one in found if not one.startswith(("127.", "169.254."))}))


def has_ipv6(files: Files) -> bool:
    """Whether the kernel can listen on IPv6 at all."""
    return files.exists("/proc/net/if_inet6")
