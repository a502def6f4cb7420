"""What the node is known by."""

from __future__ import annotations

from pathlib import Path

from agent.system import own
from agent.system.files import Files

FIB = "     |-- 192.0.2.7\n        /32 host LOCAL\n     |-- 127.0.0.1\n        /32 host LOCAL\n"
# Address, index, prefix, scope, flags: loopback, of the cable, advertised, deprecated, static,
# static while the kernel looks for duplicates, and static that was found to be one.
IF_INET6 = """\
00000000000000000000000000000001 01 80 10 80       lo
fe80000000000000025056fffeabcdef 02 40 20 80    ens32
20010db8000000000000000000000077 02 40 00 00    ens32
20010db8000000000000000000000078 02 40 00 20    ens32
20010db8000000000000000000000010 02 40 00 80    ens32
20010db8000000000000000000000011 02 40 00 c0    ens32
20010db8000000000000000000000012 02 40 00 c8    ens32
"""


def test_addresses_are_those_that_stay_and_ipv4_comes_first(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.write("/proc/net/fib_trie", FIB)
    files.write("/proc/net/if_inet6", IF_INET6)
    assert own.addresses(files) == ("192.0.2.7", "2001:db8::10", "2001:db8::11")
    assert own.ipv4_addresses(files) == ("192.0.2.7",)
