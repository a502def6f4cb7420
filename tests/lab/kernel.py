"""What the kernel and the resolver hold, in a form that two boots can be compared by."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.lab.network import CARD
from tests.lab.node import Node

_ADDRESS = ("family", "local", "prefixlen", "broadcast", "scope")
_ROUTE = ("type", "dst", "gateway", "dev", "protocol", "scope", "prefsrc", "metric", "table")
_RULE = ("priority", "src", "dst", "table")
_NETWORK_FILE = f"/etc/systemd/network/10-bandstand-{CARD}.network"
Rows = tuple[str, ...]


@dataclass(frozen=True)
class Kernel:
    """Addresses, routes, rules and resolvers, each row as text, sorted."""

    addresses: Rows
    routes: Rows
    rules: Rows
    resolvers: Rows

    def differs(self, other: Kernel) -> str:
        """What is there now and was not, or was and is not; empty when all is equal."""
        mine, theirs = set(self._all()), set(other._all())
        return "; ".join(
            [f"-{row}" for row in mine - theirs] + [f"+{row}" for row in theirs - mine]
        )

    def _all(self) -> Rows:
        return (*self.addresses, *self.routes, *self.rules, *self.resolvers)


def kernel(node: Node) -> Kernel:
    """Once the kernel has looked for duplicates of its addresses."""
    node.until(lambda: _certain(node), within_s=20, what="addresses that are not tentative")
    links = _json(node, "ip", "-j", "address", "show", "dev", CARD)
    addresses = [row for link in links for row in link.get("addr_info", ())]
    routes = [row for family in ("-4", "-6") for row in _routes(node, family)]
    return Kernel(
        _rows("address", addresses, _ADDRESS),
        _rows("route", routes, _ROUTE),
        _rows("rule", _json(node, "ip", "-j", "rule", "show"), _RULE),
        tuple(
            node.check("resolvectl", what, CARD).partition(":")[2].strip()
            for what in ("dns", "domain")
        ),
    )


def _certain(node: Node) -> bool:
    links = _json(node, "ip", "-j", "-6", "address", "show", "dev", CARD)
    rows = [row for link in links for row in link.get("addr_info", ())]
    if "LinkLocalAddressing=no" in node.read(_NETWORK_FILE):
        return not rows
    return bool(rows) and not any(row.get("tentative") for row in rows)


def _routes(node: Node, family: str) -> list[dict[str, Any]]:
    return _json(node, "ip", "-j", family, "route", "show", "table", "all")


def _json(node: Node, *argv: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(node.check(*argv) or "[]")
    return found


def _rows(what: str, rows: Iterable[Mapping[str, Any]], keys: tuple[str, ...]) -> Rows:
    texts = (" ".join(f"{key}={row[key]}" for key in keys if key in row) for row in rows)
    return tuple(sorted(f"{what} {text}" for text in texts))
