"""The notices of a container: read to the end, whether somebody asks for them or not."""

from __future__ import annotations

import socket
from pathlib import Path

from tests.lab.containers import Notices

# Ten wait in the kernel at most (net.unix.max_dgram_qlen); a whole shutdown tells hundreds.
_MANY = 500


def test_who_tells_never_waits_for_who_asks(tmp_path: Path) -> None:
    notices = Notices(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as teller:
        teller.settimeout(30)
        for number in range(_MANY):
            teller.sendto(f"X_SAID={number}\nSTATUS=on the way".encode(), str(tmp_path / "notify"))
        teller.sendto(b"READY=1", str(tmp_path / "notify"))
    assert notices.take("READY", 30) == "1"
    assert notices.take("X_SAID", 0) == str(_MANY - 1)
    notices.close()


def test_what_was_not_told_is_empty(tmp_path: Path) -> None:
    notices = Notices(tmp_path / "notify")
    assert notices.take("READY", 0) == ""
    notices.close()
