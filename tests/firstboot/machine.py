"""A machine of VMware's over several boots, with properties that change between them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from agent.accepted import store
from agent.accepted.store import Accepted
from agent.change import Outcome, Stage
from agent.errors import StepFailed
from agent.settings.declaration import Settings
from agent.status.model import Phase
from agent.steps.step import Step
from agent.system.files import Files
from agent.system.host import Host
from firstboot.sequence import boot
from tests.fakes.clock import FakeClock
from tests.fakes.run import FakeRun

STATIC = {
    "network.address": "192.0.2.10",
    "network.netmask": "255.255.255.0",
    "network.gateway": "192.0.2.1",
    "network.dns": "192.0.2.53",
}
NODE = {"node.name": "n1", "node.admin_password": "correct horse"}
ALLOWED = {**STATIC, **NODE, "node.reapply": "True"}
_UNSET = "No value found"


def _nothing() -> None:
    return None


class Machine:
    """A machine of VMware's over several boots; two stages are all that a change does and sees."""

    def __init__(self, root: Path) -> None:
        self.run = FakeRun()
        self.host = Host(Files(root), self.run, FakeClock())
        self.applied: list[Settings] = []
        self.breaks = self.is_silent = False
        self.during_waits: Callable[[], object] = _nothing
        _ = self.host.files.write("/sys/bus/pci/devices/0000:00:0f.0/vendor", "0x15ad\n")

    def boot(self, properties: Mapping[str, str] | None) -> Outcome:
        """With this environment, or without one."""
        self.run.on("vmtoolsd", returncode=1, stderr=_UNSET)
        if properties is not None:
            rows = "".join(
                f"<Property oe:key={quoteattr(key)} oe:value={quoteattr(text)}/>"
                for key, text in properties.items()
            )
            document = f"<Environment><PropertySection>{rows}</PropertySection></Environment>"
            self.run.on("vmtoolsd", stdout=document)
        looks = Stage(Phase.NETWORK, self._looks, only_tells=True)
        return boot(self.host, stages=(Stage(Phase.NETWORK, self._steps), looks))

    def _looks(self, settings: Settings, _: Accepted, __: Host) -> tuple[Step, ...]:
        def act() -> None:
            _ = self.during_waits()
            if self.is_silent:
                raise StepFailed("the gateway does not answer", code="gateway-silent")

        return (Step("network.settled", act, key=repr(settings.network)),)

    def _steps(self, settings: Settings, _: Accepted, __: Host) -> tuple[Step, ...]:
        def act() -> None:
            if self.breaks:
                raise StepFailed("the gateway does not answer")
            self.applied.append(settings)

        return (Step("network.address", act, key=repr(settings.network)),)

    @property
    def own(self) -> Settings:
        return store.load(self.host.files).own

    @property
    def status(self) -> dict[str, Any]:
        return dict(json.loads(self.host.files.read("/run/bandstand/status.json") or "{}"))

    @property
    def changed(self) -> list[tuple[str, str, bool]]:
        rows = self.status.get("changed_properties", [])
        return [(row["setting"], row["value"], row["applied"]) for row in rows]

    def at_console(self, *, name: str, timezone: str = "Etc/UTC") -> None:
        """What a person changed besides."""
        accepted = store.load(self.host.files)
        node = accepted.own.node._replace(name=name, timezone=timezone)
        own = accepted.own._replace(node=node)
        _ = store.save(self.host.files, accepted._replace(own=own))
