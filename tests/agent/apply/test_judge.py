"""What the findings of a check mean, in sentences; a failed one says what to do."""

from __future__ import annotations

from ipaddress import IPv4Interface

import pytest

from agent.apply import judge
from agent.apply.judge import Check, CheckState
from agent.system.http import Answer
from agent.system.netstate import Link
from agent.system.reach import Port

CARD = Link(2, "ens32", "00:50:56:00:00:01", True, True, True)
TRACKING = "C0000235,192.0.2.123,2,1767323045.1,-0.000123,0,0,0,0,0,0,0,64.4,{}\n"
A, B = Port("192.0.2.11", 13000), Port("192.0.2.12", 13000)
WELL, FAILED, SKIPPED = CheckState.OK, CheckState.FAILED, CheckState.SKIPPED


@pytest.mark.parametrize(
    ("check", "state", "message"),
    [
        (judge.link("ens32", None), FAILED, "there is no network card ens32"),
        (judge.link("ens32", CARD._replace(has_carrier=False)), FAILED, "ens32 has no carrier"),
        (judge.link("ens32", CARD), WELL, "ens32 has carrier"),
        (judge.address((), is_static=False), FAILED, "this node has no address"),
        (judge.address((IPv4Interface("192.0.2.1/24"),), is_static=True), WELL, "192.0.2.1/24"),
        (judge.gateway({}), SKIPPED, "no gateway is set"),
        (judge.gateway({"192.0.2.1": True}), WELL, "192.0.2.1 answers"),
        (
            judge.gateway({"192.0.2.1": False, "fe80::1": False}),
            FAILED,
            "192.0.2.1 and fe80::1 do not answer on this link",
        ),
        (judge.resolvers((), ()), SKIPPED, "no resolver is set"),
        (judge.resolvers(("a", "b"), ()), WELL, "a and b answer"),
        (
            judge.resolvers(("a", "b"), ("b",)),
            FAILED,
            "b does not answer as a resolver; a answers",
        ),
        (judge.time(""), FAILED, "chrony does not answer"),
        (judge.time("506 Cannot talk to daemon"), FAILED, "chrony does not answer"),
        (
            judge.time(TRACKING.format("Not synchronised")),
            FAILED,
            "the clock is not synchronised",
        ),
        (
            judge.time(TRACKING.format("Normal")),
            WELL,
            "synchronised with 192.0.2.123, 0.000 s apart",
        ),
        (judge.seeds((), {}, one_is_enough=True), SKIPPED, "no other node is to be reached"),
        (judge.seeds((A, B), {}, one_is_enough=False), WELL, f"reached {A} and {B}"),
        (judge.seeds((A, B), {B: "shut"}, one_is_enough=True), WELL, f"reached {A}; {B}: shut"),
        (judge.seeds((A, B), {B: "shut"}, one_is_enough=False), FAILED, f"{B}: shut"),
        (judge.seeds((B,), {B: "shut"}, one_is_enough=True), FAILED, f"{B}: shut"),
        (judge.database(None, {}), SKIPPED, "no database is set"),
        (judge.database(A, {B: "shut"}), WELL, f"{A} is reached"),
        (judge.database(A, {A: "shut"}), FAILED, f"{A}: shut"),
        (judge.page(None, "https://n", ""), SKIPPED, "no certificate is served yet"),
        (judge.page(None, "https://n", "ab"), FAILED, "https://n does not answer"),
        (
            judge.page(Answer(200, "", "cd"), "https://n", "ab"),
            FAILED,
            "https://n shows another certificate than the one that lies here",
        ),
        (
            judge.page(Answer(502, "", "ab"), "https://n", "ab"),
            FAILED,
            "https://n answers with error 502",
        ),
        (
            judge.page(Answer(200, "", "ab"), "https://n", "ab"),
            WELL,
            "https://n answers, with the certificate of this node",
        ),
    ],
)
def test_findings_are_said(check: Check, state: CheckState, message: str) -> None:
    assert (check.state, check.message) == (state, message)
    assert bool(check.hint) is (state is FAILED)


def test_the_way_to_an_address_is_that_of_the_mode() -> None:
    hints = [judge.address((), is_static=is_static).hint for is_static in (True, False)]
    assert ("DHCP" in hints[0], "DHCP" in hints[1]) == (False, True)
