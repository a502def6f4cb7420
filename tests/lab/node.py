"""A node as it is seen from outside, be it a guest or a container."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from tests.lab import web
from tests.lab.call import LabError, Said
from tests.lab.network import Network

Status = Mapping[str, Any]
STATUS = "/run/bandstand/status.json"


class Shell(Protocol):
    """A way to run a program as root in a node."""

    def root(self, *argv: str, stdin: str | None = None, within_s: float = 60) -> Said: ...


class Until(Protocol):
    """Wait for something that this node brings about, and notice when it died."""

    def __call__(self, look: Callable[[], Any], *, within_s: float, what: str) -> Any: ...


@dataclass(frozen=True)
class Node:
    """Its name, its address, and the ways in."""

    name: str
    address: str
    network: Network
    shell: Shell
    until: Until

    def check(self, *argv: str, stdin: str | None = None, within_s: float = 60) -> str:
        """What a program wrote; raises LabError with its last words when it fails."""
        said = self.shell.root(*argv, stdin=stdin, within_s=within_s)
        if not said.ok:
            words = (said.stderr.strip() or said.stdout.strip())[-1000:]
            raise LabError(f"{self.name}: {' '.join(argv[:5])}: status {said.returncode}: {words}")
        return said.stdout

    def ask(self, *argv: str, stdin: str | None = None, within_s: float = 60) -> Any:
        """What a program said as JSON."""
        return json.loads(self.check(*argv, stdin=stdin, within_s=within_s))

    def read(self, path: str) -> str:
        return self.check("cat", path)

    def status(self) -> Status:
        """As status.json tells it; empty while there is none. Cheap enough to be asked often."""
        said = self.shell.root("cat", STATUS)
        found: Status = json.loads(said.stdout) if said.ok else {}
        return found

    def wait(self, true: Callable[[Status], bool], *, within_s: float, what: str) -> Status:
        """The first status of which something is true."""
        last: list[Status] = [{}]

        def look() -> Status | None:
            last[0] = self.status()
            return last[0] if true(last[0]) else None

        try:
            seen: Status = self.until(look, within_s=within_s, what=what)
        except LabError as error:
            raise LabError(f"{error}\nlast status of {self.name}: {json.dumps(last[0])}") from error
        return seen

    def wait_settled(self, *, within_s: float) -> Status:
        """First boot is over, however it ended."""
        return self.wait(settled, within_s=within_s, what="the end of first boot")

    def wait_serving(self, *, within_s: float) -> Status:
        """Its own pages answered the node itself."""
        return self.wait(serving, within_s=within_s, what="pages that answer")

    def wait_link(self, state: str, *, within_s: float) -> Status:
        """Its card is told to be `up`, or `down`."""
        return self.wait(
            lambda status: status.get("network", {}).get("link") == state,
            within_s=within_s,
            what=f"a link that is {state}",
        )

    def wait_member(self, *, within_s: float) -> Status:
        return self.wait(is_member, within_s=within_s, what="membership")

    def get(self, path: str) -> web.Reply:
        return web.get(self.network, self.address, path)

    def health(self) -> int:
        return self.get("/healthz").status


def settled(status: Status) -> bool:
    """First boot is over, ready, degraded or with a fault, and the agent has taken over.

    Whether it joins by now, and how far it is with that, is another question.
    """
    phase, state = status.get("phase"), status.get("state")
    is_over = phase == "cluster" or (phase == "ready" and state != "working")
    return is_over and "network" in status and "cluster" in status


def serving(status: Status) -> bool:
    return status.get("url_answers") is True


def cluster_of(status: Status) -> Status:
    found: Status = status.get("cluster") or {}
    return found


def is_member(status: Status) -> bool:
    return cluster_of(status).get("state") == "member"


def active_members(status: Status) -> tuple[str, ...]:
    """The names of the members that are active, in order."""
    members = cluster_of(status).get("members") or ()
    return tuple(sorted(str(row["name"]) for row in members if row.get("state") == "active"))
