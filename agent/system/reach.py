"""The door to ports of other machines: whether anybody listens there, all asked at once."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable

from agent.system.clock import Clock
from agent.typed import NamedTuple


class Port(NamedTuple):
    """A TCP port of a host, which is a name or an address."""

    host: str
    number: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.number}"


def closed(ports: Iterable[Port], clock: Clock, *, timeout_s: float) -> dict[Port, str]:
    """Those that cannot be reached within `timeout_s`, each with why; takes no longer than that.

    Looking a name up has no time limit of its own, so each is asked by a thread that may be left.
    """
    wanted = tuple(dict.fromkeys(ports))
    found: dict[Port, str] = {}

    def ask(port: Port) -> None:
        found[port] = _problem(port, timeout_s)

    threads = [threading.Thread(target=ask, args=(port,), daemon=True) for port in wanted]
    for thread in threads:
        thread.start()
    until_s = clock.monotonic_s() + timeout_s
    for thread in threads:
        thread.join(max(0.0, until_s - clock.monotonic_s()))
    late = f"no answer within {timeout_s:g} seconds"
    said = {port: found.get(port, late) for port in wanted}
    return {port: why for port, why in said.items() if why}


def _problem(port: Port, timeout_s: float) -> str:
    try:
        with socket.create_connection(port, timeout=timeout_s):
            return ""
    except socket.gaierror:
        return "its name is not known"
    except TimeoutError:
        return f"no answer within {timeout_s:g} seconds"
    except ConnectionRefusedError:
        return "nothing listens there"
    except OSError as error:
        return error.strerror or "the connection failed"
