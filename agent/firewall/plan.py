"""Decide the rules: everything from outside is dropped but for the port table."""

from __future__ import annotations

from agent.demands import Demands, Port, Transport
from agent.firewall.state import Observed
from agent.steps.step import key_of
from agent.typed import NamedTuple


class FirewallPlan(NamedTuple):
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
    limited = [port for port in wanted.ports if port.most]
    opened = [_opened(wanted, transport) for transport in Transport]
    lines = [*(line for port in limited for line in _crowds(port)), *filter(None, opened)]
    sets = [_SETS.format(number=port.number) for port in limited]
    return _RULES.replace("    @sets@\n", "".join(sets)).replace(
        "        @ports@\n", "".join(f"        {line}\n" for line in lines)
    )


def _crowds(port: Port) -> tuple[str, str]:
    """Only connections that begin come this far. A full set counts nobody more, and lets in."""
    begins = f"{port.transport} dport {port.number} add @crowd"
    ends = f"ct count over {port.most} }} counter drop"
    return (
        f"{begins}4_{port.number} {{ ip saddr {ends}",
        f"{begins}6_{port.number} {{ ip6 saddr & ffff:ffff:ffff:ffff:: {ends}",
    )


def _opened(wanted: Demands, transport: Transport) -> str:
    ports = [port for port in wanted.ports if port.transport is transport]
    if not ports:
        return ""
    numbers = ", ".join(str(port.number) for port in ports)
    return f'{transport} dport {{ {numbers} }} accept comment "{_purposes(ports)}"'


def _purposes(ports: list[Port]) -> str:
    return "; ".join(port.purpose for port in ports)


_SETS = """\
    set crowd4_{number} {{
        type ipv4_addr; size 65535; flags dynamic;
    }}
    set crowd6_{number} {{
        type ipv6_addr; size 65535; flags dynamic;
    }}
"""

# A table of our own, replaced whole: what a payload adds in tables of its own stays.
# RFC 4890 says which ICMPv6 a host must hear. A lease is answered to the port, not to a connection.
_RULES = """\
#!/usr/sbin/nft -f
# Written by Bandstand from its port table; changes here are overwritten.
table inet bandstand
delete table inet bandstand
table inet bandstand {
    @sets@
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
