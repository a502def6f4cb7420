"""Later boots: what changed in the environment is shown, and applied where that was accepted."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.accepted import acts, claim, refused, seen, store
from agent.accepted.store import Membership
from agent.properties import environment
from agent.properties.answers import Raw
from agent.settings.secret import Secret
from agent.system.files import Files
from agent.values import cluster_key, join_string
from firstboot.sequence import boot
from tests.fakes.issuer import issue
from tests.firstboot.machine import ALLOWED, NODE, STATIC, Machine


def test_the_same_environment_changes_nothing_and_writes_nothing(machine: Machine) -> None:
    assert not machine.boot(ALLOWED).faults
    before = {path: path.stat().st_mtime_ns for path in machine.host.files.root.rglob("*")}
    assert not machine.boot(ALLOWED).faults
    after = {path: path.stat().st_mtime_ns for path in machine.host.files.root.rglob("*")}
    assert {path for path in after if "/run" not in str(path) and after[path] != before[path]} <= {
        path for path in after if "journal" in str(path)
    }
    assert machine.changed == []


def test_a_document_that_was_seen_is_not_taken_apart(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[object] = []

    def parse(document: str | bytes) -> Raw:
        parsed.append(document)
        return whole(document)

    whole = environment.parse
    monkeypatch.setattr(environment, "parse", parse)
    counts: list[int] = []
    for properties in (ALLOWED, ALLOWED, {**ALLOWED, "foreign.key": "x"}):
        for _ in range(2):
            _ = machine.boot(properties)
            counts.append(len(parsed))
    assert counts == [1, 1, 1, 1, 2, 2]


def test_which_sources_were_looked_at_is_told_at_every_boot(machine: Machine) -> None:
    _ = machine.boot(ALLOWED)
    assert machine.status["source"] == "guestinfo"
    assert machine.status["sources_tried"] == ["guestinfo by vmtoolsd: found"]
    _ = machine.boot(None)
    assert machine.status["source"] == "accepted"
    assert machine.status["sources_tried"] == [
        "accepted: found, from guestinfo",
        "guestinfo by vmtoolsd: no value",
    ]


@pytest.mark.parametrize("given", [None, {}, dict.fromkeys(ALLOWED, "")])
def test_an_environment_that_is_gone_or_blank_undoes_nothing(
    machine: Machine, given: dict[str, str] | None
) -> None:
    _ = machine.boot(ALLOWED)
    own = machine.own
    assert not machine.boot(given).faults
    assert machine.own == own
    assert machine.changed == []
    assert not machine.boot(ALLOWED).faults
    assert machine.changed == []


def test_a_changed_property_is_shown_at_every_boot_and_applies_nothing(machine: Machine) -> None:
    _ = machine.boot({**STATIC, **NODE})
    own, done = machine.own, len(machine.applied)
    changed = {**STATIC, "network.gateway": "192.0.2.2", "node.admin_password": "battery staple"}
    for _ in range(2):
        outcome = machine.boot(changed)
        assert not outcome.faults
        assert machine.changed == [
            ("network.gateway", "192.0.2.2", False),
            ("node.admin_password", "********", False),
        ]
        assert machine.status["state"] == "ready"
    assert machine.own == own
    assert len(machine.applied) == done
    _ = machine.boot({**STATIC, **NODE})
    assert machine.changed == []


def test_leave_to_apply_is_not_given_by_the_change_itself(machine: Machine) -> None:
    _ = machine.boot({**STATIC, **NODE})
    _ = machine.boot({**ALLOWED, "network.gateway": "192.0.2.2"})
    assert machine.changed == [
        ("network.gateway", "192.0.2.2", False),
        ("node.reapply", "True", False),
    ]
    assert not machine.own.node.reapply


def test_changed_properties_are_applied_where_that_was_accepted(machine: Machine) -> None:
    _ = machine.boot(ALLOWED)
    changed = {**ALLOWED, "network.address": "192.0.2.11", "node.admin_password": "battery staple"}
    assert not machine.boot(changed).faults
    assert machine.changed == [
        ("network.address", "192.0.2.11", True),
        ("node.admin_password", "********", True),
    ]
    assert str(machine.own.network.interface) == "192.0.2.11/24"
    assert machine.own.node.admin_password == Secret("battery staple")
    assert machine.applied[-1] == machine.own
    assert not machine.boot(changed).faults
    assert machine.changed == []


@pytest.mark.parametrize(
    ("change", "interface"),
    [
        ({"network.netmask": "25"}, "192.0.2.10/25"),
        ({"network.address": "192.0.2.11/26"}, "192.0.2.11/26"),
        ({"network.address": "192.0.2.11", "network.netmask": "25"}, "192.0.2.11/25"),
        ({"network.mode": "dhcp"}, "None"),
    ],
)
def test_address_and_mask_may_change_each_alone(
    machine: Machine, change: dict[str, str], interface: str
) -> None:
    _ = machine.boot(ALLOWED)
    wanted = {**ALLOWED, **change}
    if "/" in change.get("network.address", ""):
        _ = wanted.pop("network.netmask")
    assert not machine.boot(wanted).faults
    assert str(machine.own.network.interface) == interface


def test_what_was_changed_at_the_console_stays(machine: Machine) -> None:
    _ = machine.boot(ALLOWED)
    machine.at_console(name="mine", timezone="Europe/Berlin")
    _ = machine.boot({**ALLOWED, "node.admin_password": "battery staple"})
    assert machine.own.node.name == "mine"
    assert machine.own.node.timezone == "Europe/Berlin"
    assert machine.own.node.admin_password == Secret("battery staple")


def test_the_same_change_made_at_the_console_is_no_longer_shown(machine: Machine) -> None:
    _ = machine.boot({**STATIC, **NODE})
    machine.at_console(name="n2")
    _ = machine.boot({**STATIC, **NODE, "node.name": "N2"})
    assert machine.changed == []


def test_a_category_that_is_refused_stays_as_it_was(machine: Machine) -> None:
    _ = machine.boot(ALLOWED)
    network = machine.own.network
    changed = {**ALLOWED, "network.gateway": "203.0.113.1", "node.name": "n2"}
    for _ in range(2):
        outcome = machine.boot(changed)
        assert [fault.setting for fault in outcome.faults] == ["network.gateway"]
        assert [(fall.category, fall.took) for fall in outcome.fallbacks] == [
            ("network", "what was accepted before")
        ]
        assert machine.own.network == network
        assert machine.own.node.name == "n2"
        assert ("network.gateway", "203.0.113.1", False) in machine.changed
    assert not machine.boot(ALLOWED | {"node.name": "n2"}).faults


def test_a_field_of_node_that_is_refused_stays_as_it_was(machine: Machine) -> None:
    _ = machine.boot(ALLOWED)
    outcome = machine.boot({**ALLOWED, "node.name": "not a name", "node.timezone": "Europe/Berlin"})
    assert [fault.setting for fault in outcome.faults] == ["node.name"]
    assert machine.own.node.name == "n1"
    assert machine.own.node.timezone == "Europe/Berlin"


def test_a_certificate_that_ended_since_is_no_matter_of_another_change(machine: Machine) -> None:
    now = datetime.now(UTC)
    old = issue(begins=now - timedelta(days=90), ends=now - timedelta(days=1))
    _ = machine.boot(ALLOWED)
    accepted = store.load(machine.host.files)
    tls = accepted.own.tls._replace(certificate=old.pem, key=Secret(old.key_pem))
    _ = store.save(machine.host.files, accepted._replace(own=accepted.own._replace(tls=tls)))
    assert not machine.boot({**ALLOWED, "network.address": "192.0.2.11"}).faults
    assert str(machine.own.network.interface) == "192.0.2.11/24"
    assert machine.own.tls == tls


def test_what_was_refused_at_first_boot_is_set_right_by_one_changed_property(
    machine: Machine,
) -> None:
    outcome = machine.boot({**ALLOWED, "network.gateway": "203.0.113.1", "node.name": "not a name"})
    assert len(outcome.faults) == 2
    assert not machine.own.network.is_static
    assert len(machine.boot({**ALLOWED, "node.name": "not a name"}).faults) == 1
    assert str(machine.own.network.interface) == "192.0.2.10/24"
    outcome = machine.boot(ALLOWED)
    assert (outcome.faults, outcome.fallbacks) == ((), ())
    assert machine.own.node.name == "n1"
    assert refused.load(machine.host.files).took == {}


def test_a_change_that_fails_is_taken_back_and_tried_again(machine: Machine) -> None:
    _ = machine.boot(ALLOWED)
    own = machine.own
    machine.breaks = True
    outcome = machine.boot({**ALLOWED, "network.address": "192.0.2.11"})
    fault = outcome.faults[0]
    assert fault.setting == "node.reapply"
    assert "network.address could not be brought in force: the gateway" in fault.message
    assert machine.own == own
    assert machine.changed == [("network.address", "192.0.2.11", False)]
    machine.breaks = False
    assert not machine.boot({**ALLOWED, "network.address": "192.0.2.11"}).faults
    assert str(machine.own.network.interface) == "192.0.2.11/24"


def test_another_network_has_to_work_before_it_is_kept(machine: Machine) -> None:
    _ = machine.boot(ALLOWED)
    own = machine.own
    machine.is_silent = True
    other = {**ALLOWED, "network.gateway": "192.0.2.2"}
    fault, of_before = machine.boot(other).faults
    assert (fault.setting, fault.code) == ("node.reapply", "gateway-silent")
    assert of_before.setting == "network"
    assert "network.gateway could not be brought in force" in fault.message
    assert machine.own == own
    assert machine.changed == [("network.gateway", "192.0.2.2", False)]
    machine.is_silent = False
    assert not machine.boot(other).faults
    assert str(machine.own.network.gateway) == "192.0.2.2"


def test_a_network_that_does_not_change_holds_nothing_up(machine: Machine) -> None:
    _ = machine.boot(ALLOWED)
    machine.is_silent = True
    machine.host.files.remove("/var/lib/bandstand/journal/root.json")
    _ = machine.boot({**ALLOWED, "node.name": "n2", "network.ntp": "192.0.2.9"})
    assert machine.own.node.name == "n2"
    assert machine.own.network.ntp == ("192.0.2.9",)


def test_an_act_acts_once_whatever_comes_and_goes(machine: Machine) -> None:
    join = join_string.format(join_string.generate([join_string.parse_seed("192.0.2.11")]))
    _ = machine.boot(ALLOWED)
    given = {**ALLOWED, "cluster.join": join}
    _ = machine.boot(given)
    assert set(acts.pending(machine.host.files)) == {"cluster.join"}
    assert ("cluster.join", "********", True) in machine.changed
    acts.consume(machine.host.files, "cluster.join")
    for properties in (given, ALLOWED, given, None, given):
        _ = machine.boot(properties)
        assert acts.pending(machine.host.files) == {}
        assert machine.changed == []


def test_an_act_that_is_not_allowed_is_shown_and_does_not_act(machine: Machine) -> None:
    join = join_string.format(join_string.generate([join_string.parse_seed("192.0.2.11")]))
    _ = machine.boot({**STATIC, **NODE})
    _ = machine.boot({**STATIC, **NODE, "cluster.join": join})
    assert machine.changed == [("cluster.join", "********", False)]
    assert acts.pending(machine.host.files) == {}


KEY = cluster_key.format(bytes(16))
SEEDS = {"cluster.seeds": "192.0.2.11", "cluster.key": KEY}
INIT = {
    "cluster.init": "True",
    "cluster.admin_user": "operator",
    "cluster.admin_password": "correct horse",
    "cluster.recovery_public_key": ("MCowBQYDK2VuAyEAhSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo="),
}
DATABASE = {"database.host": "db.test", "database.name": "board", "database.user": "board"}


def test_a_changed_seed_is_asked_by_the_key_that_stands_beside_it(machine: Machine) -> None:
    _ = machine.boot({**ALLOWED, **SEEDS})
    acts.consume(machine.host.files, "cluster.key")
    assert not machine.boot({**ALLOWED, **SEEDS, "cluster.seeds": "192.0.2.12"}).faults
    act = acts.pending(machine.host.files)["cluster.key"]
    assert join_string.parse(act.reveal()).seeds == (join_string.parse_seed("192.0.2.12"),)
    assert machine.changed == [("cluster.seeds", "192.0.2.12", True)]


def test_an_init_that_lacked_its_database_is_judged_again_with_it(machine: Machine) -> None:
    outcome = machine.boot({**ALLOWED, **INIT})
    assert [fault.setting for fault in outcome.faults] == ["cluster.init"]
    assert acts.pending(machine.host.files) == {}
    assert not machine.boot({**ALLOWED, **INIT, **DATABASE}).faults
    assert set(acts.pending(machine.host.files)) == {"cluster.init"}
    assert not machine.boot({**ALLOWED, **INIT, **DATABASE}).faults
    assert machine.changed == []


def test_an_init_that_waits_goes_on_with_the_database_as_it_is_now(machine: Machine) -> None:
    _ = machine.boot({**ALLOWED, **INIT, **DATABASE})
    changed = {**DATABASE, "database.host": "other.test", "database.password": "battery"}
    _ = machine.boot({**ALLOWED, **INIT, **changed})
    texts = claim.texts_of(acts.pending(machine.host.files)["cluster.init"])
    assert (texts["database.host"], texts["database.password"]) == ("other.test", "battery")
    assert texts["cluster.admin_user"] == "operator"
    acts.consume(machine.host.files, "cluster.init")
    _ = machine.boot({**ALLOWED, **INIT, **DATABASE})
    assert acts.pending(machine.host.files) == {}


def test_an_environment_that_came_too_late_is_shown(machine: Machine) -> None:
    _ = machine.boot(None)
    assert machine.status["source"] == ""
    _ = machine.boot(NODE | {"database.port": "5432"})
    assert [row[0] for row in machine.changed] == ["node.name", "node.admin_password"]


def test_the_hashes_are_keyed_closed_and_hold_no_value(tmp_path: Path) -> None:
    texts: set[str] = set()
    for name in ("a", "b"):
        machine = Machine(tmp_path / name)
        _ = machine.boot(ALLOWED)
        path = machine.host.files.path(seen.FILE)
        assert path.stat().st_mode & 0o777 == 0o600
        texts.add(json.loads(path.read_text())["marks"]["node.admin_password"])
        assert "horse" not in path.read_text() and "192.0.2" not in path.read_text()
    assert len(texts) == 2


@pytest.mark.parametrize("torn", ["", "{", "[]", '{"key": "00", "marks": {}}', "\0"])
def test_a_record_that_is_lost_applies_nothing(machine: Machine, torn: str) -> None:
    """Or the environment of the first day would undo all that was changed at the console."""
    _ = machine.boot(ALLOWED)
    machine.at_console(name="mine")
    _ = machine.host.files.write(seen.FILE, torn)
    for _ in range(2):
        assert not machine.boot(ALLOWED).faults
        assert machine.own.node.name == "mine"
        assert machine.changed == []
    _ = machine.boot({**ALLOWED, "node.name": "n2"})
    assert machine.own.node.name == "n2"


@pytest.mark.parametrize("word", ["true", "TRUE", " True "])
def test_another_client_writes_it_otherwise(machine: Machine, word: str) -> None:
    _ = machine.boot(ALLOWED)
    _ = machine.boot({**ALLOWED, "node.reapply": word, "network.dns": " 192.0.2.53\n"})
    assert machine.changed == []


def test_a_broken_environment_is_told_and_is_no_fault(machine: Machine) -> None:
    _ = machine.boot(ALLOWED)
    machine.run.on("vmtoolsd", stdout="<Environment><tr0ub4dor")
    outcome = boot(machine.host, stages=())
    assert not outcome.faults
    assert "is not well-formed XML" in machine.status["notices"][0]
    assert "tr0ub4dor" not in repr(machine.status)


def test_a_torn_file_is_told_once_and_mended(machine: Machine) -> None:
    _ = machine.boot(ALLOWED)
    own = machine.own
    _ = machine.host.files.write(store.OWN, "{}")
    outcome = machine.boot(None)
    assert [(fault.setting, fault.code) for fault in outcome.faults] == [("accepted", "torn")]
    assert machine.own == own
    assert machine.applied[-1] == own
    assert not machine.boot(None).faults
    assert machine.host.files.read(f"{store.OWN}.damaged") == "{}"


class Cut(Files):
    """Power fails at the write or removal number `left`, before it happens; not below /run."""

    def __init__(self, root: Path, left: int) -> None:
        super().__init__(root)
        self.left = left

    def write(
        self, name: str, content: str | bytes, *, mode: int = 0o644, owner: str | None = None
    ) -> bool:
        if not name.startswith("/run/"):
            if self.left == 0:
                raise KeyboardInterrupt
            self.left -= 1
        return super().write(name, content, mode=mode, owner=owner)


@pytest.mark.parametrize("place", range(16))
def test_a_power_cut_anywhere_ends_the_same(machine: Machine, place: int) -> None:
    join = join_string.format(join_string.generate([join_string.parse_seed("192.0.2.11")]))
    _ = machine.boot(ALLOWED)
    changed = {**ALLOWED, "network.address": "192.0.2.11", "cluster.join": join}
    whole = machine.host
    machine.host = whole._replace(files=Cut(whole.files.root, place))
    with suppress(KeyboardInterrupt):
        _ = machine.boot(changed)
    machine.host = whole
    assert not machine.boot(changed).faults
    assert str(machine.own.network.interface) == "192.0.2.11/24"
    assert acts.pending(whole.files) == {"cluster.join": Secret(join)}
    assert not machine.boot(changed).faults
    assert machine.changed == []


def test_what_belongs_to_the_cluster_is_not_taken_on_a_member(machine: Machine) -> None:
    """Nor an act, which comes too late; both wait, shown, until the node has left."""
    _ = machine.boot(ALLOWED)
    accepted = store.load(machine.host.files)
    _ = store.save(machine.host.files, accepted._replace(membership=Membership.MEMBER))
    join = join_string.format(join_string.generate([join_string.Seed("192.0.2.1")]))
    changed = {"cluster.name": "other", "cluster.join": join, "node.timezone": "Europe/Berlin"}
    assert not machine.boot({**ALLOWED, **changed}).faults
    assert machine.own.node.timezone == "Europe/Berlin"
    assert machine.own.cluster.name is None
    assert acts.pending(machine.host.files) == {}
    told = {row["setting"]: row for row in machine.status["changed_properties"]}
    assert told["node.timezone"]["applied"] is True
    for key in ("cluster.name", "cluster.join"):
        assert told[key]["applied"] is False
        assert "is not taken from properties on a member of a cluster" in told[key]["because"]
    accepted = store.load(machine.host.files)
    _ = store.save(machine.host.files, accepted._replace(membership=Membership.NONE))
    _ = machine.boot({**ALLOWED, **changed})
    assert machine.own.cluster.name == "other"
    assert acts.pending(machine.host.files)["cluster.join"].reveal() == join


def test_a_changed_property_that_is_refused_is_kept_for_the_form_until_it_is_right(
    machine: Machine,
) -> None:
    _ = machine.boot(ALLOWED)
    wrong = {**ALLOWED, "node.timezone": "Berlin"}
    for _ in range(2):
        assert [one.setting for one in machine.boot(wrong).faults] == ["node.timezone"]
        assert refused.load(machine.host.files).asked == {"node.timezone": "Berlin"}
    assert not machine.boot({**ALLOWED, "node.timezone": "Europe/Berlin"}).faults
    assert refused.load(machine.host.files).asked == {}


def test_a_text_that_was_refused_goes_when_its_property_is_set_right(machine: Machine) -> None:
    wrong = {**ALLOWED, "network.gateway": "203.0.113.1", "node.timezone": "Berlin"}
    _ = machine.boot(wrong)
    assert set(refused.load(machine.host.files).asked) == {*STATIC, "node.timezone"}
    _ = machine.boot({**ALLOWED, "node.timezone": "Berlin"})
    assert refused.load(machine.host.files).asked == {"node.timezone": "Berlin"}
