"""The verb check: what this node should reach, asked one after the other, each told as it ends.

link -> address -> gateway -> resolvers -> time -> seeds -> database -> page

Each takes some seconds at most. Nothing is changed, and no lock is held: a check is for when
another change does not come to its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from agent.accepted import acts, claim, store
from agent.accepted.store import Accepted, Membership
from agent.apply import judge
from agent.apply.judge import Check
from agent.ask.serve import TellStep
from agent.cluster.standing import JOIN_FILE
from agent.errors import NotReachable
from agent.network import resolvers
from agent.network.state import INTERFACE
from agent.status.merge import published
from agent.system import chrony, http, nginx, own, reach, resolver
from agent.system.clock import Clock
from agent.system.files import Files
from agent.system.host import Host
from agent.system.netlink import Kernel
from agent.system.netstate import Address, Link
from agent.system.reach import Port
from agent.typed import Any, NamedTuple, Protocol
from agent.values import join_string
from agent.values.address import bracketed
from agent.values.json_object import object_of, rows_of, text_of

_PAGE = "/cluster"
_PAGE_S, _PORT_S = 5.0, 5.0
_COUNTED = ("active", "lost")
_NO_CARRIER = "without carrier nobody can be asked"
_LOOPBACK = "127.0.0.1"


class Silent(Protocol):
    """Which of these resolvers do not answer: agent.system.resolver.silent is one."""

    def __call__(
        self, resolvers: Sequence[resolver.Address], clock: Clock
    ) -> tuple[resolver.Address, ...]: ...


class Closed(Protocol):
    """Which of these ports cannot be reached, and why: agent.system.reach.closed is one."""

    def __call__(
        self, ports: Iterable[Port], clock: Clock, *, timeout_s: float
    ) -> dict[Port, str]: ...


def _page(address: str, port: int) -> http.Answer:
    return http.ask(address, port, _PAGE, timeout_s=_PAGE_S)


class Doors(NamedTuple):
    """Whom it asks by; tests hand in others."""

    kernel: Callable[[], Kernel] = Kernel
    silent: Silent = resolver.silent
    closed: Closed = reach.closed
    page: Callable[[str, int], http.Answer] = _page


def check(host: Host, tell: TellStep, *, doors: Doors | None = None) -> dict[str, Any]:
    """All of them, whatever fails."""
    found: list[dict[str, str]] = []
    for one in _checks(host, doors or Doors()):
        found.append(one.as_json())
        tell({"name": f"check.{one.name}", "state": one.state.value, "message": one.message})
    return {"checks": found}


def _checks(host: Host, doors: Doors) -> Iterator[Check]:
    accepted = store.load(host.files)
    yield from _network(host, accepted, doors)
    yield judge.time(chrony.ask(host.run))
    yield from _others(host, accepted, doors)
    yield _own_page(host, doors)


def _network(host: Host, accepted: Accepted, doors: Doors) -> Iterator[Check]:
    with doors.kernel() as kernel:
        card = kernel.link(INTERFACE)
        yield judge.link(INTERFACE, card)
        held = () if card is None else _held(kernel, card)
        is_static = accepted.effective().network.is_static
        yield judge.address([one.interface for one in held], is_static=is_static)
        if card is None or not card.has_carrier:
            yield judge.skipped("gateway", _NO_CARRIER)
            yield judge.skipped("resolvers", _NO_CARRIER)
            return
        yield judge.gateway(_gateways(kernel, card, held, host))
    asked = _resolvers(host, accepted, card, held)
    yield judge.resolvers(asked, doors.silent(asked, host.clock) if asked else ())


def _held(kernel: Kernel, card: Link) -> tuple[Address, ...]:
    return tuple(one for one in kernel.addresses(card.ifindex) if one.is_global and one.is_usable)


def _gateways(kernel: Kernel, card: Link, held: Sequence[Address], host: Host) -> dict[str, bool]:
    """Each asked from an address of its family; without one of those, nobody can be."""
    found: dict[str, bool] = {}
    for version in (4, 6):
        sources = [one.interface.ip for one in held if one.interface.version == version]
        for route in kernel.default_routes(card.ifindex, version):
            if route.gateway is not None and sources:
                does = kernel.answers(card, sources[0], route.gateway, host.clock)
                found[str(route.gateway)] = does
    return found


def _resolvers(
    host: Host, accepted: Accepted, card: Link, held: Sequence[Address]
) -> tuple[resolver.Address, ...]:
    network = accepted.effective().network
    asked = network.resolvers
    if network.dns is None:
        asked = resolvers.leased(host.files, card.ifindex)
    return resolvers.reachable(asked, held)


def _others(host: Host, accepted: Accepted, doors: Doors) -> Iterator[Check]:
    """Other machines' ports, all asked at once."""
    status, is_member = published(host.files), accepted.membership is Membership.MEMBER
    nodes = _members(status) if is_member else _seeds(host.files)
    told = accepted.effective().database
    database = Port(told.host, told.port) if told.host else None
    asked = (*nodes, *((database,) if database else ()))
    closed = doors.closed(asked, host.clock, timeout_s=_PORT_S) if asked else {}
    lost = {port: why for port, why in closed.items() if port in nodes}
    yield judge.seeds(nodes, lost, one_is_enough=not is_member)
    yield judge.database(database, closed)


def _members(status: Mapping[str, Any]) -> tuple[Port, ...]:
    """The others, as the agent saw them last."""
    own_id = text_of(object_of(status.get("node")).get("id"))
    rows = rows_of(object_of(status.get("cluster")).get("members"))
    return _ports(
        text_of(row.get("address"))
        for row in rows
        if row.get("id") != own_id and row.get("state") in _COUNTED
    )


def _seeds(files: Files) -> tuple[Port, ...]:
    """Of the join that waits, or is under way."""
    waiting = acts.pending(files)
    texts = [waiting[key].reveal() for key in (claim.JOIN, claim.KEY) if key in waiting]
    try:
        found = [join_string.parse(text) for text in (*texts, files.read(JOIN_FILE) or "") if text]
    except ValueError:
        return ()
    return tuple(dict.fromkeys(Port(seed.host, seed.port) for one in found for seed in one.seeds))


def _ports(texts: Iterable[str]) -> tuple[Port, ...]:
    found: list[Port] = []
    for text in texts:
        with suppress(ValueError):
            seed = join_string.parse_seed(text)
            found.append(Port(seed.host, seed.port))
    return tuple(found)


def _own_page(host: Host, doors: Doors) -> Check:
    files = host.files
    addresses, portal = own.addresses(files), nginx.portal(files)
    address = addresses[0] if addresses else _LOOPBACK
    pair = nginx.pair_at(files, portal.pair) if portal.pair else nginx.installed(files)
    port = "" if portal.port == nginx.Portal().port else f":{portal.port}"
    url, sha256 = f"https://{bracketed(address)}{port}{_PAGE}", pair.sha256 if pair else ""
    try:
        answer = doors.page(address, portal.port) if sha256 else None
    except NotReachable:
        answer = None
    return judge.page(answer, url, sha256)
