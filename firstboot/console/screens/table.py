"""Every screen by its noun; each is imported when it is opened, since most never are."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from firstboot.console.screen import Screen
from firstboot.console.screens.home import Home


def _advanced() -> Screen:
    from firstboot.console.screens.advanced import Advanced

    return Advanced()


def _category() -> Screen:
    from firstboot.console.screens.advanced import CategoryScreen

    return CategoryScreen()


def _certificate() -> Screen:
    from firstboot.console.screens.certificate import Certificate

    return Certificate()


def _certificate_install() -> Screen:
    from firstboot.console.screens.certificate import Install

    return Install()


def _check() -> Screen:
    from firstboot.console.screens.check import Check

    return Check()


def _cluster() -> Screen:
    from firstboot.console.screens.cluster import Cluster

    return Cluster()


def _code() -> Screen:
    from firstboot.console.screens.code import Code

    return Code()


def _display() -> Screen:
    from firstboot.console.screens.display import Display

    return Display()


def _help() -> Screen:
    from firstboot.console.screens.help import Help

    return Help()


def _join() -> Screen:
    from firstboot.console.screens.cluster import Join

    return Join()


def _login() -> Screen:
    from firstboot.console.screens.login import Login

    return Login()


def _network() -> Screen:
    from firstboot.console.screens.network import NetworkScreen

    return NetworkScreen()


def _node() -> Screen:
    from firstboot.console.screens.node import NodeScreen

    return NodeScreen()


def _password() -> Screen:
    from firstboot.console.screens.node import PasswordScreen

    return PasswordScreen()


def _power() -> Screen:
    from firstboot.console.screens.power import Power

    return Power()


def _progress() -> Screen:
    from firstboot.console.screens.progress import Progress

    return Progress()


def _recovery() -> Screen:
    from firstboot.console.screens.recovery import Recovery

    return Recovery()


def _shell() -> Screen:
    from firstboot.console.screens.shell import Shell

    return Shell()


def _support() -> Screen:
    from firstboot.console.screens.support import Support

    return Support()


def _trial() -> Screen:
    from firstboot.console.screens.trial import TrialScreen

    return TrialScreen()


SCREENS: Mapping[str, Callable[[], Screen]] = {
    "advanced": _advanced,
    "category": _category,
    "certificate": _certificate,
    "certificate.install": _certificate_install,
    "check": _check,
    "cluster": _cluster,
    "code": _code,
    "display": _display,
    "help": _help,
    "home": Home,
    "join": _join,
    "login": _login,
    "network": _network,
    "node": _node,
    "password": _password,
    "power": _power,
    "progress": _progress,
    "recovery": _recovery,
    "shell": _shell,
    "support": _support,
    "trial": _trial,
}


def make(noun: str) -> Screen:
    return SCREENS[noun]()
