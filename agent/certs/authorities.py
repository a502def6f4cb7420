"""A bundle of authorities to trust: each readable, and at least one of them in date."""

from __future__ import annotations

from datetime import UTC, datetime

from agent.certs.pair import load_certificates, named


def examine_authorities(pem: str, *, now: datetime | None = None) -> tuple[str, ...]:
    """What is worth saying of it; raises ValueError where it can be of no use."""
    moment = now or datetime.now(UTC)
    found = load_certificates(pem)
    past = [named(one) for one in found if one.not_valid_after_utc < moment]
    if len(past) == len(found):
        raise ValueError("the certificates have all expired; accepted is at least one in date")
    return tuple(f"the certificate of {name} has expired, and is of no use" for name in past)
