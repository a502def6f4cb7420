"""What the rules say for which ports."""

from __future__ import annotations

import re

from agent.demands import Demands, Port, Transport
from agent.firewall.plan import plan, rules
from agent.firewall.state import Observed

WEB = Demands((Port(80, Transport.TCP, "redirect"), Port(443, Transport.TCP, "portal")))


def _accepted_ports(text: str, transport: str) -> list[str]:
    return re.findall(rf"^ +{transport} dport {{ (.*) }} accept", text, re.MULTILINE)


def test_only_the_ports_of_the_table_are_open() -> None:
    assert _accepted_ports(rules(WEB), "tcp") == ["80, 443"]
    assert _accepted_ports(rules(WEB), "udp") == []
    assert "policy drop" in rules(WEB)


def test_each_transport_has_its_line() -> None:
    text = rules(Demands((*WEB.ports, Port(9, Transport.UDP, "x"))))
    assert _accepted_ports(text, "udp") == ["9"]


def test_no_ports_leave_a_closed_table() -> None:
    assert "@" not in rules(Demands(()))
    assert _accepted_ports(rules(Demands(())), "tcp") == []


def test_the_table_is_replaced_whole_and_others_are_left_alone() -> None:
    text = rules(WEB)
    assert text.index("delete table inet bandstand") < text.index("chain input")
    assert "flush ruleset" not in text


def test_the_plan_remembers_what_to_go_back_to() -> None:
    assert plan(WEB, Observed("former")).former == "former"
    assert plan(WEB, Observed("former")).key == plan(WEB, Observed()).key
    assert plan(WEB, Observed()).key != plan(Demands(()), Observed()).key


def test_a_limited_port_counts_before_it_lets_in() -> None:
    text = rules(Demands((*WEB.ports, Port(13000, Transport.TCP, "other nodes", 32))))
    counts = text.index("add @crowd4_13000 { ip saddr ct count over 32 }")
    assert text.index("ct state vmap") < counts < text.index("13000 } accept")
    assert text.index("set crowd4_13000") < text.index("chain input")
    assert "dport 443 add" not in text


def test_without_a_limit_nobody_is_counted() -> None:
    assert "crowd" not in rules(WEB)
