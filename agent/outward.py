"""What the status says goes on to those outside: to systemd's journal, and to vSphere.

Both follow status.json, whichever process wrote it, by its being replaced.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from agent.ask import sockets
from agent.ask.wire import call
from agent.errors import BandstandError, Fault
from agent.properties.guestinfo import is_possible
from agent.status import entries, fragment, merge, outside
from agent.status.merge import STATUS
from agent.system.changes import Changes
from agent.system.host import Host
from agent.typed import Any
from agent.values.json_object import rows_of, text_of

PROCESS = "outward"

# What goes on changing is told when it stood still for so long; each telling starts processes.
_STILL_S = 2.0
# A process that could not be asked is asked again, even if nothing changes.
_AGAIN_S = 300.0
# Ten calls of a tool, each with its limit.
_PUBLISH_S = 120.0

log = logging.getLogger(__name__)

Publish = Callable[[], Mapping[str, Any]]


def publish_of(host: Host) -> Publish:
    """Asks bandstand-apply: vSphere listens to root."""
    path = host.files.place(sockets.APPLY)
    return lambda: call(path, "publish", {}, timeout_s=_PUBLISH_S)


async def outward(host: Host, stop: asyncio.Event) -> None:
    """Runs until `stop`."""
    await follow(host, stop, Journal(host), Vsphere(host, publish_of(host)))


async def follow(host: Host, stop: asyncio.Event, journal: Journal, vsphere: Vsphere) -> None:
    """`outward` with a given way to tell each of them."""
    while not stop.is_set():
        try:
            await _look(host, stop, journal, vsphere)
        except OSError as error:
            # The kernel gives out only so many watches; what is told inside goes on without.
            log.warning("the status cannot be followed: %s", error)
            with suppress(TimeoutError):
                _ = await asyncio.wait_for(stop.wait(), _AGAIN_S)


async def _look(host: Host, stop: asyncio.Event, journal: Journal, vsphere: Vsphere) -> None:
    """Tell what the status says now, and wait until it says something else."""
    # Made before the reading: what comes between the two is not missed.
    with Changes(host.files.path(STATUS).parent) as changes:
        status = merge.published(host.files)
        if status:
            journal.look(status)
            vsphere.look(status)
        due_s = vsphere.due_s - host.clock.monotonic_s()
        if due_s <= 0:
            await vsphere.tell()
        else:
            await _news(changes, stop, due_s)


async def _news(changes: Changes, stop: asyncio.Event, timeout_s: float) -> None:
    loop, came = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(changes.fileno(), came.set)
    waits = [asyncio.ensure_future(event.wait()) for event in (came, stop)]
    try:
        limit_s = None if timeout_s == float("inf") else timeout_s
        _ = await asyncio.wait(waits, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        _ = loop.remove_reader(changes.fileno())
        for wait in waits:
            _ = wait.cancel()


@dataclass
class Journal:
    """Enters each state the node comes to, and faults as they come and go; those of first boot were
    entered by first boot.
    """

    host: Host
    _state: str = ""
    _standing: frozenset[Fault] | None = None

    def look(self, status: Mapping[str, Any]) -> None:
        self._faults(status)
        self._states(status)

    def _states(self, status: Mapping[str, Any]) -> None:
        state = text_of(status.get("state"))
        if state in ("", self._state):
            return
        self._state = state
        entries.state(
            self.host.files,
            state,
            phase=text_of(status.get("phase")),
            faults=len(rows_of(status.get("faults"))),
            source=text_of(status.get("source")),
        )

    def _faults(self, status: Mapping[str, Any]) -> None:
        standing = _faults(status)
        before = self._standing
        if before is None:
            before = _faults(fragment.get(self.host.files, "firstboot")) & standing
        for fault in sorted(standing - before):
            entries.fault(self.host.files, fault, phase=text_of(status.get("phase")))
        for fault in sorted(before - standing):
            entries.over(self.host.files, fault)
        self._standing = standing


def _faults(status: Mapping[str, Any]) -> frozenset[Fault]:
    """By what they say: the hint is filled in where faults are merged."""
    return frozenset(
        Fault(
            text_of(row.get("setting")), text_of(row.get("message")), code=text_of(row.get("code"))
        )
        for row in rows_of(status.get("faults"))
    )


@dataclass
class Vsphere:
    """Asks for the telling once what is to be told stood still; nothing where no VMware device is.

    The outcome stands in the status, as `guestinfo`.
    """

    host: Host
    publish: Publish
    due_s: float = float("inf")
    _is_possible: bool = field(init=False)
    _wanted: dict[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        self._is_possible = is_possible(self.host.files)

    def look(self, status: Mapping[str, Any]) -> None:
        if not self._is_possible:
            return
        wanted = outside.texts(status)
        if wanted != self._wanted:
            self._wanted, self.due_s = wanted, self.host.clock.monotonic_s() + _STILL_S

    async def tell(self) -> None:
        self.due_s = float("inf")
        try:
            said = await asyncio.to_thread(self.publish)
            told = {"told": said.get("told") is True, "because": text_of(said.get("because"))}
            if fragment.put(self.host.files, PROCESS, {"guestinfo": told}):
                log.info("vSphere: %s", told["because"] or "told")
                _ = merge.publish(self.host.files, self.host.clock)
        except (BandstandError, OSError) as error:
            log.warning("vSphere could not be told: %s", error)
            self.due_s = self.host.clock.monotonic_s() + _AGAIN_S
