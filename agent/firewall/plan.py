"""Decide the rules: everything from outside is dropped but for the port table."""

from __future__ import annotations

from dataclasses import dataclass

from agent.demands import Demands, Port, Transport
from agent.firewall.state import Observed
from agent.steps.step import key_of


@dataclass(frozen=True)
class FirewallPlan:
    """`text` is the whole of the rules file; `former` what it holds now, to go back to."""

    text: str
    former: str | None = None

    @property
    def key(self) -> str:
        return key_of(self.text)


def plan(wanted: Demands, observed: Observed) -> FirewallPlan:
    return FirewallPlan(rules(wanted), observed.text)


def rules(wanted: Demands) -> str:
    """The rules file for these ports; the image's own, from before first boot, has none."""
    opened = [_opened(wanted, transport) for transport in Transport]
    return _RULES.replace(
        "        @ports@\n", "".join(f"        {line}\n" for line in opened if line)
    )


def _opened(wanted: Demands, transport: Transport) -> str:
    ports = [port for port in wanted.ports if port.transport is transport]
    if not ports:
        return ""
    numbers = ", ".join(str(port.number) for port in ports)
    return f'{transport} dport {{ {numbers} }} accept comment "{_purposes(ports)}"'


def _purposes(ports: list[Port]) -> str:
    return "; ".join(port.purpose for port in ports)


# A table of our own, replaced whole: what a payload adds in tables of its own stays.
# RFC 4890 says which ICMPv6 a host must hear. A lease is answered to the port, not to a connection.
_RULES = """\
#!/usr/sbin/nft -f
# Written by Bandstand from its port table; changes here are overwritten.
table inet bandstand
delete table inet bandstand
table inet bandstand {
    chain input {
        type filter hook input priority filter; policy drop;
        iif lo accept
        ct state vmap { established : accept, related : accept, invalid : drop }
        icmp type { echo-request, destination-unreachable, time-exceeded, parameter-problem } accept
        icmpv6 type { echo-request, destination-unreachable, packet-too-big, time-exceeded, parameter-problem } accept
        icmpv6 type { nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept
        icmpv6 type { mld-listener-query, mld-listener-report, mld-listener-done, mld2-listener-report } ip6 saddr fe80::/10 accept
        udp sport 67 udp dport 68 accept comment "leases"
        ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept comment "IPv6 leases"
        @ports@
    }
    chain forward {
        type filter hook forward priority filter; policy drop;
    }
}
"""  # noqa: E501 - nftables' own lines
