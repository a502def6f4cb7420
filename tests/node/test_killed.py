"""First boot is killed at its points, and the machine started again: the end is always the same.

Half of the machines lose their power at that moment. The other half only loses the process: systemd
starts the rescue, and the power goes after that.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.issuer import Issued, issue
from tests.lab.containers import Container
from tests.lab.environment import environment
from tests.lab.fleet import SETTLE_S, image_tree
from tests.lab.kernel import Kernel, kernel
from tests.lab.network import Network
from tests.lab.node import Node, Status
from tests.lab.site import Site
from tests.lab.wait import until
from tests.node import kill_point
from tests.node.conftest import PUBLIC_KEY

_LANES = 2
_FEWEST = 200
_MAC = "00:50:56:00:00:51"
_EVERY = 10
# By how many the points of two first boots may differ.
_SPARE = 8
_PROGRAM = "/usr/lib/lab/kill_point.py"
_IN_ITS_PLACE = f"[Service]\nExecStart=\nExecStart=/usr/bin/python3 -IS {_PROGRAM}\n"
_RESCUED = ("systemctl", "show", "--value", "-p", "ExecMainExitTimestampMonotonic")
# What others write: systemd, its journal, the lab itself.
_NOT_OURS = (
    "/boot/",
    "/etc/.pwd.lock",
    "/etc/.updated",
    "/etc/lab-",
    "/etc/ld.so.cache",
    "/root",
    "/usr/",
    "/var/.updated",
    "/var/cache/",
    "/var/lib/lab-",
    "/var/lib/systemd/",
    "/var/log/",
    "/var/tmp/",
)
# Drawn by each node for itself: only that it is there, whose it is and who may read it counts.
_DRAWN = re.compile(
    r"/etc/machine-id|/etc/shadow-?|/etc/ssh/ssh_host_.*|/etc/nginx/bandstand/pair-.*|.*/\.key"
    r"|/var/lib/bandstand/environment.json|/var/lib/bandstand/access/code.json"
    # How far the journal was sent.
    r"|/var/lib/private/bandstand-syslog/journal.state"
)
_PAIR = re.compile(r"pair-[0-9a-f]{16}")
_JOURNAL = "/var/lib/bandstand/journal/root.json"
_TOLD = ("phase", "state", "faults", "fallbacks", "network", "url", "url_answers")

State = Mapping[str, str]


@dataclass(frozen=True)
class End:
    """What a node is when first boot is over: its own files, its network, what it tells."""

    files: State
    network: Kernel
    told: State

    def differs(self, other: End) -> list[str]:
        """What is not as there, a line each."""
        lines = [
            f"{name}: {theirs.get(name, 'absent')} became {mine.get(name, 'absent')}"
            for mine, theirs in ((self.files, other.files), (self.told, other.told))
            for name in sorted({*mine, *theirs})
            if mine.get(name) != theirs.get(name)
        ]
        network = self.network.differs(other.network)
        return [*lines, *([network] if network else [])]


def _static(network: Network) -> dict[str, str]:
    return {
        "network.address": f"{network.address(51)}/24",
        "network.gateway": network.gateway,
        "network.dns": network.gateway,
        "node.name": "killed.lab",
        "node.admin_password": "correct horse battery",
        "node.ssh_keys": PUBLIC_KEY,
        "node.timezone": "Europe/Berlin",
    }


def _leased(network: Network) -> dict[str, str]:
    """The other ways through the stages: a lease, no IPv6, a pair of one's own, services."""
    pair = _pair()
    return {
        "network.ipv6": "off",
        "network.ntp": network.gateway,
        "network.http_proxy": f"http://{network.gateway}:3128",
        "node.name": "leased.lab",
        "node.ssh_keys": PUBLIC_KEY,
        "node.keyboard": "de",
        "node.syslog": f"udp://{network.gateway}:514",
        "node.updates": "off",
        "tls.certificate": pair.pem,
        "tls.key": pair.key_pem,
    }


Answers = Callable[[Network], dict[str, str]]
_ANSWERS: Mapping[str, Answers] = {"static": _static, "leased": _leased}


@functools.cache
def _pair() -> Issued:
    """One for all machines of a run, since the ends are compared."""
    now = datetime.now(UTC)
    begins, ends = now - timedelta(days=1), now + timedelta(days=90)
    return issue("leased.lab", begins=begins, ends=ends)


class Lane:
    """One machine after the other on a network of their own, all with the same answers, and by
    their MAC the same address.
    """

    def __init__(self, site: Site, answers: Answers) -> None:
        self._site, self._answers = site, answers
        self._network = Network(site)
        self._network.serve_dhcp()
        self._made = 0

    def undisturbed(self) -> tuple[End, list[str]]:
        """How it ends when nothing happens, and every point on the way there."""
        container = self._make(0)
        container.start(ready_s=None)
        end = self._end(container)
        points = (container.upper / kill_point.PASSED.lstrip("/")).read_text().splitlines()
        self._take_away(container)
        return end, points

    def killed(self, point: int) -> tuple[End, str]:
        """How it ends after it was killed at this point and started again, and where that was.

        Some points come only now and then: a folder that another unit may have made before, a
        start of what may run already. Without the last ones, it loses its power at the end.
        """
        container = self._make(point)
        container.start(ready_s=None)
        mark, over = (
            container.upper / name.lstrip("/") for name in (kill_point.KILLED, kill_point.OVER)
        )
        _ = until(lambda: mark.exists() or over.exists(), within_s=SETTLE_S, what=f"point {point}")
        passed = (container.upper / kill_point.PASSED.lstrip("/")).read_text().splitlines()
        assert len(passed) == point or point - len(passed) <= _SPARE, (point, passed[-1])
        if point % 2 and mark.exists():
            container.until(
                lambda: _ended(container, "bandstand-rescue"), within_s=SETTLE_S, what="rescue"
            )
        container.kill()
        container.start(ready_s=None)
        end = self._end(container)
        self._take_away(container)
        return end, passed[-1]

    def _make(self, point: int) -> Container:
        self._made += 1
        made = Container(self._site, self._network, image_tree(), name=f"k{self._made}")
        made.mac = _MAC
        made.give_environment(environment(self._answers(self._network), mac=made.mac))
        made.lay(_PROGRAM, Path(kill_point.__file__).read_text())
        made.lay(kill_point.ASKED, str(point))
        for unit in ("bandstand-firstboot", "bandstand-firstboot-later"):
            made.lay(f"/etc/systemd/system/{unit}.service.d/lab.conf", _IN_ITS_PLACE)
        return made

    def _end(self, container: Container) -> End:
        # Nothing of what is compared is asked at its address.
        node = Node(container.name, "", self._network, container, container.until)
        _ = node.wait_settled(within_s=SETTLE_S)
        status = node.wait_serving(within_s=SETTLE_S)
        return End(_files(container.upper), kernel(node), _told(status))

    def _take_away(self, container: Container) -> None:
        container.kill()
        shutil.rmtree(container.upper)


def _ended(container: Container, unit: str) -> bool:
    said = container.root(*_RESCUED, unit).stdout.strip()
    return said not in ("", "0")


def _told(status: Status) -> State:
    certificate: Mapping[str, Any] = status["certificate"]
    told = {key: status.get(key) for key in _TOLD}
    told |= {f"certificate.{key}": certificate[key] for key in ("source", "names")}
    return {key: json.dumps(value, sort_keys=True) for key, value in told.items()}


def _files(upper: Path) -> State:
    """What the node changed on its disk, each with its kind, mode, owner, and what it holds."""
    found: dict[str, str] = {}
    for folder, folders, names in os.walk(upper):
        for name in (*folders, *names):
            path = Path(folder, name)
            inside = f"/{path.relative_to(upper)}"
            if not inside.startswith(_NOT_OURS) and not (path.is_dir() and inside == "/usr"):
                found[_PAIR.sub("pair", inside)] = _describe(path, inside)
    pairs = [path.name for path in (upper / "etc/nginx/bandstand").glob("pair-*")]
    return {**found, "pairs of key and certificate": str(len(pairs))}


def _describe(path: Path, inside: str) -> str:
    about = path.lstat()
    rights = f"{about.st_mode:o} {about.st_uid}:{about.st_gid}"
    if path.is_symlink():
        return f"{rights} -> {_PAIR.sub('pair', str(path.readlink()))}"
    if not path.is_file() or _DRAWN.fullmatch(inside):
        return rights
    if inside == _JOURNAL:
        steps = json.loads(path.read_bytes())["steps"]
        return str(sorted((step["name"], step["state"]) for step in steps))
    return f"{rights} {hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"


def _killed(kind: str, first: int, every: int) -> tuple[str, list[str]]:
    """How many points of a first boot with these answers it was killed at, and what differed."""
    with ExitStack() as stack:
        lanes = [Lane(stack.enter_context(Site()), _ANSWERS[kind]) for _ in range(_LANES)]
        end, points = lanes[0].undisturbed()
        assert len(points) >= _FEWEST
        wanted = range(first, len(points) + 1, every)
        said = f"{len(wanted)} of {len(points)} points, {kind}"
        return said, _differences(lanes, wanted, end)


def _differences(lanes: Sequence[Lane], wanted: Sequence[int], undisturbed: End) -> list[str]:
    def along(number: int) -> list[str]:
        found: list[str] = []
        for point in wanted[number :: len(lanes)]:
            end, where = lanes[number].killed(point)
            found += [f"killed at {where}: {line}" for line in end.differs(undisturbed)]
        return found

    # Threads that start containers live as long as these: a child dies with the one it has.
    with ThreadPoolExecutor(len(lanes)) as pool:
        return [line for lines in pool.map(along, range(len(lanes))) for line in lines]


@pytest.mark.node
def test_killed_at_a_tenth_of_its_points_it_ends_the_same(
    record_property: Callable[[str, object], None],
) -> None:
    """The seed says which tenth, and of which answers."""
    seed = int(os.environ.get("BANDSTAND_SEED") or secrets.randbelow(1_000_000))
    kind = tuple(_ANSWERS)[seed // _EVERY % len(_ANSWERS)]
    said, found = _killed(kind, 1 + seed % _EVERY, _EVERY)
    record_property("killed", f"{said}, BANDSTAND_SEED={seed}")
    assert not found, "\n".join((f"BANDSTAND_SEED={seed}", *found))


@pytest.mark.soak
@pytest.mark.skipif(os.geteuid() != 0, reason="makes networks and containers: needs root")
@pytest.mark.parametrize("kind", _ANSWERS)
def test_killed_at_each_of_its_points_it_ends_the_same(
    kind: str, record_property: Callable[[str, object], None]
) -> None:
    said, found = _killed(kind, 1, 1)
    record_property("killed", said)
    assert not found, "\n".join(found)
