"""Bring one service to its plan, or back to how it was."""

from __future__ import annotations

from agent.services.plan import ServicePlan
from agent.steps.step import Step
from agent.system import systemd
from agent.system.former import Former
from agent.system.host import Host


def steps(plan: ServicePlan, host: Host) -> tuple[Step, ...]:
    service = ServiceStep(plan, host)
    name = f"services.{plan.noun.name.lower()}"
    return (Step(name, service.act, plan.key, undo=service.undo, holds=service.holds),)


class ServiceStep:
    """Lay the files, have them checked and taken up; undo does so with the former ones."""

    def __init__(self, plan: ServicePlan, host: Host) -> None:
        self._plan, self._host = plan, host
        self._former = Former(host.files)
        self._was_on = False
        self._is_done = False

    def holds(self) -> bool:
        plan, files = self._plan, self._host.files
        laid = all(files.read(file.name) == file.text for file in plan.laid)
        on = not plan.unit or systemd.is_enabled(files, plan.unit) is plan.is_on
        return laid and on and all(files.exists(name) for name in plan.proofs)

    def act(self) -> None:
        plan, files = self._plan, self._host.files
        self._was_on = bool(plan.unit) and systemd.is_enabled(files, plan.unit)
        self._is_done = True
        for name, text, mode in plan.laid:
            if text is None:
                _ = self._former.remove(name)
            else:
                _ = self._former.write(name, text, mode=mode)
        if plan.folder and not files.exists(plan.folder):
            files.make_folder(plan.folder, mode=0o700)
        if plan.check:
            _ = self._host.run(*plan.check)
        self._follow(is_on=plan.is_on)

    def undo(self) -> None:
        if not self._is_done:
            return
        self._former.restore()
        self._follow(is_on=self._was_on)
        self._is_done = False

    def _follow(self, *, is_on: bool) -> None:
        """Without waiting for what may itself wait for the network."""
        plan, files, run = self._plan, self._host.files, self._host.run
        if plan.then and (not plan.needs or systemd.runs(files, plan.needs)):
            _ = run(*plan.then)
        if not plan.unit:
            return
        if is_on:
            _ = systemd.enable(files, plan.unit)
            _ = run("systemctl", "--no-block", "restart", plan.unit)
        else:
            _ = systemd.disable(files, plan.unit)
            if systemd.runs(files, plan.unit):
                _ = systemd.stop(run, plan.unit)
