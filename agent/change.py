"""The story: from what is in force to what is accepted, stage by stage, with a way back.

network -> node -> services -> tls -> serving -> firewall

First boot, a shared certificate, a new setting and an undo all come through here. `apply` holds
one promise: all of it, or nothing of it. `settle` holds the other: the node ends usable, and a
stage that cannot be had takes its stated fallback. It lets go of the lock while it only waits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from contextlib import AbstractContextManager, nullcontext

from agent.accepted import store
from agent.accepted.store import Accepted
from agent.demands import demands
from agent.errors import BandstandError, Fault, SeveralFailed, StepFailed
from agent.settings.declaration import Settings
from agent.settings.portal import Portal
from agent.settings.tls import Tls
from agent.status.model import Phase
from agent.steps.journal import Journal
from agent.steps.run import Tell, run_steps, undo_steps, untold
from agent.steps.step import Step
from agent.system.host import Host
from agent.typed import NamedTuple

Steps = Callable[[Settings, Accepted, Host], tuple[Step, ...]]


class Fallback(NamedTuple):
    """What a category took instead of what was asked."""

    category: str
    took: str

    def as_json(self) -> dict[str, str]:
        return {"category": self.category, "took": self.took}


class Outcome(NamedTuple):
    """How a change ended: the faults that a person must know, and what was taken instead."""

    faults: tuple[Fault, ...] = ()
    fallbacks: tuple[Fallback, ...] = ()


# The stages import what they need when their turn comes: imports are what a first boot costs.
def _network(settings: Settings, _: Accepted, host: Host) -> tuple[Step, ...]:
    from agent.network import act, observe, plan

    def introduce() -> None:
        from agent.node import name
        from agent.node.observe import observe_name

        name.name_early(settings.node, observe_name(host), host)

    planned = plan.plan(settings.network, observe.observe(host))
    return act.steps(planned, host, introduce=introduce)


def _lease(settings: Settings, _: Accepted, host: Host) -> tuple[Step, ...]:
    from agent.network import act, observe, plan

    return act.arrival(plan.plan(settings.network, observe.observe(host)), host)


def _settled(settings: Settings, _: Accepted, host: Host) -> tuple[Step, ...]:
    from agent.network import act, observe, plan

    return act.settling(plan.plan(settings.network, observe.observe(host)), host)


def _resolvers(settings: Settings, _: Accepted, host: Host) -> tuple[Step, ...]:
    from agent.network import act, observe, plan

    return act.resolving(plan.plan(settings.network, observe.observe(host)), host)


def _seeds(_: Settings, __: Accepted, host: Host) -> tuple[Step, ...]:
    from agent.network import act

    return act.seeking(host)


def _node(settings: Settings, _: Accepted, host: Host) -> tuple[Step, ...]:
    from agent.node import act, observe, plan

    return act.steps(plan.plan(settings.node, observe.observe(host)), host)


def _service(setting: str) -> Steps:
    def steps(settings: Settings, _: Accepted, host: Host) -> tuple[Step, ...]:
        from agent.services import observe

        if observe.is_idle(setting, settings, host.files):
            return ()
        from agent.services import act, plan
        from agent.services.state import Noun

        return act.steps(plan.plan(Noun(setting), settings, observe.observe(host)), host)

    return steps


def _tls(settings: Settings, _: Accepted, host: Host) -> tuple[Step, ...]:
    from agent.tls import act, observe, plan

    observed = observe.observe(host, settings.node.public_address)
    return act.steps(plan.plan(settings.tls, observed), host)


def _portal(settings: Settings, _: Accepted, host: Host) -> tuple[Step, ...]:
    if settings.portal.certificate is None:
        return ()
    from agent.tls import act, observe, plan

    pair = Tls(settings.portal.certificate, settings.portal.key)
    return act.beside(plan.plan(pair, observe.observe(host)), host)


def _serving(settings: Settings, _: Accepted, host: Host) -> tuple[Step, ...]:
    from agent.serving import act, observe, plan

    return act.steps(plan.plan(settings, observe.observe(host)), host)


def _firewall(settings: Settings, accepted: Accepted, host: Host) -> tuple[Step, ...]:
    from agent.firewall import act, observe, plan

    wanted = demands(settings, accepted.membership)
    return act.steps(plan.plan(wanted, observe.observe(host)), host)


def _by_dhcp(settings: Settings) -> Settings:
    return settings._replace(network=settings.network.fallback)


def _self_signed(settings: Settings) -> Settings:
    return settings._replace(tls=Tls())


def _portal_as_usual(settings: Settings) -> Settings:
    return settings._replace(portal=Portal())


class Stage(NamedTuple):
    """One stage of the story; `instead` changes the settings to its fallback, told as `took`, of
    the `category` where that is not called as the phase is.

    Its faults name the field that the error is about, else the `setting`, or else the phase. One
    that `only_tells` waits for what others do; where it fails, nothing is taken back, but where
    nobody is there to judge and it `vouches` for the change.
    """

    phase: Phase
    steps: Steps
    instead: Callable[[Settings], Settings] | None = None
    took: str = ""
    only_tells: bool = False
    setting: str = ""
    category: str = ""
    vouches: bool = True


# Where the portal is when it cannot be had elsewhere.
USUALLY = "port 443, with the certificate of the web pages"

# The waits of the network stand apart: a lease that is late, or a cable that is not there, is told,
# and no reason to take anything back. The certificate wants the address, so the lease comes first.
# Each service stands alone: a collector that cannot be had costs nobody the time or the account.
_SERVICES = (
    "node.ca_certificates",
    "network.http_proxy",
    "node.mirror",
    "node.updates",
    "network.ntp",
    "node.keyboard",
    "node.syslog",
)

STAGES = (
    Stage(Phase.NETWORK, _network, _by_dhcp, "DHCP"),
    Stage(Phase.NETWORK, _lease, only_tells=True),
    Stage(Phase.NODE, _node),
    *(Stage(Phase.NODE, _service(setting), setting=setting) for setting in _SERVICES),
    Stage(Phase.TLS, _tls, _self_signed, "a self-signed certificate"),
    Stage(Phase.TLS, _portal, _portal_as_usual, USUALLY, setting="portal", category="portal"),
    Stage(Phase.SERVING, _serving, _portal_as_usual, USUALLY, category="portal"),
    Stage(Phase.FIREWALL, _firewall),
    Stage(Phase.NETWORK, _settled, only_tells=True),
    Stage(Phase.NETWORK, _resolvers, only_tells=True, vouches=False),
    Stage(Phase.NETWORK, _seeds, only_tells=True),
)

TellPhase = Callable[[Phase], None]
Released = Callable[[], AbstractContextManager[object]]


def _silent(_: Phase) -> None:
    return None


def _unkept() -> None:
    return None


def apply(
    host: Host,
    accepted: Accepted,
    journal: Journal,
    *,
    tell: Tell = untold,
    keep: Callable[[], object] = _unkept,
    stages: Sequence[Stage] = STAGES,
    verified: Set[Phase] = frozenset(),
) -> Outcome:
    """Bring what is accepted in force, whole, then `keep` it; raises after all was taken back.

    What only tells ends it too in a phase that is to be `verified`: where nobody is there to judge.
    """
    settings = accepted.effective()
    outcome = Outcome()
    done: list[Step] = []
    is_kept = False
    try:
        for stage in stages:
            try:
                steps = stage.steps(settings, accepted, host)
                done += run_steps(steps, journal, host.clock, tell=tell)
            except (BandstandError, OSError) as error:
                if not stage.only_tells or (stage.vouches and stage.phase in verified):
                    raise
                outcome = _with(outcome, _faults(stage, error))
        _ = keep()
        is_kept = True
    except OSError as error:
        raise StepFailed(
            f"the change could not be finished, and was taken back: {error}"
        ) from error
    finally:
        if not is_kept:
            undo_steps(done, journal, tell=tell)
    return outcome


def settle(
    host: Host,
    accepted: Accepted,
    journal: Journal,
    *,
    tell: Tell = untold,
    enter: TellPhase = _silent,
    released: Released = nullcontext,
    stages: Sequence[Stage] = STAGES,
) -> Outcome:
    """Bring what is accepted in force as far as it goes; never raises for a stage that fails.

    Whatever only waits does so within `released()`. What somebody else had accepted meanwhile is in
    force whole by then: it is read again, it goes on from there, and what was told before is void.
    """
    settings = accepted.effective()
    outcome = Outcome()
    for stage in stages:
        enter(stage.phase)
        edition = store.edition(host.files) if stage.only_tells else None
        faults = _try(_waiting(stage, journal, released), settings, accepted, host, journal, tell)
        if stage.only_tells and store.edition(host.files) != edition:
            accepted = store.load(host.files)
            settings, outcome = accepted.effective(), Outcome()
            continue
        if not faults:
            continue
        outcome = _with(outcome, faults)
        if stage.instead is None or stage.instead(settings) == settings:
            continue
        settings = stage.instead(settings)
        second = _try(stage, settings, accepted, host, journal, tell)
        outcome = _with(outcome, second, Fallback(stage.category or stage.phase, stage.took))
    return outcome


def _waiting(stage: Stage, journal: Journal, released: Released) -> Stage:
    """The stage with its waits outside the lock: only the acts, since the journal is shared."""
    if not stage.only_tells:
        return stage

    def outside(step: Step) -> Step:
        def act() -> None:
            try:
                with released():
                    _ = step.act()
            finally:
                journal.entries = Journal.load(journal.files, journal.name).entries

        return step._replace(act=act)

    def steps(settings: Settings, accepted: Accepted, host: Host) -> tuple[Step, ...]:
        return tuple(outside(step) for step in stage.steps(settings, accepted, host))

    return stage._replace(steps=steps)


def _try(
    stage: Stage,
    settings: Settings,
    accepted: Accepted,
    host: Host,
    journal: Journal,
    tell: Tell,
) -> tuple[Fault, ...]:
    try:
        steps = stage.steps(settings, accepted, host)
        _ = run_steps(steps, journal, host.clock, tell=tell)
    except (BandstandError, OSError) as error:
        return _faults(stage, error)
    return ()


def _faults(stage: Stage, error: BandstandError | OSError) -> tuple[Fault, ...]:
    setting = stage.setting or stage.phase
    if isinstance(error, SeveralFailed):
        return error.faults
    if isinstance(error, OSError):
        return (Fault(setting, f"this stage could not be finished: {error}", code="failed"),)
    return (Fault(error.setting or setting, error.message, error.hint, error.code),)


def _with(outcome: Outcome, faults: tuple[Fault, ...], fallback: Fallback | None = None) -> Outcome:
    """What two stages find, such as a cable that is not there, is told once."""
    return Outcome(
        tuple(dict.fromkeys((*outcome.faults, *faults))),
        (*outcome.fallbacks, fallback) if fallback else outcome.fallbacks,
    )
