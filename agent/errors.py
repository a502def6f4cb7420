"""The whole error family: each is a sentence for the operator, and a hint what to do.

BandstandError
  UsageError             exit 2   the call itself is wrong
  InputRefused           exit 3   faults in what was given, all of them
  NotReachable           exit 4   nobody answers there
    Unanswered           exit 4   the one whom this process itself asked, over its line
  RefusedByPeer          exit 5   the other side said no, with a code
  NotNow                 exit 6   the state forbids it, and which state
  CommandFailed          exit 1   a program that we ran ended badly
  StepFailed             exit 1   a step of a run failed; what is in force is said
    SeveralFailed        exit 1   one that found several things wrong, all of them
"""

from __future__ import annotations

from agent.typed import NamedTuple


class Fault(NamedTuple):
    """One thing wrong with one setting, said in a sentence with what would be accepted."""

    setting: str
    message: str
    hint: str = ""
    code: str = "refused"

    def as_json(self) -> dict[str, str]:
        return {
            "code": self.code,
            "setting": self.setting,
            "message": self.message,
            "hint": self.hint,
        }


class BandstandError(Exception):
    """What an operator is told: `message` is a sentence, `hint` what to do, `code` for programs,
    `setting` the field that it is about, where it is about one.
    """

    exit_code = 1
    code = "failed"

    def __init__(
        self, message: str, *, hint: str = "", code: str | None = None, setting: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.setting = setting
        if code is not None:
            self.code = code

    def as_json(self) -> dict[str, str]:
        return {"code": self.code, "message": self.message, "hint": self.hint}


class UsageError(BandstandError):
    """The call itself is wrong: an option, an argument, a missing tool."""

    exit_code = 2
    code = "usage"


class InputRefused(BandstandError):
    """What was given has faults; `faults` lists all of them."""

    exit_code = 3
    code = "refused"

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        lines = [f"{fault.setting}: {fault.message}" for fault in faults]
        super().__init__("\n".join(lines))


class NotReachable(BandstandError):
    """Nobody answers there."""

    exit_code = 4
    code = "unreachable"


class Unanswered(NotReachable):
    """Whoever is at the other end of this process's own line is gone, or was silent too long. It
    never comes over a line: what the other side says of a third one is a NotReachable.
    """

    code = "unanswered"


class RefusedByPeer(BandstandError):
    """The other side said no; `code` is one of the join codes of the peer API."""

    exit_code = 5


class NotNow(BandstandError):
    """The state forbids it; the message names the state."""

    exit_code = 6
    code = "not-now"


class CommandFailed(BandstandError):
    """A program that we ran ended badly; its last words are in the message."""

    code = "command-failed"


class StepFailed(BandstandError):
    """A step of a run failed; the message says what is in force now."""

    code = "step-failed"


class SeveralFailed(StepFailed):
    """A step that found several things wrong; `faults` lists them, and each names its setting."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        first = faults[0]
        message = "; ".join(fault.message for fault in faults)
        super().__init__(message, hint=first.hint, code=first.code, setting=first.setting)
