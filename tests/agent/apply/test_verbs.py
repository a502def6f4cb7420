"""Who may ask bandstand-apply for what, and that each asking is written down."""

from __future__ import annotations

import json
import os
import pwd
from pathlib import Path
from typing import Any

import pytest

from agent.access import reference
from agent.access.policy import RULES
from agent.apply import restart, verbs
from agent.ask.serve import Peer
from agent.ask.wire import Request
from agent.audit.trail import TRAIL
from agent.errors import BandstandError, RefusedByPeer, UsageError
from agent.system.files import Files
from agent.system.host import Host
from agent.system.run import Completed

ROOT = Peer(1, 0, 0)


class Ran:
    """Stands in for the door to processes: notes what is run, all of it well."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, ...]] = []

    def __call__(self, *argv: str, **_: Any) -> Completed:
        self.calls.append(argv)
        return Completed(argv, 0, "", "")


@pytest.fixture
def ran() -> Ran:
    return Ran()


@pytest.fixture
def host(tmp_path: Path, ran: Ran) -> Host:
    return Host(files=Files(tmp_path), run=ran)


def trail(host: Host) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (host.files.read(TRAIL) or "").splitlines()]


def ask(host: Host, verb: str, peer: Peer = ROOT, **args: Any) -> dict[str, Any]:
    return verbs.handle(host, Request(verb, args), peer, lambda _: None)


def stranger() -> Peer:
    return Peer(4711, pwd.getpwnam("nobody").pw_uid, 1)


@pytest.mark.parametrize("verb", ["change", "restart", "status"])
def test_a_stranger_is_refused_and_written_down(host: Host, ran: Ran, verb: str) -> None:
    with pytest.raises(RefusedByPeer, match="nobody may not ask") as caught:
        ask(host, verb, stranger())

    assert caught.value.code == "forbidden"
    assert ran.calls == []
    assert [(row["who"], row["ended"]) for row in trail(host)] == [
        ("nobody (pid 4711)", "forbidden")
    ]


def test_a_user_without_a_name_is_refused_by_number(host: Host) -> None:
    with pytest.raises(RefusedByPeer, match="the user 3999999999 "):
        ask(host, "status", Peer(1, 3_999_999_999, 1))


def test_every_verb_has_its_rule() -> None:
    assert verbs.VERBS.keys() == RULES.keys()


@pytest.mark.parametrize("verb", ["", "Change", "reboot", "__class__", "x" * 10_000])
def test_an_unknown_verb_is_refused_with_those_there_are(host: Host, verb: str) -> None:
    with pytest.raises(UsageError) as caught:
        ask(host, verb)

    assert caught.value.code == "unknown-verb"
    assert caught.value.hint == f"known are {', '.join(verbs.VERBS)}"
    assert len(trail(host)[0]["verb"]) <= 40


def test_an_unknown_argument_is_refused_by_its_name(host: Host, ran: Ran) -> None:
    with pytest.raises(UsageError, match="restart does not know the argument 'units'") as caught:
        ask(host, "restart", units="nginx.service")

    assert caught.value.hint == "known arguments: unit"
    assert ran.calls == []


def test_a_known_unit_is_restarted(host: Host, ran: Ran) -> None:
    assert ask(host, "restart", unit="nginx.service") == {
        "unit": "nginx.service",
        "restarted": True,
    }
    assert ran.calls == [("systemctl", "restart", "nginx.service")]
    assert trail(host)[0]["about"] == {"unit": "nginx.service"}
    assert trail(host)[0]["ended"] == "done"


@pytest.mark.parametrize(
    "unit", ["ssh.service", "nginx", "nginx.service --force", "", None, ["nginx.service"], 7]
)
def test_no_other_unit_is(host: Host, ran: Ran, unit: object) -> None:
    with pytest.raises(UsageError, match="not restarted on request"):
        ask(host, "restart", unit=unit)
    assert ran.calls == []


def test_status_tells_of_units_and_writes_nothing_down(host: Host) -> None:
    told = ask(host, "status")

    assert told["membership"] == "none"
    assert told["units"] == dict.fromkeys(restart.UNITS, True)
    assert trail(host) == []


def test_the_trail_has_names_of_settings_and_no_values(host: Host) -> None:
    with pytest.raises(BandstandError):
        ask(host, "change", shared={"tls.key": "hunter2"}, membership="odd")

    assert trail(host)[0]["about"] == {"shared": "tls.key", "membership": "odd"}
    assert "hunter2" not in (host.files.read(TRAIL) or "")


@pytest.mark.parametrize(
    ("verb", "args", "about"),
    [
        ("node-set", {"settings": {"node.admin_password": "hunter2"}}, "node.admin_password"),
        ("node-set", {"settings": "node.admin_password=hunter2"}, "********"),
        ("join", {"join": "hunter2"}, "********"),
    ],
)
def test_nor_has_it_what_is_secret_as_it_is(
    host: Host, verb: str, args: dict[str, Any], about: str
) -> None:
    with pytest.raises(BandstandError):
        ask(host, verb, stranger(), **args)

    assert list(trail(host)[0]["about"].values()) == [about]
    assert "hunter2" not in (host.files.read(TRAIL) or "")


def test_our_own_user_has_a_name() -> None:
    assert Peer(1, os.getuid(), os.getgid()).user == pwd.getpwuid(os.getuid()).pw_name


def test_what_a_person_asks_for_is_written_down_also_where_it_only_looks(host: Host) -> None:
    for verb in ("check", "secrets", "support"):
        assert verbs.VERBS[verb].is_audited, verb
    with pytest.raises(BandstandError):
        ask(host, "settings", odd="x")
    assert [(row["verb"], row["ended"]) for row in trail(host)] == [("settings", "usage")]
    assert ask(host, "settings")["membership"] == "none"
    assert len(trail(host)) == 1


def test_the_page_names_what_is_not() -> None:
    """Those in its sentence about the trail, and no others."""
    told = reference.page().partition("**The trail.**")[2].partition("**The claim.**")[0]
    named = {verb for verb in verbs.VERBS if f"`{verb}`" in told}
    assert named == {verb for verb, one in verbs.VERBS.items() if not one.is_audited}


def test_a_form_that_is_taken_over_is_written_down(host: Host) -> None:
    """To open one, and to let it go, is not."""
    _ = host.files.write(f"/proc/{os.getpid()}/stat", f"1 (x) {'0 ' * 30}")
    ask(host, "editing", form="network")
    assert trail(host) == []
    ask(host, "editing", form="network", take_over=True)
    ask(host, "editing", form="network", done=True)
    assert [(row["verb"], row["about"]) for row in trail(host)] == [
        ("editing", {"form": "network", "take_over": "yes"})
    ]
