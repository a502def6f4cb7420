"""The peer API: what a stranger may ask, and what only a certificate of the cluster opens.

POST /v1/hello, /v1/join                                 strangers, limited
GET /v1/alive                                            any certificate of our root
POST /v1/activate, GET /v1/config, GET /v1/status        nodes of the cluster, by their row
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web

from agent.cluster import contact, grant, messages, seed
from agent.cluster.grant import authenticate
from agent.cluster.member import Member
from agent.cluster.members import members
from agent.cluster.nonces import Nonces
from agent.cluster.refusal import Code, refuse
from agent.cluster.site import Site
from agent.cluster.store.node import NodeRow
from agent.errors import BandstandError, NotNow, NotReachable, RefusedByPeer, UsageError
from agent.peer.limits import Limit
from agent.typed import Any, TypeVar
from agent.values.json_object import parse

BODY_BYTES = 16 * 1024

T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = logging.getLogger(__name__)


@dataclass
class Routes:
    """`member` is asked at each request: there is none until this node holds the secrets."""

    site: Site
    node_id: str
    member: Callable[[], Member | None]
    nonces: Nonces = field(init=False)
    hellos: Limit = field(init=False)
    joins: Limit = field(init=False)

    def __post_init__(self) -> None:
        self.nonces = Nonces(self.site.clock)
        self.hellos = Limit(self.site.clock, per_s=4, burst=8)
        self.joins = Limit(self.site.clock, per_s=1, burst=2)

    def application(self) -> web.Application:
        made = web.Application(client_max_size=BODY_BYTES, middlewares=[_tell_errors])
        _ = made.router.add_post("/v1/hello", self.hello)
        _ = made.router.add_post("/v1/join", self.join)
        _ = made.router.add_get("/v1/alive", self.alive)
        _ = made.router.add_post("/v1/activate", self.activate)
        _ = made.router.add_get("/v1/config", self.config)
        _ = made.router.add_get("/v1/status", self.status)
        return made

    async def hello(self, request: web.Request) -> web.Response:
        _limited(self.hellos, request)
        said = messages.read_hello(await _body(request))
        member = self._seed()
        return _answer(
            messages.to_json(await _in_thread(lambda: seed.welcome(member, self.nonces, said)))
        )

    async def join(self, request: web.Request) -> web.Response:
        _limited(self.joins, request)
        said = messages.read_request(await _body(request))
        member, source = self._seed(), request.remote or "?"
        certificate = await _in_thread(lambda: seed.admit(member, self.nonces, said, source=source))
        return _answer({"certificate": certificate})

    async def alive(self, request: web.Request) -> web.Response:
        _ = _shown_certificate(request)
        return _answer({"node": self.node_id})

    async def activate(self, request: web.Request) -> web.Response:
        member, row = await self._node(request)
        await _in_thread(lambda: grant.activate(member, row, self._dial))
        return _answer({})

    async def config(self, request: web.Request) -> web.Response:
        member, row = await self._node(request)
        return _answer(grant.to_json(await _in_thread(lambda: grant.grant(member, row))))

    async def status(self, request: web.Request) -> web.Response:
        member, _ = await self._node(request)
        listed = await _in_thread(lambda: members(member))
        return _answer({"members": [one.as_json() for one in listed]})

    def _dial(self, row: NodeRow) -> str:
        member = self._seed()
        cluster_id = member.standing.cluster_id
        return contact.dial(self.site.files, cluster_id, row.id, row.peer_address)

    def _seed(self) -> Member:
        found = self.member()
        if found is None:
            raise refuse(Code.JOINING_CLOSED, "this node is not a member of its cluster yet")
        return found

    async def _node(self, request: web.Request) -> tuple[Member, NodeRow]:
        certificate, member = _shown_certificate(request), self._seed()
        return member, await _in_thread(lambda: authenticate(member, certificate))


async def _in_thread(work: Callable[[], T]) -> T:
    return await asyncio.to_thread(work)


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        return parse(await request.read())
    except ValueError as error:
        raise UsageError("the body is one JSON object") from error


def _shown_certificate(request: web.Request) -> bytes:
    """What TLS has verified against the cluster's root."""
    line: Any = request.transport
    talk: Any = line.get_extra_info("ssl_object") if line else None
    shown = talk.getpeercert(binary_form=True) if talk else None
    if not shown:
        raise refuse(Code.KEY_REFUSED, "this needs a certificate of the cluster")
    return bytes(shown)


def _limited(limit: Limit, request: web.Request) -> None:
    if not limit.allows(request.remote or "?"):
        raise refuse(Code.THROTTLED)


def _answer(content: Mapping[str, Any], status: int = 200) -> web.Response:
    return web.json_response(content, status=status, dumps=_dense)


def _dense(content: Any) -> str:
    return json.dumps(content, separators=(",", ":"))


@web.middleware
async def _tell_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every refusal as {code, message, hint}; what we did not foresee stays in our log."""
    try:
        return await handler(request)
    except BandstandError as error:
        log.info("%s %s from %s: %s", request.method, request.path, request.remote, error.message)
        told = _outward(error)
        return _answer(told.as_json(), _status_of(told))
    except web.HTTPException as error:
        return _answer({"code": "usage", "message": error.reason, "hint": ""}, error.status)


def _outward(error: BandstandError) -> BandstandError:
    """What a stranger may hear: our own troubles with the database stay ours."""
    if error.code.startswith("database"):
        return NotReachable(
            "the seed does not reach its database now",
            hint="try again later, or another seed",
            code=Code.DATABASE_UNREACHABLE,
        )
    return error


def _status_of(error: BandstandError) -> int:
    if error.code == Code.THROTTLED:
        return 429
    by_family = ((UsageError, 400), (RefusedByPeer, 403), (NotNow, 409), (NotReachable, 503))
    return next((status for family, status in by_family if isinstance(error, family)), 500)
