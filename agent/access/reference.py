"""docs/access.md, written from the table of who may ask what.

`python -m agent.access.reference` writes it, with `--check` it only says whether it is stale.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from agent.access import attempts, shell
from agent.access.guess import MOST_WRONG
from agent.access.policy import NO_ARGS, RULES, TYPED_BY, UNLOCKING, Caller, Standing, judge
from agent.access.session import LIMIT_S
from agent.settings.reference import drawn, refresh
from agent.typed import Any

PAGE = "docs/access.md"

_HEAD = f"""\
# Who may ask what

Written from the table in `agent/access/policy.py` by `make docs`; change it there.

`bandstand-apply` does everything on a node that needs root. Console, portal, agent and command line
ask it over `/run/bandstand/apply.sock`; who asks is known by the kernel's word, not by theirs.

**The trail.** Each asking is a line of `/var/log/bandstand/audit.jsonl`: who, what about, how it
ended; never a value that may be secret. What is refused or fails always is one. What is done is
none for the verbs that programs ask by themselves, over and over, and that would bury the rest:
`access`, `network-trial` and `status` (how it stands), `publish` (the agent's, for vSphere), and
`settings` (any form begins with it, also one that opens by itself). Of `code` it is one to make
another, of `editing` to take a form over; to be shown the code or to open a form is none. Root's
own command stands there too: it asks the same way, and writes the line itself where
`bandstand-apply` is down, and of a support bundle into a FILE of root's choice. `bandstand network
trial` and `bandstand status` just read.

**The claim.** Nobody has claimed a node until it is to make or join a cluster: by properties
(`cluster.init`, `cluster.join`, or `cluster.seeds` with `cluster.key`), at the console, by the
command line or in the portal. An address or a name alone claims nothing. Until then whoever stands
at the console may do all but open a shell, and is shown a one-time code (`K7QF-2M9T`) that the
portal asks for. Of tries at the code each waits longer, the {MOST_WRONG}th wrong one makes another,
and the claim makes it void. `bandstand node code [--new]` shows it to root.

**The password.** Once the node is claimed, the console shows how it stands, and asks for the
password of the account `admin` for everything else. A login is bound to the console's connection,
and ends {LIMIT_S // 60} minutes after the last request that needed it. Two tries are free, then
each waits twice as long as the one before, up to {attempts.LONGEST_S // 60} minutes; an hour
without one, or a right one, ends that. A node that was claimed without a password has one set
first, by whoever is at the console, and the keymap before it; an account that is locked, or has no
password, never logs in.

**The shell** is closed. `bandstand node shell on [--minutes N]`, as root, opens it for
{shell.DEFAULT_MINUTES} minutes, at most {shell.LONGEST_MINUTES}; `shell off`, the console and a
restart of the machine close it. The console never opens it: who logged in there starts a shell
while it is open, for the time that is left. That is one of `admin` on terminal 2 (Alt-F2), without
another password; when the time is over, systemd ends it with all that was started in it.

**A form** is held by who edits it (`editing`), until they leave it, which needs no login, or their
connection ends. Another one is told who and since when, and may take it over; who lost it that way
cannot apply what they typed, unless they take it over again.

**`node.console = off`** leaves the console of a claimed node nothing but the status.

**Bandstand recovery.** Who lost the password picks it in the boot menu. For that boot the console
may set the network, a new password and the keymap, and reset the node, without a login, also where
`node.console` is off. The status tells that it was used, and by which verbs, until an administrator
has seen it (`recovery-seen`).

## The table
"yes" is without a login, "login" with one, "password" means `node-set` of `{UNLOCKING}`
alone, or of `{TYPED_BY}` alone, by which a password is typed.

"""

_UNCLAIMED = Standing()
_PASSWORDLESS = Standing(claimed_by="cluster")
_CLAIMED = Standing(claimed_by="cluster", has_password=True)
_SITUATIONS: Mapping[str, Standing] = {
    "before the claim": _UNCLAIMED,
    "claimed, no password": _PASSWORDLESS,
    "claimed": _CLAIMED,
    "recovery": _CLAIMED._replace(is_recovery=True),
    "`node.console` off": _CLAIMED._replace(is_console_off=True),
}
_OTHERS: Mapping[str, Caller] = {
    "root": Caller.ROOT,
    "agent": Caller.AGENT,
    "portal": Caller.PORTAL,
}
_A_PASSWORD: Mapping[str, Any] = {"settings": {UNLOCKING: "one"}}


def pages(root: Path) -> Mapping[Path, str]:
    """What the page is to hold, by file."""
    return {root / PAGE: page()}


def page() -> str:
    columns = ("verb", "asks for", *_OTHERS, *(f"console: {name}" for name in _SITUATIONS))
    rows = ((f"`{verb}`", rule.about, *_cells(verb)) for verb, rule in RULES.items())
    return _HEAD + drawn(columns, rows)


def _cells(verb: str) -> Iterator[str]:
    for caller in _OTHERS.values():
        yield "yes" if _may(caller, verb, _UNCLAIMED) else "-"
    for standing in _SITUATIONS.values():
        yield _at_console(verb, standing)


def _at_console(verb: str, standing: Standing) -> str:
    """By asking, so that the page cannot say what is not so."""
    if _may(Caller.CONSOLE, verb, standing):
        return "yes"
    has_login = standing.has_password and _may(
        Caller.CONSOLE, verb, standing._replace(is_logged_in=True)
    )
    words = [
        *(["password"] if _may(Caller.CONSOLE, verb, standing, _A_PASSWORD) else []),
        *(["login"] if has_login else []),
    ]
    return ", else ".join(words) or "-"


def _may(caller: Caller, verb: str, standing: Standing, args: Mapping[str, Any] = NO_ARGS) -> bool:
    return judge(caller, verb, args, standing).refused is None


def main(arguments: list[str]) -> int:
    return refresh(pages(Path(__file__).parents[2]), is_check="--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
