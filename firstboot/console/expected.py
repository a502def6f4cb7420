"""Slow is not failed: how long the step that runs may take before anybody need wonder."""

from __future__ import annotations

from collections.abc import Mapping

from agent.status import words
from agent.typed import Any, NamedTuple
from firstboot.console.world import World

# On a slow machine, by the first word of the step's name.
_USUAL_S = {
    "network": 30.0, "node": 15.0, "tls": 15.0, "serving": 20.0, "join": 60.0, "init": 60.0,
}  # fmt: skip
_USUALLY_S = 15.0


class Expected(NamedTuple):
    """The step, and how long it usually takes at most."""

    name: str
    usual: str
    is_late: bool

    @property
    def text(self) -> str:
        end = "longer than the usual" if self.is_late else "usually up to"
        return f"{end} {self.usual}"


def expected(world: World) -> Expected | None:
    """Of what goes on now, if anything does."""
    running = [row for row in words.latest_steps(world.status) if row.get("state") == "running"]
    last: Mapping[str, Any] = running[-1] if running else {"name": world.status.get("step")}
    name = words.clean(last.get("name"))
    if not name or world.status.get("state") not in ("working", "waiting"):
        return None
    usual_s = _USUAL_S.get(name.partition(".")[0], _USUALLY_S)
    since = last.get("started") or world.status.get("since")
    since_s = words.seconds_since(since, world.now) or 0.0
    return Expected(name, words.ago(usual_s), since_s > usual_s)
