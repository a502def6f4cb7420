"""Card, address and handover, in memory and below a folder."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv4Address, IPv6Interface, ip_network

import pytest

from agent.accepted import acts
from agent.errors import CommandFailed, StepFailed
from agent.network import act
from agent.network.state import NETWORK_FILE
from agent.settings.kinds import Ipv6Mode, Mode
from agent.settings.network import Network
from agent.settings.secret import Secret
from agent.steps.journal import Journal
from agent.steps.run import run_steps
from agent.system.netstate import TABLE_MAIN, Route
from agent.values import join_string
from agent.values.join_string import Seed
from tests.agent.network.node import STATIC, Node, names, no_kernel

WANTS = "/etc/systemd/system/multi-user.target.wants/systemd-networkd.service"
NETPLAN = "/etc/netplan/50-cloud-init.yaml"


def test_static_is_in_the_kernel_before_networkd_starts(node: Node) -> None:
    held: list[list[str]] = []
    node.run.on("systemctl", "start", effect=lambda _: held.append(node.net.addresses))
    assert names(node.apply(STATIC)) == ["network.link", "network.address", "network.handover"]
    assert held == [["192.0.2.10/24"]]
    assert node.net.gateways == ["192.0.2.1"]
    assert node.net.cards[0].is_up
    assert node.net.unadvertised == ["ens32"]


def test_dhcp_is_left_to_networkd(node: Node) -> None:
    assert names(node.apply(Network())) == ["network.link", "network.handover"]
    assert node.net.addresses == []
    assert [call.argv for call in node.run.calls] == [
        ("systemctl", "start", "--no-block", "systemd-networkd.service")
    ]


def test_handing_over_leaves_one_file_and_the_service_for_the_next_boot(node: Node) -> None:
    node.files.write(NETPLAN, "network: {}\n")
    node.files.write("/etc/systemd/network/10-cloud-init-ens32.network", "[Match]\n")
    node.apply(STATIC)
    assert node.files.read(NETWORK_FILE) == node.plan(STATIC).text
    assert node.files.names("/etc/systemd/network") == (NETWORK_FILE,)
    assert not node.files.exists(NETPLAN)
    assert node.files.path(WANTS).is_symlink()


def test_the_node_has_its_name_before_networkd_can_tell_it(node: Node) -> None:
    seen: list[object] = []

    def introduce() -> None:
        seen.append((node.files.exists(NETWORK_FILE), node.run.programs))

    def run() -> None:
        steps = act.steps(
            node.plan(Network()), node.host, kernel=node.net.open, introduce=introduce
        )
        _ = run_steps(steps, Journal.load(node.files, "/journal"), node.clock)

    run()
    assert seen == [(False, ())]
    # A running one has told it, and tells a new one after the next boot.
    node.start_networkd()
    _ = node.files.remove(NETWORK_FILE)
    run()
    assert len(seen) == 1


def test_a_second_run_does_nothing_and_opens_no_netlink(node: Node) -> None:
    node.apply(STATIC)
    node.run.calls.clear()
    steps = act.steps(node.plan(STATIC), node.host, kernel=no_kernel)
    assert run_steps(steps, Journal.load(node.files, "/journal"), node.clock) == ()
    assert node.run.calls == []


def test_an_address_that_another_boot_set_is_set_again(node: Node) -> None:
    node.apply(STATIC)
    node.net.held.clear()
    node.net.cards[0] = node.net.cards[0]._replace(is_up=False)
    node.tell_addresses()
    assert names(node.apply(STATIC)) == ["network.link", "network.address"]
    assert node.net.cards[0].is_up
    assert node.net.addresses == ["192.0.2.10/24"]


@pytest.mark.parametrize("meddled", [NETPLAN, NETWORK_FILE])
def test_a_file_meddled_with_is_mended(node: Node, meddled: str) -> None:
    node.apply(STATIC)
    node.files.write(meddled, "foreign\n")
    assert "network.handover" in names(node.apply(STATIC))
    assert node.files.read(NETWORK_FILE) == node.plan(STATIC).text
    assert not node.files.exists(NETPLAN)


def test_a_running_networkd_reloads_and_is_awaited_until_it_set_the_address_anew(
    node: Node,
) -> None:
    node.start_networkd()

    def set_anew() -> None:
        node.net.held.clear()
        node.net.give("192.0.2.10/24")

    node.net.later.append(set_anew)
    node.apply(STATIC)
    assert ("networkctl", "reload") in [call.argv for call in node.run.calls]
    assert node.net.later == []
    assert not node.run.asked("systemctl")


def test_networkd_is_started_anew_where_it_cannot_be_asked_yet(node: Node) -> None:
    node.start_networkd()
    node.run.on("networkctl", "reload", returncode=1, stderr="Failed to connect to system bus")
    node.apply(Network())
    assert node.run.calls[-1].argv == ("systemctl", "restart", "systemd-networkd.service")


def test_undo_takes_back_what_was_added(node: Node) -> None:
    node.files.write(NETPLAN, "network: {}\n")
    node.undo(node.apply(STATIC))
    assert node.net.addresses == []
    assert node.net.routed == []
    assert node.files.read(NETPLAN) == "network: {}\n"
    assert not node.files.exists(NETWORK_FILE)
    assert not node.files.path(WANTS).is_symlink()
    assert node.run.calls[-1].argv[:3] == ("systemctl", "stop", "systemd-networkd.service")


def test_undo_gives_back_what_was_there(node: Node) -> None:
    node.start_networkd()
    node.net.give("192.0.2.9/24")
    with node.net.open() as kernel:
        kernel.replace_default_route(2, IPv4Address("192.0.2.254"), protocol=16)
    node.undo(node.apply(STATIC))
    assert node.net.addresses == ["192.0.2.9/24"]
    assert node.net.gateways == ["192.0.2.254"]
    assert node.net.routed[0].protocol == 16
    assert node.run.calls[-1].argv == ("networkctl", "reload")


def test_an_address_that_was_there_already_survives_undo(node: Node) -> None:
    node.net.give("192.0.2.10/24")
    node.undo(node.apply(STATIC))
    assert node.net.addresses == ["192.0.2.10/24"]


@pytest.mark.parametrize("refused", ["address", "route"])
def test_what_the_kernel_refuses_leaves_nothing_behind(node: Node, refused: str) -> None:
    node.net.refuses.add(refused)
    with pytest.raises(StepFailed, match=refused):
        node.apply(STATIC)
    assert node.net.addresses == []
    assert node.net.routed == []
    assert not node.files.exists(NETWORK_FILE)


def test_a_networkd_that_cannot_start_is_undone(node: Node) -> None:
    node.run.on("systemctl", "start", returncode=1, stderr="Unit is masked.")
    with pytest.raises(CommandFailed, match="masked"):
        node.apply(STATIC)
    assert node.net.addresses == []
    assert not node.files.exists(NETWORK_FILE)


def test_a_card_that_comes_late_is_awaited(node: Node) -> None:
    node.net.cards.clear()
    node.net.later.append(lambda: node.net.plug("ens32"))
    node.apply(STATIC)
    assert node.net.addresses == ["192.0.2.10/24"]
    assert node.clock.passed_s == 0


def test_udev_gets_its_time_to_rename_the_card(node: Node) -> None:
    node.net.cards.clear()
    node.net.plug("eth0")

    def renamed() -> None:
        node.net.cards.clear()
        node.net.plug("ens32")

    node.net.later.append(renamed)
    node.apply(Network())
    assert [card.name for card in node.net.cards] == ["ens32"]
    assert node.clock.passed_s == 0


def test_the_only_card_of_another_name_is_renamed(node: Node) -> None:
    node.net.cards.clear()
    node.net.plug("ens192")
    node.apply(STATIC)
    assert [card.name for card in node.net.cards] == ["ens32"]
    assert node.net.addresses == ["192.0.2.10/24"]


def test_where_udev_runs_no_card_is_renamed_beside_it(node: Node) -> None:
    """The only one so far may be on USB, and the one on the bus still without its driver."""
    _ = node.files.write("/run/udev/control", "")
    node.net.cards.clear()
    node.net.plug("enx00e04c680001")
    node.apply(STATIC)
    assert [card.name for card in node.net.cards] == ["enx00e04c680001"]
    assert node.net.addresses == []
    assert node.files.read(NETWORK_FILE) == node.plan(STATIC).text
    with pytest.raises(StepFailed, match="no network card ens32, only enx00e04c680001"):
        node.settle(STATIC)


def test_of_several_cards_none_is_taken_by_guess(node: Node) -> None:
    node.net.cards.clear()
    node.net.plug("ens192")
    node.net.plug("ens224", index=3)
    node.apply(Network())
    assert [card.name for card in node.net.cards] == ["ens192", "ens224"]
    assert node.files.exists(NETWORK_FILE)
    with pytest.raises(StepFailed, match="no network card ens32, only ens192, ens224"):
        node.arrive(Network())


def test_another_card_beside_ens32_is_left_alone(node: Node) -> None:
    node.net.plug("ens224", index=3)
    node.apply(STATIC)
    node.settle(STATIC)
    assert [card.is_up for card in node.net.cards] == [True, False]
    assert {one.ifindex for one in node.net.held} == {2}


def test_without_a_card_the_file_stands_ready_for_one(node: Node) -> None:
    node.net.cards.clear()
    node.apply(STATIC)
    assert node.files.read(NETWORK_FILE) == node.plan(STATIC).text
    with pytest.raises(StepFailed, match="no network card ens32"):
        node.settle(STATIC)


# The waits


def test_a_lease_ends_the_wait(node: Node) -> None:
    node.apply(Network())
    node.net.later.append(lambda: node.net.give("192.0.2.77/24", permanent=False))
    node.arrive(Network())
    assert node.clock.passed_s == 0


def test_a_lease_of_another_boot_is_waited_for_again(node: Node) -> None:
    node.apply(Network())
    node.net.give("192.0.2.77/24", permanent=False)
    node.files.write("/proc/net/fib_trie", "     |-- 192.0.2.77\n        /32 host LOCAL\n")
    node.arrive(Network())
    assert node.arrive(Network()) == ()
    node.files.remove("/proc/net/fib_trie")
    assert len(node.arrive(Network())) == 1


def test_a_lease_for_ever_is_known_by_its_routes(node: Node) -> None:
    node.apply(Network())
    node.net.give("192.0.2.77/24", protocol=16)
    node.arrive(Network())
    assert node.clock.passed_s == 0


def test_a_former_static_address_is_no_lease(node: Node) -> None:
    node.apply(Network())
    node.net.give("192.0.2.9/24", protocol=4)
    node.net.later.append(node.net.held.clear)
    with pytest.raises(StepFailed, match="no DHCP server"):
        node.arrive(Network())


def test_no_lease_is_told_after_thirty_seconds_and_the_file_stays(node: Node) -> None:
    node.apply(Network())
    with pytest.raises(StepFailed, match="no DHCP server answered") as told:
        node.arrive(Network())
    assert told.value.code == "no-lease"
    assert told.value.hint
    assert node.clock.passed_s == 30
    assert node.files.exists(NETWORK_FILE)


def test_ipv6_alone_will_do_once_the_time_for_a_lease_is_over(node: Node) -> None:
    node.apply(Network())
    node.net.give("2001:db8::7/64")
    node.arrive(Network())
    assert node.clock.passed_s == 30


def test_an_address_that_reaches_no_further_than_the_cable_will_not_do(node: Node) -> None:
    node.apply(Network())
    node.net.give("fe80::7/64")
    with pytest.raises(StepFailed, match="no DHCP server answered"):
        node.arrive(Network())


def test_a_card_without_carrier_is_told_as_that(node: Node) -> None:
    node.net.cards.clear()
    node.net.plug("ens32", carrier=False)
    node.apply(Network())
    with pytest.raises(StepFailed) as told:
        node.arrive(Network())
    assert told.value.code == "no-carrier"


def test_a_networkd_that_died_is_told_as_that(node: Node) -> None:
    node.apply(Network())
    node.run.on("systemctl", "start", returncode=1, stderr="Job failed.")
    with pytest.raises(CommandFailed, match="Job failed"):
        node.arrive(Network())


def test_static_has_nothing_to_wait_for_but_networkd_itself(node: Node) -> None:
    node.apply(STATIC)
    assert act.arrival(node.plan(STATIC), node.host, kernel=no_kernel) == ()
    assert names(node.settle(STATIC)) == ["network.settled"]
    assert node.run.calls[-1].argv == ("systemctl", "start", "systemd-networkd.service")
    assert node.settle(STATIC) == ()


@pytest.mark.parametrize(
    ("told", "asks"), [("configured", False), ("configuring", False), ("pending", True)]
)
def test_what_networkd_tells_of_the_card_spares_a_question_to_systemd(
    node: Node, told: str, asks: bool
) -> None:
    node.apply(STATIC)
    index = node.net.cards[0].ifindex
    text = f"ADMIN_STATE={told}\nNETWORK_FILE=/etc/systemd/network/10-bandstand-ens32.network\n"
    _ = node.host.files.write(f"/run/systemd/netif/links/{index}", text)
    before = len(node.run.calls)
    assert names(node.settle(STATIC)) == ["network.settled"]
    assert (len(node.run.calls) > before) is asks


def test_static_without_carrier_is_told_and_stays(node: Node) -> None:
    node.net.cards.clear()
    node.net.plug("ens32", carrier=False)
    node.apply(STATIC)
    with pytest.raises(StepFailed) as told:
        node.settle(STATIC)
    assert told.value.code == "no-carrier"
    assert node.net.addresses == ["192.0.2.10/24"]
    assert node.clock.passed_s == 30


def test_a_boot_without_a_cable_is_held_up_for_thirty_seconds_in_all(node: Node) -> None:
    dual = STATIC._replace(ipv6=Ipv6Mode.STATIC, ipv6_address=IPv6Interface("2001:db8::10/64"))
    by_dhcp = dual._replace(mode=Mode.DHCP, address=None, gateway=None)
    node.net.cards.clear()
    node.net.plug("ens32", carrier=False)
    for settings in (dual, by_dhcp, Network()):
        began_s = node.clock.passed_s
        node.apply(settings)
        for wait in (node.arrive, node.settle):
            with suppress(StepFailed):
                wait(settings)
        assert node.clock.passed_s - began_s == 30


def test_an_address_that_networkd_took_away_is_told(node: Node) -> None:
    node.apply(STATIC)
    node.net.held.clear()
    with pytest.raises(StepFailed) as told:
        node.settle(STATIC)
    assert told.value.code == "not-settled"


def test_the_same_plan_handed_over_again_is_awaited_again(node: Node) -> None:
    node.apply(STATIC)
    node.settle(STATIC)
    node.apply(Network())
    node.apply(STATIC)
    assert names(node.settle(STATIC)) == ["network.settled"]


# Who else is there


def test_a_rival_is_refused_before_the_address_is_set(node: Node) -> None:
    node.net.rivals["192.0.2.10"] = "00:50:56:00:00:99"
    with pytest.raises(StepFailed, match="by the network card 00:50:56:00:00:99") as told:
        node.apply(STATIC)
    assert (told.value.code, told.value.setting) == ("duplicate-address", "network.address")
    assert node.net.updates == 0


def test_only_an_address_that_is_not_there_is_asked_for(node: Node) -> None:
    node.apply(Network())
    assert node.net.probed == []
    node.apply(STATIC)
    assert node.net.probed == ["192.0.2.10"]
    node.files.remove("/journal")
    node.apply(STATIC)
    assert node.net.probed == ["192.0.2.10"]


def test_a_rival_who_was_too_slow_is_told_in_the_end(node: Node) -> None:
    node.apply(STATIC)
    node.net.rivals["192.0.2.10"] = "00:50:56:00:00:99"
    with pytest.raises(StepFailed, match="by the network card 00:50:56:00:00:99") as told:
        node.settle(STATIC)
    assert told.value.code == "duplicate-address"
    assert node.net.probed == ["192.0.2.10", "192.0.2.10 again"]
    assert node.net.addresses == ["192.0.2.10/24"]


def test_without_carrier_nobody_can_be_asked(node: Node) -> None:
    node.net.cards.clear()
    node.net.plug("ens32", carrier=False)
    node.apply(STATIC)
    assert node.net.probed == []
    assert node.clock.passed_s == 5


def test_a_silent_gateway_is_told_and_everything_stays(node: Node) -> None:
    node.net.silent.add("192.0.2.1")
    node.apply(STATIC)
    with pytest.raises(StepFailed, match="does not answer on ens32") as told:
        node.settle(STATIC)
    assert (told.value.code, told.value.setting) == ("gateway-silent", "network.gateway")
    assert "network.gateway" in told.value.hint
    assert (node.net.addresses, node.net.gateways) == (["192.0.2.10/24"], ["192.0.2.1"])


@pytest.mark.parametrize(
    ("hosts", "gateway", "is_told"),
    [
        (["198.51.100.7"], None, True),
        (["198.51.100.7", "192.0.2.77"], None, False),
        (["198.51.100.7", "seed.example.com"], None, False),
        (["198.51.100.7"], "192.0.2.1", False),
        (["2001:db8::7"], "192.0.2.1", True),
        ([], None, False),
    ],
)
def test_seeds_that_no_route_leads_to_are_told(
    node: Node, hosts: list[str], gateway: str | None, is_told: bool
) -> None:
    if hosts:
        text = join_string.format(join_string.generate([Seed(host) for host in hosts]))
        assert acts.put_act(node.files, "cluster.join", Secret(text))
    way = None if gateway is None else IPv4Address(gateway)
    wanted = STATIC._replace(gateway=way)
    node.apply(wanted)
    node.net.routed.append(Route(ip_network("192.0.2.0/24"), None, 2, TABLE_MAIN, 2, 0))
    if not is_told:
        assert names(node.seek()) == (["network.seeds"] if hosts else [])
        return
    with pytest.raises(StepFailed, match="no route leads to"):
        node.seek()
    with pytest.raises(StepFailed, match="no route leads to") as told:
        node.seek()
    assert (told.value.code, told.value.setting) == ("no-route-to-seed", "network.gateway")
    assert hosts[0] in told.value.message
    assert node.net.addresses == ["192.0.2.10/24"]


def test_a_lease_of_what_somebody_has_is_told_and_kept(node: Node) -> None:
    node.apply(Network())
    node.net.give("192.0.2.77/24", permanent=False)
    node.net.rivals["192.0.2.77"] = "00:50:56:00:00:99"
    with pytest.raises(
        StepFailed, match=r"192\.0\.2\.77 that the DHCP server gave .* 00:50:56:00:00:99"
    ) as told:
        node.settle(Network())
    assert (told.value.code, told.value.setting) == ("duplicate-lease", "network.address")
    assert "DHCP server" in told.value.hint
    assert node.net.addresses == ["192.0.2.77/24"]


@pytest.mark.parametrize("lease", ["", "192.0.2.77/24"])
def test_with_no_lease_or_a_good_one_there_is_nothing_to_tell(node: Node, lease: str) -> None:
    node.apply(Network())
    if lease:
        node.net.give(lease, permanent=False)
    assert names(node.settle(Network())) == ["network.settled"]
    assert node.net.probed == ([f"{lease.partition('/')[0]} again"] if lease else [])
    assert node.settle(Network()) == ()
