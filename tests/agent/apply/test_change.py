"""The verb change: judged whole, in force first, stored then, nothing kept of what failed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent.accepted import store
from agent.accepted.store import Accepted, Membership
from agent.access import code
from agent.apply.change import JOURNAL, change, teller
from agent.ask.serve import TellStep
from agent.change import Stage
from agent.errors import InputRefused, NotNow, StepFailed
from agent.settings.declaration import Settings
from agent.settings.secret import Secret
from agent.settings.tls import Tls
from agent.status import fragment, merge
from agent.status.model import Phase
from agent.steps.journal import Entry
from agent.steps.step import Step, StepState
from agent.system.files import Files
from agent.system.host import Host
from agent.system.lock import locked
from tests.fakes.clock import FakeClock
from tests.fakes.issuer import issue

PAIR = issue("board.example.com")
SHARED = {
    "tls.certificate": PAIR.pem,
    "tls.key": PAIR.key_pem,
    "cluster.hostname": "board.example.com",
}


class Story:
    """One stage that notes the settings it is to bring in force; `breaks` makes it fail."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.seen: list[Settings] = []
        self.undone: list[Settings] = []
        self.breaks = False

    def ask(
        self, tell: TellStep = lambda _: None, patience_s: float = 5, **args: Any
    ) -> dict[str, Any]:
        stages = (Stage(Phase.TLS, self.steps),)
        return change(self.host, args, tell, stages=stages, patience_s=patience_s)

    def steps(self, settings: Settings, _: Accepted, __: Host) -> tuple[Step, ...]:
        key = str(len(self.seen))
        undo = self.undone.append
        return (Step("tls.pair", lambda: self._act(settings), key, lambda: undo(settings)),)

    def _act(self, settings: Settings) -> None:
        if self.breaks:
            raise StepFailed("nginx does not take it")
        self.seen.append(settings)


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(Host(files=Files(tmp_path)))


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(files=Files(tmp_path))


def test_what_is_shared_is_brought_in_force_and_accepted(host: Host, story: Story) -> None:
    result = story.ask(membership="member", shared=SHARED)

    accepted = store.load(host.files)
    assert result["changed"]
    assert result["shared"] == sorted(SHARED)
    assert accepted.membership is Membership.MEMBER
    assert accepted.effective().cluster.hostname == "board.example.com"
    assert story.seen[0].tls.key == accepted.effective().tls.key
    assert isinstance(accepted.shared["tls.key"], Secret)


def test_steps_are_told_and_kept_in_the_journal(host: Host, story: Story) -> None:
    seen: list[dict[str, Any]] = []

    story.ask(seen.append, membership="joining")

    assert [(row["name"], row["state"]) for row in seen] == [
        ("tls.pair", "running"),
        ("tls.pair", "done"),
    ]
    assert "tls.pair" in (host.files.read(JOURNAL) or "")


def test_what_the_last_change_did_is_in_the_status(host: Host, story: Story) -> None:
    story.ask(membership="joining")
    first = merge.published(host.files)["change"]
    assert [(row["name"], row["state"]) for row in first["steps"]] == [("tls.pair", "done")]
    assert first["steps"][0]["started"] >= first["since"]
    story.breaks = True

    with pytest.raises(StepFailed):
        story.ask(membership="member", shared=SHARED)

    told = merge.published(host.files)["change"]["steps"]
    assert [(row["name"], row["state"]) for row in told] == [("tls.pair", "failed")]


def test_one_that_changes_nothing_leaves_what_was_told(host: Host) -> None:
    seen: list[dict[str, Any]] = []
    tell = teller(host, seen.append)
    tell(Entry("tls.pair", StepState.DONE))
    again = teller(host, seen.append)
    again(Entry("tls.pair", StepState.SKIPPED))
    assert len(seen) == 2
    told = merge.published(host.files)["change"]["steps"]
    assert [row["state"] for row in told] == ["done"]


def test_a_status_that_cannot_be_told_keeps_nothing_from_being_done(
    host: Host, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> bool:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(fragment, "put", full)
    assert story.ask(membership="joining")["changed"]


def test_a_change_that_fails_is_not_accepted(host: Host, story: Story) -> None:
    story.breaks = True

    with pytest.raises(StepFailed):
        story.ask(membership="member", shared=SHARED)

    assert store.load(host.files) == Accepted()


def test_a_change_that_cannot_be_stored_is_not_in_force(
    host: Host, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> bool:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "save", full)

    with pytest.raises(StepFailed, match="taken back"):
        story.ask(membership="member", shared=SHARED)

    assert story.undone == story.seen
    assert store.load(host.files) == Accepted()


def test_the_same_again_changes_nothing(host: Host, story: Story) -> None:
    story.ask(membership="member", shared=SHARED)

    assert not story.ask(membership="member", shared=SHARED)["changed"]


def test_without_shared_the_layer_stays(host: Host, story: Story) -> None:
    story.ask(membership="joining", shared=SHARED)

    assert story.ask(membership="member")["shared"] == sorted(SHARED)


def test_leaving_drops_the_layer(host: Host, story: Story) -> None:
    story.ask(membership="member", shared=SHARED)

    assert story.ask(membership="none")["shared"] == []
    assert story.seen[-1].tls.certificate is None


def test_leaving_keeps_what_was_the_nodes_own(host: Host, story: Story) -> None:
    own = issue("node-1.example.com")
    settings = Settings(tls=Tls(certificate=own.pem, key=Secret(own.key_pem)))
    store.save(host.files, Accepted(own=settings))

    story.ask(membership="member", shared=SHARED)
    story.ask(membership="none")

    assert [len(seen.tls.certificate or "") > 0 for seen in story.seen] == [True, True]
    assert story.seen[-1].tls.certificate == own.pem
    assert store.load(host.files).own == settings


@pytest.mark.parametrize(
    ("args", "settings"),
    [
        ({"membership": "boss"}, ["membership"]),
        ({"membership": 7}, ["membership"]),
        ({"membership": ""}, ["membership"]),
        ({"shared": []}, ["shared"]),
        ({"shared": {"tls.key": 7}}, ["shared"]),
        ({"shared": {"network.address": "192.0.2.1/24"}}, ["network.address"]),
        ({"shared": {"node.admin_password": "x"}}, ["node.admin_password"]),
        ({"shared": {"cluster.join": "x"}}, ["cluster.join"]),
        ({"shared": {"no.such": "x"}}, ["no.such"]),
        (
            {"shared": {"cluster.hostname": "a b"}, "membership": "x"},
            ["membership", "cluster.hostname"],
        ),
        ({"shared": {"tls.certificate": PAIR.pem}}, ["tls.key"]),
        ({"shared": {"tls.certificate": PAIR.pem, "tls.key": issue().key_pem}}, ["tls.key"]),
    ],
)
def test_what_is_wrong_is_refused_by_its_name_and_nothing_is_done(
    host: Host, story: Story, args: dict[str, Any], settings: list[str]
) -> None:
    with pytest.raises(InputRefused) as caught:
        story.ask(**args)

    assert [fault.setting for fault in caught.value.faults] == settings
    assert "PRIVATE KEY" not in caught.value.message
    assert story.seen == []
    assert not store.exists(host.files)


def test_one_change_at_a_time(host: Host, story: Story) -> None:
    with locked(host.files), pytest.raises(NotNow, match="another change"):
        story.ask(patience_s=0, membership="member")
    assert story.seen == []


def test_a_membership_makes_the_one_time_code_void_for_good(host: Host, story: Story) -> None:
    made = code.keep(host.files, FakeClock())
    _ = story.ask(membership="none")
    assert code.load(host.files) == made
    _ = story.ask(membership="joining")
    _ = story.ask(membership="none")
    assert code.load(host.files) is None
