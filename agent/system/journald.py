"""The door to systemd's journal: an entry with fields, by its native protocol.

The protocol is small and promised to last (systemd.io/JOURNAL_NATIVE_PROTOCOL). The module of
python3-systemd says the same, but imports `logging`, `uuid` and `traceback` first: 41 million
instructions beside 0.3 for this, where a whole first boot has to be quick.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from agent.system.files import Files

_SOCKET = "/run/systemd/journal/socket"
_TAG = "bandstand"
_PATIENCE_S = 1.0
# A datagram has to hold them all; a fault's sentence is far shorter.
_LONGEST = 8_000


class Priority(IntEnum):
    """Those of syslog(3) that we use."""

    ERROR = 3
    WARNING = 4
    NOTICE = 5
    INFO = 6


def send(
    files: Files, message: str, *, priority: Priority, message_id: str, fields: Mapping[str, object]
) -> bool:
    """One entry; blank fields are left out. False where no journal takes it: none is worth failing.

    `message_id` is the same for all entries of one kind, so that `journalctl MESSAGE_ID=` finds
    them whatever their words.
    """
    rows = {
        "MESSAGE": message,
        "PRIORITY": priority.value,
        "SYSLOG_IDENTIFIER": _TAG,
        "MESSAGE_ID": message_id,
        **fields,
    }
    # First boot has loaded it by then; a second one, that changes nothing, may have not.
    import socket

    data = b"".join(_field(name, str(value)) for name, value in rows.items() if value != "")
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
            line.settimeout(_PATIENCE_S)
            _ = line.sendto(data, files.place(_SOCKET))
    except OSError:
        return False
    return True


def _field(name: str, value: str) -> bytes:
    """A value of several lines goes with its length before it."""
    data = value.encode(errors="replace")[:_LONGEST]
    if b"\n" in data:
        return b"%s\n%s%s\n" % (name.encode(), len(data).to_bytes(8, "little"), data)
    return b"%s=%s\n" % (name.encode(), data)
