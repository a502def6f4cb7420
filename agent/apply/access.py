"""The verbs of access: who may do what now, login and logout, the code, the shell, recovery.

access  {} -> claim, by, has_password, wants_password, recovery, recovered, logged_in, locked_for_s,
              shell {open, left_s}, may [verbs]
login   {password} -> logged_in, within_s        logout         {} -> {}
code    {new} -> code, since                     recovery-seen  {} -> seen
shell   {open, minutes} -> open, left_s
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from agent.accepted import acts, document, store
from agent.accepted import claim as wishes
from agent.accepted.store import SHARED, Accepted, Membership
from agent.access import attempts, claim, policy, recovery, terminal
from agent.access import code as one_time
from agent.access import shell as window
from agent.access.policy import NO_ARGS, Standing
from agent.access.session import LIMIT_S, Session
from agent.apply.asker import Asker
from agent.audit.trail import Deed, record
from agent.errors import Fault, InputRefused, NotNow, RefusedByPeer
from agent.node import observe
from agent.node.state import ADMIN
from agent.settings.declare import Face
from agent.status import merge
from agent.system import pam
from agent.system.host import Host
from agent.system.pam import Check
from agent.typed import Any


def standing(host: Host, session: Session) -> Standing:
    """What the policy needs to know of this node and this connection."""
    accepted = store.load(host.files)
    return Standing(
        claimed_by=_claimed_by(host, accepted),
        has_password=observe.password_hash(host.files) is not None,
        is_logged_in=session.is_logged_in,
        is_recovery=recovery.is_booted(host.files),
        is_console_off=not accepted.effective().node.console,
    )


def _claimed_by(host: Host, accepted: Accepted) -> str:
    """A membership that is there and cannot be read claims as well: no damage opens a node."""
    waiting = [key for key in acts.pending(host.files) if key in wishes.ALL]
    shared = document.read(host.files, SHARED)
    is_torn = bool(shared.problem) and not shared.content
    return claim.by(
        is_in_cluster=accepted.membership is not Membership.NONE,
        acts=waiting,
        mark=claim.UNREADABLE if is_torn else claim.mark(host.files),
    )


def access(host: Host, asker: Asker, verbs: Iterable[str]) -> dict[str, Any]:
    """`may` lists of `verbs` what may be asked now, whatever its arguments."""
    files, now = host.files, standing(host, asker.session)
    if now.is_claimed:
        _ = one_time.void(files)
    user, used = asker.peer.user, recovery.used(files)
    may = [verb for verb in verbs if policy.judge(user, verb, NO_ARGS, now).refused is None]
    return {
        "claim": "claimed" if now.is_claimed else "unclaimed",
        "by": now.claimed_by,
        "has_password": now.has_password,
        "wants_password": now.wants_password,
        "recovery": now.is_recovery,
        "recovered": used.as_json() if used else {},
        "logged_in": now.is_logged_in,
        "locked_for_s": attempts.locked_for_s(files, host.clock, ADMIN),
        "shell": window.window(files, host.clock).as_json(),
        "may": may,
    }


def login(
    host: Host, args: Mapping[str, Any], session: Session, *, check: Check | None = None
) -> dict[str, Any]:
    """Raises NotNow while tries have to wait, or where there is no password to log in by."""
    password = args.get("password")
    if not isinstance(password, str):
        raise InputRefused((Fault("password", "is missing; accepted is a text"),))
    if observe.password_hash(host.files) is None:
        raise NotNow(
            f"the account {ADMIN} has no password, or is locked, so that nobody can log in",
            hint="bandstand node set, as root, sets one; so does Bandstand recovery",
            code="no-password",
        )
    session.log_out()
    attempts.begin(host.files, host.clock, ADMIN)
    if not (check or pam.check)(ADMIN, password):
        left_s = attempts.locked_for_s(host.files, host.clock, ADMIN)
        hint = f"the next try is taken in {left_s} s" if left_s else ""
        raise RefusedByPeer(
            f"that is not the password of {ADMIN}", hint=hint, code="password-wrong"
        )
    attempts.clear(host.files, host.clock, ADMIN)
    session.log_in()
    return {"logged_in": True, "within_s": LIMIT_S}


def logout(session: Session) -> dict[str, Any]:
    session.log_out()
    return {}


def code(host: Host, args: Mapping[str, Any], asker: Asker) -> dict[str, Any]:
    """Raises NotNow once the node is claimed. To look at it is no deed, to make another is one."""
    is_new = _flag(args, "new")
    if standing(host, asker.session).is_claimed:
        _ = one_time.void(host.files)
        raise NotNow(
            "this node is claimed, so that there is no code any more",
            hint="it was for its first administrator, in the portal",
            code="claimed",
        )
    found = (one_time.renew if is_new else one_time.keep)(host.files, host.clock)
    if is_new:
        record(host, Deed(asker.who, "apply", "code", "done", {"new": "yes"}))
    return {"code": found.text, "since": found.since}


def shell(host: Host, args: Mapping[str, Any], asker: Asker) -> dict[str, Any]:
    """Opens or closes the window; for the console, which never opens it, starts a shell in it.

    Raises NotNow, code `closed`, where the console asks for one and the window is not open.
    """
    if "open" not in args:
        raise InputRefused((Fault("open", "is missing; accepted is true or false"),))
    if _flag(args, "open"):
        if asker.face is Face.CONSOLE:
            return _started(host).as_json()
        minutes = args.get("minutes", window.DEFAULT_MINUTES)
        return window.open_for(host.files, host.clock, minutes).as_json()
    _ = window.close(host.files)
    terminal.stop(host.run)
    return window.window(host.files, host.clock).as_json()


def _started(host: Host) -> window.Window:
    """For what is left of the window, and never longer."""
    found = window.window(host.files, host.clock)
    if not found.is_open:
        raise NotNow(
            "the shell is closed",
            hint="bandstand node shell on, as root, opens it for some minutes",
            code="closed",
        )
    terminal.start(host.run, account=ADMIN, limit_s=found.left_s)
    return found


def recovery_seen(host: Host) -> dict[str, Any]:
    was_there = recovery.seen(host.files)
    _ = merge.publish(host.files, host.clock)
    return {"seen": was_there}


def note_recovery(host: Host, verb: str) -> None:
    recovery.note(host.files, host.clock, verb)
    _ = merge.publish(host.files, host.clock)


def _flag(args: Mapping[str, Any], name: str) -> bool:
    value = args.get(name, False)
    if not isinstance(value, bool):
        raise InputRefused((Fault(name, f"{value!r} is neither true nor false"),))
    return value
