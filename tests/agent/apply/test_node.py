"""Settings of the node by hand: judged whole, in force first, accepted then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.accepted import acts, claim, node_before, refused, store
from agent.accepted.refused import Refused
from agent.accepted.store import Accepted, Membership
from agent.apply.node import set_node, undo
from agent.change import Stage
from agent.errors import Fault, InputRefused, NotNow, StepFailed
from agent.settings import normal
from agent.settings.declaration import Settings
from agent.settings.declare import Face
from agent.settings.secret import Secret
from agent.status import fragment, merge
from agent.status.model import Phase
from agent.steps.step import Step
from agent.system.files import Files
from agent.system.host import Host
from tests.fakes.clock import FakeClock
from tests.fakes.issuer import issue
from tests.fakes.run import FakeRun

OWN = {"node.name": "n1", "network.http_proxy": "http://u:correct@proxy.lab:3128"}


class Node:
    """One stage that notes the settings it is to bring in force; `breaks` makes it fail."""

    def __init__(self, root: Path) -> None:
        self.host = Host(Files(root), FakeRun(), FakeClock())
        self.applied: list[Settings] = []
        self.breaks = False
        self.accept()

    def accept(self, membership: Membership = Membership.NONE, **shared: str) -> None:
        texts = {key.replace("__", "."): text for key, text in shared.items()}
        _ = store.save(
            self.host.files, Accepted(normal.from_text(OWN), texts, membership, "guestinfo")
        )

    def set(self, face: Face = Face.COMMAND, /, **texts: str) -> dict[str, Any]:
        """With `__` for the dot."""
        given = {key.replace("__", "."): text for key, text in texts.items()}
        return self.ask({"settings": given}, face)

    def ask(self, args: dict[str, Any], face: Face = Face.COMMAND) -> dict[str, Any]:
        stages = (Stage(Phase.NODE, self._steps),)
        return set_node(self.host, args, lambda _: None, face=face, stages=stages, patience_s=0)

    def undo(self, face: Face = Face.COMMAND) -> dict[str, Any]:
        stages = (Stage(Phase.NODE, self._steps),)
        return undo(self.host, lambda _: None, face=face, stages=stages, patience_s=0)

    def refuses(self, face: Face = Face.COMMAND, /, **texts: str) -> list[tuple[str, str]]:
        before = self.own
        with pytest.raises(InputRefused) as caught:
            _ = self.set(face, **texts)
        assert (self.own, self.applied) == (before, [])
        return [(fault.setting, fault.code) for fault in caught.value.faults]

    def _steps(self, settings: Settings, _: Accepted, __: Host) -> tuple[Step, ...]:
        def act() -> None:
            if self.breaks:
                raise StepFailed("it does not take it")
            self.applied.append(settings)

        return (Step("node.name", act, key=repr(settings)),)

    @property
    def own(self) -> Settings:
        return store.load(self.host.files).own


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


def test_settings_are_put_over_those_that_hold(node: Node) -> None:
    said = node.set(node__timezone="Europe/Berlin", network__ntp="ntp.example.com")
    assert said == {"changed": True, "faults": [], "notices": []}
    assert (node.own.node.name, node.own.node.timezone) == ("n1", "Europe/Berlin")
    assert node.own.network.ntp == ("ntp.example.com",)
    assert node.applied == [node.own]


def test_the_same_again_changes_nothing(node: Node) -> None:
    assert node.set(node__name="n1")["changed"] is False


def test_blank_takes_a_setting_out(node: Node) -> None:
    assert node.set(node__name=" ", network__http_proxy='""')["changed"]
    assert node.own == Settings()


def test_a_secret_is_stored_as_one(node: Node) -> None:
    _ = node.set(node__admin_password="correct horse")
    assert node.own.node.admin_password == Secret("correct horse")
    assert "horse" not in (node.host.files.read(store.OWN) or "")


def test_an_alias_is_taken_and_said(node: Node) -> None:
    said = node.ask({"settings": {"guestinfo.hostname": "n2"}})
    assert node.own.node.name == "n2"
    assert said["notices"] == ["guestinfo.hostname was taken as node.name"]


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_done(node: Node) -> None:
    found = node.refuses(
        node__timezone="Berlin",
        node__nmae="x",
        network__address="192.0.2.1/24",
        cluster__join="x",
        node__name="n 2",
        node__admin_password="",
    )
    assert sorted(found) == [
        ("cluster.join", "foreign"),
        ("network.address", "foreign"),
        ("node.admin_password", "missing"),
        ("node.name", "refused"),
        ("node.nmae", "unknown"),
        ("node.timezone", "refused"),
    ]


@pytest.mark.parametrize("settings", [None, [], {}, {"node.name": 7}, "node.name=x"])
def test_what_is_no_object_of_texts_is_refused(node: Node, settings: object) -> None:
    with pytest.raises(InputRefused) as caught:
        _ = node.ask({"settings": settings})
    assert [fault.setting for fault in caught.value.faults] == ["settings"]


def test_a_pair_is_judged_as_one(node: Node) -> None:
    assert node.refuses(tls__certificate=issue().pem) == [("tls.key", "missing")]


def test_the_console_does_not_turn_itself_off(node: Node) -> None:
    assert node.refuses(Face.CONSOLE, node__console="off") == [("node.console", "not-here")]
    assert node.set(Face.COMMAND, node__console="off")["changed"]


@pytest.mark.parametrize("face", [Face.CONSOLE, Face.COMMAND])
@pytest.mark.parametrize("membership", [Membership.JOINING, Membership.MEMBER])
def test_what_belongs_to_the_cluster_is_not_changed_on_one_node(
    node: Node, face: Face, membership: Membership
) -> None:
    node.accept(membership)
    found = node.refuses(face, database__host="db2", node__peer_address="192.0.2.9")
    assert sorted(found) == [("database.host", "not-here"), ("node.peer_address", "not-here")]
    assert node.set(face, node__timezone="Europe/Berlin")["changed"]


def test_a_pair_beside_the_clusters_is_kept_and_said(node: Node) -> None:
    now = datetime.now(UTC)
    dates = (now - timedelta(days=1), now + timedelta(days=90))
    theirs, pair = (issue("n1", begins=dates[0], ends=dates[1]) for _ in range(2))
    node.accept(Membership.MEMBER, tls__certificate=theirs.pem, tls__key=theirs.key_pem)
    said = node.set(tls__certificate=pair.pem, tls__key=pair.key_pem)
    assert said["notices"] == [
        "tls.certificate: the cluster's value outranks it, until this node leaves",
        "tls.key: the cluster's value outranks it, until this node leaves",
    ]


def test_what_a_form_was_filled_with_is_no_change(node: Node) -> None:
    said = node.set(network__http_proxy="http://********@proxy.lab:3128", node__name="n2")
    assert said["changed"]
    assert node.own.network.http_proxy == Secret("http://u:correct@proxy.lab:3128")


def test_concealed_credentials_are_not_taken_for_some(node: Node) -> None:
    found = node.refuses(network__http_proxy="http://********@other.lab:3128")
    assert found == [("network.http_proxy", "concealed")]


def test_what_fails_is_taken_back_and_not_accepted(node: Node) -> None:
    before, node.breaks = node.own, True
    with pytest.raises(StepFailed):
        _ = node.set(node__name="n2")
    assert node.own == before


def test_what_was_refused_before_and_is_right_now_is_told_no_more(node: Node) -> None:
    zone, name = Fault("node.timezone", "is none"), Fault("node.name", "is none")
    texts = {"node.timezone": "Berlin", "node.name": "n 1"}
    _ = refused.save(node.host.files, Refused((zone, name), {"node": "blank"}, "x", texts))
    rows = [zone.as_json(), name.as_json()]
    content = {"faults": rows, "fallbacks": [{"category": "node", "took": "blank"}]}
    _ = fragment.put(node.host.files, "firstboot", {**content, "state": "degraded"})
    _ = node.set(node__timezone="Europe/Berlin")
    told = refused.load(node.host.files)
    assert (told.faults, told.asked) == ((name,), {"node.name": "n 1"})
    assert merge.published(node.host.files)["state"] == "degraded"
    _ = node.set(node__name="n2")
    assert refused.load(node.host.files) == Refused(source="x")
    status = merge.published(node.host.files)
    assert (status["state"], status["faults"], status["fallbacks"]) == ("ready", [], [])


def test_time_servers_leave_what_is_told_of_the_card(node: Node) -> None:
    silent = Fault("network.gateway", "does not answer", code="gateway-silent")
    _ = fragment.put(node.host.files, "firstboot", {"faults": [silent.as_json()]})
    _ = merge.publish(node.host.files)
    _ = node.set(network__ntp="ntp.example.com")
    assert [row["setting"] for row in merge.published(node.host.files)["faults"]] == [
        "network.gateway"
    ]


def test_an_init_that_waits_goes_on_with_the_database_of_now(node: Node) -> None:
    _ = acts.put_act(node.host.files, claim.INIT, Secret('{"cluster.init": "True"}\n{}'))
    _ = node.set(database__host="db2.test")
    waiting = acts.pending(node.host.files)[claim.INIT]
    assert claim.texts_of(waiting)["database.host"] == "db2.test"


def test_before_first_boot_accepted_anything_there_is_nothing_to_put_it_over(
    tmp_path: Path,
) -> None:
    host = Host(Files(tmp_path / "fresh"), FakeRun(), FakeClock())
    with pytest.raises(NotNow, match="first boot"):
        _ = set_node(
            host, {"settings": {"node.name": "n"}}, lambda _: None, face=Face.COMMAND, patience_s=0
        )


def test_a_node_that_is_about_to_be_as_new_takes_none(node: Node) -> None:
    _ = node.host.files.write(store.RESET, "")
    with pytest.raises(NotNow, match="factory reset"):
        _ = node.set(node__name="n2")


def test_the_last_change_is_undone_whole_and_once(node: Node) -> None:
    _ = node.set(node__name="n2", node__timezone="Europe/Berlin", network__ntp="a.lab")
    said = node.undo()
    assert said["changed"]
    assert said["settings"] == ["network.ntp", "node.name", "node.timezone"]
    assert node.own == normal.from_text(OWN)
    assert node.applied[-1] == node.own
    with pytest.raises(NotNow, match="nothing to undo"):
        _ = node.undo()


def test_it_is_the_last_one_that_changed_anything(node: Node) -> None:
    _ = node.set(node__name="n2")
    _ = node.set(node__name="n3")
    _ = node.set(node__name="n3")
    _ = node.undo()
    assert node.own.node.name == "n2"


def test_one_that_was_refused_or_failed_is_none(node: Node) -> None:
    _ = node.set(node__name="n2")
    node.breaks = True
    with pytest.raises(StepFailed):
        _ = node.set(node__timezone="Europe/Berlin")
    with pytest.raises(InputRefused):
        _ = node.set(node__timezone="Berlin")
    with pytest.raises(StepFailed):
        _ = node.undo()
    node.breaks = False
    _ = node.undo()
    assert node.own == normal.from_text(OWN)


def test_of_a_secret_there_is_no_second_copy(node: Node) -> None:
    _ = node.set(node__admin_password="correct horse", node__name="n2")
    _ = node.set(
        node__admin_password="battery staple",
        node__name="n3",
        network__http_proxy="http://proxy.lab:3128",
    )
    told = node.host.files.read(node_before.FILE) or ""
    assert not [word for word in ("horse", "staple", "correct") if word in told]
    assert node.host.files.mode(node_before.FILE) == 0o600

    said = node.undo()

    assert said["settings"] == ["node.name"]
    assert [one.partition(":")[0] for one in said["notices"]] == [
        "network.http_proxy",
        "node.admin_password",
    ]
    assert node.own.node.name == "n2"
    assert node.own.node.admin_password == Secret("battery staple")


def test_a_change_of_secrets_alone_undoes_none_before_it(node: Node) -> None:
    _ = node.set(node__name="n2")
    _ = node.set(node__admin_password="correct horse")
    with pytest.raises(NotNow, match=r"of secrets alone \(node.admin_password\)"):
        _ = node.undo()
    assert node.own.node.name == "n2"


def test_what_something_else_changed_since_is_left_alone(node: Node) -> None:
    _ = node.set(node__name="n2", node__timezone="Europe/Berlin")
    own = normal.from_text({**OWN, "node.name": "n9", "node.timezone": "Europe/Berlin"})
    _ = store.save(node.host.files, Accepted(own))
    with pytest.raises(NotNow, match="something else changed it since"):
        _ = node.undo()
    assert store.load(node.host.files).own.node.name == "n9"


def test_what_changed_besides_stays(node: Node) -> None:
    _ = node.set(node__name="n2")
    own = normal.from_text({**OWN, "node.name": "n2", "node.timezone": "Europe/Berlin"})
    _ = store.save(node.host.files, Accepted(own))
    _ = node.undo()
    assert (node.own.node.name, node.own.node.timezone) == ("n1", "Europe/Berlin")


def test_who_may_not_set_it_does_not_undo_it_either(node: Node) -> None:
    _ = node.set(Face.COMMAND, node__console="off")
    with pytest.raises(InputRefused):
        _ = node.undo(Face.CONSOLE)
    assert node.undo(Face.COMMAND)["settings"] == ["node.console"]


@pytest.mark.parametrize(
    "torn",
    ["", "{", "[]", "{}", '{"before": {"node.name": "x"}, "after": {}}', '{"before": []}', "7"],
)
def test_a_torn_record_is_nothing_to_go_back_to(node: Node, torn: str) -> None:
    _ = node.host.files.write(node_before.FILE, torn)
    with pytest.raises(NotNow, match="nothing to undo"):
        _ = node.undo()
