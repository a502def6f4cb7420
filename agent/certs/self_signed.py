"""The certificate that a node makes for itself until it is given one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from agent.certs import template
from agent.certs.authority import fingerprint, new_key, own_key
from agent.certs.pair import Pair

# Browsers take nothing longer; a host's clock in local time may be most of a day ahead.
LIFE = timedelta(days=397)
CLOCK_SLACK = timedelta(days=1)


def self_signed(
    names: Sequence[str],
    addresses: Sequence[str],
    *,
    now: datetime,
    built: datetime | None = None,
    former_key: str | None = None,
) -> Pair:
    """A P-256 pair for these names and addresses; raises ValueError where one is none.

    It is valid from no earlier than `built`, however far behind that the clock is. With
    `former_key` (PEM) it is for that key, so that who trusts the key goes on trusting.
    """
    key_pem = _still_good(former_key) or new_key()
    key = own_key(key_pem)
    called = template.common_name((*names, *addresses, "bandstand")[0])
    begin = max(now - CLOCK_SLACK, built or now - CLOCK_SLACK).replace(microsecond=0)
    builder = template.new(
        called, called, key.public_key(), not_before=begin, not_after=begin + LIFE
    )
    builder = template.for_server(builder, also_client=False)
    certificate = template.signed(template.holding_for(builder, names, addresses), key)
    return Pair(
        certificate, key_pem, (*names, *addresses), begin, begin + LIFE, fingerprint(certificate)
    )


def _still_good(key_pem: str | None) -> str | None:
    """A key that was damaged, or put there by somebody else, makes room for a new one."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        is_ours = key_pem is not None and isinstance(own_key(key_pem).curve, ec.SECP256R1)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return key_pem if is_ours else None
