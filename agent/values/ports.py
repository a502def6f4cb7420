"""Ports that the portal cannot have."""

from __future__ import annotations

# The port table, and what listens inside; 443 is where the portal is without a port of its own.
_TAKEN = {
    22: "SSH",
    53: "the node's own resolver",
    80: "plain HTTP",
    4737: "the payload's websockets",
    13000: "the other nodes",
}
# The Fetch standard, "bad ports": no browser opens a page there.
_BLOCKED = frozenset(
    (
        *(1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95),
        *(101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161),
        *(179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563),
        *(587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060),
        *(5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080),
    )
)


def why_not(port: int) -> str:
    """Why the portal cannot be served there; blank where it can."""
    if port in _TAKEN:
        return f"is the port of {_TAKEN[port]}"
    return "is a port on which browsers open no page" if port in _BLOCKED else ""
