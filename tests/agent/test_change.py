"""The story: what is undone, what falls back, and what is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Interface
from pathlib import Path
from typing import NoReturn

import pytest

from agent.accepted import store
from agent.accepted.store import Accepted, Membership
from agent.apply.change import change
from agent.change import STAGES, USUALLY, Fallback, Outcome, Stage, apply, settle
from agent.errors import Fault, NotNow, SeveralFailed, StepFailed
from agent.settings.declaration import Settings
from agent.settings.kinds import Ipv6Mode
from agent.settings.network import Network
from agent.settings.node import Node
from agent.settings.portal import Portal
from agent.status.model import Phase
from agent.steps.journal import Entry, Journal
from agent.steps.step import Step, StepState
from agent.system.files import Files
from agent.system.host import Host
from agent.system.lock import locked
from tests.fakes.run import FakeRun

STATIC = Settings(network=Network(address=IPv4Interface("192.0.2.10/24")))


def _plain(_: Settings) -> Settings:
    return Settings()


@dataclass
class Scene:
    """Two stages that write down what they are asked; those in `broken` fail."""

    broken: set[str] = field(default_factory=set[str])
    seen: list[str] = field(default_factory=list[str])

    def stage(self, phase: Phase) -> Stage:
        def steps(settings: Settings, _: Accepted, __: Host) -> tuple[Step, ...]:
            wanted = f"{phase}:{settings.network.address or 'dhcp'}"
            return (
                Step(
                    f"{phase}.do",
                    lambda: self._act(wanted),
                    key=wanted,
                    undo=lambda: self.seen.append(f"undo {wanted}"),
                ),
            )

        return Stage(phase, steps, _plain if phase is Phase.NETWORK else None, "DHCP")

    def _act(self, wanted: str) -> None:
        self.seen.append(wanted)
        if wanted in self.broken:
            raise StepFailed(f"{wanted} is broken", hint="mend it")


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(files=Files(tmp_path))


@pytest.fixture
def journal(host: Host) -> Journal:
    return Journal.load(host.files, "/journal.json")


def _both(scene: Scene) -> tuple[Stage, ...]:
    return (scene.stage(Phase.NETWORK), scene.stage(Phase.TLS))


def test_a_change_that_fails_late_is_taken_back_whole(host: Host, journal: Journal) -> None:
    scene = Scene(broken={"tls:192.0.2.10/24"})
    with pytest.raises(StepFailed, match="is broken"):
        apply(host, Accepted(own=STATIC), journal, stages=_both(scene))
    assert scene.seen == [
        "network:192.0.2.10/24",
        "tls:192.0.2.10/24",
        "undo tls:192.0.2.10/24",
        "undo network:192.0.2.10/24",
    ]
    assert journal.entries["network.do"].state is StepState.UNDONE


def test_first_boot_takes_the_fallback_and_goes_on(host: Host, journal: Journal) -> None:
    scene = Scene(broken={"network:192.0.2.10/24"})
    phases: list[Phase] = []
    outcome = settle(host, Accepted(own=STATIC), journal, enter=phases.append, stages=_both(scene))
    assert scene.seen[-2:] == ["network:dhcp", "tls:dhcp"]
    assert [(fall.category, fall.took) for fall in outcome.fallbacks] == [("network", "DHCP")]
    assert [fault.hint for fault in outcome.faults] == ["mend it"]
    assert phases == [Phase.NETWORK, Phase.TLS]


@pytest.mark.parametrize("name", ["_portal", "_serving"])
def test_a_portal_that_cannot_be_had_goes_where_it_usually_is(
    host: Host, journal: Journal, name: str
) -> None:
    (stage,) = [one for one in STAGES if getattr(one.steps, "__name__", "") == name]
    seen: list[int] = []

    def steps(settings: Settings, _: Accepted, __: Host) -> tuple[Step, ...]:
        seen.append(settings.portal.port)
        if settings.portal.has_own_port:
            raise StepFailed("the port is taken")
        return ()

    asked = Accepted(own=Settings(portal=Portal(port=8443)))
    outcome = settle(host, asked, journal, stages=[stage._replace(steps=steps)])
    assert seen == [8443, 443]
    assert [fault.message for fault in outcome.faults] == ["the port is taken"]
    assert outcome.fallbacks == (Fallback("portal", USUALLY),)


def test_networkd_starts_on_a_node_that_has_its_name(tmp_path: Path) -> None:
    """It tells a DHCP server what the kernel is called, and the image has a name too."""
    run = FakeRun()
    host = Host(Files(tmp_path), run)
    _ = host.files.write("/proc/sys/kernel/hostname", "n1\n")
    _ = host.files.write("/etc/hostname", "bandstand\n")
    called: list[str | None] = []
    run.on("systemctl", "start", effect=lambda _: called.append(host.files.read("/etc/hostname")))
    settings = Settings(node=Node(name="n1.example.com"))
    steps = STAGES[0].steps(settings, Accepted(own=settings), host)
    assert steps[-1].name == "network.handover"
    _ = steps[-1].act()
    assert called == ["n1\n"]


def test_a_stage_without_fallback_costs_only_itself(host: Host, journal: Journal) -> None:
    scene = Scene(broken={"tls:dhcp"})
    outcome = settle(host, Accepted(), journal, stages=_both(scene))
    assert [fault.setting for fault in outcome.faults] == ["tls"]
    assert not outcome.fallbacks


def test_a_second_run_with_nothing_to_change_does_nothing(host: Host, journal: Journal) -> None:
    scene = Scene()
    assert not settle(host, Accepted(own=STATIC), journal, stages=_both(scene)).faults
    scene.seen.clear()
    again = Journal.load(host.files, "/journal.json")
    assert not settle(host, Accepted(own=STATIC), again, stages=_both(scene)).faults
    assert not scene.seen


def test_an_undo_that_fails_neither_hides_the_cause_nor_stops_the_others(
    host: Host, journal: Journal
) -> None:
    undone: list[str] = []

    def broken() -> None:
        raise StepFailed("undo is broken")

    def fail() -> None:
        raise StepFailed("the cause")

    def steps(_: Settings, __: Accepted, ___: Host) -> tuple[Step, ...]:
        return (
            Step("a", lambda: None, undo=lambda: undone.append("a")),
            Step("b", lambda: None, undo=broken),
            Step("c", fail),
        )

    with pytest.raises(StepFailed, match="the cause"):
        apply(host, Accepted(), journal, stages=(Stage(Phase.NODE, steps),))
    assert undone == ["a"]


def test_what_the_system_refuses_costs_the_stage_and_not_the_boot(
    host: Host, journal: Journal
) -> None:
    scene = Scene()

    def full(_: Settings, __: Accepted, ___: Host) -> tuple[Step, ...]:
        raise OSError(28, "No space left on device")

    outcome = settle(
        host, Accepted(), journal, stages=(Stage(Phase.NODE, full), scene.stage(Phase.TLS))
    )
    assert [fault.setting for fault in outcome.faults] == ["node"]
    assert "No space left" in outcome.faults[0].message
    assert scene.seen == ["tls:dhcp"]


def _one(phase: Phase, step: Step, *, only_tells: bool = False) -> Stage:
    def steps(_: Settings, __: Accepted, ___: Host) -> tuple[Step, ...]:
        return (step,)

    return Stage(phase, steps, only_tells=only_tells)


@pytest.mark.parametrize(
    ("about", "told"), [("network.gateway", "network.gateway"), ("", "network")]
)
def test_a_fault_names_the_field_that_the_error_is_about(
    host: Host, journal: Journal, about: str, told: str
) -> None:
    def silent() -> None:
        raise StepFailed("it does not answer", code="gateway-silent", setting=about)

    stage = _one(Phase.NETWORK, Step("wait", silent), only_tells=True)
    (fault,) = settle(host, Accepted(), journal, stages=(stage,)).faults
    assert (fault.setting, fault.code) == (told, "gateway-silent")


def test_all_that_a_stage_found_is_told_and_what_two_found_once(
    host: Host, journal: Journal
) -> None:
    first, second = (Fault(f"network.{name}", "is silent") for name in ("gateway", "dns"))

    def several() -> NoReturn:
        raise SeveralFailed((first, second))

    def again() -> NoReturn:
        raise StepFailed(second.message, code=second.code, setting=second.setting)

    stages = (
        _one(Phase.NETWORK, Step("wait", several), only_tells=True),
        _one(Phase.NETWORK, Step("look", again), only_tells=True),
    )
    for bring in (settle, apply):
        assert bring(host, Accepted(), journal, stages=stages).faults == (first, second)


@pytest.mark.parametrize("verified", [True, False])
def test_what_only_tells_takes_it_back_where_it_is_to_be_verified(
    host: Host, journal: Journal, verified: bool
) -> None:
    def silent() -> None:
        raise StepFailed("it does not answer", code="gateway-silent")

    scene = Scene()
    kept: list[bool] = []
    stages = (
        scene.stage(Phase.NETWORK),
        _one(Phase.NETWORK, Step("wait", silent), only_tells=True),
    )

    def run(phase: Phase) -> Outcome:
        return apply(
            host,
            Accepted(own=STATIC),
            journal,
            keep=lambda: kept.append(True),
            stages=stages,
            verified={phase},
        )

    if verified:
        with pytest.raises(StepFailed, match="it does not answer"):
            run(Phase.NETWORK)
    else:
        assert [fault.code for fault in run(Phase.TLS).faults] == ["gateway-silent"]
    assert (kept == []) is verified
    assert (scene.seen[-1] == "undo network:192.0.2.10/24") is verified


def test_what_vouches_for_nothing_only_tells_even_then(host: Host, journal: Journal) -> None:
    def silent() -> None:
        raise StepFailed("it does not answer", code="resolver-silent")

    tells = _one(Phase.NETWORK, Step("ask", silent), only_tells=True)._replace(vouches=False)
    kept: list[bool] = []
    outcome = apply(
        host,
        Accepted(own=STATIC),
        journal,
        keep=lambda: kept.append(True),
        stages=(tells,),
        verified={Phase.NETWORK},
    )
    assert [fault.code for fault in outcome.faults] == ["resolver-silent"]
    assert kept == [True]


def _full(*_: object) -> NoReturn:
    raise OSError(28, "No space left on device")


def test_what_the_system_refuses_takes_the_whole_change_back(host: Host, journal: Journal) -> None:
    scene = Scene()
    late = _one(Phase.TLS, Step("tls.do", _full))
    unseen = Stage(Phase.SERVING, _full)
    for stage in (late, unseen):
        scene.seen.clear()
        with pytest.raises(StepFailed, match="No space left"):
            apply(host, Accepted(own=STATIC), journal, stages=(scene.stage(Phase.NETWORK), stage))
        assert scene.seen[-1] == "undo network:192.0.2.10/24"


def test_an_error_of_our_own_takes_the_whole_change_back_too(host: Host, journal: Journal) -> None:
    scene = Scene()

    def wrong(*_: object) -> tuple[Step, ...]:
        raise KeyError("name")

    with pytest.raises(KeyError):
        apply(
            host, Accepted(own=STATIC), journal,
            stages=(scene.stage(Phase.NETWORK), Stage(Phase.TLS, wrong)),
        )  # fmt: skip
    assert scene.seen[-1] == "undo network:192.0.2.10/24"


def test_what_cannot_be_kept_is_taken_back(host: Host, journal: Journal) -> None:
    scene = Scene()
    with pytest.raises(StepFailed, match="taken back.*No space left"):
        apply(host, Accepted(own=STATIC), journal, keep=_full, stages=_both(scene))
    assert scene.seen[-2:] == ["undo tls:192.0.2.10/24", "undo network:192.0.2.10/24"]


class FullJournal(Journal):
    """A journal whose disk is full from a certain mark on."""

    full_at = "tls.do"

    def put(self, entry: Entry) -> None:
        if entry.name == self.full_at:
            _full()
        super().put(entry)


@pytest.mark.parametrize("full_at", ["tls.do", "network.do"])
def test_a_journal_that_takes_no_more_marks_takes_the_change_back(host: Host, full_at: str) -> None:
    scene, journal = Scene(), FullJournal(host.files, "/journal.json")
    journal.full_at = full_at
    with pytest.raises(StepFailed, match="taken back"):
        apply(host, Accepted(own=STATIC), journal, stages=_both(scene))
    assert scene.seen[-1] == "undo network:192.0.2.10/24"


def test_a_wait_that_the_system_breaks_off_is_told_and_no_more(
    host: Host, journal: Journal
) -> None:
    wait = _one(Phase.NETWORK, Step("network.lease", _full), only_tells=True)
    outcome = apply(host, Accepted(), journal, stages=(wait,))
    assert [fault.setting for fault in outcome.faults] == ["network"]


class Boot:
    """A first boot that holds the lock; `meanwhile` happens while it waits for the network."""

    def __init__(self, host: Host, meanwhile: Callable[[], object]) -> None:
        self.host, self.meanwhile = host, meanwhile
        self.scene = Scene()
        self.journal = Journal.load(host.files, "/var/lib/bandstand/journal/root.json")

    def stages(self) -> tuple[Stage, ...]:
        wait = Stage(Phase.NETWORK, self._wait, only_tells=True)
        return (self.scene.stage(Phase.NETWORK), wait, self.scene.stage(Phase.TLS))

    def settle(self, accepted: Accepted) -> Outcome:
        store.save(self.host.files, accepted)
        with locked(self.host.files) as lock:
            return settle(
                self.host, accepted, self.journal, released=lock.released, stages=self.stages()
            )

    def _wait(self, *_: object) -> tuple[Step, ...]:
        return (Step("network.lease", self.meanwhile),)


def test_a_change_is_not_refused_while_first_boot_waits_and_holds_afterwards(host: Host) -> None:
    def operator() -> None:
        answer = change(host, {"membership": "member"}, lambda _: None, stages=(), patience_s=0)
        assert answer["changed"]

    seen: list[Membership] = []

    def note(_: Settings, accepted: Accepted, __: Host) -> tuple[Step, ...]:
        seen.append(accepted.membership)
        return ()

    boot = Boot(host, operator)
    store.save(host.files, Accepted())
    with locked(host.files) as lock:
        stages = (*boot.stages(), Stage(Phase.FIREWALL, note))
        settle(host, Accepted(), boot.journal, released=lock.released, stages=stages)
        with pytest.raises(NotNow), locked(host.files, timeout_s=0):
            pass
    assert seen == [Membership.MEMBER]


def test_settings_accepted_during_a_wait_outrank_what_first_boot_began_with(host: Host) -> None:
    boot = Boot(host, lambda: store.save(host.files, Accepted(own=STATIC)))
    boot.scene.broken.add("network:dhcp")
    outcome = boot.settle(Accepted())
    assert boot.scene.seen[-1] == "tls:192.0.2.10/24"
    assert outcome == Outcome()


def test_a_fallback_stays_where_nothing_was_accepted_during_the_wait(host: Host) -> None:
    boot = Boot(host, lambda: None)
    boot.scene.broken.add("network:192.0.2.10/24")
    outcome = boot.settle(Accepted(own=STATIC))
    assert boot.scene.seen[-1] == "tls:dhcp"
    assert [fall.took for fall in outcome.fallbacks] == ["DHCP"]


def test_marks_made_during_a_wait_are_not_lost(host: Host) -> None:
    def other() -> None:
        journal = Journal.load(host.files, boot.journal.name)
        journal.put(Entry("other.step", StepState.DONE))

    boot = Boot(host, other)
    boot.settle(Accepted())
    kept = Journal.load(host.files, boot.journal.name).entries
    assert {"other.step", "network.do", "network.lease", "tls.do"} == set(kept)


def test_what_is_done_is_done_under_the_lock_and_only_waits_are_not(host: Host) -> None:
    held = True
    seen: list[tuple[str, bool]] = []

    @contextmanager
    def released() -> Iterator[None]:
        nonlocal held
        held = False
        yield
        held = True

    def stage(name: str, *, only_tells: bool) -> Stage:
        step = Step(name, lambda: seen.append((name, held)))
        return _one(Phase.NETWORK, step, only_tells=only_tells)

    stages = (stage("acts", only_tells=False), stage("waits", only_tells=True))
    journal = Journal.load(host.files, "/journal.json")
    settle(host, Accepted(), journal, released=released, stages=stages)
    assert seen == [("acts", True), ("waits", False)]


@pytest.mark.parametrize("mode", Ipv6Mode)
def test_a_node_that_falls_back_keeps_ipv6_off(mode: Ipv6Mode) -> None:
    instead = STAGES[0].instead
    assert instead is not None
    kept = instead(Settings(network=STATIC.network._replace(ipv6=mode))).network
    assert kept == Network(ipv6=Ipv6Mode.OFF if mode is Ipv6Mode.OFF else Ipv6Mode.AUTO)
