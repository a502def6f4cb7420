"""What can be done where, by which verb, and which command does the same."""

from __future__ import annotations

from collections.abc import Iterable

from agent.typed import NamedTuple


class Action(NamedTuple):
    """`keys` lead from home to the screen `noun`; `verb` is that of bandstand-apply, blank where
    the status alone is shown.
    """

    keys: str
    noun: str
    does: str
    verb: str = ""
    command: str = ""


_STATUS = "bandstand status"
_SET = "bandstand node set"
_NETWORK = "bandstand network"

ACTIONS = (
    Action("", "home", "how the node stands, live", "", _STATUS),
    Action("1", "network", "IPv4, IPv6, DNS: tried for a minute", "network-set",
           f"{_NETWORK} set KEY=VALUE"),
    Action("", "trial", "the time left, and what is tried", "network-trial", f"{_NETWORK} trial"),
    Action("", "trial", "keep it", "network-confirm", f"{_NETWORK} confirm"),
    Action("", "trial", "put the old one back", "network-undo", f"{_NETWORK} undo"),
    Action("2", "node", "host name, password of admin, SSH and its keys", "node-set",
           f"{_SET} KEY=VALUE"),
    Action("3", "certificate", "the certificate in force", "", "bandstand node cert show"),
    Action("31", "certificate.install", "another one pasted", "certificate.install",
           "bandstand node cert install FILE"),
    Action("32", "certificate", "the built-in one again", "certificate.reset",
           "bandstand node cert reset"),
    Action("4", "cluster", "state and members", "", "bandstand cluster status"),
    Action("41", "join", "join by a join string", "join", "bandstand cluster join"),
    Action("5", "code", "set-up code, addresses, fingerprint", "code", "bandstand node code"),
    Action("51", "code", "another set-up code", "code", "bandstand node code --new"),
    Action("6", "check", "each connection asked, with what to do", "check", "bandstand node check"),
    Action("7", "progress", "first boot and the last change, step by step", "", _STATUS),
    Action("8", "support", "a bundle for support", "support", "bandstand node support FILE"),
    Action("9", "recovery", "the ways back", "", ""),
    Action("91", "recovery", "DHCP again, by a trial", "network-set", f"{_NETWORK} set mode=dhcp"),
    Action("92", "recovery", "undo the last change of the network", "network-undo",
           f"{_NETWORK} undo"),
    Action("93", "recovery", "undo the last change of the other settings", "node-undo",
           "bandstand node undo"),
    Action("94", "recovery", "the built-in certificate again", "certificate.reset",
           "bandstand node cert reset"),
    Action("95", "recovery", "restart the portal", "restart", "bandstand node restart portal"),
    Action("96", "password", "a new password for admin", "node-set", f"{_SET} --answers FILE"),
    Action("97", "recovery", "factory reset, by typing the node's name", "factory-reset",
           "bandstand node factory-reset"),
    Action("98", "recovery", "put away the note that recovery was used", "recovery-seen",
           "bandstand node recovery-seen"),
    Action("01", "power", "restart", "power", "bandstand node power restart"),
    Action("02", "power", "power off", "power", "bandstand node power off"),
    Action("a", "advanced", "every other setting of this node, by what it is about", "", ""),
    Action("a1", "category", "time servers, proxies", "node-set", f"{_SET} network.KEY=VALUE"),
    Action("a2", "category", "clock, logs, updates, trust, addresses", "node-set",
           f"{_SET} KEY=VALUE"),
    Action("a3", "category", "the portal's port", "node-set", f"{_SET} portal.port=8443"),
    Action("b", "display", "keymap, a field to try it; high contrast; line by line", "node-set",
           f"{_SET} keyboard=de-latin1"),
    Action("c1", "shell", "start a shell, while the command has it open", "shell",
           "bandstand node shell on"),
    Action("c2", "shell", "close it", "shell", "bandstand node shell off"),
    Action("", "login", "the password of admin, where it is asked for", "login", ""),
    Action("F10", "login", "end the login", "logout", ""),
    Action("F1", "help", "the keys, and what the screen is for", "", "bandstand --help"),
)  # fmt: skip


def rows() -> Iterable[tuple[str, ...]]:
    """For a table: keys, what, verb, command."""
    for one in ACTIONS:
        yield (_keys(one), one.does, _code(one.verb), _code(one.command))


def _keys(one: Action) -> str:
    if not one.keys:
        return {"home": "home", "trial": "opens by itself"}.get(one.noun, "asked")
    return " ".join(f"`{key}`" for key in ((one.keys,) if one.keys[0] == "F" else one.keys))


def _code(text: str) -> str:
    return f"`{text}`" if text else ""
