"""bandstand-apply as systemd starts it: a connection, one request, whoever is at its other end."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.apply.serve import serve
from agent.ask.wire import call
from agent.errors import RefusedByPeer, UsageError
from agent.system.files import Files
from agent.system.host import Host
from agent.system.run import Completed

pytestmark = pytest.mark.outside

REPOSITORY = Path(__file__).parents[3]
_AS_NOBODY = """
import json, os, socket, sys
os.setgid({gid}); os.setuid({uid})
with socket.socket(socket.AF_UNIX) as line:
    line.connect(sys.argv[1])
    line.sendall(b'{{"version":1,"verb":"restart","args":{{"unit":"nginx.service"}}}}\\n')
    print(line.makefile().readline())
"""


def _ran(*argv: str, **_: object) -> Completed:
    return Completed(argv, 0, "", "")


@pytest.fixture
def path(tmp_path: Path) -> Iterator[str]:
    host = Host(files=Files(tmp_path / "node"), run=_ran)
    name = Path(f"/tmp/bandstand-test-{os.getpid()}.sock")
    name.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(name))
        name.chmod(0o666)
        door.listen()
        thread = threading.Thread(target=_accept, args=(door, host))
        thread.start()
        yield str(name)
        door.shutdown(socket.SHUT_RDWR)
        thread.join()
    name.unlink()


def _accept(door: socket.socket, host: Host) -> None:
    while True:
        try:
            line, _ = door.accept()
        except OSError:
            return
        with line:
            serve(line, host)


def test_this_user_is_known_by_the_kernels_word(path: str) -> None:
    own = pwd.getpwuid(os.getuid()).pw_name
    if own in ("root", "bandstand"):
        assert call(path, "status", {})["membership"] == "none"
        return
    with pytest.raises(RefusedByPeer, match=f"the user {own} may not ask"):
        call(path, "status", {})


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
def test_another_user_is_refused_even_where_the_socket_lets_it_in(path: str) -> None:
    nobody = pwd.getpwnam("nobody")
    program = _AS_NOBODY.format(uid=nobody.pw_uid, gid=nobody.pw_gid)

    said = subprocess.run(
        [sys.executable, "-I", "-c", program, path],
        capture_output=True, text=True, check=True, timeout=10,
    ).stdout  # fmt: skip

    assert '"code":"forbidden"' in said
    assert "the user nobody may not ask for restart" in said


def test_an_unknown_verb_is_an_answer_not_a_hang(path: str) -> None:
    with pytest.raises(UsageError, match="no such verb"):
        call(path, "reboot", {}, timeout_s=5)


def test_without_a_socket_it_says_who_starts_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "agent.apply.serve"],
        cwd=REPOSITORY, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert "bandstand-apply.socket" in done.stderr


def test_standard_input_is_the_connection() -> None:
    near, far = socket.socketpair()
    with near:
        started = subprocess.Popen(
            [sys.executable, "-m", "agent.apply.serve"],
            cwd=REPOSITORY, stdin=far.fileno(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        far.close()
        near.settimeout(10)
        near.sendall(b"hello\n")
        with near.makefile("rb") as stream:
            said = stream.readline()
        out, _ = started.communicate(timeout=10)

    assert said.startswith(b'{"error":{"code":"usage"')
    assert (started.returncode, out) == (0, b"")
