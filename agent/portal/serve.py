"""The program bandstand-portal: the web pages, on the socket that systemd hands over."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

import uvicorn
from starlette.types import ASGIApp

from agent.portal.application import application
from agent.portal.preview import SAMPLES
from agent.status import merge
from agent.system.files import Files

# sd_listen_fds(3): the first descriptor that is handed over.
_FIRST_DESCRIPTOR = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to stop; exit 2 when there is nothing to serve on."""
    options = _options(arguments)
    if options.preview is not None:
        sample = SAMPLES[options.preview]
        _ = sys.stderr.write(f"http://127.0.0.1:{options.port}/cluster shows: {options.preview}\n")
        uvicorn.run(application(lambda: sample), host="127.0.0.1", port=options.port)
        return 0
    files = Files()
    portal = application(lambda: merge.read(files))
    if os.environ.get("LISTEN_PID") == str(os.getpid()):
        _serve(portal, fd=_FIRST_DESCRIPTOR)
        return 0
    if options.uds is not None:
        _serve(portal, uds=options.uds)
        return 0
    _ = sys.stderr.write("no socket was handed over by systemd; give one with --uds PATH\n")
    return 2


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bandstand-portal", description=__doc__)
    _ = parser.add_argument("--uds", metavar="PATH", help="listen on a Unix socket of this name")
    _ = parser.add_argument(
        "--preview",
        nargs="?",
        choices=sorted(SAMPLES),
        const="setup",
        help="show a sample on loopback, without a node",
    )
    _ = parser.add_argument("--port", type=int, default=8300, help="port of the preview")
    return parser.parse_args(arguments)


def _serve(portal: ASGIApp, *, fd: int | None = None, uds: str | None = None) -> None:
    uvicorn.run(
        portal,
        fd=fd,
        uds=uds,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=256,
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    sys.exit(main())
