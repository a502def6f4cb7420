"""The keys, and what each screen is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from agent.status import words
from agent.status.words import Row
from agent.typed import Any
from firstboot.console.screen import Screen, Turn
from firstboot.console.widgets.layout import Part
from firstboot.console.widgets.rows import Prose, Rows
from firstboot.console.world import LINES, WHOLE, World

KEYS = (
    Row("Arrows", "move the mark; in a field, the cursor"),
    Row("Enter", "chooses, presses a button, goes on to the next field"),
    Row("Tab", "to the next field or button, Shift-Tab to the one before"),
    Row("Space", "turns a switch, takes the next of a choice"),
    Row("Esc", "back; what was typed is dropped only after a question"),
    Row("1 to 9, 0, a", "choose an item of a menu at once"),
    Row("Ctrl-U", "empties a field"),
    Row("PgUp, PgDn", "scroll"),
    Row("F1", "this help"),
    Row("F5", "draws the screen anew"),
    Row("F10", "ends the login"),
    Row("Alt-F2", "on the machine's own screen: the shell, where one was started"),
    Row("Alt-F12", "on the machine's own screen: messages of the kernel; Alt-F1 comes back"),
)
_ABOUT: Mapping[str, tuple[str, ...]] = {
    "advanced": ("Every other setting of this node, by what it is about.",),
    "category": (
        "Blank fields have a meaning, which the lines at the bottom say. A secret that is set is "
        "never shown: blank leaves it as it is.",
    ),
    "certificate": (
        "Browsers warn of the built-in certificate, since nobody they know signed it: compare its "
        "fingerprint. Another one is tested before it is served, and taken back if it is not.",
    ),
    "certificate.install": (
        "Paste the certificate with its chain, in any order, and its key without a passphrase, "
        "each with its BEGIN and END lines. They are read when Apply is pressed.",
    ),
    "check": ("What this node needs of others, asked now. Nothing is changed by it.",),
    "cluster": (
        "The first node of a cluster is made in the browser, which asks for the set-up code.",
        "A further node joins by a string that a member shows. It works once.",
    ),
    "code": (
        "The browser asks for the set-up code until somebody claims this node. It stands on this "
        "screen alone. Compare the fingerprint with the one in the browser's warning.",
    ),
    "display": (
        "Apply changes the keymap of this machine's own keyboard. Over a serial line, and in a "
        "browser's window, the other side's keyboard counts.",
        f"{LINES}: numbered menus and questions, for braille, speech and dumb terminals. A login "
        f"ends with this screen; {WHOLE}, at the same place, comes back.",
    ),
    "home": (
        "The upper part is live. The page at 'Open this' is offered once it answers.",
        "'Restart now' says whether a restart harms the cluster.",
    ),
    "join": ("Blanks and line ends in the string do not matter. It has check digits.",),
    "login": ("Too many wrong passwords close the login for a while, a longer one each time.",),
    "network": (
        "What is applied is tried first: the node has the new settings beside the old ones for a "
        "minute. Keep makes them last; without it the old ones come back by themselves.",
        "What is wrong stands below its field while you type.",
    ),
    "node": (
        "The account admin enters by SSH and here, with this password or a key. A password that is "
        "set is never shown: blank leaves it as it is.",
    ),
    "power": ("Read first what it means for the cluster: other nodes may depend on this one.",),
    "progress": ("Slow is not failed: what is usual is said, and what to do beyond that.",),
    "recovery": ("Each of these asks back first, and says what is kept.",),
    "shell": (
        "For work that needs more than these screens. It runs beside this program, on terminal 2 "
        "of the machine's own screen; its end is the end of all that was started in it.",
    ),
    "support": ("The bundle stays on this node until somebody fetches it.",),
    "trial": (
        "The node has the new settings beside the old ones. Try them from another machine, then "
        "choose Keep. If you do nothing, or this screen ends, the old ones come back.",
    ),
}


@dataclass(frozen=True)
class Help(Screen):
    """`about` is the screen that it was asked on."""

    noun: ClassVar[str] = "help"
    title: ClassVar[str] = "Help"
    keys: ClassVar[str] = "Up/Down scroll  Esc back"
    about: str = ""

    def begin(self, given: Mapping[str, Any], _: World, /) -> Turn:
        return Turn(replace(self, about=words.clean(given.get("about"))))

    def parts(self, _: World, /) -> tuple[Part, ...]:
        texts = _ABOUT.get(self.about, ())
        keys = Rows("Keys", KEYS)
        return (Prose(texts, "About this screen"), keys) if texts else (keys,)
