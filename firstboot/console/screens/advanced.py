"""Every other setting of this node, by category, made from the declaration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from agent.settings.declaration import CORE
from agent.settings.declare import Face, Scope
from agent.status import words
from agent.typed import Any
from firstboot.console.screen import MenuScreen, Open, Turn
from firstboot.console.screens import settings
from firstboot.console.screens.network import KEYS as OF_THE_CARD
from firstboot.console.screens.settings import SettingsScreen
from firstboot.console.widgets.layout import Part
from firstboot.console.widgets.menu import Item
from firstboot.console.world import World

# These have screens of their own.
_ELSEWHERE = frozenset(
    {
        *OF_THE_CARD, "node.name", "node.admin_password", "node.ssh", "node.ssh_keys",
        "node.keyboard", "tls.certificate", "tls.key",
    }
)  # fmt: skip
_TITLES = {
    "network": "Time servers and proxies",
    "node": "Clock, logs, updates, trust",
    "portal": "Port of the portal",
}


def keys_of(category: str) -> tuple[str, ...]:
    """What the console may set of it, and no other screen does."""
    return tuple(
        row.key
        for row in CORE.of(category)
        if row.scope is Scope.NODE
        and row.key not in _ELSEWHERE
        and row.may_set(Face.CONSOLE, is_member=False)
    )


def _title(category: str) -> str:
    return _TITLES.get(category, category)


@dataclass(frozen=True)
class Advanced(MenuScreen):
    """A menu of the categories that have any."""

    noun: ClassVar[str] = "advanced"
    title: ClassVar[str] = "More settings"

    def items(self, _: World, /) -> tuple[Item, ...]:
        found = [(category, keys_of(category)) for category in CORE.categories]
        return tuple(
            Item(category, _title(category), ", ".join(_labels(keys)))
            for category, keys in found
            if keys
        )

    def parts(self, world: World) -> tuple[Part, ...]:
        return (replace(self.menu(world), title="More settings"),)

    def choose(self, name: str, _: World, /) -> Turn:
        return Turn(self, (Open("category", {"category": name}),))


@dataclass(frozen=True)
class CategoryScreen(SettingsScreen):
    """The form of one category."""

    noun: ClassVar[str] = "category"
    title: ClassVar[str] = "More settings"

    def begin(self, given: Mapping[str, Any], world: World) -> Turn:
        category = words.clean(given.get("category"))
        form = settings.form_of(keys_of(category), _title(category))
        return super(CategoryScreen, replace(self, form=form)).begin(given, world)


def _labels(keys: tuple[str, ...]) -> list[str]:
    return [row.label for row in CORE.rows if row.key in keys]
