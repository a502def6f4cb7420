"""docs/console.md as it is to be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from agent.access.shell import DEFAULT_MINUTES
from agent.settings.reference import drawn
from agent.steps.trial import LIMIT_S
from firstboot.console import crash
from firstboot.console.desk import IDLE_S
from firstboot.console.manual import actions, broken, faults, pictures
from firstboot.console.screens.help import KEYS
from firstboot.console.view import MINIMUM
from firstboot.console.world import LINES, STALE_S, WHOLE

PAGE = "docs/console.md"
BEGIN, END = "<!-- walk -->", "<!-- end of walk -->"
_NO_WALK = "Not walked yet."

_HEAD = f"""\
# The console

Written by `make docs` from `firstboot/console/manual`; change it there. The pictures are drawn by
the program itself.

Who opens the machine's screen sees a program, not a login prompt: what this node is, whether it is
well, where to go next, and one form for each thing that can be done here. It is the second door to
every setting of the node, the only one where there is no network, and the place of recovery. `make
preview-console` shows it on any terminal, without a node.

It asks, and never acts: what is done, `bandstand-apply` does, as for the command `bandstand`. It
runs as `bandstand-console`, which may do nothing else. While that service is away the console says
so, shows what it knows, and asks again by itself. Who may do what, before the claim and after it,
stands in [access.md](access.md).

## Where it runs
- On **tty1**, the machine's own screen. There is no login on any terminal; Alt-F12 has the
  kernel's messages, which never scribble over this one; Alt-F2 has the shell, where one was
  started. Ctrl-Alt-Del, Ctrl-C and Ctrl-Z do nothing.
- On **hvc0**, and on every **serial line** that the kernel's command line names in `console=` and
  that answers. What is shown there may be recorded: the set-up code is shown after a key only (5),
  and a shell never opens there.
- All of them at once. Who opens a form that somebody else has open is told who and since when, and
  may take it over.

It wants {MINIMUM[0]} columns and {MINIMUM[1]} rows, uses what is more, and follows a size that
changes. State is always a word, never a colour alone. "NO NEWS" at the bottom: the node has said
nothing for {STALE_S} s, and what is shown may be old.

## Keys
"""

_AFTER_KEYS = """
A menu also goes by the digit or letter before each item. What is typed fast, or before a form is
there, is not lost. A paste goes into the marked field, line ends and all, and never presses a
button.

## What can be done, and the command for it
The keys are pressed on home, one after another. Each command takes `--json`;
[recovery.md](recovery.md) has more on them.

"""

_PICTURES = f"""
## Screens
A change of the network is tried for {LIMIT_S} s: the node has the new settings beside the old,
until somebody keeps them. Left alone, with or without a cable, the old ones come back, and the
screen says why; who keeps them while the card has no carrier is told so. The trial goes on without
this program: it may end, and be started again, meanwhile.

"""

_FAULTS = """
## What it says of bad input
While it is typed, below the field, by the validator that judges properties too. Some of the table
in `tests/fixtures/refused.toml`, all of which are tried in the forms by the tests:

"""

_BROKEN = """
## What it says where something breaks
Each was done to the program, and read from it; " / " stands for a new line:

"""

_REST = f"""
## Password and lock
Once the node is claimed, the menu asks for the password of `admin`. F10 ends the login, and so do
{IDLE_S / 60:.0f} minutes without a key; a form that was open is let go. Wrong passwords close the
login for a while, longer each time. A node that was claimed without a password asks whoever is
there to set one first.

## Recovery by the boot menu
Who lost the password restarts the machine, stops the boot menu with a key within its two seconds,
and picks *Bandstand recovery*. For that boot 1 Network, 9 Recovery / Reset administrator and
Factory reset need no login, also where `node.console` is off. What was done stands in the trail,
and home says so until an administrator puts the note away.

## A shell
There is none, unless root opened it by `bandstand node shell on`, for {DEFAULT_MINUTES} minutes
unless said otherwise; the console itself cannot. Meanwhile home has the item Shell: it starts one
on terminal 2 of the machine's own screen, for the time that is left and no longer.

## Line by line
For braille, speech, dumb terminals and scripts there are the same screens as numbered menus and
questions. *{LINES}* under b Keyboard and display goes on so, *{WHOLE}* at the same place, or
Ctrl-D, comes back; a login ends by either. `/usr/lib/bandstand/bin/console --plain`, as root over
SSH for one, is the same, reads from a pipe too, and ends with its input. `?` helps, `<` goes back,
blank leaves a field as it is, `-` empties it.

## When it breaks
The screen says so with the number of a report, and the unit starts it again after 3 s, for ever.
What was typed is lost; what was asked goes on, since another program does it. The report,
`{crash.FOLDER}/NUMBER.txt`, has the places in the code and never what was typed; it is in the
journal, and in every support bundle (8). The newest {crash.KEPT} are kept. The preview keeps none,
and shows it.

## What it does without
Wishes from the study of other consoles that were dropped, and why:

- State words beside gateway and DNS on home: the status does not tell who answers. Who does not
  answer is told under What is wrong, and 6 asks them all.
- Log messages on home: who sees the screen need not log in to read them. A tall screen has the last
  steps instead; the logs are in the support bundle.
- A menu down the whole of a screen of 24 rows: the status would not fit. It goes in columns there.
- Another font and palette: one that is loaded late spoils what is drawn, and a serial line may not
  survive it. The kernel's own font and 16 colours are everywhere.
- A VLAN: it is no setting of the node. Time servers stand under More settings (a).
- Retry of a step: its form is applied again, with what was refused filled in.
- A list of changes to undo: the last one of the network, and of the other settings, is kept.
- A one-time password for the administrator: a new one is typed, by whoever may.
- A console without a password once the node is claimed: only `node.console = off` changes anything.
- The shell switched on in the portal: root's command does it.
"""

_WALK = """
## A stranger's walk
Power on without DHCP to the page in the browser, in keys and seconds, as the tests of the packed
appliance took them:

"""


def pages(root: Path) -> Mapping[Path, str]:
    """What the page is to hold, by file; the walk stays as it is there."""
    path = root / PAGE
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    return {path: page(root, walk_of(old))}


def page(root: Path, walk: str) -> str:
    return "".join(
        (
            _HEAD,
            drawn(("key", "what it does"), ((row.label, row.text) for row in KEYS)),
            _AFTER_KEYS,
            drawn(("keys", "what", "verb", "command"), actions.rows()),
            _PICTURES,
            "\n".join(pictures.drawn()),
            _FAULTS,
            drawn(("field", "typed", "the screen says"), faults.rows(root)),
            _BROKEN,
            drawn(("what happens", "the screen says"), broken.rows()),
            _REST,
            f"{_WALK}{BEGIN}\n{walk}\n{END}\n",
        )
    )


def walk_of(text: str) -> str:
    """What stands between the marks, written by hand."""
    _, begin, rest = text.partition(f"{BEGIN}\n")
    walk, end, _ = rest.partition(f"\n{END}")
    return walk if begin and end else _NO_WALK
