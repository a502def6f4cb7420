"""`bandstand node secrets` and `support`: through bandstand-apply, by root also without it."""

from __future__ import annotations

import json
import socket
import threading
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agent.ask import sockets
from agent.ask.serve import Handle, Peer, TellStep, answer
from agent.ask.wire import Request
from agent.audit.trail import TRAIL
from agent.commands import secrets, support
from agent.commands.answer import Answer
from agent.errors import Fault, NotReachable, UsageError
from agent.system.files import Files
from agent.system.host import Host
from tests.fakes.clock import FakeClock
from tests.fakes.run import FakeRun

CANARY = "canary-91c0-horse"


@pytest.fixture
def host(tmp_path: Path) -> Host:
    run = FakeRun()
    run.on("mount", returncode=32)
    run.on("vmtoolsd", returncode=1)
    return Host(files=Files(tmp_path), run=run, clock=FakeClock())


@pytest.fixture
def as_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)


@pytest.fixture
def as_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)


def asked(module: Any, host: Host, **more: Any) -> Answer:
    found = module.run(Namespace(host=host, **more))
    assert isinstance(found, Answer)
    return found


@contextmanager
def answering(host: Host, act: Handle) -> Iterator[None]:
    """A bandstand-apply for one connection."""
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(host.files.made_room(sockets.APPLY))
        door.listen()

        def serve() -> None:
            line, _ = door.accept()
            with line:
                answer(line, act)

        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join()


def trail(host: Host) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (host.files.read(TRAIL) or "").splitlines()]


@pytest.mark.usefixtures("as_root")
def test_no_secret_outside_is_said_with_where_it_looked(host: Host) -> None:
    answer = asked(secrets, host)
    assert answer.exit_code == 0
    assert answer.data["secrets"] == []
    assert "No secret stands" in answer.words
    assert "/etc/bandstand/answers.yaml" in answer.words


@pytest.mark.usefixtures("as_root")
def test_those_that_stand_are_listed_with_the_ways(tmp_path: Path) -> None:
    run = FakeRun()
    space = "http://schemas.dmtf.org/ovf/environment/1"
    odd = "x';Remove-VM NAME.password"
    rows = "".join(
        f'<Property oe:key="{key}" oe:value="{CANARY}"/>'
        for key in ("tls.key", "guestinfo.root_password", odd)
    )
    run.on(
        "vmtoolsd",
        stdout=f'<Environment xmlns="{space}" xmlns:oe="{space}">'
        f"<PropertySection>{rows}</PropertySection></Environment>",
    )
    host = Host(files=Files(tmp_path), run=run, clock=FakeClock())
    _ = host.files.write("/run/systemd/container", "test")

    answer = asked(secrets, host)

    assert answer.exit_code == 0
    assert set(answer.data["secrets"]) == {"tls.key", "guestinfo.root_password", odd}
    assert set(answer.data["blank"]) == {"vSphere client", "PowerCLI", "govc"}
    assert "'guestinfo.root_password,tls.key'.Split" in answer.data["blank"]["PowerCLI"]
    assert all("\n" not in way for way in answer.data["blank"].values())
    assert CANARY not in answer.words + json.dumps(dict(answer.data))


@pytest.mark.usefixtures("as_root")
def test_a_secret_in_the_answers_file_is_removed_there(host: Host) -> None:
    _ = host.files.write("/etc/bandstand/answers.json", json.dumps({"tls.key": CANARY}))
    answer = asked(secrets, host)
    assert answer.data["blank"] == {"editor": "remove their lines from /etc/bandstand/answers.json"}


@pytest.mark.parametrize(
    ("source", "ways"),
    [
        ("medium BANDSTAND: answers.yaml", {"medium"}),
        ("disc in /dev/sr0: answers.json", {"disc"}),
        ("disc in /dev/sr0", {"vSphere client", "PowerCLI", "govc"}),
        ("guestinfo", {"vSphere client", "PowerCLI", "govc"}),
    ],
)
def test_the_ways_are_those_of_the_source(source: str, ways: set[str]) -> None:
    """An answers file is in no vApp options."""
    assert set(secrets.ways_to_blank(["tls.key"], source)) == ways


@pytest.mark.usefixtures("as_somebody")
def test_what_could_not_be_read_is_no_all_clear(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked_of_apply(*_: object, **__: object) -> dict[str, Any]:
        fault = Fault("node.name", "cannot be told")
        return {"secrets": [], "source": "guestinfo", "faults": [fault.as_json()]}

    monkeypatch.setattr("agent.commands.secrets.ask", asked_of_apply)
    answer = asked(secrets, host)
    assert answer.exit_code == 3
    assert "node.name: cannot be told" in answer.words


@pytest.mark.usefixtures("as_root")
def test_a_bundle_goes_where_it_is_asked_to(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()

    def absolute(path: Path) -> Path:
        return Path("/here") / path

    monkeypatch.setattr(Path, "absolute", absolute)
    answer = asked(support, host, file="b.tar.gz")
    assert answer.data["file"] == "/here/b.tar.gz"
    assert (tmp_path / "here/b.tar.gz").stat().st_size == answer.data["bytes"]
    assert "/here/b.tar.gz" in answer.words


@pytest.mark.usefixtures("as_root")
def test_a_bundle_without_a_name_lies_in_its_folder(host: Host) -> None:
    file = str(asked(support, host, file=None).data["file"])
    assert file.startswith("/var/lib/bandstand/support/bandstand-support-")
    assert host.files.exists(file)


@pytest.mark.usefixtures("as_root")
@pytest.mark.parametrize(("module", "verb"), [(secrets, "secrets"), (support, "support")])
def test_where_apply_is_down_root_does_it_and_it_stands_in_the_trail(
    host: Host, module: Any, verb: str
) -> None:
    _ = asked(module, host, file=None)
    assert [(row["verb"], row["ended"]) for row in trail(host)] == [(verb, "done")]


@pytest.mark.outside
@pytest.mark.usefixtures("as_root")
@pytest.mark.parametrize(
    ("module", "verb", "said"),
    [
        (secrets, "secrets", {"secrets": ["tls.key"], "source": "guestinfo", "faults": []}),
        (support, "support", {"file": "/there/b.tar.gz", "bytes": 5, "contents": []}),
    ],
)
def test_where_apply_is_up_root_asks_it_too(
    host: Host, module: Any, verb: str, said: dict[str, Any]
) -> None:
    verbs: list[str] = []

    def act(request: Request, _: Peer, __: TellStep) -> dict[str, Any]:
        verbs.append(request.verb)
        return said

    with answering(host, act):
        assert asked(module, host, file=None).data.items() >= said.items()
    assert verbs == [verb]
    # That is apply's to write.
    assert trail(host) == []


@pytest.mark.usefixtures("as_root")
def test_a_file_of_roots_choice_stands_in_the_trail_as_well(host: Host, tmp_path: Path) -> None:
    """Apply could not write there."""
    (tmp_path / "here").mkdir()
    support.run(Namespace(host=host, file="/here/b.tar.gz"))
    with pytest.raises(UsageError):
        support.run(Namespace(host=host, file="/nowhere/b.tar.gz"))
    rows = [(row["who"].split()[0], row["face"], row["about"], row["ended"]) for row in trail(host)]
    assert rows == [
        ("root", "command", {"file": "/here/b.tar.gz"}, "done"),
        ("root", "command", {"file": "/nowhere/b.tar.gz"}, "usage"),
    ]


@pytest.mark.usefixtures("as_somebody")
@pytest.mark.parametrize("module", [secrets, support])
def test_others_ask_apply(host: Host, module: Any) -> None:
    with pytest.raises(NotReachable, match=r"apply\.sock"):
        _ = asked(module, host, file=None)


@pytest.mark.usefixtures("as_somebody")
def test_only_root_names_a_file(host: Host) -> None:
    with pytest.raises(UsageError, match="by root"):
        _ = asked(support, host, file="b.tar.gz")
