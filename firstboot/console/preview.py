"""Sample statuses for `make preview-console`: every situation of the screen on a laptop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import urwid

from agent.system.clock import Clock, stamp
from agent.typed import Any
from firstboot.console.model import STALE_S, News, Page, page

_KEYS = "(Left/Right: next sample  q: end)"
_DIGEST = "9f3a7701c25eb8143d6a40f0b2c7118e55ab90d41f6e2c7799b1a0e4d3c85f26"


@dataclass(frozen=True)
class Scene:
    """A situation: what the status says in it, and how old that news is."""

    name: str
    status: Mapping[str, Any]
    age_s: float = 2


def _step(name: str, state: str = "done", seconds: float = 0.1) -> dict[str, Any]:
    return {"name": name, "state": state, "seconds": seconds}


_STEPS = (
    _step("network.link", seconds=0.2),
    _step("network.address", seconds=1.4),
    _step("network.handover", seconds=0.6),
    _step("node.name"),
    _step("node.machine-id"),
    _step("node.host-keys", seconds=0.8),
    _step("node.account"),
    _step("tls.pair", seconds=0.3),
)
_NODE = {"version": "0.1.0", "node": {"name": "node-1"}}
_NETWORK = {
    "interface": "ens32",
    "mode": "dhcp",
    "addresses": ["192.0.2.21/24"],
    "address_sources": {"192.0.2.21/24": "dhcp"},
    "gateway": "192.0.2.1",
    "dns": ["192.0.2.53", "192.0.2.54"],
    "link": "up",
}
_SERVING = {
    "certificate": {
        "source": "self-signed",
        "names": ["node-1", "192.0.2.21"],
        "not_after": "2027-12-23T00:00:00Z",
        "sha256": _DIGEST,
    },
    "url": "https://192.0.2.21/cluster",
    "url_answers": True,
}
_READY = {
    **_NODE,
    "phase": "ready",
    "state": "ready",
    "network": _NETWORK,
    **_SERVING,
    "steps": list(_STEPS),
}
_MEMBERS = [
    {"name": "node-1", "address": "192.0.2.21", "state": "active", "last_seen_s": 1},
    {"name": "node-2", "address": "192.0.2.22", "state": "active", "last_seen_s": 190},
]


def scenes(now: datetime) -> tuple[Scene, ...]:
    """From the first second to a member of a cluster, and what can go wrong on the way."""
    return (
        Scene("nothing yet", {}, age_s=4),
        Scene("waiting for a lease", _waiting(now)),
        Scene("web page not up", {**_READY, **_WEB_DOWN, "url_since": _before(now, 12)}),
        Scene("ready", _READY),
        Scene("joining", {**_READY, "cluster": {"state": "joining", "name": "production"}}),
        Scene("member", {**_READY, **_MEMBER}),
        Scene("refused answers", {**_READY, **_REFUSED}),
        Scene("no news", _READY, age_s=STALE_S + 30),
    )


_WEB_DOWN = {"phase": "serving", "state": "working", "step": "serving.nginx", "url_answers": False}
_MEMBER = {
    "cluster": {"state": "member", "name": "production", "members": _MEMBERS},
    "safe_to_restart": {"yes": True, "because": "another member serves"},
}
_REFUSED = {
    "state": "degraded",
    "faults": [
        {
            "setting": "network.gateway",
            "message": "192.0.3.1 is not on the link 192.0.2.21/24",
            "hint": "give an address between 192.0.2.1 and 192.0.2.254, or none",
        },
        {
            "setting": "tls.key",
            "message": "the key does not belong to the certificate",
            "hint": "give the key that the certificate was made for",
        },
    ],
    "fallbacks": [
        {"category": "network", "took": "DHCP"},
        {"category": "tls", "took": "a self-signed certificate"},
    ],
}


def _waiting(now: datetime) -> dict[str, Any]:
    return {
        **_NODE,
        "phase": "network",
        "state": "waiting",
        "step": "network.address",
        "since": _before(now, 9),
        "network": {"interface": "ens32", "mode": "dhcp", "addresses": [], "link": "up"},
        "steps": [*_STEPS[:1], _step("network.address", "running", 0)],
    }


def _before(now: datetime, seconds: float) -> str:
    return stamp(now - timedelta(seconds=seconds))


@dataclass
class Preview:
    """Which scene is shown, and the keys that change it."""

    clock: Clock = field(default_factory=Clock)
    at: int = 0

    def page(self) -> Page:
        now = self.clock.now()
        scene = scenes(now)[self.at]
        news = News(scene.age_s, exists=bool(scene.status))
        shown = page(scene.status, product="Bandstand", news=news, now=now)
        return replace(shown, news=f"{shown.news}  {_KEYS}")

    def press(self, key: str) -> bool | None:
        if key in ("q", "Q", "ctrl c"):
            raise urwid.ExitMainLoop
        turns = {"left": -1, "right": 1}
        if key not in turns:
            return None
        self.at = (self.at + turns[key]) % len(scenes(self.clock.now()))
        return True
