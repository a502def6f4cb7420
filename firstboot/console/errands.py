"""What was asked and is not answered yet, and who wants to hear of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.typed import Any, NamedTuple, Protocol
from agent.values.json_object import text_of
from firstboot.console.screen import EDITING, Ask

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
    """In the order in which they are done; `forms` are those that screens hold, by their number."""

    asking: Putting
    open: list[Errand] = field(default_factory=list[Errand])
    forms: dict[int, str] = field(default_factory=dict[int, str])

    def put(self, ask: Ask, sheet: int, now_s: float) -> None:
        if ask.verb == EDITING and sheet != NOBODY:
            self.forms[sheet] = text_of(ask.args.get("form"))
        self.open.append(Errand(ask, now_s, sheet))
        self.asking.put(ask)

    def gone(self, sheet: int, now_s: float) -> None:
        """A screen that is left lets go of its form, also of one that it only asked for, but for
        one that a screen below holds too.
        """
        form = self.forms.pop(sheet, "")
        if form and form not in self.forms.values():
            self.put(Ask(EDITING, {"form": form, "done": True}, is_quiet=True), NOBODY, now_s)

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
