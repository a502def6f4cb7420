"""The set-up code in large letters, the whole fingerprint, and where to go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar
from urllib.parse import urlsplit

from agent.status import words
from agent.status.words import CERTIFICATE, Row, Tone
from agent.typed import Any
from agent.values.json_object import list_of, object_of
from firstboot.console.screen import Answer, Ask, Back, MenuScreen, Turn, say_error
from firstboot.console.widgets.big import Big
from firstboot.console.widgets.layout import Part
from firstboot.console.widgets.menu import Item
from firstboot.console.widgets.rows import Rows
from firstboot.console.world import World

_SHOW = Ask("code", {}, "The code is looked up", 3, is_quiet=True)
_CLAIMED = "this node is claimed, and none is asked for any more"
_NEW = Ask("code", {"new": True}, "A new code is made", 5)


@dataclass(frozen=True)
class Code(MenuScreen):
    """Who opens this pressed a key for it, so that the code is shown on a serial line too."""

    noun: ClassVar[str] = "code"
    title: ClassVar[str] = "Code and addresses"
    code: str = ""
    why_not: str = ""

    def begin(self, _given: Mapping[str, Any], _world: World, /) -> Turn:
        return Turn(self, (_SHOW,))

    def items(self, world: World) -> tuple[Item, ...]:
        if world.access.is_claimed:
            return (Item("back", "Back"),)
        return (Item("new", "New code", "The one above is void then."), Item("back", "Back"))

    def choose(self, name: str, _: World, /) -> Turn:
        return Turn(self, (_NEW,)) if name == "new" else Turn(self, (Back(),))

    def parts(self, world: World) -> tuple[Part, ...]:
        menu = replace(self.menu(world), title="What now?")
        rows = (*_places(world), *world.rows_of(CERTIFICATE))
        code = self._code(world)
        return (*code, Rows("Where to go on, and what to compare there", rows), menu)

    def _code(self, world: World) -> tuple[Part, ...]:
        if self.code and not world.access.is_claimed:
            return (Big(self.code, f"Set-up code {self.code}"),)
        why = _CLAIMED if world.access.is_claimed else self.why_not or "is looked up"
        return (Rows("Set-up code", (Row("No code", why, Tone.BUSY),)),)

    def told(self, answer: Answer, _: World, /) -> Turn:
        if answer.error is None:
            return Turn(replace(self, code=words.clean(answer.result.get("code"))))
        made = replace(self, code="", why_not=words.clean(answer.error.message))
        is_loud = not answer.ask.is_quiet
        return Turn(made, (say_error(answer.error),) if is_loud else ())


def _places(world: World) -> tuple[Row, ...]:
    """Every address under which the page can be reached, once one of them answers."""
    if not world.url:
        return (words.url({**world.status, "url_answers": False}, world.now),)
    parts = urlsplit(world.url)
    port = f":{parts.port}" if parts.port else ""
    found = list_of(object_of(world.status.get("network")).get("addresses"))
    hosts = [words.clean(one).partition("/")[0] for one in found]
    names = [world.name] if "." in world.name else []
    shown = [f"[{host}]" if ":" in host else host for host in (*hosts, *names)]
    urls = [f"{parts.scheme}://{host}{port}{parts.path}" for host in shown]
    whole = dict.fromkeys((world.url, *urls))
    return tuple(Row("" if at else words.OPEN, url, Tone.GOOD) for at, url in enumerate(whole))
