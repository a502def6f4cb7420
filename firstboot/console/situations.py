"""Recorded situations of a node: what its status says, and what bandstand-apply answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agent.errors import BandstandError, Unanswered
from agent.system.clock import stamp
from agent.typed import Any
from firstboot.console.world import STALE_S

Data = Mapping[str, Any]
Result = Data | BandstandError


@dataclass(frozen=True)
class Situation:
    """`answers` by verb go over those that a healthy node gives."""

    name: str
    status: Mapping[str, Any]
    access: Mapping[str, Any]
    answers: Mapping[str, Result] = field(default_factory=dict[str, Result])
    age_s: float = 2


_DIGEST = "9f3a7701c25eb8143d6a40f0b2c7118e55ab90d41f6e2c7799b1a0e4d3c85f26"
_NODE: Data = {"version": "0.1.0", "node": {"name": "node-1"}}
_UNCLAIMED: Data = {
    "claim": "unclaimed",
    "by": "",
    "has_password": False,
    "wants_password": False,
    "recovery": False,
    "logged_in": False,
    "locked_for_s": 0,
    "shell": {"open": False, "left_s": 0},
    "may": [],
}
_CLAIMED: Data = {**_UNCLAIMED, "claim": "claimed", "by": "cluster", "has_password": True}


def _step(name: str, state: str = "done", seconds: float = 0.1) -> dict[str, Any]:
    return {"name": name, "state": state, "seconds": seconds}


STEPS = (
    _step("network.link", seconds=0.2),
    _step("network.address", seconds=1.4),
    _step("network.handover", seconds=0.6),
    _step("node.name"),
    _step("node.machine-id"),
    _step("node.host-keys", seconds=0.8),
    _step("node.account"),
    _step("tls.pair", seconds=0.3),
)
_NETWORK: Data = {
    "interface": "ens32",
    "mode": "dhcp",
    "addresses": ["192.0.2.21/24"],
    "address_sources": {"192.0.2.21/24": "dhcp"},
    "gateway": "192.0.2.1",
    "dns": ["192.0.2.53", "192.0.2.54"],
    "link": "up",
}
_NO_NETWORK: Data = {
    "interface": "ens32",
    "mode": "dhcp",
    "addresses": [],
    "gateway": "",
    "dns": [],
    "link": "up",
}
_CERTIFICATE: Data = {
    "source": "self-signed",
    "names": ["node-1", "192.0.2.21"],
    "not_after": "2027-12-23T00:00:00Z",
    "sha256": _DIGEST,
}
READY: Data = {
    **_NODE,
    "phase": "ready",
    "state": "ready",
    "network": _NETWORK,
    "time": {"state": "synchronised", "source": "192.0.2.123"},
    "certificate": _CERTIFICATE,
    "url": "https://192.0.2.21/cluster",
    "url_answers": True,
    "steps": list(STEPS),
}
_MEMBERS = [
    {"name": "node-1", "address": "192.0.2.21", "state": "active", "last_seen_s": 1},
    {"name": "node-2", "address": "192.0.2.22", "state": "active", "last_seen_s": 190},
]
_MEMBER: Data = {
    "cluster": {"state": "member", "name": "production", "members": _MEMBERS},
    "safe_to_restart": {"yes": True, "because": "another member serves"},
}
_NO_LEASE = {
    "code": "no-lease",
    "setting": "network",
    "message": "no DHCP server answered on ens32 within 30 seconds",
    "hint": "give the node a static address at the console, or mend the DHCP server: the node"
    " takes a lease whenever one is offered",
}
_GATEWAY_OFF = {
    "code": "refused",
    "setting": "network.gateway",
    "message": "'192.0.3.1' is not on the link of 192.0.2.21/24; accepted is an address from"
    " 192.0.2.1 to 192.0.2.254, or none",
    "hint": "Left blank it means: refused for static (say none to have none).",
}
_WRONG_KEY = {
    "code": "refused",
    "setting": "tls.key",
    "message": "the key does not belong to the certificate",
    "hint": "give the key that the certificate was made for",
}
_NO_SEED = {
    "code": "unreachable",
    "setting": "cluster.join",
    "message": "no seed answers: nobody answers on 192.0.2.22:13000",
    "hint": "the seeds must be on, and reachable from here on their peer port (13000)",
}
_DRIFT = [
    {"setting": "network.gateway", "accepted": "192.0.2.1", "in_force": "192.0.2.254"},
]


def situations(now: datetime) -> tuple[Situation, ...]:
    """From the first second to a member of a cluster, and what can go wrong on the way."""
    return (
        Situation("fresh", READY, _UNCLAIMED),
        Situation("nothing yet", {}, _UNCLAIMED, _AWAY, age_s=4),
        Situation("waiting", _waiting(now), _UNCLAIMED),
        Situation("no dhcp", _NO_DHCP, _UNCLAIMED),
        Situation("refused", _REFUSED, _UNCLAIMED, {"settings": _REFUSED_SETTINGS}),
        Situation("trial", _trial(now), _UNCLAIMED, {"network-trial": _waiting_trial(42)}),
        Situation("joining", _joining(now), {**_CLAIMED, "by": "console"}),
        Situation("joined", _joined(now), _CLAIMED, {"settings": _MEMBER_SETTINGS}),
        Situation("locked", {**READY, **_MEMBER}, {**_CLAIMED, "locked_for_s": 90}),
        Situation("no password", READY, {**_CLAIMED, **_WANTS}),
        Situation("degraded", _DEGRADED, {**_UNCLAIMED, **_SHELL_OPEN}),
        Situation("shell open", {**READY, **_MEMBER}, {**_CLAIMED, **_SHELL_OPEN}),
        Situation("recovery", {**READY, **_USED}, {**_CLAIMED, "recovery": True}),
        Situation("console off", {**READY, **_OFF}, _CLAIMED),
        Situation("no news", READY, _UNCLAIMED, age_s=STALE_S + 30),
    )


_AWAY: Mapping[str, Result] = {"access": Unanswered("nobody answers on apply.sock")}
_WANTS: Data = {"by": "properties", "has_password": False, "wants_password": True}
_SHELL_OPEN: Data = {"shell": {"open": True, "left_s": 754}}
_USED: Data = {
    **_MEMBER,
    "recovery": {"at": "2026-01-02T03:00:00Z", "verbs": ["network-set"]},
}
_OFF: Data = {"node": {"name": "node-1", "console": False}}
_NO_DHCP: Data = {
    **_NODE,
    "phase": "ready",
    "state": "degraded",
    "network": _NO_NETWORK,
    "time": {"state": "not-synchronised", "source": ""},
    "certificate": _CERTIFICATE,
    "faults": [_NO_LEASE],
    "steps": [*STEPS[:1], _step("network.address", "failed", 30.0), *STEPS[3:]],
}
_REFUSED: Data = {
    **READY,
    "state": "degraded",
    "faults": [_GATEWAY_OFF, _WRONG_KEY],
    "fallbacks": [
        {"category": "network", "took": "DHCP"},
        {"category": "tls", "took": "a self-signed certificate"},
    ],
}
_DEGRADED: Data = {
    **READY,
    "state": "degraded",
    "faults": [_WRONG_KEY],
    "drift": _DRIFT,
    "cluster": {"state": "failed", "name": "production", "members": [], "steps": []},
    "notices": ["network.search: programs with a resolver of their own may stop after 6 domains"],
    "safe_to_restart": {"yes": True, "because": "no cluster counts on this node"},
}


def _settings(**changes: Any) -> dict[str, Any]:
    return {
        "accepted": {"node.name": "node-1"},
        "asked": {},
        "secrets": [],
        "faults": [],
        "took": {},
        "membership": "none",
        "effective": {},
        **changes,
    }


SETTINGS = _settings()
_REFUSED_SETTINGS = _settings(
    asked={
        "network.mode": "static",
        "network.address": "192.0.2.21/24",
        "network.gateway": "192.0.3.1",
        "network.dns": "192.0.2.53",
        "tls.certificate": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    },
    faults=[_GATEWAY_OFF, _WRONG_KEY],
    took={"network": "DHCP", "tls": "a self-signed certificate"},
)
_MEMBER_SETTINGS = _settings(
    accepted={
        "network.mode": "static",
        "network.address": "192.0.2.21/24",
        "network.gateway": "192.0.2.1",
        "network.dns": "192.0.2.53, 192.0.2.54",
        "network.ntp": "ntp1.example.com",
        "node.name": "node-1",
    },
    secrets=["node.admin_password"],
    membership="member",
)


def _waiting(now: datetime) -> dict[str, Any]:
    return {
        **_NODE,
        "phase": "network",
        "state": "waiting",
        "step": "network.address",
        "since": _before(now, 9),
        "network": _NO_NETWORK,
        "steps": [*STEPS[:1], _step("network.address", "running", 0)],
    }


def _joining(now: datetime) -> dict[str, Any]:
    """As the agent tells it once a seed was met, and then no one answered."""
    steps = [
        {**_step("join.hello", seconds=0.4), "started": _before(now, 95)},
        {**_step("join.request", "failed", 12.0), "started": _before(now, 94)},
    ]
    return {
        **READY,
        "phase": "cluster",
        "state": "waiting",
        "step": "join.request",
        "since": _before(now, 95),
        "faults": [_NO_SEED],
        "cluster": {
            "state": "joining",
            "id": "4f9c3a52-7d1b-4a0e-9a6e-0f6b2f1f7c11",
            "name": "production",
            "members": [],
            "config_version": 0,
            "steps": steps,
        },
        "safe_to_restart": {"yes": False, "because": "this node is joining its cluster"},
    }


def _joined(now: datetime) -> dict[str, Any]:
    """Its name was changed a while ago."""
    steps = [_step("network.handover", "skipped"), _step("node.name"), _step("tls.pair")]
    change = {"since": _before(now, 900), "steps": [*steps, _step("serving.nginx", seconds=0.9)]}
    return {**READY, **_MEMBER, "change": change}


def _trial(now: datetime) -> dict[str, Any]:
    asked = {"network.address": "192.0.2.77/24", "network.gateway": "192.0.2.1"}
    told = {"state": "waiting", "settings": asked, "since": _before(now, 18), "within_s": 60}
    return {**READY, "trial": told}


def _waiting_trial(left_s: int) -> dict[str, Any]:
    return {"state": "waiting", "seconds_left": left_s, "faults": [], "notices": []}


def _before(now: datetime, seconds: float) -> str:
    return stamp(now - timedelta(seconds=seconds))


ANSWERS: Mapping[str, Result] = {
    "certificate.install": {"changed": True, "faults": [], "notices": []},
    "certificate.reset": {"changed": True, "faults": []},
    "code": {"code": "K7QF-2M9T", "since": "2026-11-21T09:41:00Z"},
    "editing": {"form": "network", "since": "2026-11-21T10:00:00Z"},
    "factory-reset": {"restarts": True, "kept": ["The logs in /var/log stay."]},
    "join": {"state": "joining"},
    "logout": {},
    "network-confirm": {"state": "kept", "faults": [], "seconds_left": 0},
    "network-set": {**_waiting_trial(60), "faults": []},
    "network-trial": {"state": "none", "seconds_left": 0},
    "network-undo": {"state": "taken-back", "because": "it was undone", "seconds_left": 0},
    "node-set": {"changed": True, "faults": [], "notices": []},
    "node-undo": {"changed": True, "faults": [], "notices": [], "settings": ["node.name"]},
    "power": {"act": "restart"},
    "recovery-seen": {"seen": True},
    "restart": {"unit": "bandstand-portal.service", "restarted": True},
    "settings": SETTINGS,
    "shell": {"open": False, "left_s": 0},
    "support": {
        "file": "/var/lib/bandstand/support/bandstand-support-2026-11-21T100000Z.tar.gz",
        "bytes": 81_920,
        "contents": ["contents.txt", "status.json", "journal/bandstand.txt", "network/links.txt"],
    },
    "check": {
        "checks": [
            {"name": "link", "state": "ok", "message": "ens32 is up", "hint": ""},
            {"name": "gateway", "state": "ok", "message": "192.0.2.1 answers", "hint": ""},
            {
                "name": "resolvers",
                "state": "failed",
                "message": "192.0.2.54 does not answer",
                "hint": "ask who runs it, or leave it out under 1 Network",
            },
            {"name": "time", "state": "ok", "message": "within 3 ms", "hint": ""},
            {"name": "database", "state": "skipped", "message": "not joined", "hint": ""},
            {"name": "page", "state": "ok", "message": "https://192.0.2.21/cluster", "hint": ""},
        ]
    },
}

_CHECKED: Any = ANSWERS["check"]
TOLD: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "check": tuple({**row, "name": f"check.{row['name']}"} for row in _CHECKED["checks"]),
    "network-set": (
        _step("network.probe", seconds=1.1),
        _step("network.beside", seconds=0.2),
        _step("network.verify", seconds=0.4),
    ),
    "join": (_step("join.hello"), _step("join.request"), _step("join.activate", "running")),
}
