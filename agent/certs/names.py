"""Whether a certificate holds for a name or an address, as browsers compare (RFC 9525)."""

from __future__ import annotations

from collections.abc import Iterable

from agent.certs.pair import load_certificates, names_of


def covers(certificate_pem: str, wanted: Iterable[str]) -> bool:
    """Whether the leaf, which comes first, holds for at least one of these."""
    names = [name.lower() for name in names_of(load_certificates(certificate_pem)[0])]
    return any(_matches(name, one) for name in names for one in wanted)


def _matches(name: str, wanted: str) -> bool:
    first, _, rest = wanted.partition(".")
    is_below = bool(first) and rest != "" and name == f"*.{rest}"
    return name == wanted or is_below
