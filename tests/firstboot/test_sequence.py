"""The sequence around the stages: what is read, kept, refused and told again."""

from __future__ import annotations

import json
from ipaddress import IPv4Interface
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest

from agent.accepted import acts, claim, refused, store
from agent.access import code, recovery
from agent.apply import network
from agent.apply.node import set_node
from agent.settings.cluster import Cluster
from agent.settings.declare import Face
from agent.settings.secret import Secret
from agent.steps.run import untold
from agent.system import resolver
from agent.system.files import Files
from agent.system.host import Host
from agent.values import join_string
from firstboot.sequence import CONFIGURED, boot
from tests.fakes.clock import FakeClock
from tests.fakes.kernel import Net
from tests.fakes.run import Call, FakeRun

_GOOD = {"network.address": "192.0.2.10/24", "network.gateway": "192.0.2.1", "network.dns": "none"}


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(files=Files(tmp_path), run=FakeRun())


def _answers(host: Host, answers: dict[str, str]) -> None:
    _ = host.files.write("/etc/bandstand/answers.json", json.dumps(answers))


def _status(host: Host) -> dict[str, Any]:
    return dict(json.loads(host.files.read("/run/bandstand/status.json") or "{}"))


def test_answers_are_accepted_once_and_hold(host: Host) -> None:
    _answers(host, _GOOD)
    assert not boot(host, stages=()).faults
    _answers(host, {"network.address": "198.51.100.7/24"})
    assert not boot(host, stages=()).faults
    held = store.load(host.files)
    assert held.own.network.interface == IPv4Interface("192.0.2.10/24")
    assert host.files.exists(CONFIGURED)
    assert _status(host)["phase"] == "ready"


def test_a_refused_category_takes_its_fallback_and_is_told_again(host: Host) -> None:
    _answers(host, {**_GOOD, "network.gateway": "203.0.113.1", "node.timezone": "Europe/Berlin"})
    first = boot(host, stages=())
    assert [fault.setting for fault in first.faults] == ["network.gateway"]
    assert [(fall.category, fall.took) for fall in first.fallbacks] == [("network", "DHCP")]
    held = store.load(host.files)
    assert not held.own.network.is_static
    assert held.own.node.timezone == "Europe/Berlin"
    assert boot(host, stages=()) == first
    assert _status(host)["state"] == "degraded"


def test_what_was_refused_is_kept_for_the_forms_and_no_secret_with_it(host: Host) -> None:
    wrong = {**_GOOD, "network.gateway": "203.0.113.1", "node.timezone": "Berlin"}
    _answers(host, {**wrong, "node.name": "n1", "node.admin_password": "horse\x00battery"})
    _ = boot(host, stages=())
    assert refused.load(host.files).asked == wrong
    assert "horse" not in (host.files.read(refused.FILE) or "")


def test_where_nothing_is_refused_no_text_is_kept(host: Host) -> None:
    _answers(host, _GOOD)
    _ = boot(host, stages=())
    assert "asked" not in (host.files.read(refused.FILE) or "")


def test_nobody_said_anything(host: Host) -> None:
    assert not boot(host, stages=()).faults
    assert store.load(host.files).source == "defaults"


def test_a_join_string_becomes_an_act_and_is_not_stored(host: Host) -> None:
    text = join_string.format(join_string.generate([join_string.parse_seed("192.0.2.11")]))
    _answers(host, {"cluster.join": text})
    assert not boot(host, stages=()).faults
    assert set(acts.pending(host.files)) == {"cluster.join"}
    assert text not in (host.files.read("/etc/bandstand/settings.json") or "")


def test_an_init_becomes_an_act_with_its_database_and_is_not_stored(host: Host) -> None:
    _answers(
        host,
        {
            "cluster.init": "True",
            "cluster.admin_user": "operator",
            "cluster.admin_password": "canary battery",
            "cluster.recovery_public_key": (
                "MCowBQYDK2VuAyEAhSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo="
            ),
            "database.host": "db.test",
            "database.name": "board",
            "database.user": "board",
            "database.password": "canary horse",
        },
    )
    assert not boot(host, stages=()).faults
    texts = claim.texts_of(acts.pending(host.files)["cluster.init"])
    assert texts["cluster.admin_password"] == "canary battery"
    assert texts["database.password"] == "canary horse"
    places = [path for path in host.files.root.rglob("*") if path.is_file()]
    spilt = [path.parent.name for path in places if b"canary battery" in path.read_bytes()]
    assert sorted(spilt) == ["acts", "bandstand"]  # the answers file itself
    assert store.load(host.files).own.cluster == Cluster()


_WHOLE = {
    "network.address": "192.0.2.10",
    "network.netmask": "24 (255.255.255.0)",
    "network.gateway": "192.0.2.1",
    "network.dns": "192.0.2.53; 192.0.2.54",
    "guestinfo.hostname": "Node1.Example.COM",
    "node.admin_password": 'p&ss <w"rd> $1% ö',
    "node.ssh": "yes",
    "cluster.name": "R&D <west> 'ü' \\ ` $HOME",
}


def _environment() -> str:
    rows = "".join(
        f"<Property oe:key={quoteattr(key)} oe:value={quoteattr(text)}/>"
        for key, text in _WHOLE.items()
    )
    return f"<Environment><PropertySection>{rows}</PropertySection></Environment>"


def _by_guestinfo(host: Host, run: FakeRun) -> None:
    _ = host.files.write("/sys/bus/pci/devices/0000:00:0f.0/vendor", "0x15ad\n")
    run.on("vmtoolsd", stdout=_environment())


def _on_mount(host: Host, run: FakeRun, name: str, text: str) -> None:
    def mount(call: Call) -> None:
        assert call.argv[-1] == "/run/bandstand/disc"
        _ = host.files.write(f"/run/bandstand/disc/{name}", text)

    run.on("mount", effect=mount)


def _by_disc(host: Host, run: FakeRun) -> None:
    _ = host.files.write("/dev/sr0", "")
    _on_mount(host, run, "ovf-env.xml", _environment())


def _by_medium(host: Host, run: FakeRun) -> None:
    _ = host.files.write("/dev/disk/by-label/BANDSTAND", "")
    _on_mount(host, run, "answers.json", json.dumps(_WHOLE))


def _by_yaml(host: Host, __: FakeRun) -> None:
    text = "".join(f"{key}: {json.dumps(text)}\n" for key, text in _WHOLE.items())
    _ = host.files.write("/etc/bandstand/answers.yaml", text)


def _by_json(host: Host, _: FakeRun) -> None:
    _answers(host, _WHOLE)


def _at_the_console(host: Host) -> None:
    """The network by a trial that is confirmed, the rest by a form, on a node told nothing."""
    assert not boot(host, stages=()).faults
    net = Net()
    net.plug("ens32")
    turn = network.Turn(host, untold, (), net.open, patience_s=0)
    card = {key: text for key, text in _WHOLE.items() if key.startswith("network.")}
    others = {key: text for key, text in _WHOLE.items() if key not in card}
    assert network.attempt(turn, {"settings": card})["state"] == "waiting"
    _ = network.confirm(turn)
    _ = set_node(
        host, {"settings": others}, lambda _: None, face=Face.CONSOLE, stages=(), patience_s=0
    )


def _stored(host: Host) -> tuple[str | None, ...]:
    names = host.files.names("/etc/bandstand/secrets")
    return (host.files.read(store.OWN), *names, *map(host.files.read, names))


def _none_is_silent(*_: object, **__: object) -> tuple[()]:
    return ()


def _numbered_as_first(host: Host) -> tuple[str | None, ...]:
    """The same, had all been said at once: each time that settings are kept has a number."""
    fresh = Host(Files(host.files.path("/at-once")))
    _ = store.save(fresh.files, store.load(host.files))
    return _stored(fresh)


def test_the_same_answers_are_the_same_bytes_whatever_way_they_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ways = (_by_guestinfo, _by_disc, _by_medium, _by_yaml, _by_json)
    texts: set[tuple[str | None, ...]] = set()
    sources: set[str] = set()
    host = Host()
    for way in ways:
        run = FakeRun()
        host = Host(Files(tmp_path / way.__name__), run)
        way(host, run)
        assert not boot(host, stages=()).faults
        sources.add(_status(host)["source"])
        texts.add(_stored(host))
    monkeypatch.setattr(resolver, "silent", _none_is_silent)
    console = Host(Files(tmp_path / "console"), FakeRun(), FakeClock())
    _at_the_console(console)
    assert _numbered_as_first(console) == next(iter(texts))
    assert len(sources) == len(ways)
    assert store.load(host.files).own.node.admin_password == Secret('p&ss <w"rd> $1% ö')


def test_the_one_time_code_is_made_by_the_first_boot(host: Host) -> None:
    _answers(host, _GOOD)
    _ = boot(host, stages=())
    made = code.load(host.files)
    assert made is not None
    assert made.text not in json.dumps(_status(host))
    _ = boot(host, stages=())
    assert code.load(host.files) == made


def test_a_later_boot_makes_none(host: Host) -> None:
    _ = boot(host, stages=())
    _ = code.void(host.files)
    _ = boot(host, stages=())
    assert code.load(host.files) is None


def test_a_node_that_properties_claim_has_none(host: Host) -> None:
    string = join_string.format(join_string.generate([join_string.parse_seed("192.0.2.11")]))
    _answers(host, {**_GOOD, "cluster.join": string})
    assert not boot(host, stages=()).faults
    assert acts.pending(host.files)
    assert code.load(host.files) is None


def test_a_recovery_is_told_by_every_boot_until_it_was_seen(host: Host) -> None:
    recovery.note(host.files, host.clock, "network-set")
    _ = host.files.remove("/run/bandstand")
    _ = boot(host, stages=())
    assert _status(host)["recovery"]["verbs"] == ["network-set"]
    _ = recovery.seen(host.files)
    _ = host.files.remove("/run/bandstand")
    _ = boot(host, stages=())
    assert "recovery" not in _status(host)
