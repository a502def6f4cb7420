"""Samples of status.json, one for each face of the page, for a look without a node."""

from __future__ import annotations

from agent.typed import Any

_NODE: dict[str, Any] = {
    "version": "0.1.0",
    "node": {"id": "6f1d2a1e-0c51-4a7e-9a55-0c3b2f0c9d11", "name": "node1.example.com"},
    "source": "guestinfo",
    "network": {
        "interface": "ens32",
        "mode": "static",
        "addresses": ["192.0.2.11/24"],
        "gateway": "192.0.2.1",
        "dns": ["192.0.2.53", "198.51.100.53"],
        "link": "up",
    },
    "certificate": {
        "source": "self-signed",
        "names": ["node1.example.com", "192.0.2.11"],
        "not_after": "2027-12-01T00:00:00Z",
        "sha256": "6c1f0d9f4c9e6a57b8ad9be1e07a0a4d2f3b5c6d7e8f90123456789abcdef012",
    },
    "url": "https://192.0.2.11/cluster",
    "url_answers": True,
}

_STEPS: list[dict[str, Any]] = [
    {"name": "network.link", "state": "done", "seconds": 0.112},
    {"name": "network.address", "state": "done", "seconds": 0.038},
    {"name": "node.name", "state": "done", "seconds": 0.021},
    {"name": "node.host-keys", "state": "done", "seconds": 0.4},
    {"name": "tls.pair", "state": "done", "seconds": 0.2},
    {"name": "serving.nginx", "state": "done", "seconds": 1.3},
    {"name": "serving.verify", "state": "done", "seconds": 0.3},
    {"name": "firewall.rules", "state": "done", "seconds": 0.1},
]

_FAULTS: list[dict[str, Any]] = [
    {
        "code": "refused",
        "setting": "network.gateway",
        "message": "192.0.3.1 is not on the link 192.0.2.0/24.",
        "hint": "Accepted is an address of that network, or none.",
    },
    {
        "code": "refused",
        "setting": "tls.key",
        "message": "The key does not belong to the certificate.",
        "hint": "Give the key that the certificate was requested with.",
    },
]

_MEMBERS: list[dict[str, Any]] = [
    {
        "id": "6f1d2a1e-0c51-4a7e-9a55-0c3b2f0c9d11",
        "name": "node1.example.com",
        "address": "192.0.2.11",
        "state": "active",
        "last_seen_s": 1,
    },
    {
        "id": "b5f1f0a4-66ab-4d1c-8d1c-3f2f6cd02c55",
        "name": "node2.example.com",
        "address": "192.0.2.12",
        "state": "lost",
        "last_seen_s": 340,
    },
]

_DONE: dict[str, Any] = _NODE | {"phase": "ready", "state": "ready", "steps": _STEPS}
_MEMBER: dict[str, Any] = {"state": "member", "name": "production", "members": _MEMBERS}

SAMPLES: dict[str, dict[str, Any]] = {
    "starting": _NODE
    | {
        "phase": "serving",
        "state": "working",
        "step": "serving.nginx",
        "certificate": {},
        "steps": [*_STEPS[:5], {"name": "serving.nginx", "state": "running"}],
    },
    "setup": _DONE | {"cluster": {"state": "none"}},
    "fault": _DONE
    | {
        "state": "degraded",
        "faults": _FAULTS,
        "fallbacks": [
            {"category": "network", "took": "DHCP"},
            {"category": "tls", "took": "a self-signed certificate"},
        ],
        "cluster": {"state": "none"},
    },
    "joining": _DONE
    | {
        "phase": "cluster",
        "state": "working",
        "step": "join.hello",
        "cluster": {"state": "joining", "steps": [{"name": "join.hello", "state": "running"}]},
    },
    "member": _DONE | {"cluster": _MEMBER},
    "degraded": _DONE | {"state": "degraded", "faults": _FAULTS[:1], "cluster": _MEMBER},
}
