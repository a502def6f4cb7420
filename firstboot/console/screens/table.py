"""Every screen by its noun; each is imported when it is opened, since most never are."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from firstboot.console.screen import Screen
from firstboot.console.screens.home import Home


def _trial() -> Screen:
    from firstboot.console.screens.trial import TrialScreen

    return TrialScreen()


def _network() -> Screen:
    from firstboot.console.screens.network import NetworkScreen

    return NetworkScreen()


def _login() -> Screen:
    from firstboot.console.screens.login import Login

    return Login()


def _help() -> Screen:
    from firstboot.console.screens.help import Help

    return Help()


SCREENS: Mapping[str, Callable[[], Screen]] = {
    "help": _help,
    "home": Home,
    "login": _login,
    "network": _network,
    "trial": _trial,
}


def make(noun: str) -> Screen:
    return SCREENS[noun]()
