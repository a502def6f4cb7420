"""What stands above a screen: sentences with buttons, perhaps a field; or what is waited for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agent.status import words
from agent.typed import Any
from firstboot.console.widgets.form import Form
from firstboot.console.widgets.progress import progress
from firstboot.console.widgets.rows import Prose, Rows
from firstboot.console.widgets.text import Picture, stacked

_MOST_STEPS = 8
_LATE = (
    "This takes longer than usual, and may still end well: first boot, a DHCP server or another "
    "change may be waited for. Esc leaves it to itself; what was asked goes on."
)


@dataclass(frozen=True)
class Dialog:
    """Is above the screen until a button is pressed."""

    title: str
    texts: tuple[str, ...]
    form: Form

    def draw(self, columns: int) -> Picture:
        return stacked((Prose(self.texts).draw(columns), self.form.draw(columns)))


@dataclass(frozen=True)
class Waited:
    """What is being done, for how long, and its steps."""

    title: str
    waited_s: float
    usual_s: float
    steps: tuple[Mapping[str, Any], ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        usual = f"usually up to {words.ago(self.usual_s)}"
        told = f"For {words.ago(self.waited_s)}, {usual}."
        return (told, _LATE) if self.waited_s > self.usual_s else (told,)

    def draw(self, columns: int) -> Picture:
        steps = Rows("", progress(self.steps)[-_MOST_STEPS:])
        return stacked((steps.draw(columns), Prose(self.texts).draw(columns)))
