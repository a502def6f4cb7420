"""Canaries in every secret setting: no file, journal, bundle, process or core dump may hold one.

But for the places that are made for secrets, each with its reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.settings.declare import Row
from tests.lab.call import ask
from tests.lab.containers import Container
from tests.lab.fleet import SETTLE_S, Fleet, image_tree
from tests.lab.node import Node
from tests.lab.traces import Processes, Traces, shapes
from tests.node import watched_boot
from tests.node.canaries import Variety, accepted, canary_of, refused, secret_rows

_VARIETIES = (*accepted(), refused())
_PROGRAM = "/usr/lib/lab/watched_boot.py"
_IN_ITS_PLACE = f"[Service]\nExecStart=\nExecStart=/usr/bin/python3 -IS {_PROGRAM}\n"
_OF_FIRST_BOOT = "/run/bandstand/status.d/firstboot.json"
_BUNDLE = "/var/tmp/canary.tar.gz"
_DIES = ("bandstand-agent.service", "bandstand-portal.service", "nginx.service")
# Files that may hold secrets, for root's eyes or their owner's alone, and why they do.
_PLACES = {
    r"/etc/bandstand/secrets/[^/]+": "the store",
    r"/var/lib/bandstand/acts/cluster\.[a-z_]+": "an act that waits until it is done",
    r"/etc/nginx/bandstand/pair-[0-9a-f]+/key\.pem": "nginx serves with it",
    r"/etc/apt/apt\.conf\.d/90bandstand-proxy": "apt shows it to the proxy",
    r"/etc/bandstand/answers\.json": "the operator's own; `bandstand node secrets` names it",
}
# Not the node's: what vSphere keeps, as the lab stands in for it.
_OUTSIDE = "/etc/lab-ovf-env.xml"
_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----[\\nr\s]+[A-Za-z0-9+/]{40}")
# Everybody's: it signs with keys of its own making to see whether it can.
_TESTS_ITSELF = "libgnutls.so."
_SHOWS = (
    ("bandstand", "status", "--json"),
    ("bandstand", "status"),
    ("bandstand", "node", "show", "--json"),
    ("bandstand", "node", "cert", "show", "--json"),
    ("bandstand", "node", "secrets", "--json"),
    ("bandstand", "cluster", "status", "--json"),
    ("systemctl", "show", "--all", "bandstand-*", "nginx.service"),
)


@pytest.mark.parametrize("row", secret_rows(), ids=lambda row: row.key)
def test_every_secret_setting_has_a_canary(row: Row) -> None:
    """A new one is planted by itself, or named here."""
    if row.is_secret:
        assert canary_of(row).marks
    assert refused().marks[row.key]


def test_every_secret_setting_is_accepted_once_and_refused_once() -> None:
    *good, bad = _VARIETIES
    planted = [key for variety in good for key in variety.marks]
    assert len(planted) == len(set(planted))
    assert set(planted) >= {row.key for row in secret_rows() if row.is_secret}
    assert bad.marks.keys() == {row.key for row in secret_rows()}


@pytest.mark.parametrize("before", range(4))
def test_a_trace_is_found_in_each_shape(before: int, tmp_path: Path) -> None:
    """Or none of the rest would show anything."""
    import base64

    traces = Traces({"a secret": [b"correct horse"], "another": [b"battery staple"]})
    data = b"x" * before + b"correct horse" + b"y" * 5
    texts = [data, data.hex().encode(), base64.b64encode(data), base64.urlsafe_b64encode(data)]
    for number, text in enumerate(texts):
        assert traces.in_data(text) == {"a secret"}
        (tmp_path / "root/run").mkdir(parents=True, exist_ok=True)
        (tmp_path / f"root/run/{number}").write_bytes(b"\0\xff" + text + b"\n")
    (tmp_path / "root/run/none").write_bytes(b"correct horsf")
    found = traces.in_tree(tmp_path / "root", tmp_path)
    assert found == {f"/run/{number}": {"a secret"} for number in range(len(texts))}
    assert all(len(shape) > 12 for shape in shapes(b"correct horse"))


@dataclass(frozen=True)
class Planted:
    """A node that was answered with canaries, booted and used."""

    variety: Variety
    container: Container
    node: Node
    traces: Traces
    said: Mapping[str, str]
    processes: Processes

    @property
    def is_accepted(self) -> bool:
        return self.variety.name != "refused"


@pytest.fixture(scope="module", params=_VARIETIES, ids=lambda variety: variety.name)
def planted(fleet: Fleet, request: pytest.FixtureRequest) -> Iterator[Planted]:
    variety: Variety = request.param
    traces = Traces(variety.marks)
    container = _made(fleet, variety)
    with Processes(traces) as processes:
        node = fleet.boot(container)
        said = _used(node)
        for unit in _DIES:
            _dies(node, unit)
    yield Planted(variety, container, node, traces, said, processes)
    container.power_off()


def _made(fleet: Fleet, variety: Variety) -> Container:
    """The refused ones come by a file, since XML has not all characters."""
    if variety.name == "refused":
        made = fleet.make(variety.name)
        made.give_answers(variety.answers)
    else:
        made = fleet.make(variety.name, variety.answers)
    made.lay(_PROGRAM, Path(watched_boot.__file__).read_text())
    made.lay("/etc/systemd/system/bandstand-firstboot.service.d/lab.conf", _IN_ITS_PLACE)
    return made


def _used(node: Node) -> dict[str, str]:
    """Whatever it shows to anybody."""
    _ = node.wait_serving(within_s=SETTLE_S)
    said = {"/cluster": node.get("/cluster").body, "/": node.get("/").body}
    _ = node.check("bandstand", "node", "support", _BUNDLE, within_s=120)
    said["bundle"] = node.check("tar", "-xzOf", _BUNDLE)
    for argv in _SHOWS:
        shown = node.shell.root(*argv)
        said[" ".join(argv)] = shown.stdout + shown.stderr
    return said


def _dies(node: Node, unit: str) -> None:
    """As by a fault of memory, which makes a core dump where one may be made."""
    _ = node.check("systemctl", "kill", "--kill-whom=main", "--signal=SEGV", unit)
    node.until(lambda: "status=11/SEGV" in _told(node, unit), within_s=20, what=f"{unit} dead")


def _told(node: Node, unit: str) -> str:
    return node.check("journalctl", "--no-pager", "-o", "cat", "-b", "-u", unit)


@pytest.mark.node
def test_the_answers_fared_as_they_should(planted: Planted) -> None:
    """As first boot says it: that nobody answers to the join string is another fault."""
    told = json.loads(planted.node.read(_OF_FIRST_BOOT))
    faulty = {fault["setting"] for fault in told["faults"]}
    assert faulty == (set() if planted.is_accepted else set(planted.variety.marks))


@pytest.mark.node
def test_no_file_holds_a_canary_but_those_made_for_secrets(planted: Planted) -> None:
    """Of the whole tree as it stands while it runs, the journal's own files and /run with it."""
    found = planted.traces.in_tree(planted.container.seen, planted.container.folder)
    assert (_OUTSIDE in found) is planted.is_accepted
    inside = {path: names for path, names in found.items() if path != _OUTSIDE}
    stray = {path: names for path, names in inside.items() if not _place(path)}
    assert not stray
    # Each was found somewhere, so that the search finds what there is.
    assert set().union(*inside.values()) == set(planted.variety.marks)
    for path in inside:
        mode = (planted.container.seen / path.lstrip("/")).stat().st_mode
        assert mode & 0o077 == 0, f"{path} is open to others: {mode:o}"


def _place(path: str) -> str:
    """Why secrets stand there, if they may."""
    return next((why for place, why in _PLACES.items() if re.fullmatch(place, path)), "")


@pytest.mark.node
def test_nothing_that_it_shows_holds_a_canary(planted: Planted) -> None:
    shown = {**planted.said, "journal": planted.node.check("journalctl", "-o", "export")}
    found = {name: planted.traces.in_text(text) for name, text in shown.items()}
    assert not {name: secrets for name, secrets in found.items() if secrets}
    assert all(len(text) > 20 for text in shown.values()), {n: len(t) for n, t in shown.items()}


@pytest.mark.node
def test_no_process_had_a_canary_among_its_arguments(planted: Planted) -> None:
    """What first boot started is written down, every one; of all others, what was seen of them."""
    started = planted.node.read(watched_boot.STARTED)
    assert not planted.processes.found
    assert not planted.traces.in_text(started)
    assert planted.processes.count > 50
    has_password = planted.is_accepted and "node.admin_password" in planted.variety.marks
    assert ("chpasswd" in started) is has_password


@pytest.mark.node
def test_no_memory_is_dumped(planted: Planted) -> None:
    """First boot with all that it read died, and so did those that hold keys."""
    signal, was_dumped, limits = planted.node.read(watched_boot.ABORTED).split(" ", 2)
    assert (signal, was_dumped, limits) == ("6", "False", "(0, 0)")
    for unit in _DIES:
        assert "code=killed, status=11/SEGV" in _told(planted.node, unit)
    said = planted.node.check("systemctl", "show", "-p", "LimitCORE", "*.service").split()
    assert len(said) > 20
    assert set(said) == {"LimitCORE=0"}


@pytest.mark.node
def test_the_image_itself_holds_nobodys_secret() -> None:
    """Neither keys nor passwords of whoever built it; programs know how a key begins."""
    tree = image_tree()
    found = ask("grep", "-rlaFs", "--devices=skip", "PRIVATE KEY-----", str(tree)).stdout
    keys = [
        name
        for name in found.splitlines()
        if _KEY.search(Path(name).read_bytes()) and not Path(name).name.startswith(_TESTS_ITSELF)
    ]
    assert len(found.splitlines()) > 5
    assert not keys
    words = [line.split(":")[1] for line in (tree / "etc/shadow").read_text().splitlines()]
    assert all(word.startswith(("!", "*")) for word in words), words
    assert not list((tree / "etc/bandstand/secrets").iterdir())
