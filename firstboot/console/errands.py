"""What was asked and is not answered yet, and who wants to hear of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.typed import Any, NamedTuple, Protocol
from firstboot.console.screen import Ask

# Nobody: the answer is for the desk alone.
NOBODY = 0


class Putting(Protocol):
    """Takes an ask without waiting for its answer."""

    def put(self, ask: Ask) -> None: ...


class Errand(NamedTuple):
    """`sheet` is the number of the screen that asked."""

    ask: Ask
    since_s: float
    sheet: int
    steps: tuple[Mapping[str, Any], ...] = ()
    is_left: bool = False


@dataclass
class Errands:
    """In the order in which they are done."""

    asking: Putting
    open: list[Errand] = field(default_factory=list[Errand])

    def put(self, ask: Ask, sheet: int, now_s: float) -> None:
        self.open.append(Errand(ask, now_s, sheet))
        self.asking.put(ask)

    @property
    def loud(self) -> Errand | None:
        """The one that a screen waits for."""
        return next((one for one in self.open if not (one.ask.is_quiet or one.is_left)), None)

    def ended(self, ask: Ask) -> Errand:
        """The errand of an ask that is answered."""
        found = next((one for one in self.open if one.ask is ask), None)
        if found is None:
            return Errand(ask, 0.0, NOBODY)
        self.open.remove(found)
        return found

    def stepped(self, ask: Ask, step: Mapping[str, Any]) -> None:
        for at, one in enumerate(self.open):
            if one.ask is ask:
                others = tuple(old for old in one.steps if old.get("name") != step.get("name"))
                self.open[at] = one._replace(steps=(*others, step))

    def leave(self) -> None:
        """Those that are waited for go on, and their answers find nobody."""
        self.open = [one._replace(sheet=NOBODY, is_left=True) for one in self.open]
