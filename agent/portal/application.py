"""The routes of the portal, and what every answer carries."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.portal.health import Health, health
from agent.portal.page import page
from agent.system import render
from agent.system.clock import Clock, stamp
from agent.typed import Any

Read = Callable[[], dict[str, Any]]

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

_SORRY = {
    HTTPStatus.NOT_FOUND: "There is no such page on this node.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This page can only be read.",
}


def application(read: Read, clock: Clock | None = None) -> ASGIApp:
    """The portal over `read`, which gives the merged status at each request."""
    pages = _Pages(read, clock or Clock())
    routes = Starlette(
        routes=[
            Route("/cluster", pages.cluster),
            Route("/cluster/", pages.cluster),
            Route("/cluster/api/status", pages.status),
            Route("/healthz", pages.healthz),
            Mount("/cluster/static", StaticFiles(directory=f"{render.folder()}/portal/static")),
        ],
        exception_handlers={HTTPException: _refused, Exception: _broken},
    )
    return _Guarded(routes)


class _Pages:
    """What is answered, from the status of this moment."""

    def __init__(self, read: Read, clock: Clock) -> None:
        self._read = read
        self._clock = clock

    def cluster(self, _: Request) -> Response:
        values = {"page": page(self._read()), "now": stamp(self._clock.now())}
        return HTMLResponse(render.render("portal/cluster.html.j2", values))

    def status(self, _: Request) -> Response:
        return JSONResponse(self._read())

    def healthz(self, _: Request) -> Response:
        word = health(self._read())
        return PlainTextResponse(f"{word}\n", 200 if word is Health.READY else 503)


class _Guarded:
    """Sets the headers around everything, the answer to an error of ours included."""

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self._inner(scope, receive, guarded)


def _refused(request: Request, error: Exception) -> Response:
    status = HTTPStatus(error.status_code if isinstance(error, HTTPException) else 500)
    return _message(request, status, _SORRY.get(status, status.description))


def _broken(request: Request, _: Exception) -> Response:
    return _message(
        request,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "The portal could not make this page; journalctl -u bandstand-portal on the node says why.",
    )


def _message(request: Request, status: HTTPStatus, text: str) -> Response:
    if request.url.path.startswith("/cluster/api/"):
        told = {"code": status.phrase.lower().replace(" ", "-"), "message": text, "hint": ""}
        return JSONResponse(told, status)
    values = {"title": status.phrase, "text": text}
    return HTMLResponse(render.render("portal/message.html.j2", values), status)
