"""How processes of a node ask each other: one JSON object a line over a unix socket.

asks     {"version": 1, "verb": "...", "args": {...}}
answers  {"step": {...}}                              none or more, while it works
         {"result": {...}}                            once, the end
     or  {"error": {code, message, hint, exit_code, faults?}}
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from agent.errors import (
    BandstandError,
    CommandFailed,
    Fault,
    InputRefused,
    NotNow,
    NotReachable,
    RefusedByPeer,
    StepFailed,
    UsageError,
)
from agent.system.clock import Clock
from agent.typed import Any, BinaryIO
from agent.values.json_object import is_object, object_of, parse, rows_of

OnStep = Callable[[dict[str, Any]], None]

VERSION = 1
LIMIT_BYTES = 1 << 20
_AGAIN_S = 0.1

_BY_EXIT = {2: UsageError, 4: NotReachable, 5: RefusedByPeer, 6: NotNow}
_BY_CODE = {
    "usage": UsageError,
    "unreachable": NotReachable,
    "not-now": NotNow,
    "command-failed": CommandFailed,
    "step-failed": StepFailed,
}


@dataclass(frozen=True)
class Request:
    """What somebody asks for; `args` is what JSON made of it, still to be judged by the verb."""

    verb: str
    args: Mapping[str, Any] = field(default_factory=dict[str, Any])


def unseen(_: dict[str, Any]) -> None:
    """Steps that nobody looks at."""


def call(
    path: str,
    verb: str,
    args: Mapping[str, Any],
    *,
    on_step: OnStep = unseen,
    timeout_s: float = 60,
    starts_within_s: float = 0,
    clock: Clock | None = None,
) -> dict[str, Any]:
    """The result of a verb; `on_step` sees each step, `timeout_s` is the longest silence borne.

    A side that just starts is waited for. Raises the error that the other side answered with,
    NotReachable where none did.
    """
    line = connected(path, timeout_s, starts_within_s=starts_within_s, clock=clock or Clock())
    with line, line.makefile("rb") as stream:
        return result_of(exchange(line, stream, path, encode_request(verb, args), on_step))


def connected(
    path: str, timeout_s: float, *, starts_within_s: float = 0, clock: Clock
) -> socket.socket:
    """Refused for want of a listener is worth waiting, but where no node runs, which has no such
    folder.
    """
    until_s = clock.monotonic_s() + starts_within_s
    while True:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(timeout_s)
        try:
            line.connect(path)
        except PermissionError as error:
            line.close()
            raise NotReachable(f"{path} is closed to this user", hint="ask as root") from error
        except OSError as error:
            line.close()
            is_early = isinstance(error, FileNotFoundError | ConnectionRefusedError)
            if not is_early or clock.monotonic_s() >= until_s or not Path(path).parent.is_dir():
                raise NotReachable(f"nobody answers on {path}", hint=_look_at(path)) from error
            clock.pause(_AGAIN_S)
        else:
            return line


def _look_at(path: str) -> str:
    """Our sockets are called after their units."""
    units = f"'bandstand-{Path(path).stem}*'"
    return f"systemctl status {units} tells whether it runs, journalctl -u {units} why not"


def exchange(
    line: socket.socket, stream: BinaryIO, path: str, request: bytes, on_step: OnStep
) -> dict[str, Any]:
    """The last message that answers a request: its result, or its error.

    Raises NotReachable where none comes; the line is of no use then.
    """
    try:
        line.sendall(request)
        while said := stream.readline(LIMIT_BYTES + 1):
            message = _reply(said, path)
            if "error" in message or "result" in message:
                return message
            on_step(object_of(message.get("step")))
    except TimeoutError as error:
        raise NotReachable(f"{path} said nothing for {line.gettimeout():g} seconds") from error
    except OSError as error:
        raise NotReachable(f"{path} hung up", hint=_look_at(path)) from error
    raise NotReachable(f"{path} hung up before it answered")


def result_of(message: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked for; raises the error that stands in its place."""
    if "error" in message:
        raise from_error(object_of(message["error"]))
    return object_of(message["result"])


def _reply(line: bytes, path: str) -> dict[str, Any]:
    try:
        return decode(line)
    except UsageError as error:
        raise NotReachable(f"{path} answered in another language") from error


def encode(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def encode_request(verb: str, args: Mapping[str, Any]) -> bytes:
    return encode({"version": VERSION, "verb": verb, "args": dict(args)})


def decode(line: bytes) -> dict[str, Any]:
    """One line as an object; raises UsageError for anything else."""
    if len(line) > LIMIT_BYTES:
        raise UsageError(f"a message may have {LIMIT_BYTES} bytes at most")
    try:
        return parse(line)
    except ValueError as error:
        raise UsageError("a message is one JSON object on a line of its own") from error


def decode_request(line: bytes) -> Request:
    message = decode(line)
    if message.get("version") != VERSION:
        raise UsageError(f"this side speaks version {VERSION}", hint="update the asking program")
    verb = message.get("verb")
    if not isinstance(verb, str) or not is_object(message.get("args", {})):
        raise UsageError('a request has a text "verb" and an object "args"')
    return Request(verb, object_of(message.get("args")))


def as_error(error: BandstandError) -> dict[str, Any]:
    """The last line that tells what went wrong."""
    said: dict[str, Any] = {**error.as_json(), "exit_code": error.exit_code}
    if isinstance(error, InputRefused):
        said["faults"] = [fault.as_json() for fault in error.faults]
    return {"error": said}


def from_error(said: Mapping[str, Any]) -> BandstandError:
    """The same error on the asking side."""
    code, message = str(said.get("code", "failed")), str(said.get("message", ""))
    hint, exit_code = str(said.get("hint", "")), said.get("exit_code")
    if exit_code == InputRefused.exit_code:
        faults = tuple(_fault(row) for row in rows_of(said.get("faults")))
        return InputRefused(faults or (Fault("request", message, hint, code),))
    family = _BY_EXIT.get(exit_code) if isinstance(exit_code, int) else None
    return (family or _BY_CODE.get(code, BandstandError))(message, hint=hint, code=code)


def _fault(row: Mapping[str, Any]) -> Fault:
    return Fault(
        str(row.get("setting", "")),
        str(row.get("message", "")),
        str(row.get("hint", "")),
        str(row.get("code", "refused")),
    )
