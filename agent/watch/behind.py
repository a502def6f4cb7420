"""Where the node's names left certificate or nginx behind, bandstand-apply is asked to follow."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from agent.accepted import store
from agent.ask import sockets
from agent.ask.wire import call
from agent.errors import BandstandError, Fault
from agent.services import observe as services_observe
from agent.services import plan as services_plan
from agent.services.state import Noun
from agent.serving import observe as serving_observe
from agent.serving import plan as serving_plan
from agent.settings.declaration import Settings
from agent.settings.portal import Portal
from agent.system import nginx, own
from agent.system.host import Host
from agent.tls import observe as tls_observe
from agent.tls import plan as tls_plan
from agent.watch.trial import is_tried

# A lease that changes is for a moment none; what stood still for this long is meant.
_STILL_S = 2.0
# Between two asks for a change, whatever happens, and after refusals of the same one.
_BETWEEN_S = 10.0
_LONGEST_S = 900.0
# Behind a first boot that holds the lock, and nginx that reloads.
_CHANGE_S = 180.0

log = logging.getLogger(__name__)

Change = Callable[[], object]


def change_of(host: Host) -> Change:
    """Asks bandstand-apply to bring in force what is accepted, for the names of now."""
    return lambda: call(host.files.place(sockets.APPLY), "change", {}, timeout_s=_CHANGE_S)


@dataclass
class Follower:
    """Asks for one change for each way of being behind, once it stood still.

    right -> behind -> still behind: asked -> right
                                           -> refused: told, and asked again later and later
    """

    host: Host
    change: Change
    faults: tuple[Fault, ...] = ()
    _behind: str = ""
    _due_s: float = float("inf")
    _between_s: float = _BETWEEN_S
    _asked_s: float = float("-inf")
    _asking: asyncio.Task[None] | None = None

    @property
    def is_asking(self) -> bool:
        return self._asking is not None

    def look(self, *, then: Callable[[], None]) -> float:
        """Begin to ask where it is time; `then` is called when it ended. Seconds until it is."""
        if self.is_asking:
            return float("inf")
        now_s = self.host.clock.monotonic_s()
        self._note(self._now_behind(), now_s)
        if now_s >= self._due_s:
            self._asked_s, self._due_s = now_s, now_s + self._between_s
            self._between_s = min(self._between_s * 2, _LONGEST_S)
            self._asking = asyncio.ensure_future(self._ask(then))
            return float("inf")
        return self._due_s - now_s

    def _now_behind(self) -> str:
        try:
            return behind(self.host)
        except (BandstandError, OSError) as error:
            log.warning("the names of this node cannot be compared: %s", error)
            return ""

    def _note(self, now_behind: str, now_s: float) -> None:
        if now_behind == self._behind:
            return
        self._behind, self._between_s, self.faults = now_behind, _BETWEEN_S, ()
        due_s = max(now_s + _STILL_S, self._asked_s + _BETWEEN_S)
        self._due_s = due_s if now_behind else float("inf")

    async def _ask(self, then: Callable[[], None]) -> None:
        log.info("asking for a change: %s", self._behind)
        try:
            _ = await asyncio.to_thread(self.change)
            self.faults = ()
        except BandstandError as error:
            log.warning("the change was refused: %s", error.message)
            words = f"it does not follow the node's names: {error.message}"
            self.faults = (Fault("tls.certificate", words, error.hint, "behind"),)
        finally:
            self._asking = None
            then()


def behind(host: Host) -> str:
    """Which of the node's names its own certificate, or nginx, does not go by yet, and whether
    chrony asks others than the lease's time servers; blank if none.

    Before a first certificate, and while there is no address at all, there is nothing to follow;
    and a trial of the network is followed when it is kept.
    """
    if is_tried(host.files):
        return ""
    wanted, live = store.load(host.files).effective(), nginx.installed(host.files)
    if live is None or not own.addresses(host.files):
        return ""
    named = tls_observe.observe(host, wanted.node.public_address)
    why = tls_plan.due(named) or _served_otherwise(host, wanted) or _timed_otherwise(host, wanted)
    return f"{why} (it is {', '.join((*named.names, *named.addresses))})" if why else ""


def _served_otherwise(host: Host, settings: Settings) -> str:
    """A configuration that was changed by hand is not ours to follow with; nor is a portal that
    could not be had on its own port, which the next boot tries again.
    """
    served = serving_observe.observe(host)
    right = (settings, settings._replace(portal=Portal()))
    keys = [serving_plan.plan(one, served).config_key for one in right]
    return "" if served.config_key in ("", *keys) else "nginx is configured for other names"


def _timed_otherwise(host: Host, settings: Settings) -> str:
    time = services_plan.plan(Noun.TIME, settings, services_observe.observe(host))
    is_so = all(host.files.read(file.name) == file.text for file in time.laid)
    return "" if is_so else "chrony asks other time servers than the lease names"
