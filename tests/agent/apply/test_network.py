"""Other settings of the network: judged, tried beside, kept, taken back; by whoever is left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface
from pathlib import Path
from typing import Any

import pytest

from agent.accepted import acts, before, refused, store
from agent.accepted.refused import Refused
from agent.accepted.store import Accepted, Membership
from agent.apply import keeper, network
from agent.apply.change import change
from agent.apply.network import KEEPER, Turn
from agent.audit.trail import TRAIL
from agent.change import Stage
from agent.errors import BandstandError, Fault, InputRefused, NotNow, StepFailed
from agent.network.state import NETWORK_FILE
from agent.network.trying import TRIAL_FILE
from agent.settings.declaration import Settings
from agent.settings.kinds import Mode
from agent.settings.network import Network
from agent.settings.secret import Secret
from agent.status import fragment
from agent.status.merge import published
from agent.status.model import Phase
from agent.steps import trial as record
from agent.steps.run import untold
from agent.steps.step import Step
from agent.steps.trial import LIMIT_S, TrialState
from agent.system import resolver
from agent.system.files import Files
from agent.system.host import Host
from agent.system.lock import locked
from agent.values import join_string
from agent.values.join_string import Seed
from firstboot.console.manual import broken
from tests.fakes.clock import FakeClock
from tests.fakes.kernel import Net
from tests.fakes.run import Call, FakeRun

OLD = "192.0.2.10/24"
NEW = {"network.address": "192.0.2.20/24"}
STATIC = Network(
    mode=Mode.STATIC,
    address=IPv4Interface(OLD),
    gateway=IPv4Address("192.0.2.1"),
    dns=(IPv4Address("192.0.2.53"),),
)
PROXY = "http://deploy:correct-horse@proxy.lab:3128"
LINKS = "/run/systemd/netif/links/2"


@dataclass
class Node:
    """A node with a card and one stage, which notes what it brings in force and takes back."""

    root: Path
    run: FakeRun = field(default_factory=FakeRun)
    clock: FakeClock = field(default_factory=FakeClock)
    net: Net = field(default_factory=Net)
    seen: list[Network] = field(default_factory=list[Network])
    undone: list[Network] = field(default_factory=list[Network])
    during: list[TrialState | None] = field(default_factory=list[TrialState | None])
    breaks: bool = False

    @property
    def host(self) -> Host:
        return Host(files=Files(self.root), run=self.run, clock=self.clock)

    @property
    def files(self) -> Files:
        return self.host.files

    @property
    def turn(self) -> Turn:
        stages = (Stage(Phase.NETWORK, self._steps),)
        return Turn(self.host, untold, stages, self.net.open, patience_s=0)

    def set(self, texts: dict[str, str], **more: Any) -> dict[str, Any]:
        return network.attempt(self.turn, {"settings": texts, **more})

    def accepted(self) -> Network:
        return store.load(self.files).own.network

    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = published(self.files).get("trial", {})
        return found

    def is_as_before(self) -> bool:
        """The card, and what is written to last."""
        kernel = (self.net.addresses, self.net.gateways) == ([OLD], ["192.0.2.1"])
        return kernel and self.accepted() == STATIC and record.load(self.files) is None

    def _steps(self, settings: Settings, _: Accepted, __: Host) -> tuple[Step, ...]:
        wanted = settings.network

        def act() -> None:
            if self.breaks:
                raise StepFailed("nginx does not take it")
            self.seen.append(wanted)
            trial = record.load(self.files)
            self.during.append(None if trial is None else trial.state)

        def undo() -> None:
            self.undone.append(wanted)

        return (Step("network.handover", act, str(len(self.seen)), undo),)


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Node:
    def answers(_: object, __: object, **___: object) -> tuple[IPv4Address, ...]:
        return ()

    monkeypatch.setattr(resolver, "silent", answers)
    found = Node(tmp_path)
    found.net.plug("ens32")
    found.net.give(OLD)
    found.net.open().replace_default_route(2, IPv4Address("192.0.2.1"))
    _ = store.save(found.files, Accepted(own=Settings(network=STATIC)))
    return found


def test_it_stands_beside_what_is_there_until_somebody_confirms(node: Node) -> None:
    said = node.set(NEW)

    assert (said["state"], said["seconds_left"]) == ("waiting", LIMIT_S)
    assert node.net.addresses == [OLD, "192.0.2.20/24"]
    assert node.net.gateways == ["192.0.2.1"] * 3
    assert node.told()["settings"] == NEW
    assert (node.accepted(), node.seen) == (STATIC, [])
    assert not node.files.exists(NETWORK_FILE)


def test_who_takes_it_back_is_there_before_anything_is_set(node: Node) -> None:
    found: list[tuple[list[str], TrialState | None]] = []

    def started(_: Call) -> None:
        trial = record.load(node.files)
        found.append((node.net.addresses, None if trial is None else trial.state))

    node.run.on("systemctl", "restart", KEEPER, effect=started)
    node.set(NEW)
    assert found == [([OLD], TrialState.APPLYING)]


def test_nothing_is_set_where_nobody_could_take_it_back(node: Node) -> None:
    node.run.on("systemctl", "restart", KEEPER, returncode=1)
    with pytest.raises(BandstandError):
        node.set(NEW)
    assert node.is_as_before()


def test_all_that_is_wrong_is_refused_at_once_and_nothing_is_done(node: Node) -> None:
    with pytest.raises(InputRefused) as caught:
        node.set(
            {
                "network.gateway": "192.0.3.1",
                "network.dns": "x",
                "node.name": "y",
                "network.no": "z",
            }
        )
    assert {fault.setting for fault in caught.value.faults} == {
        "network.gateway",
        "network.dns",
        "node.name",
        "network.no",
    }
    assert node.is_as_before()
    assert node.run.calls == []


NO_SETTINGS: tuple[object, ...] = (None, [], {}, {"network.dns": 1})
NO_TIME: tuple[object, ...] = (0, 601, "60", True, 6.5)


@pytest.mark.parametrize("settings", NO_SETTINGS)
def test_a_request_without_settings_is_refused(node: Node, settings: object) -> None:
    with pytest.raises(InputRefused):
        network.attempt(node.turn, {"settings": settings})


@pytest.mark.parametrize("within_s", NO_TIME)
def test_a_time_that_is_none_is_refused(node: Node, within_s: object) -> None:
    args = {"settings": NEW, "within_s": within_s}
    with pytest.raises(InputRefused):
        network.attempt(node.turn, args)
    assert node.is_as_before()


def test_one_trial_at_a_time_and_no_change_beside_it(node: Node) -> None:
    node.set(NEW)
    node.clock.pass_s(20)
    for asked in (lambda: node.set({"network.search": "lab"}), lambda: _change(node)):
        with pytest.raises(NotNow, match="for 40 s more") as caught:
            asked()
        assert caught.value.code == "trial-running"


def _change(node: Node) -> None:
    _ = change(node.host, {"membership": "joining"}, lambda _: None, patience_s=0)


def test_first_boot_goes_first(node: Node) -> None:
    with locked(node.files), pytest.raises(NotNow, match="another change"):
        node.set(NEW)
    assert node.is_as_before()


def test_what_is_confirmed_goes_through_the_whole_change_and_is_accepted(node: Node) -> None:
    node.set(NEW)
    assert record.load(node.files) is not None
    said = network.confirm(node.turn)

    assert (said["state"], node.told()["state"]) == ("kept", "kept")
    assert str(node.accepted().interface) == NEW["network.address"]
    assert node.seen == [node.accepted()]
    # Who finds it so afterwards knows that its process died.
    assert node.during == [TrialState.KEEPING]
    assert record.load(node.files) is None
    # The default route is systemd-networkd's; what only the trial needed is gone.
    assert node.net.gateways == ["192.0.2.1"]


def test_what_was_refused_of_the_network_is_told_no_more_once_another_is_kept(node: Node) -> None:
    lease, gateway = Fault("network", "nobody answered"), Fault("network.gateway", "is elsewhere")
    key = Fault("tls.key", "is of another")
    _ = refused.save(node.files, Refused((gateway, key), {"network": "DHCP", "tls": "own"}))
    told = [fault.as_json() for fault in (lease, gateway, key)]
    took = [{"category": "network", "took": "DHCP"}, {"category": "tls", "took": "own"}]
    first_boot = {"state": "degraded", "faults": told, "fallbacks": took}
    _ = fragment.put(node.files, "firstboot", first_boot)

    node.set(NEW)
    assert refused.load(node.files).faults == (gateway, key)
    _ = network.confirm(node.turn)

    assert refused.load(node.files) == Refused((key,), {"tls": "own"})
    left = fragment.get(node.files, "firstboot")
    assert (left["faults"], left["fallbacks"]) == ([key.as_json()], took[1:])


def test_too_late_is_too_late(node: Node) -> None:
    node.set(NEW, within_s=5)
    node.clock.pass_s(5)
    with pytest.raises(NotNow, match="no trial"):
        network.confirm(node.turn)
    assert node.accepted() == STATIC


def test_a_change_that_fails_when_it_is_kept_leaves_nothing(node: Node) -> None:
    node.set(NEW)
    node.breaks = True
    with pytest.raises(StepFailed, match="nginx"):
        network.confirm(node.turn)
    assert node.is_as_before()
    assert node.told()["because"] == "it could not be kept"


def test_what_does_not_stand_any_more_is_not_kept(node: Node) -> None:
    node.set(NEW)
    node.net.routed = node.net.routed[:1]
    with pytest.raises(StepFailed, match=broken.NOT_IN_FORCE.message) as caught:
        network.confirm(node.turn)
    # The console's manual says the same.
    assert caught.value.hint == broken.NOT_IN_FORCE.hint
    assert node.is_as_before()
    assert node.seen == []


def test_undo_takes_a_trial_back_at_once(node: Node) -> None:
    node.set({**NEW, "network.dns": "192.0.2.54", "network.search": "lab"})
    assert [call.argv[1:] for call in node.run.asked("resolvectl")] == [
        ("dns", "ens32", "192.0.2.54"),
        ("domain", "ens32", "lab"),
    ]
    assert network.undo(node.turn)["state"] == "taken-back"
    assert node.run.calls[-1].argv == ("resolvectl", "revert", "ens32")
    assert node.is_as_before()


def test_undo_restores_what_was_before_the_last_kept_once(node: Node) -> None:
    node.set(NEW)
    network.confirm(node.turn)
    assert network.undo(node.turn)["state"] == "restored"
    assert node.accepted() == STATIC == node.seen[-1]
    with pytest.raises(NotNow, match="nothing to undo"):
        network.undo(node.turn)


def test_a_member_does_not_move_forth_or_back(node: Node) -> None:
    """Nothing is set, not even for the minute of a trial."""
    node.set(NEW)
    network.confirm(node.turn)
    kept = store.load(node.files)
    _ = store.save(node.files, kept._replace(membership=Membership.MEMBER))
    seen = list(node.seen)
    with pytest.raises(NotNow, match="member of a cluster"):
        node.set({"network.mode": "dhcp"})
    with pytest.raises(NotNow, match="member of a cluster"):
        network.undo(node.turn)
    assert (node.seen, node.accepted()) == (seen, kept.own.network)
    assert record.load(node.files) is None
    assert node.set({"network.search": "lab"})["state"] == "waiting"


def test_a_silent_gateway_is_told_to_who_is_there_and_ends_it_for_who_is_not(node: Node) -> None:
    node.net.silent = {"192.0.2.1"}
    with pytest.raises(StepFailed, match="does not answer") as caught:
        node.set(NEW, attended=False)
    assert caught.value.code == "gateway-silent"
    assert node.is_as_before()
    assert node.told()["state"] == "taken-back"

    assert [row["code"] for row in node.set(NEW)["faults"]] == ["gateway-silent"]


def test_a_silent_ipv6_gateway_is_told_as_well(node: Node) -> None:
    node.net.silent = {"fe80::1"}
    wanted = {
        **NEW,
        "network.ipv6": "static",
        "network.ipv6_address": "2001:db8::20/64",
        "network.ipv6_gateway": "fe80::1",
    }
    (fault,) = node.set(wanted)["faults"]
    assert (fault["setting"], fault["code"]) == ("network.ipv6_gateway", "gateway-silent")


def test_a_seed_is_reached_by_what_is_tried_and_not_by_what_is_there(node: Node) -> None:
    text = join_string.format(join_string.generate([Seed("203.0.113.7")]))
    assert acts.put_act(node.files, "cluster.join", Secret(text))
    assert node.set(NEW)["faults"] == []
    _ = network.undo(node.turn)
    (fault,) = node.set({**NEW, "network.gateway": "none"})["faults"]
    assert (fault["setting"], fault["code"]) == ("network.gateway", "no-route-to-seed")


def test_an_ipv6_address_of_another_machine_is_told_by_its_mac(node: Node) -> None:
    node.net.rivals = {"2001:db8::20": "00:50:56:00:00:09"}
    wanted = {
        **NEW,
        "network.ipv6": "static",
        "network.ipv6_address": "2001:db8::20/64",
    }
    with pytest.raises(StepFailed, match="00:50:56:00:00:09"):
        node.set(wanted)
    assert node.is_as_before()


def test_unattended_what_answers_is_kept(node: Node) -> None:
    assert node.set(NEW, attended=False)["state"] == "kept"
    assert str(node.accepted().interface) == NEW["network.address"]


def test_a_silent_resolver_is_told(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(resolvers: Sequence[IPv4Address], *_: object, **__: object) -> Iterable[IPv4Address]:
        return tuple(resolvers)

    monkeypatch.setattr(resolver, "silent", none)
    (fault,) = node.set(NEW)["faults"]
    assert (fault["setting"], fault["code"]) == ("network.dns", "resolver-silent")


def test_an_address_of_another_machine_is_never_set(node: Node) -> None:
    node.net.rivals = {"192.0.2.20": "00:50:56:00:00:09"}
    with pytest.raises(StepFailed, match="00:50:56:00:00:09"):
        node.set(NEW)
    assert node.is_as_before()
    assert node.run.calls == []
    # Nobody is in a hurry here, as a boot is.
    assert node.net.probed == ["192.0.2.20 again"]


def test_without_a_cable_nothing_can_be_tried(node: Node) -> None:
    node.net.cards = [node.net.cards[0]._replace(has_carrier=False)]
    with pytest.raises(StepFailed, match="no carrier"):
        node.set(NEW)
    assert node.is_as_before()


def test_what_is_not_the_cards_is_kept_at_once(node: Node) -> None:
    assert node.set({"network.ntp": "ntp.lab"})["state"] == "kept"
    assert node.accepted().ntp == ("ntp.lab",)
    assert node.run.calls == []


def test_a_blank_value_unsets(node: Node) -> None:
    node.set({"network.search": "lab"}, attended=False)
    assert node.accepted().search == ("lab",)
    node.set({"network.search": ""}, attended=False)
    assert node.accepted().search == ()


def test_who_gives_an_address_means_static_whatever_the_mode_was(node: Node) -> None:
    leased = Network(mode=Mode.DHCP, dns=STATIC.dns)
    _ = store.save(node.files, Accepted(own=Settings(network=leased)))
    node.set({**NEW, "network.gateway": "192.0.2.1"}, attended=False)
    assert str(node.accepted().interface) == NEW["network.address"]


def test_credentials_are_shown_nowhere_and_are_roots_alone(node: Node) -> None:
    node.set({**NEW, "network.http_proxy": PROXY})
    assert "correct-horse" not in str(published(node.files))
    folder = node.files.path(record.FOLDER)
    assert folder.stat().st_mode & 0o777 == 0o700
    network.confirm(node.turn)
    assert isinstance(node.accepted().http_proxy, Secret)
    network.undo(node.turn)
    # Of credentials there is no second copy: they stay as they are.
    assert isinstance(node.accepted().http_proxy, Secret)
    assert "correct-horse" not in (node.files.read(before.FILE) or "")


class Networkd:
    """Takes up the first of its files when it is asked to, with a lease where that says DHCP."""

    def __init__(self, node: Node) -> None:
        self._node, self.has_server = node, True
        node.files.write(NETWORK_FILE, "[Network]\nDHCP=no\n")
        node.run.on("networkctl", "reload", effect=self._reload)

    def _reload(self, _: Call) -> None:
        files, net = self._node.files, self._node.net
        file = TRIAL_FILE if files.exists(TRIAL_FILE) else NETWORK_FILE
        files.write(LINKS, f"ADMIN_STATE=configured\nNETWORK_FILE={file}\n")
        net.held = [one for one in net.held if one.is_permanent]
        if "DHCP=ipv4" in (files.read(file) or "") and self.has_server:
            net.give("192.0.2.177/24", permanent=False)


def test_a_lease_is_tried_by_a_file_that_no_reboot_finds(node: Node) -> None:
    _ = Networkd(node)
    assert node.set({"network.mode": "dhcp"})["state"] == "waiting"
    assert TRIAL_FILE.startswith("/run/")
    assert f"Address={OLD}" in (node.files.read(TRIAL_FILE) or "")
    assert node.net.addresses == [OLD, "192.0.2.177/24"]
    network.undo(node.turn)
    assert not node.files.exists(TRIAL_FILE)
    assert node.is_as_before()


def test_a_lease_that_is_confirmed_is_networkds_by_our_file(node: Node) -> None:
    _ = Networkd(node)
    node.set({"network.mode": "dhcp"})
    network.confirm(node.turn)
    assert not node.files.exists(TRIAL_FILE)
    assert node.accepted().interface is None


def test_no_lease_no_trial(node: Node) -> None:
    Networkd(node).has_server = False
    with pytest.raises(StepFailed, match="no DHCP server"):
        node.set({"network.mode": "dhcp"})
    assert not node.files.exists(TRIAL_FILE)
    assert node.is_as_before()


def _left_as(node: Node, state: TrialState) -> None:
    """What the death of its process leaves behind."""
    trial = record.load(node.files)
    assert trial is not None
    record.save(node.files, trial._replace(state=state))


def test_the_keeper_takes_back_what_nobody_confirmed(node: Node) -> None:
    node.set(NEW)
    node.clock.pass_s(LIMIT_S)
    keeper.keep_watch(node.turn)
    assert node.is_as_before()
    assert node.told()["because"] == "nobody confirmed it in time"
    assert "nobody confirmed it in time" in (node.files.read(TRAIL) or "")


@pytest.mark.parametrize("state", [TrialState.APPLYING, TrialState.KEEPING])
def test_the_keeper_takes_back_what_broke_off(node: Node, state: TrialState) -> None:
    node.set(NEW)
    _left_as(node, state)
    keeper.keep_watch(node.turn)
    assert node.is_as_before()
    # What was half kept is put right, by what is accepted.
    assert node.seen == ([STATIC] if state is TrialState.KEEPING else [])


def test_the_keeper_leaves_what_was_accepted_before_its_process_died(node: Node) -> None:
    node.set(NEW)
    made = STATIC._replace(address=IPv4Interface(NEW["network.address"]))
    _ = store.save(node.files, Accepted(own=Settings(network=made)))
    _left_as(node, TrialState.KEEPING)
    keeper.keep_watch(node.turn)
    assert (node.accepted(), record.load(node.files)) == (made, None)
    assert NEW["network.address"] in node.net.addresses
    assert node.net.gateways == ["192.0.2.1"]
    assert node.told()["state"] == "kept"


def test_the_keeper_ends_with_the_trial(node: Node) -> None:
    node.set(NEW)
    network.confirm(node.turn)
    keeper.keep_watch(node.turn)
    assert node.told()["state"] == "kept"


def test_what_is_shown(node: Node) -> None:
    assert network.show(node.host) == {"state": "none", "seconds_left": 0}
    node.set(NEW, within_s=30)
    node.clock.pass_s(12)
    assert network.show(node.host)["seconds_left"] == 18
    network.undo(node.turn)
    assert (network.show(node.host)["state"], network.show(node.host)["seconds_left"]) == (
        "taken-back",
        0,
    )
