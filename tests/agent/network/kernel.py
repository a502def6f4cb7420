"""The steps of this room on a real kernel."""

from __future__ import annotations

from agent.network import act
from agent.network.observe import observe
from agent.network.plan import plan
from agent.settings.network import Network
from agent.steps.journal import Journal
from agent.steps.run import run_steps, undo_steps
from agent.steps.step import Step
from agent.system.host import Host

RIVAL_MAC = "00:50:56:00:00:99"


def apply(host: Host, settings: Network) -> tuple[Step, ...]:
    return _run(host, act.steps(plan(settings, observe(host)), host))


def settle(host: Host, settings: Network) -> tuple[Step, ...]:
    return _run(host, act.settling(plan(settings, observe(host)), host))


def undo(host: Host, done: tuple[Step, ...]) -> None:
    undo_steps(done, Journal.load(host.files, "/journal"))


def _run(host: Host, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    return run_steps(steps, Journal.load(host.files, "/journal"), host.clock)
