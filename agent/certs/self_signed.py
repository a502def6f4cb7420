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


def self_signed(names: Sequence[str], addresses: Sequence[str], *, now: datetime) -> Pair:
    """A P-256 pair for these names and addresses; raises ValueError where one is none."""
    key_pem = new_key()
    key = own_key(key_pem)
    called = template.common_name((*names, *addresses, "bandstand")[0])
    begin = now.replace(microsecond=0) - CLOCK_SLACK
    builder = template.new(
        called, called, key.public_key(), not_before=begin, not_after=begin + LIFE
    )
    builder = template.for_server(builder, also_client=False)
    certificate = template.signed(template.holding_for(builder, names, addresses), key)
    return Pair(
        certificate, key_pem, (*names, *addresses), begin, begin + LIFE, fingerprint(certificate)
    )
