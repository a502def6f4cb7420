"""bandstand-agent: keeps the status true, answers peers and the command line, lives the cluster."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from agent.accepted import store
from agent.accepted.store import Membership
from agent.ask import sockets
from agent.ask.line import Line
from agent.ask.serve import Peer, TellStep, answer_stream
from agent.ask.wire import LIMIT_BYTES, Request
from agent.cluster.resident import Resident
from agent.cluster.site import Change, Place, Site
from agent.cluster.verbs import handle
from agent.errors import NotNow
from agent.outward import outward
from agent.peer.door import PeerDoor
from agent.system import own
from agent.system.files import Files
from agent.system.host import Host
from agent.system.systemd import notify
from agent.typed import Any
from agent.values.address import bracketed
from agent.values.join_string import DEFAULT_PORT
from agent.watch.rounds import watch

_RELEASE = "/etc/bandstand/release"
_BOOT_ID = "/proc/sys/kernel/random/boot_id"
log = logging.getLogger(__name__)

# A change may wait for first boot to let go of the lock, and for nginx to reload.
_PATIENCE_S = 180
_AFTER_OUR_OWN_ERROR_S = 10
# bandstand-apply holds a connection of ours twice as long.
_WARM_S = 60
# Less than a person who turns a node off wants to wait, more than any step in flight needs.
_LEAVE_WITHIN_S = 3


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s", stream=sys.stderr)
    asyncio.run(_until_told(Host()))
    return 0


async def _until_told(host: Host) -> None:
    stop = asyncio.Event()

    def told() -> None:
        stop.set()
        leave_within(_LEAVE_WITHIN_S)

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told)
    await serve(host, stop)


def leave_within(wait_s: float) -> None:
    """End this process by then, whatever still blocks in a thread: a dead database, a silent seed.

    All that the agent does may be cut at any moment, as by a power cut, and is taken up again.
    """

    def leave() -> None:
        log.warning("work in flight is left after %g s; the next start takes it up", wait_s)
        logging.shutdown()
        os._exit(0)

    timer = threading.Timer(wait_s, leave)
    timer.daemon = True
    timer.start()


async def serve(host: Host, stop: asyncio.Event) -> None:
    """All that the agent does, until `stop`; a part that dies takes the process with it."""
    door = PeerDoor(asyncio.get_running_loop(), "0.0.0.0", DEFAULT_PORT)  # noqa: S104
    line = line_of(host.files)
    resident = Resident(site_of(host, line), door)
    try:
        async with listening(host.files, resident), asyncio.TaskGroup() as group:
            _ = group.create_task(watch(host, stop))
            _ = group.create_task(outward(host, stop))
            _ = group.create_task(live(resident, stop))
            _ = group.create_task(_feed_watchdog(stop))
            _ = notify("READY=1")
            _ = await stop.wait()
            resident.halt()
    finally:
        _ = notify("STOPPING=1")
        resident.halt()
        line.close()
        await asyncio.to_thread(door.close)


async def live(resident: Resident, stop: asyncio.Event) -> None:
    """Round after round, each in a thread, since files, network and database block."""
    while not stop.is_set():
        try:
            wait_s = await asyncio.to_thread(resident.round)
        except Exception:
            # A member that hangs on is better than one that ends over and over.
            log.exception("a round of the cluster failed")
            wait_s = _AFTER_OUR_OWN_ERROR_S
        await _first_of(stop, wait_s)
    await asyncio.to_thread(resident.close)


@asynccontextmanager
async def listening(files: Files, resident: Resident) -> AsyncIterator[None]:
    """The socket of the command line and the portal; who may ask what is judged by the verbs."""

    async def answer(request: Request, peer: Peer, tell: TellStep) -> dict[str, Any]:
        loop = asyncio.get_running_loop()

        def tell_later(step: dict[str, Any]) -> None:
            _ = loop.call_soon_threadsafe(tell, step)

        return await asyncio.to_thread(handle, resident, request, peer, tell_later)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answer_stream(reader, writer, answer)

    path = files.path(sockets.AGENT)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    server = await asyncio.start_unix_server(connected, path, limit=LIMIT_BYTES)
    path.chmod(0o660)
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)


def line_of(files: Files) -> Line:
    """To bandstand-apply: one while a join goes on, since each begins an interpreter."""
    return Line(files.place(sockets.APPLY), timeout_s=_PATIENCE_S, idle_s=_WARM_S)


def site_of(host: Host, line: Line) -> Site:
    """The machine we run on, as the cluster's code sees it."""
    return Site(
        files=host.files,
        change=_changer(line),
        place=lambda: _place(host.files),
        boot_id=(host.files.read(_BOOT_ID) or "").strip(),
        software=_version(host.files),
        clock=host.clock,
    )


def _changer(line: Line) -> Change:
    turn = threading.Lock()

    def change(membership: Membership, shared: Mapping[str, str] | None = None) -> None:
        args: dict[str, Any] = {"membership": membership.value}
        if shared is not None:
            args["shared"] = dict(shared)
        with turn:
            _ = line.ask("change", args)

    return change


def _place(files: Files) -> Place:
    names, addresses = own.names(files), own.addresses(files)
    if not names or not addresses:
        raise NotNow(
            "this node has no address yet that others could reach it at",
            hint="bandstand status shows the network",
            code="no-address",
        )
    told = store.load(files).effective().node
    reached = (*addresses, *filter(None, [told.public_address]))
    peer = told.peer_address or addresses[0]
    return Place(names[0], tuple(dict.fromkeys(reached)), f"{bracketed(peer)}:{DEFAULT_PORT}")


def _version(files: Files) -> str:
    for line in (files.read(_RELEASE) or "").splitlines():
        key, _, value = line.partition("=")
        if key == "VERSION":
            return value.strip().strip('"')
    return ""


async def _feed_watchdog(stop: asyncio.Event) -> None:
    """Twice as often as systemd wants it (sd_watchdog_enabled(3)); the loop turning is the sign."""
    every_s = int(os.environ.get("WATCHDOG_USEC", "0")) / 2_000_000
    while every_s and not stop.is_set():
        _ = notify("WATCHDOG=1")
        await _first_of(stop, every_s)


async def _first_of(stop: asyncio.Event, wait_s: float) -> None:
    try:
        _ = await asyncio.wait_for(stop.wait(), wait_s)
    except TimeoutError:
        return


if __name__ == "__main__":
    sys.exit(main())
